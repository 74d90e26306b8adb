/* The columns of documents.csv: one table behind the file, the view `documents` and datapackage.json.
 *
 * A row stands for one version of a document: the capture that first showed this content (ledger.c says what is
 * new). Rows are made of captures whose page is a document or a page of attachments; lists, portals and attachment
 * files have no row of their own (the view `versions` has them all, `attachments` names a document's files). */
#include "store/internal.h"

#define ISO(ms) "strftime('%Y-%m-%dT%H:%M:%SZ', " ms " / 1000, 'unixepoch')"
static const struct {
  const char *sql, *ms;
} times[] = {{ISO("c.fetched_ms"), "c.fetched_ms"},
             {ISO("u.first_seen_ms"), "u.first_seen_ms"},
             {ISO("v.last_ms"), "v.last_ms"}};

const char *zhi_column_ms(const struct zhi_column *c) {
  for (size_t i = 0; i < sizeof times / sizeof *times; i++)
    if (strcmp(c->sql, times[i].sql) == 0)
      return times[i].ms;
  return NULL;
}

static const struct zhi_column head[] = {
    {"url", "u.url", "string", "网址", "URL", "抓取时请求的网址", "The URL as requested"},
    {"url_key", "c.url_key", "string", "网址键", "URL key",
     "网址的 SURT 规范形式;相同者视为同一文档的不同版本",
     "SURT form of the URL; rows that share it are versions of one document"},
    {"captured_at", ISO("c.fetched_ms"), "datetime", "抓取时间", "Captured at",
     "首次抓到本版本的时间(UTC)", "Time of the first capture of this version (UTC)"},
    {"first_seen", ISO("u.first_seen_ms"), "datetime", "首次见到", "First seen",
     "该网址首次抓到内容的时间", "Time of the first capture with content of this URL"},
    {"last_seen", ISO("v.last_ms"), "datetime", "最后见到", "Last seen",
     "最后一次确认本版本仍在线的时间", "Last time this version was seen to be there"},
    {"state", STORE_VERSION_STATE, "string", "状态", "State",
     "current 现行;superseded 已有新版本;removed 两次爬取确认已删除;moved 已转往别处",
     "current; superseded by a later version; removed: gone in two crawls; moved: it redirects"},
    {"version", "v.number", "integer", "版本", "Version", "该网址的第几个版本,从 1 起",
     "Number of the version of this URL, from 1"},
    {"kind", "d.kind", "string", "页面类型", "Kind", "document 文档", "document"},
    {"status", "c.status", "integer", "状态码", "HTTP status", "HTTP 状态码", "HTTP status code"},
    {"mime", "c.mime", "string", "媒体类型", "Media type", "响应声明的媒体类型",
     "Media type as declared by the server"},
    {"charset", "c.charset", "string", "字符编码", "Character encoding",
     "判定的字符编码(WHATWG 名称)", "Encoding as decided (WHATWG name)"},
};

static const struct zhi_column tail[] = {
    {"raw_fields", "d.fields", "string", "原始字段", "Raw fields",
     "JSON 对象:字段名 → {state, raw, source, confidence};raw 为页面原文",
     "JSON object: field → {state, raw, source, confidence}; raw is the text on the page"},
    {"body_chars", "d.body_chars", "integer", "正文字数", "Body characters", "正文的字符数",
     "Characters of body text"},
    {"attachment_count", "d.attachment_count", "integer", "附件数", "Attachments", "附件个数",
     "Number of attached files"},
    {"attachments", "d.attachments", "string", "附件列表", "Attached files",
     "JSON 数组:[{url, name, type}]", "JSON array of {url, name, type}"},
    {"text_digest", "d.text_digest", "string", "正文摘要值", "Text digest",
     "正文(去除易变部分)的 SHA-256", "SHA-256 of the body text without volatile parts"},
    {"payload_digest", "c.payload_digest", "string", "载荷摘要值", "Payload digest",
     "响应载荷的 SHA-256", "SHA-256 of the payload as served"},
    {"warc_file", "w.name", "string", "WARC 文件", "WARC file", "存放该抓取记录的文件",
     "File that holds the record"},
    {"warc_offset", "c.warc_offset", "integer", "WARC 偏移", "WARC offset", "记录起始字节",
     "First byte of the record"},
    {"warc_length", "c.warc_length", "integer", "WARC 长度", "WARC length", "记录的压缩字节数",
     "Compressed bytes of the record"},
    {"revisit_of", "c.revisit_of", "string", "重访原记录", "Revisit of",
     "若为重访记录,原记录的 WARC-Record-ID", "For a revisit, the record id of the original"},
    {"findings", "d.findings", "string", "提示", "Findings",
     "JSON 数组:[{code, text}],页面的异常之处",
     "JSON array of {code, text}: what was odd about the page"},
};

