/* documents.csv: the versions of documents (rows.c) as RFC 4180: UTF-8 without BOM, CRLF, quotes where needed.
 *
 * Cells stand as they are, also those that a spreadsheet would take for a formula: guarding is the business of the
 * export for Excel. */
#include "zhi/csv.h"
#include "store/internal.h"

enum { OUT_BYTES = 64 * 1024, ROW_MAX_BYTES = 1 << 28 };

struct csv {
  size_t column_count;
  struct zhi_csv_sink *sink;
  struct zhi_buf out;
  struct zhi_digest digest;
};

static enum zhi_code flush(struct csv *c, struct zhi_err *e) {
  enum zhi_code rc = zhi_buf_check(&c->out, "a row of documents.csv", e);
  if (rc || c->out.len == 0)
    return rc;
  zhi_digest_add(&c->digest, c->out.p, c->out.len);
  c->sink->bytes += (int64_t)c->out.len;
  if (c->sink->write)
    rc = c->sink->write(c->sink->ctx, zhi_buf_view(&c->out), e);
  zhi_buf_clear(&c->out);
  return rc;
}

static enum zhi_code add_row(void *ctx, const struct zhi_str *cells, int64_t capture,
                             struct zhi_err *e) {
  struct csv *c = ctx;
  (void)capture;
  for (size_t i = 0; i < c->column_count; i++) {
    if (i)
      zhi_buf_addc(&c->out, ',');
    zhi_csv_cell(&c->out, cells[i], ZHI_CSV_PLAIN);
  }
  zhi_buf_adds(&c->out, "\r\n");
  c->sink->rows++;
  return c->out.len >= OUT_BYTES ? flush(c, e) : ZHI_OK;
}

enum zhi_code zhi_csv_produce(struct zhi_store *s, struct zhi_csv_sink *sink, struct zhi_err *e) {
  struct zhi_column columns[ZHI_COLUMN_MAX];
  struct csv c = {.sink = sink, .column_count = zhi_columns(columns)};
  struct zhi_rows_query q = {.row = add_row, .ctx = &c};
  enum zhi_code rc = zhi_digest_init(&c.digest, ZHI_SHA256, e);
  if (rc)
    return rc;
  unsigned char raw[64];
  sink->rows = sink->bytes = 0;
  zhi_buf_init(&c.out, ROW_MAX_BYTES);
  for (size_t i = 0; i < c.column_count; i++)
    zhi_buf_addf(&c.out, "%s%s", i ? "," : "", columns[i].name);
  zhi_buf_adds(&c.out, "\r\n");
  if ((rc = zhi_rows_each(s, &q, e)) == ZHI_OK)
    rc = flush(&c, e);
  zhi_digest_final(&c.digest, raw);
  zhi_digest_sha256_text(raw, sink->digest);
  zhi_buf_release(&c.out);
  return rc;
}
