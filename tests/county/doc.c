/* What a document says, and where it and its files are: computed from (site, number) alone.
 *
 * A path carries the document's number; recognising a path means reading the number and comparing
 * the whole path with the one that number has, so a wrong date or column in an address is a 404. */
#include <stdlib.h>

#include "tests/county/county.h"
#include "zhi/clock.h"

const char *const field_names[F_COUNT] = {
    "index_no",     "title",          "issuer",         "publisher",      "doc_no",
    "date_written", "date_generated", "date_published", "date_effective", "date_expired",
    "validity",     "topic_class",    "combo_class",    "genre_class",    "catalog",
    "abstract",     "keywords",       "source",         "author",         "views",
    "site_name",    "site_id_code",   "column_name"};

/* --- labelled rows: order and wording as each family's templates print them -------------------- */
static const struct label_row seed_block[] = {
    {"索引号", F_INDEX_NO}, {"发布机构", F_PUBLISHER}, {"生效日期", F_DATE_EFFECTIVE},
    {"有效性", F_VALIDITY}, {"文 号", F_DOC_NO},       {"所属主题", F_TOPIC_CLASS},
    {NULL, F_COUNT}};
static const struct label_row seed_inline[] = {
    {"来源", F_SOURCE}, {"发布时间", F_DATE_PUBLISHED}, {"浏览次数", F_VIEWS}, {NULL, F_COUNT}};
static const struct label_row trs_block[] = {
    {"索引号", F_INDEX_NO},       {"主题分类", F_TOPIC_CLASS},
    {"发文机构", F_ISSUER},       {"发文字号", F_DOC_NO},
    {"成文日期", F_DATE_WRITTEN}, {"发布日期", F_DATE_PUBLISHED},
    {"有效性", F_VALIDITY},       {NULL, F_COUNT}};
static const struct label_row trs_inline[] = {
    {"来源", F_SOURCE}, {"作者", F_AUTHOR}, {NULL, F_COUNT}};
static const struct label_row hanweb_block[] = {{"索引号", F_INDEX_NO},
                                                {"分类", F_TOPIC_CLASS},
                                                {"发布机构", F_PUBLISHER},
                                                {"文号", F_DOC_NO},
                                                {"成文日期", F_DATE_WRITTEN},
                                                {"发布日期", F_DATE_PUBLISHED},
                                                {"有效性", F_VALIDITY},
                                                {"名称", F_TITLE},
                                                {NULL, F_COUNT}};
static const struct label_row hanweb_inline[] = {
    {"来源", F_SOURCE}, {"发布时间", F_DATE_PUBLISHED}, {"累计次数", F_VIEWS}, {NULL, F_COUNT}};
static const struct label_row vsb_inline[] = {{"发布日期", F_DATE_PUBLISHED},
                                              {"来源", F_SOURCE},
                                              {"作者", F_AUTHOR},
                                              {"点击", F_VIEWS},
                                              {NULL, F_COUNT}};
static const struct label_row ucap_block[] = {
    {"索引号", F_INDEX_NO},      {"发布机构", F_PUBLISHER},
    {"主题分类", F_TOPIC_CLASS}, {"体裁分类", F_GENRE_CLASS},
    {"文　　号", F_DOC_NO},      {"成文日期", F_DATE_WRITTEN},
    {"内容概述", F_ABSTRACT},    {NULL, F_COUNT}};
static const struct label_row ucap_inline[] = {
    {"发布时间", F_DATE_PUBLISHED}, {"信息来源", F_SOURCE}, {"浏览量", F_VIEWS}, {NULL, F_COUNT}};
