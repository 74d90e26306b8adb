/* Captures as an index has them. Every query walks the index capture_by_key, so the first rows come at once. */
#include "zhi/cdx.h"

#include <stdlib.h>

#include "store/internal.h"
#include "zhi/url.h"

#define CDX_COLUMNS                                                                                \
  "SELECT c.id, c.fetched_ms, c.url_key, u.url, c.verdict, c.mime, c.payload_digest, c.charset, "  \
  "c.charset_source, c.redirect_to, c.truncated, c.status, c.revisit_of IS NOT NULL, w.name, "     \
  "c.warc_offset, c.warc_length, ow.name, o.warc_offset, o.warc_length, u.method = 'POST', "       \
  "u.body, "                                                                                       \
  "u.headers FROM capture c "                                                                      \
  "INDEXED BY capture_by_key JOIN url u ON u.id = c.url_id JOIN warc_file w ON w.id = "            \
  "c.warc_file_id LEFT JOIN capture o ON o.id = c.original_id "                                    \
  "LEFT JOIN warc_file ow ON ow.id = o.warc_file_id "
#define CDX_SHOWN "NOT " ZHI_SUPPRESSED_SQL

static struct zhi_cdx_row row_of(sqlite3_stmt *st) {
  struct zhi_cdx_row r = {.id = zhi_col_int(st, 0),
                          .fetched_ms = zhi_col_int(st, 1),
                          .url_key = zhi_col_str(st, 2),
                          .url = zhi_col_str(st, 3),
                          .verdict = zhi_col_str(st, 4),
                          .mime = zhi_col_str(st, 5),
                          .digest = zhi_col_str(st, 6),
                          .charset = zhi_col_str(st, 7),
                          .charset_source = zhi_col_str(st, 8),
                          .redirect_to = zhi_col_str(st, 9),
                          .truncated = zhi_col_str(st, 10),
                          .status = (int)zhi_col_int(st, 11),
                          .is_revisit = zhi_col_int(st, 12) != 0,
                          .warc_file = zhi_col_str(st, 13),
                          .offset = zhi_col_int(st, 14),
                          .length = zhi_col_int(st, 15)};
  if (zhi_col_int(st, 19)) {
    struct zhi_str body = zhi_col_str(st, 20);
    r.ask = (struct zhi_ask){.body = body.p ? body : ZHI_STR(""), .headers = zhi_col_str(st, 21)};
  }
  bool elsewhere = r.is_revisit && zhi_col_str(st, 16).len;
  r.body_file = elsewhere ? zhi_col_str(st, 16) : r.warc_file;
  r.body_offset = elsewhere ? zhi_col_int(st, 17) : r.offset;
  r.body_length = elsewhere ? zhi_col_int(st, 18) : r.length;
  return r;
}

static enum zhi_code each_row(struct zhi_store *s, sqlite3_stmt *st, zhi_cdx_fn *fn, void *ctx,
                              struct zhi_err *e) {
  enum zhi_code rc;
  bool more = false;
  while ((rc = zhi_db_step(s, st, &more, e)) == ZHI_OK && more) {
    struct zhi_cdx_row r = row_of(st);
    if ((rc = fn(ctx, &r, e)))
      break;
  }
  return rc;
}

#define CDX_IN                                                                                     \
  "c.url_key >= ?1 AND c.url_key < ?2 AND c.fetched_ms BETWEEN ?3 AND ?4 AND " CDX_SHOWN           \
  " AND (?5 = 0 OR (c.url_key, c.fetched_ms, c.id) "
#define CDX_CURSOR " (SELECT url_key, fetched_ms, id FROM capture WHERE id = ?5)) "

enum zhi_code zhi_cdx_each(struct zhi_store *s, const struct zhi_cdx_query *q, zhi_cdx_fn *fn,
                           void *ctx, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  enum zhi_code rc = zhi_db_prepare(
      s,
      q->reverse ? CDX_COLUMNS "WHERE " CDX_IN "<" CDX_CURSOR
                               "ORDER BY c.url_key DESC, c.fetched_ms DESC, c.id DESC"
                 : CDX_COLUMNS "WHERE " CDX_IN ">" CDX_CURSOR
                               "AND c.url_key >= coalesce((SELECT url_key FROM capture WHERE id = "
                               "?5), '') ORDER BY c.url_key, c.fetched_ms, c.id",
      &st, e);
  if (rc)
    return rc;
  zhi_bind_text(st, 1, q->from);
  zhi_bind_text(st, 2, q->to);
  zhi_bind_int(st, 3, q->from_ms);
  zhi_bind_int(st, 4, q->to_ms);
  zhi_bind_int(st, 5, q->after_id);
  rc = each_row(s, st, fn, ctx, e);
  sqlite3_finalize(st);
  return rc;
}

/* --- keys ------------------------------------------------------------------------------------------------------- */

/* `key` becomes the first that no key with this beginning reaches. */
static void raise_last(struct zhi_buf *key) {
  if (key->len && (unsigned char)key->p[key->len - 1] < 0xFF)
    key->p[key->len - 1] = (char)(key->p[key->len - 1] + 1);
  else
    zhi_buf_addc(key, '!');
}

