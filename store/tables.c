/* The tables beside documents.csv: each is a view of the database, written as it stands, in the same form. */
#include <stdlib.h>

#include "store/internal.h"
#include "zhi/csv.h"

enum { OUT_BYTES = 64 * 1024, ROW_MAX_BYTES = 1 << 24 };

static const struct zhi_column columns[] = {
    {"url", NULL, "string", "栏目首页", "Column", "栏目第一页的网址",
     "URL of the list's first page"},
    {"host", NULL, "string", "主机", "Host", NULL, NULL},
    {"name", NULL, "string", "栏目名称", "Name", "页面所称的栏目名或标题",
     "Column name or title on the page"},
    {"department", NULL, "string", "单位", "Department", "页面所属网站或单位的名称",
     "Name of the site or organ that the page belongs to"},
    {"adapter", NULL, "string", "列表类型", "Adapter", "识别出的内容管理系统列表类型",
     "Kind of list, by content management system"},
    {"declared_total", NULL, "integer", "声明条数", "Records declared",
     "列表自称的记录总数;未声明则空",
     "Records that the list says it has; empty when it does not say"},
    {"declared_pages", NULL, "integer", "声明页数", "Pages declared", "列表自称的页数;未声明则空",
     "Pages that the list says it has; empty when it does not say"},
    {"pages_known", NULL, "integer", "已知页数", "Pages known", NULL, NULL},
    {"pages_captured", NULL, "integer", "已抓页数", "Pages captured", NULL, NULL},
    {"items_found", NULL, "integer", "列出条数", "Items found", "已抓各页列出的不同条目数",
     "Different items that the captured pages name"},
    {"items_captured", NULL, "integer", "已抓条数", "Items captured", "已成功抓取的条目数",
     "Items that were captured"},
    {"items_failed", NULL, "integer", "失败条数", "Items failed",
     "未能取得的条目:不存在、出错、被拦截", "Items that could not be had: gone, broken, blocked"},
    {"items_excluded", NULL, "integer", "排除条数", "Items excluded",
     "按范围或 robots.txt 不抓取的条目", "Items left out by scope or robots.txt"},
    {"items_due", NULL, "integer", "待抓条数", "Items due", NULL, NULL},
    {"state", NULL, "string", "状态", "State",
     "complete 完整;incomplete 不完整;undeclared 未声明总数",
     "complete, incomplete, or undeclared: the list does not say how much it has"},
    {"missing", NULL, "integer", "缺少条数", "Missing", "声明条数(或列出条数)与已抓条数之差",
     "Records declared, or items found where those are more, less the items captured"},
};

const struct zhi_table zhi_tables[] = {
    {"columns", "Columns, one row per list: declared against captured",
     "栏目,每个列表一行:声明与抓取对照", columns, sizeof columns / sizeof *columns,
     "department, host, url", "complete incomplete undeclared"},
    {NULL, NULL, NULL, NULL, 0, NULL, NULL},
};

static enum zhi_code flush(struct zhi_csv_sink *sink, struct zhi_digest *d, struct zhi_buf *out,
                           const char *name, struct zhi_err *e) {
  enum zhi_code rc = zhi_buf_check(out, name, e);
  if (rc)
    return rc;
  zhi_digest_add(d, out->p, out->len);
  sink->bytes += (int64_t)out->len;
  if (sink->write && out->len)
    rc = sink->write(sink->ctx, zhi_buf_view(out), e);
  zhi_buf_clear(out);
  return rc;
}

static enum zhi_code rows(struct zhi_store *s, const struct zhi_table *t, sqlite3_stmt *st,
                          struct zhi_csv_sink *sink, struct zhi_digest *d, struct zhi_buf *out,
                          struct zhi_err *e) {
  bool row = false;
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < t->count; i++)
    zhi_buf_addf(out, "%s%s", i ? "," : "", t->columns[i].name);
  zhi_buf_adds(out, "\r\n");
  while (rc == ZHI_OK && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row) {
    for (size_t i = 0; i < t->count; i++) {
      if (i)
        zhi_buf_addc(out, ',');
      zhi_csv_cell(out, zhi_col_str(st, (int)i), ZHI_CSV_PLAIN);
    }
    zhi_buf_adds(out, "\r\n");
    sink->rows++;
    if (out->len >= OUT_BYTES)
      rc = flush(sink, d, out, t->name, e);
  }
  return rc ? rc : flush(sink, d, out, t->name, e);
}

enum zhi_code zhi_table_produce(struct zhi_store *s, const struct zhi_table *t,
                                struct zhi_csv_sink *sink, struct zhi_err *e) {
  struct zhi_buf sql, out;
  struct zhi_digest d;
  unsigned char raw[64];
  sqlite3_stmt *st = NULL;
  sink->rows = sink->bytes = 0;
  zhi_buf_init(&sql, OUT_BYTES);
  zhi_buf_init(&out, ROW_MAX_BYTES);
  for (size_t i = 0; i < t->count; i++)
    zhi_buf_addf(&sql, "%s\"%s\"", i ? ", " : "SELECT ", t->columns[i].name);
  zhi_buf_addf(&sql, " FROM \"%s\" ORDER BY %s", t->name, t->order);
  enum zhi_code rc = zhi_buf_check(&sql, "a query", e);
  if (rc == ZHI_OK && (rc = zhi_digest_init(&d, ZHI_SHA256, e)) == ZHI_OK) {
    if ((rc = zhi_db_prepare(s, sql.p, &st, e)) == ZHI_OK)
      rc = rows(s, t, st, sink, &d, &out, e);
    zhi_digest_final(&d, raw);
    zhi_digest_sha256_text(raw, sink->digest);
  }
  sqlite3_finalize(st);
  zhi_buf_release(&sql);
  zhi_buf_release(&out);
  return rc;
}
