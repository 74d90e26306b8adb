/* A comparison is put together from what the catalogue has of both captures: their fields, their attachments with the
 * payloads that stood there in the same crawls, their texts. The verdict says the most that can be said:
 *   once      there is but one capture
 *   same      nothing differs
 *   noise     only what changes by itself differs
 *   outside   the document is the same; a sentence beside it was edited (the digests of the texts differ)
 *   changed   the document was edited, or an attachment or the file itself replaced */
#include "zhi/compare.h"

#include "store/shown.h"
#include "zhi/diff.h"
#include "zhi/json.h"
#include "zhi/limits.h"
#include "zhi/url.h"

enum { SAME_LINES_KEPT = 3, CPU_MS = 3000, KEY_MAX = 1 << 16 };
#define ARENA_BYTES ZHI_MIB(128)

struct side {
  struct zhi_shown c, body;     /* body: the capture that has it; capture_id 0: not to be read */
  json_t *fields, *attachments; /* NULL: none */
  const char *title, *text_digest, *kind;
  struct zhi_str text;
  bool has_document;
};

struct compare {
  struct zhi_store *s;
  struct zhi_arena *arena;
  struct side a, b;
  json_t *out;
  int64_t changes, masked;
};

static json_t *parsed(sqlite3_stmt *st, int i) {
  return sqlite3_column_type(st, i) == SQLITE_NULL ? NULL
                                                   : json_loads(zhi_col_text(st, i), 0, NULL);
}

/* The capture's own document, or that of the version it confirms. */
static enum zhi_code load(struct compare *x, struct side *d, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc =
      zhi_db_prepare(x->s,
                     "SELECT d.fields, d.attachments, d.title, d.text_digest, d.kind, t.text "
                     "FROM document d LEFT JOIN document_text t ON t.capture_id = d.capture_id "
                     "WHERE d.capture_id IN (?1, ?2, ?3) "
                     "ORDER BY d.capture_id = ?1 DESC, d.capture_id = ?2 DESC LIMIT 1",
                     &st, e);
  if (rc)
    return rc;
  zhi_bind_int(st, 1, d->c.capture_id);
  zhi_bind_int(st, 2, d->c.content_id);
  zhi_bind_int(st, 3, d->c.version_id);
  rc = zhi_db_step(x->s, st, &row, e);
  if (!rc && row) {
    d->has_document = true;
    d->fields = parsed(st, 0);
    d->attachments = parsed(st, 1);
    d->title = zhi_arena_str(x->arena, zhi_col_str(st, 2)).p;
    d->text_digest = zhi_arena_str(x->arena, zhi_col_str(st, 3)).p;
    d->kind = zhi_arena_str(x->arena, zhi_col_str(st, 4)).p;
    d->text = zhi_arena_str(x->arena, zhi_col_str(st, 5));
  }
  sqlite3_finalize(st);
  bool elsewhere = false;
  if (!rc && d->c.original_id)
    rc = zhi_shown_original(x->s, &d->c, x->arena, &d->body, &elsewhere, e);
  if (!d->c.original_id)
    d->body = d->c;
  return rc;
}

static json_t *string_or_null(const char *s) {
  return s && s[0] ? zhi_json_str(zhi_str_of(s)) : json_null();
}

static json_t *time_json(int64_t ms) {
  char iso[ZHI_ISO_SIZE];
  zhi_time_iso(ms, iso);
  return json_string(iso);
}

static json_t *side_json(const struct side *d) {
  const struct zhi_shown *c = &d->c;
  json_t *body =
      json_pack("{s:o, s:I, s:o}", "warc_file", string_or_null(d->body.warc_file), "warc_offset",
                (json_int_t)d->body.warc_offset, "record_id", string_or_null(d->body.record_id));
  return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o}", "captured",
                   time_json(c->fetched_ms), "url", string_or_null(c->url), "version",
                   (json_int_t)c->version, "crawl", string_or_null(c->crawl), "title",
                   string_or_null(d->title), "kind", string_or_null(d->kind), "payload_digest",
                   string_or_null(c->payload_digest), "text_digest", string_or_null(d->text_digest),
                   "warc_file", string_or_null(c->warc_file), "warc_offset",
                   (json_int_t)c->warc_offset, "warc_length", (json_int_t)c->warc_length,
                   "record_id", string_or_null(c->record_id), "body", body);
}