static const struct label_row lonsun_block[] = {{"索引号", F_INDEX_NO},
                                                {"组配分类", F_COMBO_CLASS},
                                                {"信息分类", F_TOPIC_CLASS},
                                                {"发布机构", F_PUBLISHER},
                                                {"生成日期", F_DATE_GENERATED},
                                                {"文号", F_DOC_NO},
                                                {"发文日期", F_DATE_WRITTEN},
                                                {"生效时间", F_DATE_EFFECTIVE},
                                                {"废止时间", F_DATE_EXPIRED},
                                                {"名称", F_TITLE},
                                                {"信息来源", F_SOURCE},
                                                {"关键词", F_KEYWORDS},
                                                {"浏览次数", F_VIEWS},
                                                {"内容概述", F_ABSTRACT},
                                                {NULL, F_COUNT}};
static const struct label_row yunnan_block[] = {
    {"索引号", F_INDEX_NO},  {"发文机关", F_ISSUER},
    {"公开目录", F_CATALOG}, {"主题分类", F_TOPIC_CLASS},
    {"文号", F_DOC_NO},      {"发文日期", F_DATE_WRITTEN},
    {NULL, F_COUNT}};
static const struct label_row siteserver_block[] = {
    {"索引号", F_INDEX_NO},       {"文号", F_DOC_NO},
    {"发布机构", F_PUBLISHER},    {"主题分类", F_TOPIC_CLASS},
    {"体裁分类", F_GENRE_CLASS},  {"生效日期", F_DATE_EFFECTIVE},
    {"废止日期", F_DATE_EXPIRED}, {"关键词", F_KEYWORDS},
    {"内容概述", F_ABSTRACT},     {NULL, F_COUNT}};
static const struct label_row siteserver_inline[] = {
    {"发布日期", F_DATE_PUBLISHED}, {"来源", F_SOURCE}, {NULL, F_COUNT}};

struct shape_rows shape_rows(enum shape s) {
  static const struct shape_rows rows[SHAPE_COUNT] = {
      [SHAPE_SEED] = {seed_block, seed_inline, false},
      [SHAPE_TRS] = {trs_block, trs_inline, true},
      [SHAPE_HANWEB] = {hanweb_block, hanweb_inline, true},
      [SHAPE_VSB] = {NULL, vsb_inline, false},
      [SHAPE_UCAP] = {ucap_block, ucap_inline, true},
      [SHAPE_LONSUN] = {lonsun_block, NULL, false},
      [SHAPE_YUNNAN] = {yunnan_block, NULL, false},
      [SHAPE_SITESERVER] = {siteserver_block, siteserver_inline, false}};
  return rows[s];
}

/* --- paths ------------------------------------------------------------------------------------- */

static void doc_path(struct brief *b) {
  const struct site *s = b->site;
  const struct column *c = b->column;
  char *to = b->path;
  size_t size = sizeof b->path;
  switch (s->shape) {
  case SHAPE_TRS:
    text_set(to, size, "%s/zwgk/%s/%04d%02d/t%04d%02d%02d_%u.html", s->prefix, c->slug, b->y, b->m,
             b->y, b->m, b->d, b->id);
    break;
  case SHAPE_HANWEB:
    text_set(to, size, "%s/art/%d/%d/%d/art_%u_%u.html", s->prefix, b->y, b->m, b->d, c->id, b->id);
    break;
  case SHAPE_VSB: text_set(to, size, "%s/info/%u/%u.htm", s->prefix, c->id, b->id); break;
  case SHAPE_UCAP:
    text_set(to, size, "%s/c%u/%04d%02d/%08x%08x%016llx.shtml", s->prefix, c->id, b->y, b->m,
             b->id ^ (unsigned)s->key, (unsigned)(b->key >> 32), (unsigned long long)mix64(b->key));
    break;
  case SHAPE_LONSUN: text_set(to, size, "%s/public/%s/%u.html", s->prefix, s->organ, b->id); break;
  case SHAPE_YUNNAN:
    text_set(to, size, "%s/xxgk/%s/info/%d-%u.html", s->prefix, s->organ, b->y, b->id);
    break;
  case SHAPE_SITESERVER:
    text_set(to, size, "%s/contents/%u/%u.html", s->prefix, c->id, b->id);
    break;
  default: text_set(to, size, "%s/%s/content_%u", s->prefix, c->slug, b->id); break;
  }
}

