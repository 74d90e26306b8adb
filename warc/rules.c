/* Header rules of ISO 28500:2017 (WARC 1.1) 5 and 6 as one table, relaxed where 1.0 differed and
 * where the community's annotations allow more; digests of block and payload.
 *
 * A payload digest of an HTTP message covers the body without transfer coding (5.9), but many tools
 * hash the body as stored, and some store a body without chunks under a header that says chunked:
 * each form counts. */
#include "warc/rules.h"

#include <stdio.h>
#include <stdlib.h>

#include "warc/record.h"
#include "zhi/limits.h"

/* A stored head: what was received, and the headers that adjusting it added. */
enum { HEAD_LOOK_BYTES = ZHI_HEADER_MAX_BYTES + 4096 };

void zhi_warc_tell(const struct zhi_warc_reader_options *o, uint64_t offset, const char *code,
                   bool minor, const char *fmt, ...) {
  if (!o->problem)
    return;
  struct zhi_warc_problem p = {.offset = offset, .code = code, .minor = minor};
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(p.text, sizeof p.text, fmt, ap);
  va_end(ap);
  o->problem(o->ctx, &p);
}

/* --- values ----------------------------------------------------------------------------------- */

static bool ok_id(struct zhi_str v) {
  if (v.len < 4 || v.p[0] != '<' || v.p[v.len - 1] != '>')
    return false;
  for (size_t i = 1; i + 1 < v.len; i++)
    if ((unsigned char)v.p[i] <= ' ' || v.p[i] == '<' || v.p[i] == '>')
      return false;
  return memchr(v.p, ':', v.len) != NULL;
}

static bool ok_number(struct zhi_str v) {
  unsigned long long n;
  return zhi_str_u64(v, INT64_MAX, &n);
}

static bool ok_date(struct zhi_str v) {
  int64_t ms;
  if (v.len == 4 || (v.len == 7 && v.p[4] == '-')) { /* 1.1: a year or a month alone */
    struct zhi_str year = zhi_str_sub(v, 0, 4), month = zhi_str_sub(v, 5, 7);
    return ok_number(year) && (v.len == 4 || ok_number(month));
  }
  return v.len >= 10 && v.p[4] == '-' && zhi_time_parse(v, &ms);
}

static bool ok_uri(struct zhi_str v) { return v.len && memchr(v.p, ':', v.len) != NULL; }

static bool ok_digest(struct zhi_str v) {
  struct zhi_str rest = v;
  struct zhi_str label = zhi_str_cut(&rest, ':');
  return label.len && rest.len && !memchr(v.p, ' ', v.len);
}

static bool ok_media_type(struct zhi_str v) {
  struct zhi_str rest = v;
  struct zhi_str type = zhi_str_trim(zhi_str_cut(&rest, ';'));
  const char *slash = type.len ? memchr(type.p, '/', type.len) : NULL;
  return slash && slash > type.p && slash + 1 < type.p + type.len && !memchr(type.p, ' ', type.len);
}

static bool ok_text(struct zhi_str v) { return v.len > 0 && zhi_utf8_valid(v, NULL); }

/* --- the table -------------------------------------------------------------------------------- */

#define ON(t)   (1u << ZHI_WARC_##t)
#define CAPTURE (ON(RESPONSE) | ON(REQUEST) | ON(REVISIT) | ON(RESOURCE))
#define ALL     ((1u << (ZHI_WARC_UNKNOWN + 1)) - 1)
#define NEVER   0u

struct rule {
  const char *name;
  unsigned required_on, forbidden_on;
  bool (*ok)(struct zhi_str);
  bool repeatable;
};