/* --- attachments -------------------------------------------------------------------------------------------- */

static const json_t *with_url(const json_t *list, const char *url) {
  size_t i;
  json_t *o;
  json_array_foreach((json_t *)list, i, o) if (strcmp(zhi_json_text(o, "url"), url) == 0) return o;
  return NULL;
}

/* What stood at an attachment's address in the crawl of each side. */
static enum zhi_code payloads(struct compare *x, const char *url, struct zhi_shown *a,
                              struct zhi_shown *b, bool *both, struct zhi_err *e) {
  struct zhi_buf key;
  bool in_b = false;
  zhi_buf_init(&key, KEY_MAX);
  zhi_surt(zhi_str_of(url), &key);
  *both = false;
  enum zhi_code rc = zhi_buf_check(&key, "a URL", e);
  if (!rc)
    rc = zhi_shown_in_crawl(x->s, zhi_buf_view(&key), x->a.c.crawl_id, x->arena, a, both, e);
  if (!rc && *both)
    rc = zhi_shown_in_crawl(x->s, zhi_buf_view(&key), x->b.c.crawl_id, x->arena, b, &in_b, e);
  *both = *both && in_b;
  zhi_buf_release(&key);
  return rc;
}

static bool differ(const struct zhi_shown *a, const struct zhi_shown *b) {
  return a->version_id != b->version_id && a->payload_digest && b->payload_digest &&
         strcmp(a->payload_digest, b->payload_digest) != 0;
}

static json_t *attachment_json(const char *change, const json_t *was, const json_t *is) {
  const json_t *any = is ? is : was;
  return json_pack("{s:s, s:s, s:s, s:s}", "change", change, "url", zhi_json_text(any, "url"),
                   "name", zhi_json_text(any, "name"), "type", zhi_json_text(any, "type"));
}

static enum zhi_code compare_attachment(struct compare *x, const json_t *was, const json_t *is,
                                        json_t *rows, struct zhi_err *e) {
  struct zhi_shown a, b;
  bool both;
  if (!was || !is) {
    json_array_append_new(rows, attachment_json(is ? "added" : "removed", was, is));
    return ZHI_OK;
  }
  enum zhi_code rc = payloads(x, zhi_json_text(is, "url"), &a, &b, &both, e);
  if (rc)
    return rc;
  json_t *row = NULL;
  if (both && differ(&a, &b)) {
    row = attachment_json("replaced", was, is);
    json_object_set_new(row, "from_digest", string_or_null(a.payload_digest));
    json_object_set_new(row, "to_digest", string_or_null(b.payload_digest));
    json_object_set_new(row, "from_captured", time_json(a.fetched_ms));
    json_object_set_new(row, "to_captured", time_json(b.fetched_ms));
  } else if (strcmp(zhi_json_text(was, "name"), zhi_json_text(is, "name")) != 0) {
    row = attachment_json("renamed", was, is);
    json_object_set_new(row, "from_name", json_string(zhi_json_text(was, "name")));
  }
  if (row)
    json_array_append_new(rows, row);
  return ZHI_OK;
}

static enum zhi_code compare_attachments(struct compare *x, struct zhi_err *e) {
  json_t *rows = json_array(), *o;
  enum zhi_code rc = ZHI_OK;
  size_t i;
  json_array_foreach(x->b.attachments, i, o) {
    if (!rc)
      rc = compare_attachment(x, with_url(x->a.attachments, zhi_json_text(o, "url")), o, rows, e);
  }
  json_array_foreach(x->a.attachments, i, o) {
    if (!rc && !with_url(x->b.attachments, zhi_json_text(o, "url")))
      rc = compare_attachment(x, o, NULL, rows, e);
  }
  x->changes += (int64_t)json_array_size(rows);
  json_object_set_new(x->out, "attachments", rows);
  return rc;
}

/* --- text --------------------------------------------------------------------------------------------------- */

static json_t *part_json(const struct zhi_diff_part *p) {
  json_t *o = json_pack("{s:s}", "op", zhi_diff_op_name[p->op]);
  if (p->op == ZHI_DIFF_SAME) {
    json_object_set_new(o, "text", zhi_json_str(p->b.p ? p->b : p->a));
    return o;
  }
  if (p->a.len)
    json_object_set_new(o, "from", zhi_json_str(p->a));
  if (p->b.len)
    json_object_set_new(o, "to", zhi_json_str(p->b));
  if (p->op == ZHI_DIFF_MASKED)
    json_object_set_new(o, "noise", zhi_noise_json(p->noise));
  return o;
}

