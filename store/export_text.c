/* Exports that are text: CSV (RFC 4180, as documents.csv; or for a spreadsheet) and JSON lines.
 *
 * A JSON line has every field in order: numbers as numbers, what is JSON already as it is, the rest as strings, null
 * for none. */
#include <stdlib.h>

#include "store/export.h"
#include "zhi/csv.h"
#include "zhi/file.h"
#include "zhi/json.h"

struct text_out {
  const struct export_plan *p;
  struct zhi_export_done *done;
  struct zhi_out file;
  struct zhi_buf out;
  struct zhi_digest digest;
};

static enum zhi_code flush(struct text_out *t, struct zhi_err *e) {
  enum zhi_code rc = zhi_buf_check(&t->out, "a row", e);
  if (rc || !t->out.len)
    return rc;
  zhi_digest_add(&t->digest, t->out.p, t->out.len);
  t->done->bytes += (int64_t)t->out.len;
  rc = t->p->o->write ? t->p->o->write(t->p->o->ctx, zhi_buf_view(&t->out), e)
                      : zhi_out_write(&t->file, zhi_buf_view(&t->out), e);
  zhi_buf_clear(&t->out);
  return rc;
}

static enum zhi_code end_row(struct text_out *t, struct zhi_err *e) {
  return t->out.len >= EXPORT_OUT_BYTES ? flush(t, e) : ZHI_OK;
}

/* --- CSV ------------------------------------------------------------------------------------------------------ */

static void csv_header(struct text_out *t) {
  if (t->p->o->excel)
    zhi_buf_adds(&t->out, "\xEF\xBB\xBF");
  for (size_t i = 0; i < t->p->out_count; i++)
    zhi_buf_addf(&t->out, "%s%s", i ? "," : "", t->p->column[t->p->out[i]].name);
  zhi_buf_adds(&t->out, "\r\n");
}

static enum zhi_code csv_row(void *ctx, const struct zhi_str *cells, struct zhi_err *e) {
  struct text_out *t = ctx;
  for (size_t i = 0; i < t->p->out_count; i++) {
    size_t k = t->p->out[i];
    struct zhi_str cell = cells[k];
    enum zhi_csv_style style = ZHI_CSV_PLAIN;
    bool cut = false;
    if (t->p->o->excel) {
      cell = zhi_cell_fit(cell, &cut);
      t->done->cut += cut;
      style = t->p->kind[k] == EXPORT_INTEGER ? ZHI_CSV_PLAIN : ZHI_CSV_GUARDED;
    }
    if (i)
      zhi_buf_addc(&t->out, ',');
    zhi_csv_cell(&t->out, cell, style);
  }
  zhi_buf_adds(&t->out, "\r\n");
  return end_row(t, e);
}

/* --- JSON lines ------------------------------------------------------------------------------------------------ */

/* Is it one JSON value, on one line? */
static bool is_json(struct zhi_str s) {
  json_t *v = memchr(s.p, '\n', s.len) ? NULL : json_loadb(s.p, s.len, JSON_DECODE_ANY, NULL);
  json_decref(v);
  return v != NULL;
}

static void json_value(struct zhi_buf *b, enum export_kind kind, struct zhi_str cell) {
  unsigned long long n;
  if (!cell.len)
    zhi_buf_adds(b, "null");
  else if ((kind == EXPORT_INTEGER && zhi_str_u64(cell, INT64_MAX, &n)) ||
           (kind == EXPORT_JSON && is_json(cell)))
    zhi_buf_addstr(b, cell);
  else
    zhi_json_add_string(b, cell);
}

static enum zhi_code jsonl_row(void *ctx, const struct zhi_str *cells, struct zhi_err *e) {
  struct text_out *t = ctx;
  for (size_t i = 0; i < t->p->out_count; i++) {
    size_t k = t->p->out[i];
    zhi_buf_adds(&t->out, i ? ", \"" : "{\"");
    zhi_buf_adds(&t->out, t->p->column[k].name);
    zhi_buf_adds(&t->out, "\": ");
    json_value(&t->out, t->p->kind[k], cells[k]);
  }
  zhi_buf_adds(&t->out, "}\n");
  return end_row(t, e);
}

/* --- both ----------------------------------------------------------------------------------------------------- */

static enum zhi_code end(void *ctx, enum zhi_code rc, struct zhi_err *e) {
  struct text_out *t = ctx;
  unsigned char raw[64];
  if (!rc)
    rc = flush(t, e);
  zhi_digest_final(&t->digest, raw);
  if (t->file.path)
    zhi_digest_sha256_text(raw, t->done->digest);
  if (!t->p->o->write)
    rc = zhi_out_finish(&t->file, rc, e);
  zhi_buf_release(&t->out);
  free(t);
  return rc;
}

enum zhi_code export_text_open(const struct export_plan *p, struct zhi_export_done *done,
                               struct export_sink *out, struct zhi_err *e) {
  struct text_out *t = calloc(1, sizeof *t);
  if (!t)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  t->p = p;
  t->done = done;
  zhi_buf_init(&t->out, EXPORT_ROW_MAX_BYTES);
  enum zhi_code rc = zhi_digest_init(&t->digest, ZHI_SHA256, e);
  if (!rc && !p->o->write && (rc = zhi_out_open(&t->file, p->o->out, e)))
    zhi_digest_release(&t->digest);
  if (rc) {
    free(t);
    return rc;
  }
  if (p->o->format == ZHI_EXPORT_CSV)
    csv_header(t);
  *out = (struct export_sink){p->o->format == ZHI_EXPORT_CSV ? csv_row : jsonl_row, end, t};
  return ZHI_OK;
}
