/* Crawls: begin, take up again, finish.
 *
 * A crawl ends only when it says so; one that was paused or killed is taken up again. A new crawl makes what was
 * fetched due again, sets every host in a group of its own, and keeps blocks and back-offs. */
#include <stdio.h>
#include <stdlib.h>

#include "store/internal.h"

enum { CONFIG_MAX_BYTES = 1 << 24 };

static enum zhi_code last_crawl(struct zhi_store *s, struct zhi_crawl_info *out, bool *unfinished,
                                struct zhi_str config, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_LAST_CRAWL, e);
  bool row = false;
  if (!st)
    return ZHI_EIO;
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (rc || !row)
    return rc;
  out->id = zhi_col_int(st, 0);
  snprintf(out->name, sizeof out->name, "%s", zhi_col_text(st, 1));
  out->started_ms = zhi_col_int(st, 2);
  out->finished_ms = zhi_col_int(st, 3);
  out->next_warc_serial = (uint32_t)zhi_col_int(st, 5);
  out->config_changed = !zhi_str_eq(zhi_col_str(st, 6), config);
  *unfinished = zhi_str_is(zhi_col_str(st, 4), "running");
  sqlite3_reset(st);
  return ZHI_OK;
}

enum zhi_code zhi_store_last_config(struct zhi_store *s, struct zhi_buf *out, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_LAST_CRAWL, e);
  bool row = false;
  if (!st)
    return ZHI_EIO;
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (rc || !row)
    return rc;
  zhi_buf_addstr(out, zhi_col_str(st, 6));
  sqlite3_reset(st);
  return zhi_buf_check(out, "the crawl's config", e);
}

static enum zhi_code end_crawl(struct zhi_store *s, int64_t id, const char *state,
                               struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_END_CRAWL, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, id);
  zhi_bind_text(st, 2, zhi_str_of(state));
  zhi_bind_int(st, 3, store_now(s));
  return zhi_db_run(s, st, e);
}

static enum zhi_code run0(struct zhi_store *s, enum zhi_statement which, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, which, e);
  return st ? zhi_db_run(s, st, e) : ZHI_EIO;
}

/* Every origin but the first of each group moves to a copy of it. */
static enum zhi_code split_groups(struct zhi_store *s, struct zhi_err *e) {
  struct frontier *f = &s->fr;
  size_t groups = f->group_cap;
  for (size_t i = 0; i < groups; i++) {
    struct fr_group *old = f->group_of[i], *g;
    for (struct fr_origin *o = old ? old->origins : NULL; o && o->next; o = o->next) {
      sqlite3_stmt *st = zhi_db_get(s, ST_MOVE_ORIGIN, e);
      enum zhi_code rc = st ? zhi_fr_new_group(s, old, &g, e) : ZHI_EIO;
      if (rc)
        return rc;
      zhi_bind_int(st, 1, o->next->id);
      zhi_bind_int(st, 2, g->id);
      if ((rc = zhi_db_run(s, st, e)))
        return rc;
    }
  }
  return run0(s, ST_DROP_ADDRESSES, e);
}

static enum zhi_code add_crawl(struct zhi_store *s, int64_t id, struct zhi_str config,
                               struct zhi_crawl_info *out, struct zhi_err *e) {
  char ts[ZHI_TS14_SIZE];
  int64_t now = store_now(s);
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_CRAWL, e);
  if (!st)
    return ZHI_EIO;
  zhi_time_ts14(now, ts);
  *out = (struct zhi_crawl_info){.id = id,
                                 .started_ms = now,
                                 .next_warc_serial = 1,
                                 .config_changed = id > 1 && out->config_changed};
  snprintf(out->name, sizeof out->name, "%.8sT%.6sZ-%u", ts, ts + 8, (unsigned)id);
  zhi_bind_int(st, 1, id);
  zhi_bind_text(st, 2, zhi_str_of(out->name));
  zhi_bind_int(st, 3, now);
  zhi_bind_text(st, 4, config);
  return zhi_db_run(s, st, e);
}