static bool is_plain(const struct zhi_diff_row *r) {
  for (uint32_t i = 0; i < r->part_count; i++)
    if (r->parts[i].op != ZHI_DIFF_SAME)
      return false;
  return r->op == ZHI_DIFF_SAME;
}

static json_t *row_json(const struct zhi_diff_row *r) {
  json_t *parts = json_array();
  for (uint32_t i = 0; i < r->part_count; i++)
    json_array_append_new(parts, part_json(&r->parts[i]));
  json_t *o = json_pack("{s:s, s:I, s:I, s:o}", "op", zhi_diff_op_name[r->op], "line_from",
                        (json_int_t)r->line_a, "line_to", (json_int_t)r->line_b, "parts", parts);
  if (r->op == ZHI_DIFF_MASKED)
    json_object_set_new(o, "noise", zhi_noise_json(r->noise));
  return o;
}

/* Equal lines far from what differs are only counted. */
static json_t *rows_json(const struct zhi_diff *d) {
  json_t *rows = json_array();
  for (uint32_t i = 0; i < d->row_count;) {
    uint32_t end = i;
    while (end < d->row_count && is_plain(&d->rows[end]))
      end++;
    uint32_t head = i == 0 ? 0 : SAME_LINES_KEPT, tail = end == d->row_count ? 0 : SAME_LINES_KEPT;
    bool fold = end - i > head + tail + 1;
    for (uint32_t k = i; k < end; k++) {
      if (fold && k == i + head) {
        uint32_t skipped = end - tail - k;
        json_array_append_new(
            rows, json_pack("{s:s, s:I}", "op", "skipped", "lines", (json_int_t)skipped));
        k += skipped;
      }
      if (k < end)
        json_array_append_new(rows, row_json(&d->rows[k]));
    }
    for (i = end; i < d->row_count && !is_plain(&d->rows[i]); i++)
      json_array_append_new(rows, row_json(&d->rows[i]));
  }
  return rows;
}

static enum zhi_code diff_texts(struct zhi_arena *arena, struct zhi_str from, struct zhi_str to,
                                struct zhi_diff *d, struct zhi_err *e) {
  size_t n = 0, m = 0;
  jmp_buf here;
  struct zhi_diff_line *volatile a = NULL;
  zhi_arena_cpu_budget(arena, CPU_MS);
  arena->escape = &here;
  bool ok = false;
  if (!setjmp(here)) {
    a = zhi_diff_lines(arena, from, &n);
    struct zhi_diff_line *b = zhi_diff_lines(arena, to, &m);
    ok = zhi_diff_texts(arena, a, n, b, m, d);
  }
  arena->escape = NULL;
  zhi_arena_cpu_budget(arena, 0);
  return ok ? ZHI_OK : zhi_fail(e, ZHI_ELIMIT, "the texts are too large to be compared");
}

enum zhi_code zhi_compare_beside(json_t *comparison, struct zhi_str a, struct zhi_str b,
                                 struct zhi_err *e) {
  struct zhi_arena arena;
  struct zhi_diff d = {0};
  zhi_arena_init(&arena, ARENA_BYTES);
  enum zhi_code rc = diff_texts(&arena, a, b, &d, e);
  json_t *rows = json_array();
  for (uint32_t i = 0; !rc && i < d.row_count; i++)
    if (d.rows[i].op != ZHI_DIFF_SAME)
      json_array_append_new(rows, row_json(&d.rows[i]));
  json_object_set_new(comparison, "beside", rows);
  zhi_arena_release(&arena);
  return rc;
}