static const struct rule rules[] = {
    {"WARC-Type", ALL, NEVER, ok_text, false},
    {"WARC-Record-ID", ALL, NEVER, ok_id, false},
    {"WARC-Date", ALL, NEVER, ok_date, false},
    {"Content-Length", ALL, NEVER, ok_number, false},
    {"Content-Type", NEVER, NEVER, ok_media_type, false},
    {"WARC-Concurrent-To", NEVER, ON(WARCINFO) | ON(CONVERSION) | ON(CONTINUATION), ok_id, true},
    {"WARC-Block-Digest", NEVER, NEVER, ok_digest, false},
    {"WARC-Payload-Digest", NEVER, NEVER, ok_digest, false},
    {"WARC-IP-Address", NEVER, ON(WARCINFO) | ON(CONVERSION) | ON(CONTINUATION), ok_text, false},
    {"WARC-Refers-To", NEVER,
     ON(WARCINFO) | ON(RESPONSE) | ON(RESOURCE) | ON(REQUEST) | ON(CONTINUATION), ok_id, false},
    {"WARC-Refers-To-Target-URI", NEVER, (ALL & ~ON(REVISIT)) & ~ON(UNKNOWN), ok_uri, false},
    {"WARC-Refers-To-Date", NEVER, (ALL & ~ON(REVISIT)) & ~ON(UNKNOWN), ok_date, false},
    {"WARC-Target-URI", CAPTURE | ON(CONVERSION) | ON(CONTINUATION), ON(WARCINFO), ok_uri, false},
    {"WARC-Truncated", NEVER, NEVER, ok_text, false},
    {"WARC-Warcinfo-ID", NEVER, ON(WARCINFO), ok_id, false},
    {"WARC-Filename", NEVER, (ALL & ~ON(WARCINFO)) & ~ON(UNKNOWN), ok_text, false},
    {"WARC-Profile", ON(REVISIT), NEVER, ok_uri, false},
    {"WARC-Identified-Payload-Type", NEVER, NEVER, ok_media_type, false},
    {"WARC-Segment-Number", ON(CONTINUATION), NEVER, ok_number, false},
    {"WARC-Segment-Origin-ID", ON(CONTINUATION), (ALL & ~ON(CONTINUATION)) & ~ON(UNKNOWN), ok_id,
     false},
    {"WARC-Segment-Total-Length", NEVER, (ALL & ~ON(CONTINUATION)) & ~ON(UNKNOWN), ok_number,
     false},
};
enum { RULE_COUNT = sizeof rules / sizeof *rules };

static const char *article(const struct zhi_warc_record *r) {
  return r->type == ZHI_WARC_UNKNOWN ? "record" : zhi_warc_type_name(r->type);
}

static void check_value(const struct rule *rule, struct zhi_str v, const struct zhi_warc_record *r,
                        const struct zhi_warc_reader_options *o) {
  if (rule->ok == ok_number && strcmp(rule->name, "Content-Length") == 0 && v.len)
    return; /* told when it was read */
  if (!rule->ok(v))
    zhi_warc_tell(o, r->offset, "bad_value", false, "%s cannot be '%.*s'", rule->name,
                  v.len > 120 ? 120 : (int)v.len, v.p ? v.p : "");
}

static void check_rule(const struct rule *rule, const struct zhi_warc_record *r,
                       const struct zhi_warc_reader_options *o) {
  unsigned on = 1u << r->type, seen = 0;
  size_t n = strlen(rule->name);
  for (size_t i = 0; i < r->header_count; i++) {
    const struct zhi_warc_header *h = &r->headers[i];
    if (h->name.len != n || !zhi_str_iis(h->name, rule->name))
      continue;
    if (++seen == 2 && !rule->repeatable)
      zhi_warc_tell(o, r->offset, "repeated_header", false, "%s is there more than once",
                    rule->name);
    if (rule->forbidden_on & on)
      zhi_warc_tell(o, r->offset, "forbidden_header", false, "%s on a %s", rule->name, article(r));
    check_value(rule, h->value, r, o);
  }
  if (!seen && (rule->required_on & on))
    zhi_warc_tell(o, r->offset, "missing_header", false, "%s without %s", article(r), rule->name);
}