static enum zhi_code due_again(struct zhi_store *s, const struct zhi_crawl_info *crawl,
                               struct zhi_err *e) {
  sqlite3_stmt *due = zhi_db_get(s, ST_DUE_AGAIN, e), *count = zhi_db_get(s, ST_COUNT_NOT_DUE, e);
  if (!due || !count)
    return ZHI_EIO;
  zhi_bind_int(due, 1, crawl->started_ms);
  zhi_bind_int(due, 2, s->recrawl.lists_ms);
  zhi_bind_int(due, 3, s->recrawl.documents_min_ms);
  zhi_bind_int(due, 4, s->recrawl.documents_max_ms);
  zhi_bind_int(count, 1, crawl->id);
  enum zhi_code rc = zhi_db_run(s, due, e);
  return rc ? rc : zhi_db_run(s, count, e);
}

void zhi_store_set_recrawl(struct zhi_store *s, const struct zhi_recrawl *r) { s->recrawl = *r; }

static enum zhi_code new_crawl(struct zhi_store *s, bool unfinished, struct zhi_str config,
                               struct zhi_crawl_info *info, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  int64_t before = info->id;
  if (unfinished && (rc = end_crawl(s, before, "abandoned", e)))
    return rc;
  if ((rc = add_crawl(s, before + 1, config, info, e)) || before == 0)
    return rc;
  if ((rc = due_again(s, info, e)) || (rc = run0(s, ST_FORGET_ATTEMPTS, e)) ||
      (rc = run0(s, ST_RECOUNT, e)))
    return rc;
  return split_groups(s, e);
}

static enum zhi_code count_run(struct zhi_store *s, struct zhi_err *e) {
  char text[32];
  enum zhi_code rc = zhi_db_fact(s, "runs", text, sizeof text, e);
  if (rc)
    return rc;
  long long runs = strtoll(text, NULL, 10) + 1;
  snprintf(text, sizeof text, "%lld", runs);
  s->fr.next_token = (int64_t)runs << 32;
  return zhi_db_set_fact(s, "runs", text, e);
}

static enum zhi_code open_run(struct zhi_store *s, struct zhi_err *e) {
  if (s->mode == ZHI_STORE_READ)
    return zhi_fail(e, ZHI_EBUG, "cannot crawl into '%s': opened for reading", s->path);
  zhi_fr_release(&s->fr); /* all leases are void */
  enum zhi_code rc = zhi_fr_load(s, e);
  return rc ? rc : zhi_db_begin(s, true, e);
}

/* COMMIT when rc is ZHI_OK, else ROLLBACK; the frontier is read anew. */
static enum zhi_code close_run(struct zhi_store *s, enum zhi_code rc,
                               const struct zhi_crawl_info *info, struct zhi_crawl_info *out,
                               struct zhi_err *e) {
  if (rc == ZHI_OK)
    rc = count_run(s, e);
  int64_t token = s->fr.next_token;
  rc = zhi_db_end(s, rc, e);
  zhi_fr_release(&s->fr); /* what is in memory is of before */
  s->fr.next_token = token;
  if (rc || (rc = zhi_fr_load(s, e)))
    return rc;
  s->crawl_id = info->id;
  memcpy(s->crawl_name, info->name, sizeof s->crawl_name);
  *out = *info;
  return ZHI_OK;
}

enum zhi_code zhi_store_begin_crawl(struct zhi_store *s, bool fresh, struct zhi_str config_json,
                                    struct zhi_crawl_info *out, struct zhi_err *e) {
  struct zhi_crawl_info info = {0};
  bool unfinished = false;
  enum zhi_code rc = open_run(s, e);
  if (rc)
    return rc;
  if ((rc = last_crawl(s, &info, &unfinished, config_json, e)) == ZHI_OK) {
    if (unfinished && !fresh) {
      sqlite3_stmt *st = zhi_db_get(s, ST_SET_CRAWL_CONFIG, e);
      info.resumed = true;
      rc = ZHI_EIO;
      if (st) {
        zhi_bind_int(st, 1, info.id);
        zhi_bind_text(st, 2, config_json);
        rc = zhi_db_run(s, st, e);
      }
    } else {
      rc = new_crawl(s, unfinished, config_json, &info, e);
    }
  }
  return close_run(s, rc, &info, out, e);
}

