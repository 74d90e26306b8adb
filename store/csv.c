/* documents.csv: a stream over the captures in order of URL key and time, one pending row.
 *
 * Walking one URL key, a capture with new content closes the pending version (superseded) and opens the next; a
 * capture that confirms it (same content, 304, revisit) moves its last_seen; `gone` in two crawls since then removes
 * it. So memory holds one row however many there are, and the order is that of an index.
 * RFC 4180: UTF-8 without BOM, CRLF, quotes where needed. Cells stand as they are, also those that a spreadsheet
 * would take for a formula: guarding is the business of the export for Excel. NUL bytes are left out and malformed
 * UTF-8 becomes U+FFFD, because no reader could take them. */
#include <stdio.h>
#include <stdlib.h>

#include "store/internal.h"

enum { OUT_BYTES = 64 * 1024, ROW_MAX_BYTES = 1 << 28, QUERY_MAX_BYTES = 64 * 1024, FIXED = 8 };

struct version {
  bool open;
  struct zhi_buf cells; /* encoded, one after another */
  size_t end[ZHI_COLUMN_MAX];
  int64_t number, first_ms, last_ms;
  int64_t gone_crawl; /* last crawl in which it was gone, and in how many */
  int gone;
};

struct csv {
  struct zhi_column columns[ZHI_COLUMN_MAX];
  size_t column_count;
  struct zhi_csv_sink *sink;
  struct zhi_buf out, key, payload, text; /* key walked; content of its last document capture */
  struct zhi_digest digest;
  struct version v;
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

static void add_clean(struct zhi_buf *b, struct zhi_str s) {
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    i += zhi_utf8_next(s.p + i, s.len - i, &cp);
    if (cp == '"')
      zhi_buf_addc(b, '"');
    if (cp)
      zhi_buf_add_utf8(b, cp);
  }
}

/* The cell as it stands in the file. */
static void add_cell(struct zhi_buf *b, struct zhi_str s) {
  bool quote = false, plain = true;
  for (size_t i = 0; i < s.len; i++) {
    unsigned char ch = (unsigned char)s.p[i];
    quote |= ch == ',' || ch == '"' || ch == '\r' || ch == '\n';
    plain &= ch != 0 && ch != '"';
  }
  if (quote)
    zhi_buf_addc(b, '"');
  if (plain && zhi_utf8_valid(s, NULL))
    zhi_buf_addstr(b, s);
  else
    add_clean(b, s);
  if (quote)
    zhi_buf_addc(b, '"');
}

static void add_computed(const struct csv *c, const char *name, const char *state,
                         struct zhi_buf *b) {
  char iso[ZHI_ISO_SIZE];
  if (strcmp(name, "version") == 0) {
    zhi_buf_addf(b, "%lld", (long long)c->v.number);
  } else if (strcmp(name, "state") == 0) {
    zhi_buf_adds(b, state);
  } else {
    zhi_time_iso(strcmp(name, "first_seen") == 0 ? c->v.first_ms : c->v.last_ms, iso);
    zhi_buf_adds(b, iso);
  }
}

static enum zhi_code close_version(struct csv *c, const char *state, struct zhi_err *e) {
  struct version *v = &c->v;
  size_t from = 0;
  if (!v->open)
    return ZHI_OK;
  enum zhi_code rc = zhi_buf_check(&v->cells, "a row of documents.csv", e);
  if (rc)
    return rc;
  for (size_t i = 0; i < c->column_count; i++) {
    if (i)
      zhi_buf_addc(&c->out, ',');
    if (c->columns[i].sql)
      zhi_buf_add(&c->out, v->cells.p + from, v->end[i] - from);
    else
      add_computed(c, c->columns[i].name, state, &c->out);
    from = v->end[i];
  }
  zhi_buf_adds(&c->out, "\r\n");
  v->open = false;
  c->sink->rows++;
  return c->out.len >= OUT_BYTES ? flush(c, e) : ZHI_OK;
}

static void open_version(struct csv *c, sqlite3_stmt *st, int64_t ms) {
  struct version *v = &c->v;
  zhi_buf_clear(&v->cells);
  for (size_t i = 0; i < c->column_count; i++) {
    if (c->columns[i].sql)
      add_cell(&v->cells, zhi_col_str(st, FIXED + (int)i));
    v->end[i] = v->cells.len;
  }
  if (v->number++ == 0)
    v->first_ms = ms;
  v->last_ms = ms;
  v->gone = 0;
  v->gone_crawl = 0;
  v->open = true;
}

static const char *last_state(const struct csv *c) {
  return c->v.gone >= 2 ? "removed" : "current";
}

static enum zhi_code next_key(struct csv *c, struct zhi_str key, struct zhi_err *e) {
  enum zhi_code rc = close_version(c, last_state(c), e);
  zhi_buf_clear(&c->key);
  zhi_buf_addstr(&c->key, key);
  zhi_buf_clear(&c->payload);
  zhi_buf_clear(&c->text);
  c->v.number = 0;
  return rc;
}

static bool same(const struct zhi_buf *before, struct zhi_str now) {
  return now.len && zhi_str_eq(zhi_buf_view(before), now);
}