/* The last run of digits before the extension; false when there is none. */
static bool last_number(struct zhi_str path, bool hex, unsigned long long *out) {
  size_t end = path.len;
  const char *slash = memrchr(path.p, '/', path.len);
  size_t from = slash ? (size_t)(slash - path.p) + 1 : 0;
  const char *dot = memrchr(path.p + from, '.', path.len - from);
  if (dot)
    end = (size_t)(dot - path.p);
  if (hex) {
    if (end - from != 32)
      return false;
    char text[9];
    memcpy(text, path.p + from, 8);
    text[8] = '\0';
    *out = strtoull(text, NULL, 16);
    return true;
  }
  size_t i = end;
  while (i > from && path.p[i - 1] >= '0' && path.p[i - 1] <= '9')
    i--;
  return zhi_str_u64(zhi_str_sub(path, i, end), UINT32_MAX, out);
}

long doc_of_path(const struct site *s, struct zhi_str path) {
  unsigned long long n;
  if (path.len > PATH_MAX_BYTES || !last_number(path, s->shape == SHAPE_UCAP, &n))
    return -1;
  if (s->shape == SHAPE_UCAP)
    n ^= (unsigned)s->key;
  if (n < s->id_base || n - s->id_base >= s->docs)
    return -1;
  struct brief b;
  doc_brief(s, (unsigned)n - s->id_base, &b);
  return zhi_str_is(path, b.path) ? (long)b.doc : -1;
}

const char *doc_file_type(const struct brief *b, unsigned k) {
  static const char *const types[] = {"pdf", "doc", "xls", "zip", "docx", "xlsx"};
  return k >= 8 ? "jpg" : types[(b->key >> (k * 4 + 8)) % 6];
}

void doc_file_path(const struct brief *b, unsigned k, char out[PATH_MAX_BYTES]) {
  const char *type = doc_file_type(b, k), *prefix = b->site->prefix;
  switch (b->site->shape) {
  case SHAPE_TRS:
    text_set(out, PATH_MAX_BYTES, "%s/zwgk/%s/%04d%02d/%c0%04d%02d%02d_%u_%u.%s", prefix,
             b->column->slug, b->y, b->m, k >= 8 ? 'W' : 'P', b->y, b->m, b->d, b->id, k, type);
    break;
  case SHAPE_HANWEB:
    text_set(out, PATH_MAX_BYTES, "%s%s%u_%u.%s", prefix,
             k >= 8 ? "/picture/0/" : "/module/download/downfile.jsp?classid=0&filename=", b->id, k,
             type);
    break;
  case SHAPE_VSB:
    text_set(out, PATH_MAX_BYTES, "%s/__local/%X/%02X/%u_%u.%s", prefix, (unsigned)(b->key & 15),
             (unsigned)(b->key >> 4 & 255), b->id, k, type);
    break;
  case SHAPE_LONSUN:
    text_set(out, PATH_MAX_BYTES, "%s/group1/M00/%02X/%u_%u.%s", prefix, (unsigned)(b->key & 255),
             b->id, k, type);
    break;
  default:
    text_set(out, PATH_MAX_BYTES, "%s/upload/%04d%02d/%u_%u.%s", prefix, b->y, b->m, b->id, k,
             type);
    break;
  }
}

long doc_of_file(const struct county *c, const struct site *s, struct zhi_str path, unsigned *k) {
  unsigned long long number, id;
  const char *bar = memrchr(path.p, '_', path.len);
  if (!bar || path.len > PATH_MAX_BYTES || !last_number(path, false, &number) || number > 11)
    return -1;
  size_t end = (size_t)(bar - path.p), from = end;
  while (from > 0 && path.p[from - 1] >= '0' && path.p[from - 1] <= '9')
    from--;
  if (!zhi_str_u64(zhi_str_sub(path, from, end), UINT32_MAX, &id) || id < s->id_base ||
      id - s->id_base >= s->docs)
    return -1;
  struct facts f;
  doc_facts(c, s, (unsigned)id - s->id_base, &f);
  char want[PATH_MAX_BYTES];
  *k = (unsigned)number;
  doc_file_path(&f.b, *k, want);
  bool have = *k >= 8 ? *k - 8 < f.images : *k < f.attachments;
  return have && zhi_str_is(path, want) ? (long)f.b.doc : -1;
}

