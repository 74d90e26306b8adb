/* The records of both captures are read with their digests compared, and their pages extracted once more for what a
 * reader sees of links and beside the text. A capture that repeats the other's body has the same, and nothing is read. */
#include "crawler/compare.h"

#include <stdlib.h>

#include "crawler/archive.h"
#include "crawler/page.h"
#include "zhi/json.h"
#include "zhi/limits.h"

struct side {
  const char *name, *file, *record_id;
  int64_t offset;
  struct zhi_str url;
  struct zhi_anchor *anchors; /* owned, as their texts */
  size_t count;
  struct zhi_str beside; /* the arena's */
  struct zhi_arena arena;
  char damage[256]; /* of its record; "" none */
};

#define SIDE_BYTES ((size_t)32 << 20)

static struct side side_of(const json_t *comparison, const char *name) {
  const json_t *o = json_object_get(comparison, name), *body = json_object_get(o, "body");
  const char *url = json_string_value(json_object_get(o, "url"));
  struct side d = {.name = name,
                   .file = json_string_value(json_object_get(body, "warc_file")),
                   .record_id = json_string_value(json_object_get(body, "record_id")),
                   .offset = json_integer_value(json_object_get(body, "warc_offset")),
                   .url = zhi_str_of(url)};
  zhi_arena_init(&d.arena, SIDE_BYTES);
  return d;
}

static void on_problem(void *ctx, const struct zhi_warc_problem *p) {
  struct side *d = ctx;
  if (!p->minor && !d->damage[0] && (int64_t)p->offset == d->offset)
    snprintf(d->damage, sizeof d->damage, "%s", p->text);
}

/* ZHI_EPARSE: it is not what the catalogue says. */
static enum zhi_code read_record(struct side *d, const char *archive, struct zhi_record_page *page,
                                 struct zhi_err *e) {
  struct zhi_warc_reader_options o = {.verify = true, .problem = on_problem, .ctx = d};
  struct zhi_warc_reader *r = NULL;
  struct zhi_warc_record record;
  if (!d->file)
    return zhi_fail(e, ZHI_EPARSE, "the record is not there");
  enum zhi_code rc = zhi_archive_open_warc(archive, zhi_str_of(d->file), &o, &r, e);
  if (!rc)
    rc = zhi_warc_seek(r, (uint64_t)d->offset, e);
  if (!rc)
    rc = zhi_warc_next(r, &record, e);
  if (!rc && d->damage[0])
    rc = zhi_fail(e, ZHI_EPARSE, "%s", d->damage);
  else if (rc == ZHI_EOF)
    rc = zhi_fail(e, ZHI_EPARSE, "no record begins there");
  if (!rc && d->record_id &&
      !zhi_str_is(zhi_warc_record_header(&record, "WARC-Record-ID"), d->record_id))
    rc = zhi_fail(e, ZHI_EPARSE, "another record stands there");
  if (!rc)
    rc = zhi_record_page_read(page, &record, false, e);
  zhi_warc_reader_free(r);
  return rc;
}

/* The extractor forgets a page with the next one. */
static bool keep(struct side *d, const struct zhi_doc *doc) {
  jmp_buf escape;
  d->arena.escape = &escape;
  if (setjmp(escape))
    return false;
  d->anchors = zhi_arena_alloc(&d->arena, (doc->anchor_count + 1) * sizeof *d->anchors);
  for (size_t i = 0; i < doc->anchor_count; i++)
    d->anchors[i] =
        (struct zhi_anchor){zhi_arena_str(&d->arena, doc->anchors[i].url),
                            zhi_arena_str(&d->arena, doc->anchors[i].text), doc->anchors[i].noise};
  d->count = doc->anchor_count;
  d->beside = zhi_arena_str(&d->arena, doc->beside);
  d->arena.escape = NULL;
  return true;
}

static bool spent_budget(const struct zhi_doc *doc) {
  for (size_t i = 0; i < doc->finding_count; i++)
    if (strcmp(doc->findings[i].code, "html_budget") == 0)
      return true;
  return false;
}

static enum zhi_code read_side(struct side *d, const char *archive, struct zhi_extractor *x,
                               struct zhi_err *e) {
  struct zhi_record_page page;
  const struct zhi_doc *doc;
  zhi_record_page_init(&page);
  enum zhi_code rc = read_record(d, archive, &page, e);
  if (!rc && page.is_textual) {
    page.page.url = d->url;
    page.page.compared = true;
    rc = zhi_extract(x, &page.page, &doc, e);
    if (!rc && (spent_budget(doc) || !keep(d, doc)))
      rc = zhi_fail(e, ZHI_ELIMIT, "the page is too large for its links to be compared");
  }
  zhi_record_page_release(&page);
  return rc;
}

/* Whatever is wrong with a record, the rest of the comparison stands. */
static void warn(json_t *comparison, const struct side *d, const char *code, const char *why) {
  json_t *warnings = json_object_get(comparison, "warnings");
  json_array_append_new(warnings,
                        json_pack("{s:s, s:s, s:s?, s:I, s:o}", "code", code, "side", d->name,
                                  "warc_file", d->file, "warc_offset", (json_int_t)d->offset, "why",
                                  zhi_json_str(zhi_str_of(why))));
}

static enum zhi_code compare(json_t *c, struct zhi_store *s, const char *archive, struct side *a,
                             struct side *b, struct zhi_err *e) {
  struct zhi_extractor *x = NULL;
  struct side *const sides[] = {a, b};
  bool unread = false;
  enum zhi_code rc = zhi_archive_extractor(s, &x, e);
  for (size_t i = 0; i < 2 && !rc; i++) {
    struct zhi_err why = {0};
    enum zhi_code read = read_side(sides[i], archive, x, &why);
    if (read == ZHI_ENOMEM)
      rc = zhi_fail(e, read, "%s", why.msg);
    else if (read)
      warn(c, sides[i], "links_unread", why.msg);
    else if (sides[i]->count == ZHI_PAGE_MAX_ANCHORS)
      warn(c, sides[i], "links_capped", "the page has more links than are compared");
    unread = unread || read;
  }
  zhi_extractor_free(x);
  if (rc || unread)
    return rc;
  struct zhi_err why = {0};
  if (zhi_compare_beside(c, a->beside, b->beside, &why) != ZHI_OK)
    warn(c, b, "beside_uncompared", why.msg);
  return zhi_compare_links(c, a->anchors, a->count, b->anchors, b->count, e);
}

enum zhi_code zhi_archive_compare(struct zhi_store *s, const char *archive, struct zhi_str url,
                                  struct zhi_str from, struct zhi_str to, json_t **out,
                                  struct zhi_err *e) {
  json_t *c = NULL;
  enum zhi_code rc = zhi_compare(s, url, from, to, &c, e);
  if (rc)
    return rc;
  struct side a = side_of(c, "a"), b = side_of(c, "b");
  json_object_set_new(c, "beside", json_array());
  json_object_set_new(c, "links", json_array());
  json_object_set_new(c, "links_left_out", json_integer(0));
  json_object_set_new(c, "warnings", json_array());
  bool one_body = a.file && b.file && a.offset == b.offset && strcmp(a.file, b.file) == 0;
  if (!one_body)
    rc = compare(c, s, archive, &a, &b, e);
  zhi_arena_release(&a.arena);
  zhi_arena_release(&b.arena);
  if (rc)
    json_decref(c);
  else
    *out = c;
  return rc;
}
