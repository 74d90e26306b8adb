#include "tests/support/tls_server.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { DAY_SECONDS = 86400, HEAD_MAX = 8192, POLL_MS = 50 };

static void add_extension(X509 *cert, int nid, const char *value) {
  X509V3_CTX c;
  X509V3_set_ctx_nodb(&c);
  X509V3_set_ctx(&c, cert, cert, NULL, NULL, 0);
  X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, &c, nid, value);
  assert_non_null(x);
  assert_int_equal(X509_add_ext(cert, x, -1), 1);
  X509_EXTENSION_free(x);
}

static X509 *make_cert(const char *name, EVP_PKEY *key, long from_days, long to_days,
                       const struct tls_authority *authority, bool is_authority) {
  char alt[256];
  X509 *cert = X509_new();
  assert_non_null(cert);
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), is_authority ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(cert), from_days * DAY_SECONDS);
  X509_gmtime_adj(X509_getm_notAfter(cert), to_days * DAY_SECONDS);
  X509_set_pubkey(cert, key);
  X509_NAME *n = X509_get_subject_name(cert);
  X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
  X509_set_issuer_name(cert, authority ? X509_get_subject_name(authority->cert) : n);
  add_extension(cert, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
  snprintf(alt, sizeof alt, "DNS:%s", name);
  if (!is_authority)
    add_extension(cert, NID_subject_alt_name, alt);
  assert_true(X509_sign(cert, authority ? authority->key : key, EVP_sha256()) > 0);
  return cert;
}

void tls_authority_make(struct tls_authority *a, const char *path) {
  a->key = EVP_RSA_gen(2048);
  assert_non_null(a->key);
  a->cert = make_cert("test authority", a->key, -1, 30, NULL, true);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  assert_int_equal(PEM_write_X509(f, a->cert), 1);
  assert_int_equal(fclose(f), 0);
}

void tls_authority_release(struct tls_authority *a) {
  X509_free(a->cert);
  EVP_PKEY_free(a->key);
}

static void answer(SSL *ssl) {
  static const char page[] =
      "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n"
      "<html><head><title>安全页</title></head><body><h1>安全页</h1><p>正文。</p></body></html>\n";
  static const char none[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  char head[HEAD_MAX + 1];
  int len = 0, n;
  while (len < HEAD_MAX && (n = SSL_read(ssl, head + len, HEAD_MAX - len)) > 0) {
    len += n;
    head[len] = '\0';
    if (strstr(head, "\r\n\r\n"))
      break;
  }
  if (len <= 0)
    return;
  bool robots = strncmp(head, "GET /robots.txt ", 16) == 0;
  SSL_write(ssl, robots ? none : page, (int)strlen(robots ? none : page));
  SSL_shutdown(ssl);
}

static void *serve(void *arg) {
  struct tls_server *s = arg;
  while (!atomic_load(&s->stop)) {
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    if (poll(&p, 1, POLL_MS) <= 0)
      continue;
    int fd = accept(s->fd, NULL, NULL);
    SSL *ssl = fd >= 0 ? SSL_new(s->ctx) : NULL;
    if (ssl && SSL_set_fd(ssl, fd) == 1 && SSL_accept(ssl) == 1)
      answer(ssl);
    SSL_free(ssl);
    if (fd >= 0)
      close(fd);
  }
  return NULL;
}

void tls_server_start(struct tls_server *s, const struct tls_server_options *o) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof a;
  EVP_PKEY *key = EVP_RSA_gen(2048);
  X509 *cert = make_cert(o->name, key, o->from_days, o->to_days, o->authority, false);
  s->ctx = SSL_CTX_new(TLS_server_method());
  assert_non_null(s->ctx);
  SSL_CTX_set_security_level(s->ctx, 0);
  SSL_CTX_set_min_proto_version(s->ctx, o->version);
  SSL_CTX_set_max_proto_version(s->ctx, o->version);
  assert_int_equal(SSL_CTX_set_cipher_list(s->ctx, "DEFAULT@SECLEVEL=0"), 1);
  assert_int_equal(SSL_CTX_use_certificate(s->ctx, cert), 1);
  assert_int_equal(SSL_CTX_use_PrivateKey(s->ctx, key), 1);
  X509_free(cert);
  EVP_PKEY_free(key);
  s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
  assert_int_equal(listen(s->fd, 16), 0);
  assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
  s->port = ntohs(a.sin_port);
  atomic_store(&s->stop, false);
  assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

void tls_server_stop(struct tls_server *s) {
  atomic_store(&s->stop, true);
  pthread_join(s->thread, NULL);
  close(s->fd);
  SSL_CTX_free(s->ctx);
}