/* A crawl's row of its own, with a word behind its name, finished from the start: a crawl that is killed is taken up
 * again, and this one is not to be. */
static enum zhi_code add_aside(struct zhi_store *s, int64_t before, enum zhi_statement named,
                               struct zhi_str config, struct zhi_crawl_info *out,
                               struct zhi_err *e) {
  enum zhi_code rc = add_crawl(s, before + 1, config, out, e);
  sqlite3_stmt *st = rc ? NULL : zhi_db_get(s, named, e);
  if (rc || !st)
    return rc ? rc : ZHI_EIO;
  zhi_bind_int(st, 1, out->id);
  rc = zhi_db_run(s, st, e);
  return rc ? rc : end_crawl(s, out->id, "finished", e);
}

enum zhi_code zhi_store_begin_capture(struct zhi_store *s, const struct zhi_found *found, size_t n,
                                      struct zhi_str config_json, struct zhi_crawl_info *out,
                                      struct zhi_err *e) {
  struct zhi_crawl_info info = {0};
  bool unfinished = false;
  enum zhi_code rc = open_run(s, e);
  if (rc)
    return rc;
  if ((rc = last_crawl(s, &info, &unfinished, config_json, e)) == ZHI_OK && unfinished)
    info.resumed = true;
  else if (rc == ZHI_OK &&
           (rc = add_aside(s, info.id, ST_NAME_CAPTURE, config_json, &info, e)) == ZHI_OK)
    snprintf(info.name + strlen(info.name), sizeof info.name - strlen(info.name), "-capture");
  if (rc == ZHI_OK)
    rc = zhi_asked_begin(s, found, n, e);
  if ((rc = close_run(s, rc, &info, out, e)) == ZHI_OK)
    s->asked_only = true;
  return rc;
}

enum zhi_code zhi_store_finish_crawl(struct zhi_store *s, int64_t crawl_id, struct zhi_err *e) {
  enum zhi_code rc = zhi_db_begin(s, true, e);
  if (rc)
    return rc;
  if ((rc = zhi_crawl_closing(s, crawl_id, e)) == ZHI_OK)
    rc = end_crawl(s, crawl_id, "finished", e);
  if ((rc = zhi_db_end(s, rc, e)))
    return rc;
  int n = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  return n == SQLITE_OK || n == SQLITE_BUSY ? ZHI_OK : zhi_db_fail(s, e, "checkpoint");
}

static enum zhi_code add_import(struct zhi_store *s, int64_t *id, struct zhi_err *e) {
  struct zhi_crawl_info last = {0}, info = {0};
  struct zhi_buf config;
  bool unfinished = false;
  zhi_buf_init(&config, CONFIG_MAX_BYTES);
  enum zhi_code rc = last_crawl(s, &last, &unfinished, ZHI_STR_NONE, e);
  if (!rc && unfinished)
    rc = zhi_fail(e, ZHI_ECONFLICT,
                  "crawl %s of '%s' is unfinished: let it finish, or import into another folder",
                  last.name, s->dir);
  if (!rc && zhi_str_ends(zhi_str_of(last.name), "-import")) {
    *id = last.id;
    goto out;
  }
  if (!rc)
    rc = zhi_store_last_config(s, &config, e);
  if (!rc)
    rc = add_aside(s, last.id, ST_NAME_IMPORT, config.len ? zhi_buf_view(&config) : ZHI_STR("{}"),
                   &info, e);
  *id = info.id;
out:
  zhi_buf_release(&config);
  return rc;
}

enum zhi_code zhi_store_begin_import(struct zhi_store *s, int64_t *crawl_id, struct zhi_err *e) {
  enum zhi_code rc = zhi_fr_load(s, e);
  if (rc || (rc = zhi_db_begin(s, true, e)))
    return rc;
  return zhi_db_end(s, add_import(s, crawl_id, e), e);
}

enum zhi_code zhi_store_count_captures(struct zhi_store *s, int64_t *out, struct zhi_err *e) {
  return zhi_db_int(s, "SELECT count(*) FROM capture", out, e);
}