/* --- facts ------------------------------------------------------------------------------------- */

static const char *const tasks[] = {"农村饮水安全巩固提升", "老旧小区改造",     "秸秆综合利用",
                                    "小型水库除险加固",     "乡村道路硬化",     "校园食堂监督检查",
                                    "城乡低保复核",         "林木采伐许可核查", "专项资金绩效评价",
                                    "职业技能提升",         "不动产登记便民",   "传染病联防联控"};
static const char *const kinds[] = {"通知", "意见", "公告", "方案", "批复", "通报"};
static const char *const themes[] = {"综合政务", "国民经济管理", "民政",
                                     "城乡建设", "市场监管",     "卫生健康"};

void doc_brief(const struct site *s, unsigned doc, struct brief *out) {
  unsigned k = 0;
  while (k + 1 < s->column_count && doc >= s->columns[k].first + s->columns[k].count)
    k++;
  const struct column *c = &s->columns[k];
  unsigned i = doc - c->first;
  out->site = s;
  out->column = c;
  out->doc = doc;
  out->id = s->id_base + doc;
  out->key = mix64(s->key ^ mix64(doc + 1));
  /* newest first: from 2018-12-28 back over about eight years */
  int64_t day = 17893 - (int64_t)i * 3000 / (c->count ? c->count : 1);
  zhi_civil_from_days(day, &out->y, &out->m, &out->d);
  out->hour = 8 + (int)(out->key % 10);
  out->minute = (int)((out->key >> 8) % 60);
  text_set(out->title, sizeof out->title, "%s关于做好%d年第%u批%s工作的%s", s->name, out->y,
           doc + 1, tasks[(out->key >> 16) % 12], kinds[(out->key >> 24) % 6]);
  doc_path(out);
}

static void both(struct facts *f, enum field field, const char *text) {
  text_set(f->raw[field], TEXT_MAX, "%s", text);
  text_set(f->norm[field], TEXT_MAX, "%s", text);
}

static void index_no(struct facts *f) {
  const struct brief *b = &f->b;
  const struct site *s = b->site;
  char *to = f->raw[F_INDEX_NO];
  unsigned n = b->doc + 1;
  switch (s->shape) {
  case SHAPE_SEED:
    text_set(to, TEXT_MAX, COUNTY_DIVISION "%04u/%s/%04d%02d%02d%012u", 1 + s->no, s->slug, b->y,
             b->m, b->d, 300000 + n);
    break;
  case SHAPE_TRS:
    text_set(to, TEXT_MAX, COUNTY_DIVISION "%04u/%d-%06u", s->no % 9000, b->y, n);
    break;
  case SHAPE_HANWEB: text_set(to, TEXT_MAX, "01404%03uX/%d-%05u", s->no, b->y, n); break;
  case SHAPE_UCAP:
    text_set(to, TEXT_MAX, "11" COUNTY_DIVISION "MB2%05uP/%d-%05u", s->no, b->y, n);
    break;
  case SHAPE_LONSUN: text_set(to, TEXT_MAX, "00312%04u/%d%02d-%05u", s->no, b->y, b->m, n); break;
  case SHAPE_YUNNAN: text_set(to, TEXT_MAX, "%s-%d-%06u", s->organ, b->y, n); break;
  default: text_set(to, TEXT_MAX, "B%04u-%05u-%d-%05u", s->no, b->column->id, b->y, n); break;
  }
  text_set(f->norm[F_INDEX_NO], TEXT_MAX, "%s", to);
}

