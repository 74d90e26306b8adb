/* An HTTPS server with a certificate of its own, in a thread: for tests of what a crawler makes of bad ones. It answers
 * every path but /robots.txt (404) with one page, a connection a request. */
#ifndef ZHI_TESTS_TLS_SERVER_H
#define ZHI_TESTS_TLS_SERVER_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

struct tls_authority {
  EVP_PKEY *key;
  X509 *cert;
};
struct tls_server_options {
  const char *name;                      /* of the certificate */
  long from_days, to_days;               /* validity, from now */
  const struct tls_authority *authority; /* NULL: signed by itself */
  int version;                           /* TLS1_2_VERSION, …: the only one it speaks; 0 = any */
};
struct tls_server {
  SSL_CTX *ctx;
  int fd, port;
  pthread_t thread;
  atomic_bool stop;
};

/* A new authority, its certificate also written to `path` as PEM. */
void tls_authority_make(struct tls_authority *a, const char *path);
void tls_authority_release(struct tls_authority *a);
void tls_server_start(struct tls_server *s, const struct tls_server_options *o);
void tls_server_stop(struct tls_server *s);

#endif
