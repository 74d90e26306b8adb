/* Record: compare with the original, pack. */
#include "crawler/record.h"

enum zhi_code zhi_record_compare(struct zhi_warc_packer *p, struct zhi_item *it,
                                 struct zhi_err *e) {
  const struct zhi_original *o = &it->original;
  if (it->verdict == ZHI_V_NOT_MODIFIED) {
    if (o->capture_id)
      it->revisit = ZHI_WARC_NOT_MODIFIED;
    return ZHI_OK;
  }
  if (!it->response_head.len)
    return ZHI_OK;
  enum zhi_code rc = zhi_warc_payload_digest(p, &it->body, it->payload_digest, e);
  if (!rc && o->capture_id && it->verdict == ZHI_V_OK && it->status == 200 && !it->truncated &&
      it->body.len && zhi_str_is(o->payload_digest, it->payload_digest))
    it->revisit = ZHI_WARC_IDENTICAL;
  return rc;
}

bool zhi_record_may_refer(const struct zhi_item *it) {
  return it->packed_ok && !it->revisit && !it->truncated && it->row.body_bytes > 0 &&
         (it->verdict == ZHI_V_OK || it->verdict == ZHI_V_GONE || it->verdict == ZHI_V_SOFT_404);
}

enum zhi_code zhi_record_pack(struct zhi_warc_packer *p, struct zhi_str warcinfo_id,
                              struct zhi_item *it, struct zhi_err *e) {
  if (!it->response_head.len) /* nothing to keep but the verdict */
    return ZHI_OK;
  bool not_modified = it->verdict == ZHI_V_NOT_MODIFIED;
  /* How the URL was found and what its content is stands beside the original. */
  bool told =
      it->revisit && !it->has_doc && !it->error.len && zhi_str_eq(it->original.url, it->url);
  struct zhi_warc_exchange x = {.url = it->url,
                                .date_ms = it->fetched_ms,
                                .ip = it->ip,
                                .protocol = ZHI_STR("http/1.1"),
                                .tls_version = it->tls_version,
                                .cipher_suite = it->cipher_suite,
                                .request_head =
                                    told ? ZHI_STR_NONE : zhi_buf_view(&it->request_head),
                                .request_body = it->ask.body,
                                .response_head = zhi_buf_view(&it->response_head),
                                .body = it->revisit ? NULL : &it->body,
                                .was_chunked = it->was_chunked,
                                .truncated = it->truncated,
                                .via = told ? ZHI_STR_NONE : it->via,
                                .hops = told ? ZHI_STR_NONE : it->hops,
                                .fetch_time_ms = told ? -1 : it->duration_ms,
                                .metadata_fields = told ? ZHI_STR_NONE : it->metadata,
                                .payload_digest = zhi_str_of(it->payload_digest)};
  if (it->revisit) {
    x.revisit_profile = it->revisit;
    x.refers_to_id = it->original.record_id;
    x.refers_to_uri = it->original.url;
    x.refers_to_date_ms = it->original.date_ms;
    if (not_modified)
      x.payload_digest = it->original.payload_digest;
  }
  if (it->packed_ok)
    zhi_warc_packed_release(&it->packed);
  it->packed_ok = false;
  enum zhi_code rc = zhi_warc_pack(p, &x, warcinfo_id, &it->packed, e);
  it->packed_ok = rc == ZHI_OK;
  return rc;
}