static void date_field(struct facts *f, enum field field, const char *style, int64_t day) {
  int y, m, d;
  zhi_civil_from_days(day, &y, &m, &d);
  char *to = f->raw[field];
  if (*style == 'c')
    text_chinese_date(to, TEXT_MAX, y, m, d, style[1] == 'o' ? "○" : "〇");
  else if (*style == 'h')
    text_set(to, TEXT_MAX, "%d年%02d月%02d日", y, m, d);
  else if (*style == 's')
    text_set(to, TEXT_MAX, "%d/%d/%d", y, m, d);
  else if (*style == 't')
    text_set(to, TEXT_MAX, "%04d-%02d-%02d 10:20:33", y, m, d);
  else
    text_set(to, TEXT_MAX, "%04d-%02d-%02d", y, m, d);
  text_set(f->norm[field], TEXT_MAX, "%04d-%02d-%02d", y, m, d);
}

static void dates(struct facts *f, struct rng *r) {
  const struct brief *b = &f->b;
  int64_t published = zhi_days_from_civil(b->y, b->m, b->d);
  int64_t written = published - (int64_t)rng_n(r, 20);
  enum shape s = b->site->shape;
  date_field(f, F_DATE_WRITTEN,
             s == SHAPE_TRS          ? (rng_chance(r, 50) ? "c0" : "co")
             : s == SHAPE_HANWEB     ? "h"
             : s == SHAPE_YUNNAN     ? "t"
             : s == SHAPE_SITESERVER ? "s"
                                     : "-",
             written);
  date_field(f, F_DATE_GENERATED, "-", written);
  date_field(f, F_DATE_EFFECTIVE, s == SHAPE_SITESERVER ? "s" : "-",
             s == SHAPE_SEED ? published : written + 30);
  if (rng_chance(r, 10))
    date_field(f, F_DATE_EXPIRED, "-", written + 5 * 365);
  else if (s == SHAPE_LONSUN && rng_chance(r, 50))
    text_set(f->raw[F_DATE_EXPIRED], TEXT_MAX, "-"); /* a placeholder means empty */
  if (s == SHAPE_SEED) {
    date_field(f, F_DATE_PUBLISHED, "-", published);
    return;
  }
  text_set(f->raw[F_DATE_PUBLISHED], TEXT_MAX, "%04d-%02d-%02d %02d:%02d", b->y, b->m, b->d,
           b->hour, b->minute);
  text_set(f->norm[F_DATE_PUBLISHED], TEXT_MAX, "%04d-%02d-%02dT%02d:%02d", b->y, b->m, b->d,
           b->hour, b->minute);
}

static void classes(struct facts *f, struct rng *r) {
  static const char *const validity[][2] = {{"有效", "valid"},      {"有效", "valid"},
                                            {"现行有效", "valid"},  {"失效", "invalid"},
                                            {"已废止", "repealed"}, {"", ""}};
  const struct brief *b = &f->b;
  unsigned v = rng_n(r, 6), t = rng_n(r, 6), u = (t + 1 + rng_n(r, 5)) % 6;
  text_set(f->raw[F_VALIDITY], TEXT_MAX, "%s", validity[v][0]);
  text_set(f->norm[F_VALIDITY], TEXT_MAX, "%s", validity[v][1]);
  if (b->site->shape == SHAPE_SEED) {
    text_set(f->raw[F_TOPIC_CLASS], TEXT_MAX, "%d年", b->y);
    text_set(f->norm[F_TOPIC_CLASS], TEXT_MAX, "%d年", b->y);
  } else if (rng_chance(r, 30)) {
    text_set(f->raw[F_TOPIC_CLASS], TEXT_MAX, "%s；%s", themes[t], themes[u]);
    text_set(f->norm[F_TOPIC_CLASS], TEXT_MAX, "%s; %s", themes[t], themes[u]);
  } else {
    both(f, F_TOPIC_CLASS, themes[t]);
  }
  both(f, F_COMBO_CLASS, "重点领域信息公开");
  both(f, F_GENRE_CLASS, rng_chance(r, 20) ? "" : kinds[(b->key >> 24) % 6]);
  both(f, F_CATALOG, b->column->name);
  text_set(f->raw[F_KEYWORDS], TEXT_MAX, "%s,%s", tasks[(b->key >> 16) % 12], COUNTY_NAME);
  text_set(f->norm[F_KEYWORDS], TEXT_MAX, "%s; %s", tasks[(b->key >> 16) % 12], COUNTY_NAME);
}