/* d."name" for each field, in the table's order. */
static const char *const field_sql[ZHI_FIELD_COUNT] = {
#define X(id, name, type, zh, en) "d.\"" name "\"",
    ZHI_FIELDS(X)
#undef X
};

static void about_field(enum zhi_field_type type, struct zhi_column *c) {
  c->about_zh = "规范化后的值;无法规范化时为页面原文";
  c->about_en = "Normalised value, or the text on the page where it cannot be normalised";
  switch (type) {
  case ZHI_FT_LIST:
    c->about_zh = "多个值以“; ”分隔";
    c->about_en = "Values joined by '; '";
    break;
  case ZHI_FT_DATE:
    c->about_zh = "按精度写作 YYYY-MM-DD、YYYY-MM 或 YYYY;无法规范化时为页面原文";
    c->about_en = "YYYY-MM-DD, YYYY-MM or YYYY by its precision; else the text on the page";
    break;
  case ZHI_FT_DATETIME:
    c->about_zh = "日期,或 YYYY-MM-DDThh:mm[:ss](北京时间);无法规范化时为页面原文";
    c->about_en = "Date, or YYYY-MM-DDThh:mm[:ss] at UTC+8; else the text on the page";
    break;
  case ZHI_FT_VALIDITY:
    c->about_zh =
        "valid 有效 invalid 无效 repealed 废止 amended 修改 partial 部分失效 pending 尚未生效 "
        "unknown 不明;无法规范化时为页面原文";
    c->about_en = "valid, invalid, repealed, amended, partial, pending, unknown; else the text on "
                  "the page";
    break;
  case ZHI_FT_STRING:
  case ZHI_FT_INT:
  case ZHI_FT_URL: break;
  }
}

static size_t append(struct zhi_column *out, size_t n, const struct zhi_column *rows,
                     size_t count) {
  for (size_t i = 0; i < count && n < ZHI_COLUMN_MAX; i++)
    out[n++] = rows[i];
  return n;
}

size_t zhi_columns(struct zhi_column out[ZHI_COLUMN_MAX]) {
  size_t n = append(out, 0, head, sizeof head / sizeof *head);
  for (int f = 0; f < ZHI_FIELD_COUNT && n < ZHI_COLUMN_MAX; f++) {
    const struct zhi_field_info *info = &zhi_field_table[f];
    out[n] = (struct zhi_column){
        .name = info->name, .sql = field_sql[f], .type = "string", .zh = info->zh, .en = info->en};
    about_field(info->type, &out[n++]);
  }
  return append(out, n, tail, sizeof tail / sizeof *tail);
}

_Static_assert(ZHI_FIELD_COUNT + 24 <= ZHI_COLUMN_MAX, "raise ZHI_COLUMN_MAX");

/* Driven by the index on URL keys, so that rows come in their order without a sort. */
const char zhi_versions_sql[] =
    "  FROM capture c INDEXED BY capture_by_key JOIN version v ON v.capture_id = c.id\n"
    "  JOIN document d ON d.capture_id = c.id JOIN url u ON u.id = c.url_id\n"
    "  LEFT JOIN warc_file w ON w.id = c.warc_file_id\n"
    " WHERE d.kind = 'document' AND NOT " ZHI_SUPPRESSED_SQL;

void zhi_columns_view(struct zhi_buf *sql) {
  struct zhi_column columns[ZHI_COLUMN_MAX];
  size_t n = zhi_columns(columns);
  zhi_buf_adds(sql, "CREATE VIEW documents AS\n");
  for (size_t i = 0; i < n; i++)
    zhi_buf_addf(sql, "%s %s AS \"%s\"", i ? ",\n      " : "SELECT", columns[i].sql,
                 columns[i].name);
  zhi_buf_addf(sql, "\n%s", zhi_versions_sql);
}