static enum zhi_code compare_texts(struct compare *x, struct zhi_err *e) {
  struct zhi_diff d = {0};
  enum zhi_code rc = diff_texts(x->arena, x->a.text, x->b.text, &d, e);
  if (rc)
    return rc;
  x->changes += d.changes;
  x->masked += d.masked;
  json_object_set_new(x->out, "text", rows_json(&d));
  json_object_set_new(x->out, "text_changes", json_integer(d.changes));
  json_object_set_new(x->out, "added_chars", json_integer((json_int_t)d.added_chars));
  json_object_set_new(x->out, "removed_chars", json_integer((json_int_t)d.removed_chars));
  return ZHI_OK;
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static void compare_facts(struct compare *x) {
  json_t *rows = zhi_compare_fields(x->a.fields, x->b.fields), *o;
  size_t i;
  json_array_foreach(rows, i, o) {
    bool noise = json_object_get(o, "noise") != NULL;
    x->masked += noise;
    x->changes += !noise;
  }
  json_object_set_new(x->out, "fields", rows);
}

static const char *verdict_of(const struct compare *x) {
  const struct side *a = &x->a, *b = &x->b;
  if (a->c.capture_id == b->c.capture_id)
    return "once";
  if (x->changes)
    return "changed";
  if (a->has_document != b->has_document || (!a->has_document && differ(&a->c, &b->c)))
    return "changed";
  bool texts = a->text_digest && b->text_digest && strcmp(a->text_digest, b->text_digest) != 0;
  if (a->c.version_id != b->c.version_id && texts && !x->masked)
    return "outside";
  return x->masked || differ(&a->c, &b->c) ? "noise" : "same";
}

static enum zhi_code compare(struct compare *x, struct zhi_err *e) {
  enum zhi_code rc = load(x, &x->a, e);
  if (!rc)
    rc = load(x, &x->b, e);
  if (rc)
    return rc;
  x->out = json_pack("{s:o, s:o, s:o, s:o}", "url", string_or_null(x->b.c.url), "url_key",
                     string_or_null(x->b.c.url_key), "a", side_json(&x->a), "b", side_json(&x->b));
  compare_facts(x);
  if ((rc = compare_attachments(x, e)) || (rc = compare_texts(x, e)))
    return rc;
  bool file = !x->a.has_document && !x->b.has_document && differ(&x->a.c, &x->b.c);
  json_object_set_new(x->out, "file_replaced", json_boolean(file));
  json_object_set_new(x->out, "changes", json_integer(x->changes + file));
  json_object_set_new(x->out, "masked", json_integer(x->masked));
  json_object_set_new(x->out, "verdict", json_string(verdict_of(x)));
  return ZHI_OK;
}

/* What stood there before b, or its first capture, or b itself. */
static enum zhi_code choose_before(struct compare *x, struct zhi_err *e) {
  struct zhi_shown *a = &x->a.c, *b = &x->b.c;
  bool found = false;
  enum zhi_code rc = zhi_shown_before(x->s, b, x->arena, a, &found, e);
  if (!rc && !found)
    rc = zhi_shown_first(x->s, zhi_str_of(b->url_key), x->arena, a, &found, e);
  if (!rc && !found)
    *a = *b;
  return rc;
}

static void open_compare(struct compare *x, struct zhi_store *s, struct zhi_arena *arena) {
  zhi_arena_init(arena, ARENA_BYTES);
  *x = (struct compare){.s = s, .arena = arena};
}

/* Compare, when both sides could be chosen, and let go of everything but the result. */
static enum zhi_code finish(struct compare *x, enum zhi_code rc, json_t **out, struct zhi_err *e) {
  if (!rc)
    rc = compare(x, e);
  json_t *const owned[] = {x->a.fields, x->a.attachments, x->b.fields, x->b.attachments};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
    json_decref(owned[i]);
  if (rc)
    json_decref(x->out);
  else
    *out = x->out;
  zhi_arena_release(x->arena);
  return rc;
}

enum zhi_code zhi_compare(struct zhi_store *s, struct zhi_str url, struct zhi_str from,
                          struct zhi_str to, json_t **out, struct zhi_err *e) {
  struct zhi_arena arena;
  struct compare x;
  open_compare(&x, s, &arena);
  enum zhi_code rc = zhi_shown_at(s, url, to, &arena, &x.b.c, e);
  if (!rc)
    rc = from.len ? zhi_shown_at(s, url, from, &arena, &x.a.c, e) : choose_before(&x, e);
  return finish(&x, rc, out, e);
}

enum zhi_code zhi_compare_version(struct zhi_store *s, int64_t version_id, json_t **out,
                                  struct zhi_err *e) {
  struct zhi_arena arena;
  struct compare x;
  bool found;
  open_compare(&x, s, &arena);
  enum zhi_code rc = zhi_shown_capture(s, version_id, &arena, &x.b.c, &found, e);
  if (!rc && !found)
    rc = zhi_fail(e, ZHI_EOF, "there is no such version");
  if (!rc)
    rc = choose_before(&x, e);
  return finish(&x, rc, out, e);
}