static void bodies(struct facts *f, struct rng *r) {
  static const char *const authors[] = {"李青禾", "王岚山", "赵明川", ""};
  const struct brief *b = &f->b;
  const struct site *s = b->site;
  unsigned often = s->shape == SHAPE_SEED ? 50 : 12;
  both(f, F_TITLE, b->title);
  both(f, F_ISSUER, s->name);
  both(f, F_PUBLISHER, rng_chance(r, often) ? "" : s->name);
  both(f, F_SOURCE, rng_chance(r, often) ? "" : COUNTY_NAME "政府办");
  both(f, F_AUTHOR, authors[rng_n(r, 4)]);
  if (!rng_chance(r, 40)) {
    unsigned n = 1 + b->doc;
    static const char *const open[] = {"〔", "[", "（"}, *const shut[] = {"〕", "]", "）"};
    unsigned k = rng_n(r, 3);
    text_set(f->raw[F_DOC_NO], TEXT_MAX, "青政办%s%d%s%u号", open[k], b->y, shut[k], n);
    text_set(f->norm[F_DOC_NO], TEXT_MAX, "青政办〔%d〕%u号", b->y, n);
  }
  if (!rng_chance(r, 40)) {
    char text[TEXT_MAX];
    text_set(text, sizeof text, "部署%d年第%u批%s工作，明确任务和时限。", b->y, b->doc + 1,
             tasks[(b->key >> 16) % 12]);
    both(f, F_ABSTRACT, text);
  }
  text_set(f->head, sizeof f->head,
           "为做好%d年第%u批%s工作，根据上级有关规定，结合我县实际，现将有关事项公布如下。", b->y,
           b->doc + 1, tasks[(b->key >> 16) % 12]);
}

static void changes(const struct county *c, struct facts *f) {
  for (unsigned g = 1; g <= c->o.generation; g++) {
    uint64_t h = mix64(f->b.key ^ mix64(UINT64_C(0x67656E) << 32 | g));
    bool last = g == c->o.generation;
    if (h % 25 == 1) {
      f->change = last ? CHANGE_REMOVED : CHANGE_GONE;
      return;
    }
    if (h % 12 == 2) {
      f->edits |= 1u << (g - 1);
      if (last)
        f->change = CHANGE_EDITED;
    }
  }
}

void doc_facts(const struct county *c, const struct site *s, unsigned doc, struct facts *out) {
  for (unsigned i = 0; i < F_COUNT; i++)
    out->raw[i][0] = out->norm[i][0] = '\0';
  out->edits = 0;
  out->change = CHANGE_NONE;
  doc_brief(s, doc, &out->b);
  struct rng r = {out->b.key};
  index_no(out);
  dates(out, &r);
  classes(out, &r);
  bodies(out, &r);
  both(out, F_SITE_NAME, s->name);
  both(out, F_SITE_ID_CODE, COUNTY_DIVISION "0001");
  both(out, F_COLUMN_NAME, out->b.column->name);
  text_set(out->tail, sizeof out->tail, "%.4s年%.2s月%.2s日", out->norm[F_DATE_WRITTEN],
           out->norm[F_DATE_WRITTEN] + 5, out->norm[F_DATE_WRITTEN] + 8);
  out->sentences = 60 + rng_n(&r, 80) + (rng_chance(&r, 8) ? 200 + rng_n(&r, 200) : 0);
  bool files = c->o.scenario != SCENARIO_BENCH;
  out->attachments = files && rng_chance(&r, 25) ? 1 + rng_n(&r, 2) : 0;
  out->images = files && rng_chance(&r, 12) ? 1 : 0;
  changes(c, out);
}
