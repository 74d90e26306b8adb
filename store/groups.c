/* Groups: hosts that answer from one address wait for one another.
 *
 * A host starts in a group of its own. Told its address, its whole group joins the one that has that address; nothing
 * is ever taken apart within a crawl, so a host seen at two addresses makes one group of both. A merge is written
 * without an fsync of its own: were it lost, the next look-up of the address would bring it back. */
#include "store/internal.h"

enum zhi_code zhi_fr_write_group(struct zhi_store *s, const struct fr_group *g, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_SET_GROUP, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, g->id);
  zhi_bind_int(st, 2, g->next_ms);
  zhi_bind_int(st, 3, g->blocked_until_ms);
  zhi_bind_int(st, 4, g->backoff_ms);
  zhi_bind_int(st, 5, g->delay_ms);
  return zhi_db_run(s, st, e);
}

static enum zhi_code write_merge(struct zhi_store *s, const struct fr_group *from,
                                 const struct fr_group *into, struct zhi_err *e) {
  struct fr_group both = {.id = into->id,
                          .next_ms = store_later(from->next_ms, into->next_ms),
                          .blocked_until_ms =
                              store_later(from->blocked_until_ms, into->blocked_until_ms),
                          .backoff_ms = store_later(from->backoff_ms, into->backoff_ms),
                          .delay_ms = store_later(from->delay_ms, into->delay_ms)};
  enum zhi_code rc = zhi_db_run_ints(s, ST_MOVE_ORIGINS, from->id, into->id, e);
  if (rc || (rc = zhi_db_run_ints(s, ST_MOVE_ADDRESSES, from->id, into->id, e)) ||
      (rc = zhi_fr_write_group(s, &both, e)))
    return rc;
  return zhi_db_run_ints(s, ST_DROP_GROUP, from->id, 0, e);
}

/* An address becomes known as the group's. */
static enum zhi_code write_address(struct zhi_store *s, struct zhi_str address, struct fr_group *g,
                                   struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_ADDRESS, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_text(st, 1, address);
  zhi_bind_int(st, 2, g->id);
  enum zhi_code rc = zhi_db_run(s, st, e);
  return rc ? rc : zhi_map_put(&s->fr.addresses, address, g, NULL, e);
}

static struct fr_group *group_at(const struct frontier *f, struct zhi_str address) {
  struct fr_group *g = zhi_map_get(&f->addresses, address);
  while (g && g->merged_into)
    g = g->merged_into;
  return g;
}

enum zhi_code zhi_frontier_regroup(struct zhi_store *s, struct zhi_str origin,
                                   struct zhi_str address, int64_t *group_id, struct zhi_err *e) {
  struct frontier *f = &s->fr;
  struct fr_origin *o = NULL;
  enum zhi_code rc = zhi_fr_load(s, e);
  if (rc)
    return rc;
  if (address.len == 0)
    return zhi_fail(e, ZHI_EBUG, "regroup without an address");
  uint64_t hash = zhi_hash64(address) | 1;
  struct fr_group *there = group_at(f, address);
  o = zhi_map_get(&f->origins, origin);
  if (o && o->id && there == o->group && o->address_hash == hash) {
    *group_id = there->id;
    return ZHI_OK;
  }
  if ((rc = zhi_db_begin(s, false, e)))
    return rc;
  rc = zhi_fr_origin(s, origin, &o, e);
  struct fr_group *here = rc ? NULL : o->group;
  if (rc == ZHI_OK && !there)
    rc = write_address(s, address, here, e);
  else if (rc == ZHI_OK && there != here)
    rc = write_merge(s, here, there, e);
  sqlite3_stmt *st = rc ? NULL : zhi_db_get(s, ST_SET_ORIGIN_ADDRESS, e);
  if (rc == ZHI_OK && !st)
    rc = ZHI_EIO;
  if (rc == ZHI_OK) {
    zhi_bind_int(st, 1, o->id);
    zhi_bind_text(st, 2, address);
    rc = zhi_db_run(s, st, e);
  }
  if ((rc = zhi_db_end(s, rc, e)))
    return rc;
  if (there && there != here)
    zhi_fr_merge(f, here, there);
  o->address_hash = hash;
  *group_id = o->group->id;
  return ZHI_OK;
}
