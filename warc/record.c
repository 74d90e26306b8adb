/* Record headers out. The order is fixed, so that byte-exact tests can hold us to it. */
#include "warc/record.h"

#include <stdio.h>

static const char *const type_names[] = {"warcinfo",   "response",     "request",
                                         "metadata",   "revisit",      "resource",
                                         "conversion", "continuation", "unknown"};

const char *zhi_warc_type_name(enum zhi_warc_type t) { return type_names[t]; }

enum zhi_warc_type zhi_warc_type_of(struct zhi_str name) {
  for (int t = 0; t < ZHI_WARC_UNKNOWN; t++)
    if (zhi_str_iis(name, type_names[t]))
      return (enum zhi_warc_type)t;
  return ZHI_WARC_UNKNOWN;
}

void zhi_warc_date(int64_t ms, char out[ZHI_ISO_SIZE]) {
  if (ms % 1000)
    zhi_time_iso_ms(ms, out);
  else
    zhi_time_iso(ms, out);
}

void zhi_warc_new_id(struct zhi_ids *ids, char out[48]) {
  char uuid[ZHI_UUID_SIZE];
  zhi_uuid(ids, uuid);
  snprintf(out, 48, "<urn:uuid:%s>", uuid);
}

static bool is_odd(char c, bool uri) {
  unsigned char u = (unsigned char)c;
  return u < 0x20 || u == 0x7f || (uri && (u == ' ' || u > 0x7f || c == '<' || c == '>'));
}

void zhi_warc_value(struct zhi_str s, bool uri, struct zhi_buf *out) {
  size_t plain = 0;
  while (plain < s.len && !is_odd(s.p[plain], uri))
    plain++;
  zhi_buf_add(out, s.p, plain);
  for (size_t i = plain; i < s.len; i++) {
    if (!is_odd(s.p[i], uri))
      zhi_buf_addc(out, s.p[i]);
    else if (uri)
      zhi_buf_addf(out, "%%%02X", (unsigned char)s.p[i]);
    else
      zhi_buf_addc(out, ' ');
  }
}

static void text_field(struct zhi_buf *out, const char *name, struct zhi_str value) {
  if (!value.len)
    return;
  zhi_buf_adds(out, name);
  zhi_warc_value(value, false, out);
  zhi_buf_adds(out, "\r\n");
}

static void uri_field(struct zhi_buf *out, const char *name, struct zhi_str value) {
  if (!value.len)
    return;
  zhi_buf_adds(out, name);
  zhi_warc_value(value, true, out);
  zhi_buf_adds(out, "\r\n");
}

static void own_field(struct zhi_buf *out, const char *name, const char *value) {
  if (!value || !value[0])
    return;
  zhi_buf_adds(out, name);
  zhi_buf_adds(out, value);
  zhi_buf_adds(out, "\r\n");
}

void zhi_warc_record_head(const struct record_fields *f, struct zhi_buf *out) {
  char length[48];
  own_field(out, "WARC/1.1\r\nWARC-Type: ", type_names[f->type]);
  own_field(out, "WARC-Record-ID: ", f->record_id);
  text_field(out, "WARC-Warcinfo-ID: ", f->warcinfo_id);
  text_field(out, "WARC-Concurrent-To: ", f->concurrent_to);
  uri_field(out, "WARC-Target-URI: ", f->url);
  own_field(out, "WARC-Date: ", f->date);
  text_field(out, "WARC-Filename: ", f->filename);
  text_field(out, "WARC-IP-Address: ", f->ip);
  text_field(out, "WARC-Protocol: ", f->protocol);
  text_field(out, "WARC-Protocol: ", f->tls_version);
  text_field(out, "WARC-Cipher-Suite: ", f->cipher_suite);
  text_field(out, "WARC-Profile: ", f->profile);
  text_field(out, "WARC-Refers-To: ", f->refers_to);
  uri_field(out, "WARC-Refers-To-Target-URI: ", f->refers_to_uri);
  own_field(out, "WARC-Refers-To-Date: ", f->refers_to_date);
  text_field(out, "WARC-Truncated: ", f->truncated);
  own_field(out, "WARC-Block-Digest: ", f->block_digest);
  own_field(out, "WARC-Payload-Digest: ", f->payload_digest);
  text_field(out, "Content-Type: ", f->content_type);
  snprintf(length, sizeof length, "Content-Length: %llu\r\n\r\n",
           (unsigned long long)f->block_bytes);
  zhi_buf_adds(out, length);
}

struct zhi_str zhi_warc_record_target(const struct zhi_warc_record *r) {
  struct zhi_str url = zhi_warc_record_header(r, "WARC-Target-URI");
  if (url.len > 1 && url.p[0] == '<' && url.p[url.len - 1] == '>') /* WARC 1.0 */
    url = zhi_str_sub(url, 1, url.len - 1);
  return url;
}
