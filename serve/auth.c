/* One user with a password: HTTP Basic against "user:scrypt$LOGN$SALT$KEY" (hex). scrypt (RFC 7914, r = 8, p = 1) runs
 * once for a right password, whose digest is then remembered; wrong ones pay in full, one at a time. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

#include "serve/server.h"
#include "zhi/digest.h"

enum { LOG_N = 15, LOG_N_MIN = 10, LOG_N_MAX = 20 };

static bool derive(const char *password, const unsigned char salt[16], unsigned log_n,
                   unsigned char key[32]) {
  return EVP_PBE_scrypt(password, strlen(password), salt, 16, UINT64_C(1) << log_n, 8, 1,
                        (uint64_t)2048 << log_n, key, 32) == 1;
}

enum zhi_code zhi_serve_hash(const char *password, char out[ZHI_SERVE_HASH_SIZE],
                             struct zhi_err *e) {
  unsigned char salt[16], key[32];
  char salt_hex[33], key_hex[65];
  if (RAND_bytes(salt, sizeof salt) != 1 || !derive(password, salt, LOG_N, key))
    return zhi_fail(e, ZHI_EIO, "cannot hash a password: OpenSSL refuses");
  zhi_hex(salt, sizeof salt, salt_hex);
  zhi_hex(key, sizeof key, key_hex);
  snprintf(out, ZHI_SERVE_HASH_SIZE, "scrypt$%d$%s$%s", LOG_N, salt_hex, key_hex);
  return ZHI_OK;
}

static bool unhex(struct zhi_str s, unsigned char *out, size_t n) {
  if (s.len != 2 * n)
    return false;
  for (size_t i = 0; i < 2 * n; i++) {
    const char *digits = "0123456789abcdef";
    const char *at = memchr(digits, s.p[i] | 0x20, 16);
    if (!at)
      return false;
    out[i / 2] = (unsigned char)(out[i / 2] << 4 | (at - digits));
  }
  return true;
}

enum zhi_code serve_auth_read(struct serve_auth *a, const char *text, struct zhi_err *e) {
  struct zhi_str rest = zhi_str_of(text), user = zhi_str_cut(&rest, ':');
  unsigned long long log_n = 0;
  bool good = user.len && rest.p && zhi_str_is(zhi_str_cut(&rest, '$'), "scrypt") &&
              zhi_str_u64(zhi_str_cut(&rest, '$'), LOG_N_MAX, &log_n) && log_n >= LOG_N_MIN &&
              unhex(zhi_str_cut(&rest, '$'), a->salt, sizeof a->salt) &&
              unhex(rest, a->key, sizeof a->key);
  if (!good)
    return zhi_fail(e, ZHI_EUSAGE,
                    "--auth is USER:HASH, with the hash that `xianzhi serve --hash` prints");
  a->log_n = (unsigned)log_n;
  a->user = strndup(user.p, user.len);
  pthread_mutex_init(&a->lock, NULL);
  return a->user ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for a user");
}

void serve_auth_release(struct serve_auth *a) {
  if (a->user)
    pthread_mutex_destroy(&a->lock);
  free(a->user);
  a->user = NULL;
}

bool serve_auth_check(struct serve_auth *a, const char *user, const char *password) {
  unsigned char digest[64], key[32];
  struct zhi_digest d;
  if (!user || !password || strlen(password) > 1024 || zhi_digest_init(&d, ZHI_SHA256, NULL))
    return false;
  zhi_digest_add(&d, a->salt, sizeof a->salt);
  zhi_digest_add(&d, password, strlen(password));
  zhi_digest_final(&d, digest);
  bool named = strlen(user) == strlen(a->user) && CRYPTO_memcmp(user, a->user, strlen(user)) == 0;
  pthread_mutex_lock(&a->lock);
  bool good = a->known_set && CRYPTO_memcmp(digest, a->known, 32) == 0;
  if (!good && derive(password, a->salt, a->log_n, key)) {
    good = CRYPTO_memcmp(key, a->key, sizeof key) == 0;
    if (good) {
      memcpy(a->known, digest, 32);
      a->known_set = true;
    }
  }
  pthread_mutex_unlock(&a->lock);
  return named && good;
}
