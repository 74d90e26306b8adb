/* Item: life-cycle. */
#include "crawler/item.h"

#include <stdlib.h>

#include "zhi/limits.h"

enum { ITEM_ARENA_BYTES = 24 << 20, BODY_MEMORY_BYTES = 1 << 20 };

enum zhi_code zhi_item_new(const char *spool_dir, uint64_t body_max, struct zhi_item **out,
                           struct zhi_err *e) {
  struct zhi_item *it = calloc(1, sizeof *it);
  if (!it)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a fetch");
  zhi_arena_init(&it->arena, ITEM_ARENA_BYTES);
  zhi_buf_init(&it->request_head, ZHI_HEADER_MAX_BYTES);
  zhi_buf_init(&it->response_head, ZHI_HEADER_MAX_BYTES);
  zhi_spool_init(&it->body, spool_dir, BODY_MEMORY_BYTES, body_max);
  it->verdict = ZHI_V_CONNECTION;
  *out = it;
  return ZHI_OK;
}

void zhi_item_free(struct zhi_item *it) {
  if (!it)
    return;
  zhi_buf_release(&it->request_head);
  zhi_buf_release(&it->response_head);
  zhi_spool_release(&it->body);
  if (it->packed_ok)
    zhi_warc_packed_release(&it->packed);
  zhi_arena_release(&it->arena);
  free(it);
}

bool zhi_item_from_job(struct zhi_item *it, const struct zhi_job *job, int64_t group_id,
                       int64_t token) {
  jmp_buf escape;
  it->arena.escape = &escape;
  if (setjmp(escape)) {
    it->arena.escape = NULL;
    return false;
  }
  it->url_id = job->url_id;
  it->group_id = group_id;
  it->token = token;
  it->url = zhi_arena_str(&it->arena, job->url);
  it->origin = zhi_arena_str(&it->arena, job->origin);
  it->via = zhi_arena_str(&it->arena, job->via);
  it->hops = zhi_arena_str(&it->arena, job->hops);
  it->ask = zhi_ask_copy(&it->arena, &job->ask);
  it->etag = zhi_arena_str(&it->arena, job->etag);
  it->last_modified = zhi_arena_str(&it->arena, job->last_modified);
  it->original = job->original;
  it->original.record_id = zhi_arena_str(&it->arena, job->original.record_id);
  it->original.url = zhi_arena_str(&it->arena, job->original.url);
  it->original.payload_digest = zhi_arena_str(&it->arena, job->original.payload_digest);
  it->extractor_version = zhi_arena_str(&it->arena, job->extractor_version);
  it->prio = job->prio;
  it->depth = job->depth;
  it->attempts = job->attempts;
  it->arena.escape = NULL;
  return true;
}

size_t zhi_item_bytes(const struct zhi_item *it) {
  size_t body = it->body.fd < 0 ? (size_t)it->body.len : 0;
  size_t packed = it->packed_ok && it->packed.bytes.fd < 0 ? (size_t)it->packed.bytes.len : 0;
  return sizeof *it + it->arena.used + it->response_head.len + body + packed;
}
