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

static const struct zhi_column annual_columns[] = {
    {"url", NULL, "string", "网址", "URL", "报告页面的网址", "URL of the report"},
    {"captured_at", NULL, "datetime", "抓取时间", "Captured at", "首次抓到本版本的时间(UTC)",
     "Time of the first capture of this version (UTC)"},
    {"site_name", NULL, "string", "网站名称", "Site name", NULL, NULL},
    {"division_code", NULL, "string", "行政区划代码", "Division code", NULL, NULL},
    {"division_name", NULL, "string", "行政区划名称", "Name of the division", NULL, NULL},
    {"organ", NULL, "string", "报告单位", "Organ", "取自标题,否则取自其他字段",
     "From the title, else from other fields"},
    {"year", NULL, "integer", "报告年度", "Year", "报告所述年度", "Year reported on"},
    {"form", NULL, "string", "报告形式", "Form",
     "narrative 文字版(2019年以前);untabled 2019年及以后但正文无表格;2019、2021 "
     "相应年份的统计表模板",
     "narrative: prose, before 2019; untabled: later, without tables in the text; 2019, 2021: the "
     "template of that year"},
    {"place", NULL, "integer", "序号", "Place", "单元格在页面上的次序;无表格的报告为空",
     "Order of the cell on the page; empty for a report without tables"},
    {"table", NULL, "integer", "表号", "Table", "2 主动公开;3 依申请公开;4 行政复议、行政诉讼",
     "2 what was made public; 3 requests; 4 reviews and suits"},
    {"item", NULL, "string", "行代码", "Row", "如 rules、3.3.1、suit",
     "Code of the row, such as rules, 3.3.1, suit"},
    {"item_label", NULL, "string", "行名", "Row as printed", NULL, NULL},
    {"measure", NULL, "string", "列代码", "Column", "如 made、company、upheld",
     "Code of the column, such as made, company, upheld"},
    {"measure_label", NULL, "string", "列名", "Column as printed", NULL, NULL},
    {"raw", NULL, "string", "原文", "As printed", "空白、0、/、- 原样保留",
     "Blank, 0, / and - are kept apart"},
    {"number", NULL, "number", "数值", "Number", "原文不是数字时为空",
     "Empty when the text is no number"},
    {"check", NULL, "string", "勾稽关系", "Check", "ok 成立;fails 不成立;空 此格无勾稽关系",
     "Does a sum that the template demands hold here? ok, fails, or empty: there is none"},
};

const struct zhi_table zhi_tables[] = {
    {"columns", "Columns, one row per list: declared against captured",
     "栏目,每个列表一行:声明与抓取对照", columns, sizeof columns / sizeof *columns,
     "department, host, url", "complete incomplete undeclared"},
    {"annual_reports", "Annual reports on disclosure, one row per table cell",
     "政府信息公开工作年度报告,每个表格单元一行", annual_columns,
     sizeof annual_columns / sizeof *annual_columns, "url, captured_at, place", NULL},
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