/* "cn,gov,x)/path" up to its ')'. */
static struct zhi_str host_of(struct zhi_str key) {
  const char *end = memchr(key.p, ')', key.len);
  return end ? zhi_str_n(key.p, (size_t)(end - key.p)) : key;
}

void zhi_cdx_range(struct zhi_str url, enum zhi_cdx_match match, struct zhi_buf *from,
                   struct zhi_buf *to) {
  struct zhi_buf key;
  zhi_buf_init(&key, from->max);
  zhi_surt(url, &key);
  struct zhi_str all = zhi_buf_view(&key), host = host_of(all);
  if (match == ZHI_CDX_PREFIX) { /* the key drops a final slash, which a prefix means */
    zhi_buf_addstr(from, all);
    if (zhi_str_ends(url, "/") && !zhi_str_ends(all, "/"))
      zhi_buf_addc(from, '/');
    zhi_buf_addstr(to, zhi_buf_view(from));
    raise_last(to);
  } else if (match == ZHI_CDX_EXACT) {
    zhi_buf_addstr(from, all);
    zhi_buf_addstr(to, all);
    zhi_buf_addc(to, '!');
  } else {
    zhi_buf_addstr(from, host);
    zhi_buf_adds(from, ")/");
    zhi_buf_addstr(to, host);
    zhi_buf_addc(to, match == ZHI_CDX_HOST ? '*' : '-');
  }
  zhi_buf_release(&key);
}

/* --- the capture that is shown for a time --------------------------------------------------------------------------- */

enum { CLOSEST_LOOK = 64 };

struct closest {
  struct zhi_str url;
  int64_t ms, id, distance;
  int rank; /* of what was found so far; more is better */
  int looked;
};

bool zhi_cdx_leads_to_itself(const struct zhi_cdx_row *r) {
  struct zhi_buf key;
  if (!r->redirect_to.len || !zhi_str_is(r->verdict, "redirect"))
    return false;
  zhi_buf_init(&key, 4 * r->redirect_to.len + 256);
  zhi_surt(r->redirect_to, &key);
  bool same = zhi_str_eq(zhi_buf_view(&key), r->url_key);
  zhi_buf_release(&key);
  return same;
}

static bool shows_the_page(const struct zhi_cdx_row *r) {
  static const char *const shows[] = {"ok",   "not_modified", "too_large", "truncated",
                                      "gone", "soft_404",     "redirect"};
  for (size_t i = 0; i < sizeof shows / sizeof *shows; i++)
    if (zhi_str_is(r->verdict, shows[i]))
      return !zhi_cdx_leads_to_itself(r);
  return false;
}

static enum zhi_code consider(void *ctx, const struct zhi_cdx_row *r, struct zhi_err *e) {
  struct closest *x = ctx;
  (void)e;
  int64_t distance = llabs(r->fetched_ms / 1000 - x->ms / 1000);
  int rank = distance == 0 ? 8 : 0;
  if (shows_the_page(r))
    rank |= 4;
  if (zhi_str_eq(r->url, x->url))
    rank |= 1;
  bool better = x->id == 0 || (rank & 12) > (x->rank & 12) ||
                ((rank & 12) == (x->rank & 12) &&
                 (distance < x->distance || (distance == x->distance && rank > x->rank)));
  if (better) {
    x->id = r->id;
    x->rank = rank;
    x->distance = distance;
  }
  return ++x->looked == CLOSEST_LOOK ? ZHI_EOF : ZHI_OK;
}

enum zhi_code zhi_cdx_closest(struct zhi_store *s, struct zhi_str url_key, struct zhi_str url,
                              int64_t ms, zhi_cdx_fn *fn, void *ctx, bool *found,
                              struct zhi_err *e) {
  struct closest x = {.url = url, .ms = ms};
  sqlite3_stmt *st = NULL;
  struct zhi_buf to;
  int64_t second = ms / 1000 * 1000;
  zhi_buf_init(&to, url_key.len + 1);
  zhi_buf_addstr(&to, url_key);
  zhi_buf_addc(&to, '!');
  struct zhi_cdx_query q = {
      .from = url_key, .to = zhi_buf_view(&to), .from_ms = second, .to_ms = INT64_MAX};
  enum zhi_code rc = zhi_cdx_each(s, &q, consider, &x, e);
  if (!rc || rc == ZHI_EOF) {
    q = (struct zhi_cdx_query){.from = url_key, .to = q.to, .to_ms = second - 1, .reverse = true};
    x.looked = 0;
    rc = zhi_cdx_each(s, &q, consider, &x, e);
  }
  zhi_buf_release(&to);
  *found = x.id != 0;
  if (rc == ZHI_EOF)
    rc = ZHI_OK;
  if (rc || !x.id)
    return rc;
  if ((rc = zhi_db_prepare(s, CDX_COLUMNS "WHERE c.url_key = ?2 AND c.id = ?1", &st, e)))
    return rc;
  zhi_bind_int(st, 1, x.id);
  zhi_bind_text(st, 2, url_key);
  rc = each_row(s, st, fn, ctx, e);
  sqlite3_finalize(st);
  return rc;
}
