/* Captures for replay. The record is read with its digests compared, so whoever shows it can say that it is what was
 * captured. A revisit has its own head and the body of its original; one that says "not modified" shows the original. */
#include "serve/capture.h"

#include <stdio.h>

#include "serve/moment.h"
#include "zhi/charset.h"
#include "zhi/compare.h"
#include "zhi/limits.h"
#include "zhi/url.h"

enum { ROW_BYTES = 1 << 20, LINK_MAX = 1 << 17, LINK_HEADER_MAX = 12 * 1024, ALIKE_MAX = 20000 };

void capture_address(const struct zhi_cdx_row *r, struct zhi_buf *out) {
  zhi_ask_url(r->url, &r->ask, out);
}

static enum zhi_code take_row(void *ctx, const struct zhi_cdx_row *r, struct zhi_err *e) {
  struct capture *x = ctx;
  struct zhi_str *const strings[] = {&x->row.url_key,        &x->row.url,         &x->row.verdict,
                                     &x->row.mime,           &x->row.digest,      &x->row.charset,
                                     &x->row.charset_source, &x->row.redirect_to, &x->row.truncated,
                                     &x->row.warc_file,      &x->row.body_file};
  x->row = *r;
  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
    if (strings[i]->len) {
      *strings[i] = zhi_arena_str(&x->arena, *strings[i]);
      if (!strings[i]->p)
        return zhi_fail(e, ZHI_ENOMEM, "out of memory for a capture");
    }
  if (zhi_ask_is_post(&r->ask)) {
    struct zhi_buf address;
    zhi_buf_init(&address, LINK_MAX);
    capture_address(r, &address);
    x->address = zhi_arena_str(&x->arena, zhi_buf_view(&address));
    zhi_buf_release(&address);
    x->row.ask = (struct zhi_ask){0};
  } else {
    x->address = x->row.url;
  }
  if (!x->address.p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a capture");
  zhi_time_ts14(r->fetched_ms, x->time);
  x->status = r->status ? r->status : 200;
  return ZHI_OK;
}

/* --- what a script asks for by POST ------------------------------------------------------------------------------------ */

struct alike {
  struct zhi_str wanted; /* key */
  struct zhi_buf key;
  int looked_at;
};

/* The next pair of a query that has a value; none at its end. */
static struct zhi_str next_valued(struct zhi_str *rest) {
  while (rest->len) {
    struct zhi_str pair = zhi_str_cut(rest, '&');
    if (pair.len && !zhi_str_ends(pair, "="))
      return pair;
  }
  return ZHI_STR_NONE;
}

static enum zhi_code compare_key(void *ctx, const struct zhi_cdx_row *r, struct zhi_err *e) {
  struct alike *a = ctx;
  struct zhi_str theirs = r->url_key, ours = a->wanted, x, y;
  (void)e;
  do {
    x = next_valued(&theirs);
    y = next_valued(&ours);
  } while (x.len && zhi_str_eq(x, y));
  if (x.len || y.len)
    return ++a->looked_at < ALIKE_MAX ? ZHI_OK : ZHI_EOF;
  zhi_buf_addstr(&a->key, r->url_key);
  return ZHI_EOF;
}

/* The service worker asks for an answer to a POST by its URL with the body as a query, and leaves out what has no
 * value, which an index keeps. Turns `key` into the one that is alike but for that; false: there is none. */
static enum zhi_code find_alike(struct serve_call *c, struct zhi_buf *key, bool *found,
                                struct zhi_err *e) {
  struct zhi_str wanted = zhi_buf_view(key);
  const char *mark = zhi_str_find(wanted, ZHI_STR("?"));
  struct zhi_buf to;
  struct alike a = {.wanted = wanted};
  *found = false;
  if (!mark || !zhi_str_find(wanted, ZHI_STR("__wb_method=post")))
    return ZHI_OK;
  zhi_buf_init(&a.key, LINK_MAX);
  zhi_buf_init(&to, LINK_MAX);
  struct zhi_str path = zhi_str_n(wanted.p, (size_t)(mark - wanted.p) + 1);
  zhi_buf_addstr(&to, zhi_str_sub(path, 0, path.len - 1));
  zhi_buf_addc(&to, '?' + 1);
  struct zhi_cdx_query q = {.from = path, .to = zhi_buf_view(&to), .to_ms = INT64_MAX};
  enum zhi_code rc = zhi_buf_check(&to, "a URL", e);
  if (!rc)
    rc = zhi_cdx_each(c->store, &q, compare_key, &a, e);
  if (rc == ZHI_EOF)
    rc = zhi_buf_check(&a.key, "a URL", e);
  if (!rc && a.key.len) {
    zhi_buf_clear(key);
    zhi_buf_addstr(key, zhi_buf_view(&a.key));
    *found = true;
  }
  zhi_buf_release(&to);
  zhi_buf_release(&a.key);
  return rc;
}

enum zhi_code capture_find(struct serve_call *c, struct zhi_str url, int64_t ms, struct capture *x,
                           struct zhi_err *e) {
  struct zhi_buf key;
  bool found = false;
  *x = (struct capture){0};
  zhi_arena_init(&x->arena, ROW_BYTES);
  zhi_record_page_init(&x->page);
  zhi_record_page_init(&x->own);
  zhi_buf_init(&key, LINK_MAX);
  zhi_surt(url, &key);
  enum zhi_code rc = zhi_buf_check(&key, "a URL", e);
  if (!rc)
    rc = zhi_cdx_closest(c->store, zhi_buf_view(&key), url, ms, take_row, x, &found, e);
  if (!rc && !found) {
    bool alike = false;
    rc = find_alike(c, &key, &alike, e);
    if (!rc && alike)
      rc = zhi_cdx_closest(c->store, zhi_buf_view(&key), url, ms, take_row, x, &found, e);
  }
  zhi_buf_release(&key);
  return rc || found ? rc : zhi_never_captured(c->store, url, e);
}

void capture_release(struct capture *x) {
  zhi_record_page_release(&x->page);
  zhi_record_page_release(&x->own);
  zhi_arena_release(&x->arena);
}

/* --- the record ---------------------------------------------------------------------------------------------------- */

static void on_problem(void *ctx, const struct zhi_warc_problem *p) {
  static const char *const fatal[] = {"not_warc", "garbage", "truncated",
                                      "bad_crc",  "corrupt", "bad_length"};
  struct capture *x = ctx;
  if ((int64_t)p->offset >= x->record_end)
    return;
  if (strcmp(p->code, "bad_digest") == 0)
    x->digest_fits = false;
  for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
    if (strcmp(p->code, fatal[i]) == 0 && !x->damage[0])
      snprintf(x->damage, sizeof x->damage, "%s", p->text);
}

/* The checksum of a gzip member is compared when the next one is begun: only looked for where no digest vouches for the
 * record, or where the digest differs and the question is whose fault that is. */
static void look_behind(struct zhi_warc_reader *r) {
  struct zhi_warc_record next;
  if (zhi_warc_next(r, &next, NULL))
    return; /* the end, or another record's trouble */
}

static enum zhi_code read_record(const struct serve_call *c, struct capture *x, struct zhi_str file,
                                 int64_t offset, struct zhi_record_page *page, struct zhi_err *e) {
  struct zhi_warc_reader_options o = {.verify = true, .problem = on_problem, .ctx = x};
  struct zhi_warc_reader *r = NULL;
  struct zhi_warc_record record;
  enum zhi_code rc = zhi_archive_open_warc(c->dir, file, &o, &r, e);
  if (!rc)
    rc = zhi_warc_seek(r, (uint64_t)offset, e);
  if (!rc)
    rc = zhi_warc_next(r, &record, e);
  if (!rc && !x->damage[0])
    rc = zhi_record_page_read(page, &record, true, e);
  if (!rc && page == &x->page)
    x->has_digest = zhi_warc_record_header(&record, "WARC-Payload-Digest").len ||
                    zhi_warc_record_header(&record, "WARC-Block-Digest").len;
  if (!rc && (!x->digest_fits || !x->has_digest))
    look_behind(r);
  zhi_warc_reader_free(r);
  return rc;
}

enum zhi_code capture_load(struct serve_call *c, struct capture *x, struct zhi_err *e) {
  x->digest_fits = true;
  x->record_end = x->row.body_offset + (x->row.body_length > 0 ? x->row.body_length : 1);
  enum zhi_code rc = read_record(c, x, x->row.body_file, x->row.body_offset, &x->page, e);
  bool elsewhere =
      x->row.body_offset != x->row.offset || !zhi_str_eq(x->row.body_file, x->row.warc_file);
  if (!rc && !x->damage[0] && elsewhere && x->row.status != 304) {
    x->record_end = x->row.offset + (x->row.length > 0 ? x->row.length : 1);
    rc = read_record(c, x, x->row.warc_file, x->row.offset, &x->own, e);
  }
  if (x->damage[0] || rc == ZHI_EOF || rc == ZHI_EIO || rc == ZHI_EPARSE)
    return zhi_fail(e, ZHI_EPARSE,
                    "the record of this capture cannot be read: %.200s, %.*s at %lld",
                    x->damage[0]     ? x->damage
                    : e && e->msg[0] ? e->msg
                                     : "it is not there",
                    ZHI_STR_ARGS(x->row.body_file), (long long)x->row.body_offset);
  if (rc)
    return rc;
  x->head = x->own.head.count ? &x->own.head : &x->page.head;
  if (x->head->status)
    x->status = x->head->status;
  return ZHI_OK;
}

struct zhi_str capture_header(const struct capture *x, const char *name) {
  return x->head && x->head->count ? zhi_http_header(x->head, name) : ZHI_STR_NONE;
}

struct zhi_str capture_charset(const struct capture *x) {
  const char *mime = x->page.mime;
  bool text = strncmp(mime, "text/", 5) == 0 || strstr(mime, "html") || strstr(mime, "javascript");
  if (!text || x->page.page.http_charset.len)
    return ZHI_STR("");
  struct zhi_charset s = zhi_charset_decide(x->page.page.body, ZHI_STR_NONE);
  if (strcmp(s.source, "detected") == 0)
    return zhi_str_of(zhi_encoding_name(s.enc));
  return strcmp(s.source, "utf8") == 0 ? ZHI_STR("utf-8") : ZHI_STR("");
}

void capture_target(const struct capture *x, struct zhi_buf *out) {
  struct zhi_url base, target;
  struct zhi_str to = x->row.redirect_to.len ? x->row.redirect_to : capture_header(x, "Location");
  if (!to.len || x->status < 300 || x->status > 399 || x->status == 304 ||
      zhi_url_parse(x->row.url, NULL, NULL, &base, NULL))
    return;
  if (zhi_url_parse(to, &base, NULL, &target, NULL) == ZHI_OK) {
    if (zhi_url_is_http(&target))
      zhi_buf_addstr(out, zhi_url_without_fragment(&target));
    zhi_url_release(&target);
  }
  zhi_url_release(&base);
}

/* --- Memento -------------------------------------------------------------------------------------------------------- */

/* A memento that stands beside another in time. */
struct beside {
  int64_t ms;
  char time[ZHI_TS14_SIZE];
  struct zhi_buf address;
  bool found;
};

static enum zhi_code take_beside(void *ctx, const struct zhi_cdx_row *r, struct zhi_err *e) {
  struct beside *b = ctx;
  (void)e;
  if (!r->status)
    return ZHI_OK;
  b->found = true;
  b->ms = r->fetched_ms;
  zhi_time_ts14(r->fetched_ms, b->time);
  capture_address(r, &b->address);
  return ZHI_EOF;
}

/* The first of those at from_ms or later; or the last of those at to_ms or earlier. */
static void look_beside(const struct serve_call *c, struct zhi_str key, int64_t from_ms,
                        int64_t to_ms, bool reverse, struct beside *b) {
  struct zhi_buf to;
  zhi_buf_init(&to, key.len + 1);
  zhi_buf_addstr(&to, key);
  zhi_buf_addc(&to, '!');
  struct zhi_cdx_query q = {
      .from = key, .to = zhi_buf_view(&to), .from_ms = from_ms, .to_ms = to_ms, .reverse = reverse};
  *b = (struct beside){0};
  zhi_buf_init(&b->address, LINK_MAX);
  if (zhi_cdx_each(c->store, &q, take_beside, b, NULL) != ZHI_EOF || b->address.failed)
    b->found = false;
  zhi_buf_release(&to);
}

static void add_memento(struct zhi_buf *out, struct zhi_str base, const char *rel, const char *time,
                        struct zhi_str address, int64_t ms) {
  char date[MOMENT_HTTP_SIZE];
  moment_http(ms, date);
  zhi_buf_addf(out, ", <%.*s/replay/%s/%.*s>; rel=\"%smemento\"; datetime=\"%s\"",
               ZHI_STR_ARGS(base), time, ZHI_STR_ARGS(address), rel, date);
}

/* This memento, the first and the last, and those before and after it, each once (RFC 7089 2.2.4). */
static void add_mementos(const struct serve_call *c, const struct capture *x, struct zhi_buf *out) {
  struct zhi_str base = c->rq->pages, key = x->row.url_key;
  int64_t second = x->row.fetched_ms / 1000 * 1000;
  struct beside first, before, after, last;
  look_beside(c, key, 0, second - 1, false, &first);
  look_beside(c, key, 0, second - 1, true, &before);
  look_beside(c, key, second + 1000, INT64_MAX, false, &after);
  look_beside(c, key, second + 1000, INT64_MAX, true, &last);
  bool one = first.found && first.ms / 1000 == before.ms / 1000;
  bool other = last.found && last.ms / 1000 == after.ms / 1000;
  if (first.found)
    add_memento(out, base, one ? "first prev " : "first ", first.time, zhi_buf_view(&first.address),
                first.ms);
  if (before.found && !one)
    add_memento(out, base, "prev ", before.time, zhi_buf_view(&before.address), before.ms);
  add_memento(out, base,
              !first.found  ? last.found ? "first " : "first last "
              : !last.found ? "last "
                            : "",
              x->time, x->address, x->row.fetched_ms);
  if (after.found && !other)
    add_memento(out, base, "next ", after.time, zhi_buf_view(&after.address), after.ms);
  if (last.found)
    add_memento(out, base, other ? "next last " : "last ", last.time, zhi_buf_view(&last.address),
                last.ms);
  zhi_buf_release(&first.address);
  zhi_buf_release(&before.address);
  zhi_buf_release(&after.address);
  zhi_buf_release(&last.address);
}

void capture_memento(const struct serve_call *c, const struct capture *x) {
  char date[MOMENT_HTTP_SIZE];
  struct zhi_buf b;
  struct zhi_str base = c->rq->pages, url = x->address;
  moment_http(x->row.fetched_ms, date);
  serve_set_header(c->rs, "Memento-Datetime", zhi_str_of(date));
  zhi_buf_init(&b, LINK_MAX);
  zhi_buf_addf(&b, "<%.*s>; rel=\"original\"", ZHI_STR_ARGS(url));
  if (base.len) {
    zhi_buf_addf(&b,
                 ", <%.*s/timegate/%.*s>; rel=\"timegate\", <%.*s/timemap/link/%.*s>; "
                 "rel=\"timemap\"; type=\"application/link-format\"",
                 ZHI_STR_ARGS(base), ZHI_STR_ARGS(url), ZHI_STR_ARGS(base), ZHI_STR_ARGS(url));
    size_t plain = b.len;
    add_mementos(c, x, &b);
    if (b.len > LINK_HEADER_MAX)
      zhi_buf_truncate(&b, plain);
  }
  serve_set_header(c->rs, "Link", zhi_buf_view(&b));
  zhi_buf_release(&b);
}
