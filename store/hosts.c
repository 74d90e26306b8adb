/* Hosts that navigation names: one row each, the weightiest evidence wins; the first sighting stands. */
#include "store/internal.h"

enum { NAME_MAX_BYTES = 200 };

static struct zhi_str text_of(const char *s) { return s ? zhi_str_of(s) : ZHI_STR_NONE; }

enum zhi_code zhi_hosts_put(struct zhi_store *s, const struct zhi_host_row *r, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_PUT_HOST, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_text(st, 1, r->host);
  zhi_bind_text(st, 2, r->url);
  zhi_bind_str(st, 3, zhi_str_clip(r->name, NAME_MAX_BYTES));
  zhi_bind_str(st, 4, zhi_str_clip(r->caption, NAME_MAX_BYTES));
  zhi_bind_text(st, 5, text_of(r->group));
  zhi_bind_text(st, 6, text_of(r->place));
  zhi_bind_text(st, 7, text_of(r->state));
  zhi_bind_str(st, 8, text_of(r->reason));
  zhi_bind_str(st, 9, r->site_code);
  zhi_bind_str(st, 10, r->via);
  zhi_bind_int(st, 11, r->weight);
  zhi_bind_int(st, 12, store_now(s));
  return zhi_db_run(s, st, e);
}

enum zhi_code zhi_store_each_host(struct zhi_store *s,
                                  enum zhi_code (*fn)(void *ctx, const struct zhi_host_row *r,
                                                      struct zhi_err *e),
                                  void *ctx, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool more = false;
  enum zhi_code rc =
      zhi_db_prepare(s,
                     "SELECT host, url, name, caption, caption_group, place, state, reason, "
                     "site_code, via, weight FROM discovered_host ORDER BY host",
                     &st, e);
  while (rc == ZHI_OK && (rc = zhi_db_step(s, st, &more, e)) == ZHI_OK && more) {
    const char *reason = zhi_col_text(st, 7);
    struct zhi_host_row r = {.host = zhi_col_str(st, 0),
                             .url = zhi_col_str(st, 1),
                             .name = zhi_col_str(st, 2),
                             .caption = zhi_col_str(st, 3),
                             .group = zhi_col_text(st, 4),
                             .place = zhi_col_text(st, 5),
                             .state = zhi_col_text(st, 6),
                             .reason = reason[0] ? reason : NULL,
                             .site_code = zhi_col_str(st, 8),
                             .via = zhi_col_str(st, 9),
                             .weight = (int)zhi_col_int(st, 10)};
    rc = fn(ctx, &r, e);
  }
  sqlite3_finalize(st);
  return rc;
}