static void check_version(const struct zhi_warc_record *r,
                          const struct zhi_warc_reader_options *o) {
  static const char *const known[] = {"WARC/1.1", "WARC/1.0", "WARC/0.18", "WARC/0.17"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (zhi_str_is(r->version, known[i]))
      return;
  zhi_warc_tell(o, r->offset, "bad_version", false, "unknown version '%.*s'",
                r->version.len > 40 ? 40 : (int)r->version.len, r->version.p);
}

static void check_uri(const struct zhi_warc_record *r, const struct zhi_warc_reader_options *o) {
  struct zhi_str uri = zhi_warc_record_header(r, "WARC-Target-URI");
  bool odd = uri.len && uri.p[0] == '<' && zhi_str_is(r->version, "WARC/1.1");
  for (size_t i = 0; i < uri.len; i++)
    odd |= (unsigned char)uri.p[i] <= ' ' || (unsigned char)uri.p[i] > 0x7e;
  if (odd)
    zhi_warc_tell(o, r->offset, "odd_uri", true, "WARC-Target-URI is no RFC 3986 URI");
}

/* Segments: the first has number 1 and is of the record's own type, later ones are continuations.
 */
static void check_segment(const struct zhi_warc_record *r,
                          const struct zhi_warc_reader_options *o) {
  struct zhi_str text = zhi_warc_record_header(r, "WARC-Segment-Number");
  unsigned long long n;
  if (!zhi_str_u64(text, INT64_MAX, &n))
    return;
  if (r->type == ZHI_WARC_CONTINUATION ? n < 2 : n != 1)
    zhi_warc_tell(o, r->offset, "bad_value", false, "WARC-Segment-Number %llu on a %s", n,
                  article(r));
}

/* WARC 1.0 (4) let values hold encoded words of RFC 2047, 1.1 does not: before 1.1 one that cannot
 * be decoded makes the value unreadable. */
static bool broken_encoded_word(struct zhi_str v) {
  const char *start = zhi_str_find(v, ZHI_STR("=?"));
  if (!start)
    return false;
  struct zhi_str rest = zhi_str_sub(v, (size_t)(start - v.p) + 2, v.len);
  struct zhi_str charset = zhi_str_cut(&rest, '?'), coding = zhi_str_cut(&rest, '?');
  if (!charset.len || !rest.p || (!zhi_str_iis(coding, "q") && !zhi_str_iis(coding, "b")))
    return false;
  zhi_str_cut(&rest, '?'); /* the text */
  return !rest.p || !rest.len || rest.p[0] != '=';
}

static void check_text(const struct zhi_warc_record *r, const struct zhi_warc_reader_options *o) {
  bool old = !zhi_str_is(r->version, "WARC/1.1");
  for (size_t i = 0; i < r->header_count; i++) {
    if (old && broken_encoded_word(r->headers[i].value))
      zhi_warc_tell(o, r->offset, "bad_header", false, "%.*s holds a broken encoded word",
                    r->headers[i].name.len > 80 ? 80 : (int)r->headers[i].name.len,
                    r->headers[i].name.p);
    if (!zhi_utf8_valid(r->headers[i].value, NULL) || !zhi_utf8_valid(r->headers[i].name, NULL)) {
      zhi_warc_tell(o, r->offset, "bad_header", false, "%.*s is not UTF-8",
                    r->headers[i].name.len > 80 ? 80 : (int)r->headers[i].name.len,
                    r->headers[i].name.p);
      return;
    }
  }
}

void zhi_warc_check_header(const struct zhi_warc_record *r,
                           const struct zhi_warc_reader_options *o) {
  check_version(r, o);
  for (int i = 0; i < RULE_COUNT; i++)
    check_rule(&rules[i], r, o);
  struct zhi_str type = zhi_warc_record_header(r, "WARC-Type");
  if (r->type == ZHI_WARC_UNKNOWN && type.len)
    zhi_warc_tell(o, r->offset, "unknown_type", true, "unknown record type '%.*s'",
                  type.len > 40 ? 40 : (int)type.len, type.p);
  if (r->block->len && r->type != ZHI_WARC_CONTINUATION &&
      !zhi_warc_record_header(r, "Content-Type").len)
    zhi_warc_tell(o, r->offset, "no_content_type", true, "a block without Content-Type");
  check_uri(r, o);
  check_segment(r, o);
  check_text(r, o);
}

/* --- digests ---------------------------------------------------------------------------------- */

struct expected {
  enum zhi_digest_kind kind;
  unsigned char raw[64];
  size_t len;
};

static bool expect(const struct zhi_warc_record *r, const char *header,
                   const struct zhi_warc_reader_options *o, struct expected *x) {
  struct zhi_str v = zhi_warc_record_header(r, header);
  if (!v.len)
    return false;
  if (zhi_digest_parse(v, &x->kind, x->raw, &x->len))
    return true;
  if (ok_digest(v))
    zhi_warc_tell(o, r->offset, "unknown_digest", true, "%s '%.*s' cannot be checked", header,
                  v.len > 100 ? 100 : (int)v.len, v.p);
  return false;
}

/* Digest of block bytes from..to. */
static enum zhi_code digest_range(const struct zhi_spool *b, uint64_t from, uint64_t to,
                                  const struct expected *x, bool *same, struct zhi_err *e) {
  struct zhi_digest d;
  unsigned char raw[64];
  char piece[16384];
  enum zhi_code rc = zhi_digest_init(&d, x->kind, e);
  if (rc)
    return rc;
  struct zhi_str view = zhi_spool_view(b);
  if (view.p) {
    view = zhi_str_sub(view, (size_t)from, (size_t)to);
    zhi_digest_add(&d, view.p, view.len);
    from = to;
  }
  while (from < to) {
    size_t got, want = to - from < sizeof piece ? (size_t)(to - from) : sizeof piece;
    if ((rc = zhi_spool_read(b, from, piece, want, &got, e)) || !got) {
      zhi_digest_release(&d);
      return rc;
    }
    zhi_digest_add(&d, piece, got);
    from += got;
  }
  *same = zhi_digest_final(&d, raw) == x->len && memcmp(raw, x->raw, x->len) == 0;
  return ZHI_OK;
}

/* A buffered cursor over a block. */
struct cursor {
  const struct zhi_spool *b;
  uint64_t at;
  char piece[16384];
  size_t n, i;
};

static int next_byte(struct cursor *c) {
  if (c->i == c->n) {
    c->i = 0;
    if (zhi_spool_read(c->b, c->at, c->piece, sizeof c->piece, &c->n, NULL) || !c->n)
      return -1;
    c->at += c->n;
  }
  return (unsigned char)c->piece[c->i++];
}

/* "1a;ext\r\n": the size; false when this is no chunk header. */
static bool chunk_size(struct cursor *c, uint64_t *size) {
  int digits = 0, ch;
  *size = 0;
  while ((ch = next_byte(c)) >= 0) {
    int v = ch >= '0' && ch <= '9'                 ? ch - '0'
            : (ch | 32) >= 'a' && (ch | 32) <= 'f' ? (ch | 32) - 'a' + 10
                                                   : -1;
    if (v < 0 || digits == 15)
      break;
    *size = *size * 16 + (unsigned)v;
    digits++;
  }
  for (int n = 0; ch >= 0 && ch != '\n' && n < 4096; n++)
    ch = next_byte(c);
  return digits > 0 && ch == '\n';
}

/* The digest of the body with its chunks undone; *chunked = false when it is not chunked after all.
 */
static enum zhi_code digest_unchunked(const struct zhi_spool *b, uint64_t from,
                                      const struct expected *x, bool *chunked, bool *same,
                                      struct zhi_err *e) {
  struct cursor *c = malloc(sizeof *c);
  struct zhi_digest d;
  unsigned char raw[64];
  if (!c)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a chunked body");
  *c = (struct cursor){.b = b, .at = from};
  enum zhi_code rc = zhi_digest_init(&d, x->kind, e);
  uint64_t size = 1;
  *chunked = *same = false;
  while (!rc && size) {
    if (!chunk_size(c, &size))
      break;
    for (uint64_t left = size; left;) {
      if (c->i == c->n && next_byte(c) >= 0)
        c->i--;
      size_t n = c->n - c->i < left ? c->n - c->i : (size_t)left;
      if (!n)
        break;
      zhi_digest_add(&d, c->piece + c->i, n);
      c->i += n;
      left -= n;
    }
    if (size && (next_byte(c) != '\r' || next_byte(c) != '\n'))
      break;
    *chunked = size == 0;
  }
  if (!rc)
    *same = zhi_digest_final(&d, raw) == x->len && memcmp(raw, x->raw, x->len) == 0;
  free(c);
  return rc;
}

/* Where the entity begins in an HTTP block that starts with `start`, and whether it says it is
 * chunked. */
static uint64_t entity_at(struct zhi_str start, bool *says_chunked) {
  struct zhi_http_head h = {0};
  *says_chunked = false;
  if (zhi_http_parse(start, &h, NULL) != ZHI_OK) {
    const char *blank = zhi_str_find(start, ZHI_STR("\r\n\r\n"));
    return blank ? (uint64_t)(blank - start.p) + 4 : 0;
  }
  uint64_t at = h.bytes;
  *says_chunked = zhi_str_ifind(zhi_http_header(&h, "Transfer-Encoding"), "chunked") != NULL;
  zhi_http_head_release(&h);
  return at;
}

static enum zhi_code check_payload(const struct zhi_warc_record *r, const struct expected *x,
                                   bool *same, struct zhi_err *e) {
  struct zhi_str type = zhi_warc_record_header(r, "Content-Type");
  struct zhi_str view = zhi_spool_view(r->block);
  struct zhi_buf start;
  enum zhi_code rc = ZHI_OK;
  bool says_chunked, chunked;
  if (!zhi_str_istarts(type, "application/http"))
    return digest_range(r->block, 0, r->block->len, x, same, e);
  zhi_buf_init(&start, HEAD_LOOK_BYTES);
  if (!view.p)
    rc = zhi_spool_slurp(r->block, HEAD_LOOK_BYTES, &start, e);
  uint64_t from = entity_at(view.p ? zhi_str_sub(view, 0, HEAD_LOOK_BYTES) : zhi_buf_view(&start),
                            &says_chunked);
  if (!rc)
    rc = digest_range(r->block, from, r->block->len, x, same, e);
  if (!rc && !*same && says_chunked)
    rc = digest_unchunked(r->block, from, x, &chunked, same, e);
  zhi_buf_release(&start);
  return rc;
}

enum zhi_code zhi_warc_check_digests(const struct zhi_warc_record *r,
                                     const struct zhi_warc_reader_options *o, struct zhi_err *e) {
  struct expected x;
  bool same = true;
  enum zhi_code rc = ZHI_OK;
  if (expect(r, "WARC-Block-Digest", o, &x) &&
      !(rc = digest_range(r->block, 0, r->block->len, &x, &same, e)) && !same)
    zhi_warc_tell(o, r->offset, "bad_digest", false,
                  "the block is not what WARC-Block-Digest says");
  bool checkable = r->type != ZHI_WARC_REVISIT && r->type != ZHI_WARC_CONTINUATION &&
                   r->block->len && !zhi_warc_record_header(r, "WARC-Segment-Number").len;
  same = true;
  if (!rc && checkable && expect(r, "WARC-Payload-Digest", o, &x) &&
      !(rc = check_payload(r, &x, &same, e)) && !same)
    zhi_warc_tell(o, r->offset, "bad_digest", false,
                  "the payload is not what WARC-Payload-Digest says");
  return rc;
}