/* Columns: 0 url_key, 1 fetched_ms, 2 crawl_id, 3 verdict, 4 payload, 5 is a revisit, 6 text digest, 7 has a row. */
static enum zhi_code take_capture(struct csv *c, sqlite3_stmt *st, struct zhi_err *e) {
  struct zhi_str key = zhi_col_str(st, 0), verdict = zhi_col_str(st, 3);
  struct zhi_str payload = zhi_col_str(st, 4), text = zhi_col_str(st, 6);
  int64_t ms = zhi_col_int(st, 1), crawl = zhi_col_int(st, 2);
  enum zhi_code rc = ZHI_OK;
  if (!zhi_str_eq(zhi_buf_view(&c->key), key) && (rc = next_key(c, key, e)))
    return rc;
  if (zhi_col_int(st, 7)) {
    bool first = c->v.number == 0;
    if (first || (!same(&c->payload, payload) && !same(&c->text, text))) {
      if ((rc = close_version(c, "superseded", e)))
        return rc;
      open_version(c, st, ms);
    }
    zhi_buf_clear(&c->payload);
    zhi_buf_addstr(&c->payload, payload);
    zhi_buf_clear(&c->text);
    zhi_buf_addstr(&c->text, text);
  } else if (zhi_str_is(verdict, "gone") || zhi_str_is(verdict, "soft_404")) {
    c->v.gone += c->v.gone_crawl != crawl;
    c->v.gone_crawl = crawl;
    return ZHI_OK;
  } else if (!zhi_str_is(verdict, "not_modified") && !zhi_col_int(st, 5)) {
    return ZHI_OK; /* blocked, failed: says nothing about the document */
  }
  c->v.last_ms = ms;
  c->v.gone = 0;
  c->v.gone_crawl = 0;
  return ZHI_OK;
}

static enum zhi_code prepare(struct zhi_store *s, const struct csv *c, sqlite3_stmt **st,
                             struct zhi_err *e) {
  struct zhi_buf sql;
  zhi_buf_init(&sql, QUERY_MAX_BYTES);
  zhi_buf_addf(&sql,
               "SELECT c.url_key, c.fetched_ms, c.crawl_id, c.verdict, c.payload_digest, "
               "c.revisit_of IS NOT NULL, d.text_digest, d.kind IN %s",
               zhi_document_kinds_sql);
  for (size_t i = 0; i < c->column_count; i++)
    zhi_buf_addf(&sql, ", %s", c->columns[i].sql ? c->columns[i].sql : "NULL");
  zhi_buf_adds(&sql, " FROM capture c INDEXED BY capture_by_key LEFT JOIN document d "
                     "ON d.capture_id = c.id LEFT JOIN url u ON u.id = c.url_id "
                     "LEFT JOIN warc_file w ON w.id = c.warc_file_id "
                     "ORDER BY c.url_key, c.fetched_ms, c.id");
  enum zhi_code rc = zhi_buf_check(&sql, "a query", e);
  if (rc == ZHI_OK)
    rc = zhi_db_prepare(s, sql.p, st, e);
  zhi_buf_release(&sql);
  return rc;
}

static enum zhi_code produce(struct zhi_store *s, struct csv *c, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc = prepare(s, c, &st, e);
  for (size_t i = 0; i < c->column_count; i++)
    zhi_buf_addf(&c->out, "%s%s", i ? "," : "", c->columns[i].name);
  zhi_buf_adds(&c->out, "\r\n");
  while (rc == ZHI_OK && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row)
    rc = take_capture(c, st, e);
  if (rc == ZHI_OK && (rc = close_version(c, last_state(c), e)) == ZHI_OK)
    rc = flush(c, e);
  sqlite3_finalize(st);
  return rc;
}

enum zhi_code zhi_csv_produce(struct zhi_store *s, struct zhi_csv_sink *sink, struct zhi_err *e) {
  struct csv *c = calloc(1, sizeof *c);
  if (!c)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for documents.csv");
  c->sink = sink;
  sink->rows = sink->bytes = 0;
  c->column_count = zhi_columns(c->columns);
  zhi_buf_init(&c->out, ROW_MAX_BYTES);
  zhi_buf_init(&c->key, ROW_MAX_BYTES);
  zhi_buf_init(&c->payload, ROW_MAX_BYTES);
  zhi_buf_init(&c->text, ROW_MAX_BYTES);
  zhi_buf_init(&c->v.cells, ROW_MAX_BYTES);
  enum zhi_code rc = zhi_digest_init(&c->digest, ZHI_SHA256, e);
  if (rc == ZHI_OK) {
    unsigned char raw[64];
    rc = produce(s, c, e);
    zhi_digest_final(&c->digest, raw);
    zhi_digest_sha256_text(raw, sink->digest);
  }
  zhi_buf_release(&c->out);
  zhi_buf_release(&c->key);
  zhi_buf_release(&c->payload);
  zhi_buf_release(&c->text);
  zhi_buf_release(&c->v.cells);
  free(c);
  return rc;
}
