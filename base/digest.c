/* Digests: OpenSSL EVP for the archive, xxhash for tables. */
#include "zhi/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

static const EVP_MD *method(enum zhi_digest_kind kind) {
  switch (kind) {
  case ZHI_SHA1: return EVP_sha1();
  case ZHI_MD5: return EVP_md5();
  case ZHI_SHA512: return EVP_sha512();
  case ZHI_SHA256: break;
  }
  return EVP_sha256();
}

enum zhi_code zhi_digest_init(struct zhi_digest *d, enum zhi_digest_kind kind, struct zhi_err *e) {
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  if (!ctx || !EVP_DigestInit_ex(ctx, method(kind), NULL)) {
    EVP_MD_CTX_free(ctx);
    return zhi_fail(e, ZHI_ENOMEM, "cannot start a digest");
  }
  *d = (struct zhi_digest){ctx, kind};
  return ZHI_OK;
}

void zhi_digest_add(struct zhi_digest *d, const void *p, size_t n) {
  if (n)
    EVP_DigestUpdate(d->ctx, p, n);
}

size_t zhi_digest_final(struct zhi_digest *d, unsigned char out[64]) {
  unsigned n = 0;
  EVP_DigestFinal_ex(d->ctx, out, &n);
  zhi_digest_release(d);
  return n;
}

void zhi_digest_release(struct zhi_digest *d) {
  EVP_MD_CTX_free(d->ctx);
  d->ctx = NULL;
}

void zhi_hex(const unsigned char *p, size_t n, char *out) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < n; i++) {
    out[2 * i] = digits[p[i] >> 4];
    out[2 * i + 1] = digits[p[i] & 15];
  }
  out[2 * n] = '\0';
}

void zhi_digest_sha256_text(const unsigned char raw[32], char out[ZHI_DIGEST_TEXT_SIZE]) {
  memcpy(out, "sha256:", 7);
  zhi_hex(raw, 32, out + 7);
}

enum zhi_code zhi_sha256_text(struct zhi_str data, char out[ZHI_DIGEST_TEXT_SIZE],
                              struct zhi_err *e) {
  unsigned char raw[EVP_MAX_MD_SIZE];
  unsigned n = 0;
  if (!EVP_Digest(data.p ? data.p : "", data.len, raw, &n, EVP_sha256(), NULL))
    return zhi_fail(e, ZHI_ENOMEM, "cannot compute a digest");
  zhi_digest_sha256_text(raw, out);
  return ZHI_OK;
}

static int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

static bool from_hex(struct zhi_str s, unsigned char *raw) {
  for (size_t i = 0; i < s.len / 2; i++) {
    int a = hex_value(s.p[2 * i]), b = hex_value(s.p[2 * i + 1]);
    if (a < 0 || b < 0)
      return false;
    raw[i] = (unsigned char)(a * 16 + b);
  }
  return true;
}

/* RFC 4648 Base32 of exactly n raw bytes; padding allowed, lower case tolerated. */
static bool from_base32(struct zhi_str s, unsigned char *raw, size_t n) {
  unsigned bits = 0, have = 0;
  size_t out = 0;
  while (s.len && s.p[s.len - 1] == '=')
    s.len--;
  if (s.len != (n * 8 + 4) / 5)
    return false;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.p[i];
    int v = c >= 'A' && c <= 'Z'   ? c - 'A'
            : c >= 'a' && c <= 'z' ? c - 'a'
            : c >= '2' && c <= '7' ? c - '2' + 26
                                   : -1;
    if (v < 0)
      return false;
    bits = (bits << 5) | (unsigned)v;
    have += 5;
    if (have >= 8) {
      have -= 8;
      if (out < n)
        raw[out++] = (unsigned char)(bits >> have);
      bits &= (1u << have) - 1;
    }
  }
  return out == n;
}

bool zhi_digest_parse(struct zhi_str text, enum zhi_digest_kind *kind, unsigned char raw[64],
                      size_t *raw_len) {
  static const struct {
    const char *label;
    enum zhi_digest_kind kind;
    size_t bytes;
  } known[] = {{"sha256", ZHI_SHA256, 32}, {"sha-256", ZHI_SHA256, 32}, {"sha1", ZHI_SHA1, 20},
               {"sha-1", ZHI_SHA1, 20},    {"md5", ZHI_MD5, 16},        {"sha512", ZHI_SHA512, 64},
               {"sha-512", ZHI_SHA512, 64}};
  struct zhi_str rest = text;
  struct zhi_str label = zhi_str_cut(&rest, ':');
  if (!rest.p)
    return false;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (!zhi_str_iis(label, known[i].label))
      continue;
    size_t n = known[i].bytes;
    bool ok = rest.len == 2 * n ? from_hex(rest, raw) : from_base32(rest, raw, n);
    if (ok) {
      *kind = known[i].kind;
      *raw_len = n;
    }
    return ok;
  }
  return false;
}

struct zhi_hash128 zhi_hash128(struct zhi_str s) {
  XXH128_hash_t h = XXH3_128bits(s.p, s.len);
  return (struct zhi_hash128){h.low64, h.high64};
}

uint64_t zhi_hash64(struct zhi_str s) { return XXH3_64bits(s.p, s.len); }

static void draw(unsigned char *out, size_t n) {
  if (RAND_bytes(out, (int)n) == 1)
    return;
  FILE *f = fopen("/dev/urandom", "rb");
  size_t got = f ? fread(out, 1, n, f) : 0;
  (void)got;
  if (f)
    fclose(f);
}

static void draw_from_pool(struct zhi_ids *ids, unsigned char out[16]) {
  pthread_mutex_lock(&ids->lock);
  if (ids->left < 16) {
    draw(ids->pool, sizeof ids->pool);
    ids->left = sizeof ids->pool;
  }
  ids->left -= 16;
  memcpy(out, ids->pool + ids->left, 16);
  pthread_mutex_unlock(&ids->lock);
}

void zhi_uuid(struct zhi_ids *ids, char out[ZHI_UUID_SIZE]) {
  unsigned char r[16] = {0};
  if (ids && ids->counter) {
    uint64_t n = ids->counter++;
    for (int i = 0; i < 8; i++)
      r[15 - i] = (unsigned char)(n >> (8 * i));
  } else if (ids) {
    draw_from_pool(ids, r);
  } else {
    draw(r, sizeof r);
  }
  r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
  r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
  char hex[33];
  zhi_hex(r, 16, hex);
  for (size_t i = 0, k = 0; i < 32; i++) {
    if (i == 8 || i == 12 || i == 16 || i == 20)
      out[k++] = '-';
    out[k++] = hex[i];
  }
  out[ZHI_UUID_SIZE - 1] = '\0';
}
