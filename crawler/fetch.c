/* Fetch: set up, callbacks, and what libcurl's result means. */
#include "crawler/fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "crawler/tls.h"
#include "zhi/limits.h"
#include "zhi/log.h"
#include "zhi/url.h"

static void drop_lists(struct zhi_fetch *f) {
  curl_slist_free_all(f->pin);
  curl_slist_free_all(f->conditional);
  f->pin = f->conditional = NULL;
}

void zhi_fetch_free(struct zhi_fetch *f) {
  if (!f)
    return;
  curl_easy_cleanup(f->easy);
  drop_lists(f);
  zhi_item_free(f->item);
  free(f);
}

/* --- callbacks: append only ------------------------------------------------------------------------ */

/* The name that the certificate is for. */
static void host_of(const struct zhi_item *it, char *out, size_t size) {
  struct zhi_url u;
  out[0] = '\0';
  if (zhi_url_parse(it->url, NULL, NULL, &u, NULL))
    return;
  bool literal = u.host.len && u.host.p[0] == '[';
  struct zhi_str host = literal ? zhi_str_sub(u.host, 1, u.host.len - 1) : u.host;
  snprintf(out, size, "%.*s", ZHI_STR_ARGS(host));
  zhi_url_release(&u);
}

/* The connection's TLS version, cipher and certificate, once, while the connection is at hand. */
static void note_tls(struct zhi_fetch *f) {
  struct curl_tlssessioninfo *tls = NULL;
  if (curl_easy_getinfo(f->easy, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK || !tls ||
      tls->backend != CURLSSLBACKEND_OPENSSL || !tls->internals)
    return;
  const SSL *ssl = tls->internals;
  const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
  const char *version = SSL_get_version(ssl); /* "TLSv1.3" */
  if (strncmp(version, "TLSv", 4) == 0)
    f->item->tls_version = zhi_arena_printf(&f->item->arena, "tls/%s%s", version + 4,
                                            strchr(version, '.') ? "" : ".0");
  if (cipher && SSL_CIPHER_standard_name(cipher))
    f->item->cipher_suite =
        zhi_arena_str(&f->item->arena, zhi_str_of(SSL_CIPHER_standard_name(cipher)));
  f->item->tls = "ok";
  if (f->env->trust) {
    char host[512];
    host_of(f->item, host, sizeof host);
    f->item->tls = zhi_tls_judge(ssl, f->env->trust, host);
  }
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx) {
  struct zhi_fetch *f = ctx;
  struct zhi_buf *head = &f->item->response_head;
  size_t len = size * n;
  if (f->body_begun)
    return len; /* a trailer: not part of the head */
  if (f->head_done) {
    if (len < 5 || strncasecmp(p, "HTTP/", 5) != 0)
      return len;
    zhi_buf_clear(head); /* the final response behind a 1xx */
    f->head_done = false;
  }
  if (head->len == 0)
    note_tls(f);
  zhi_buf_add(head, p, len);
  if (head->failed) {
    f->item->no_memory = zhi_buf_check(head, "a response head", NULL) == ZHI_ENOMEM;
    f->head_overflow = !f->item->no_memory;
    return 0;
  }
  if ((len == 2 && p[0] == '\r' && p[1] == '\n') || (len == 1 && p[0] == '\n'))
    f->head_done = true;
  return len;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx) {
  struct zhi_fetch *f = ctx;
  struct zhi_err e = {0};
  size_t len = size * n;
  f->body_begun = true;
  enum zhi_code rc = zhi_spool_add(&f->item->body, p, len, &e);
  if (rc == ZHI_OK)
    return len;
  if (rc == ZHI_ELIMIT) {
    f->body_overflow = true;
  } else {
    f->spool_failed = true;
    f->item->no_memory = rc == ZHI_ENOMEM;
    ZHI_LOG(NET, ERROR, "cannot keep a body: %s", e.msg);
  }
  return 0;
}

static int on_debug(CURL *easy, curl_infotype type, char *p, size_t len, void *ctx) {
  struct zhi_fetch *f = ctx;
  (void)easy;
  if (type != CURLINFO_HEADER_OUT || !f->item)
    return 0;
  struct zhi_buf *head = &f->item->request_head;
  f->sent_mono_ms = zhi_mono_ms();
  if (zhi_str_ends(zhi_buf_view(head), "\r\n\r\n"))
    zhi_buf_clear(head); /* libcurl sent it again on a fresh connection */
  zhi_buf_add(head, p, len);
  f->item->no_memory |= head->failed;
  return 0;
}

/* Vet the address that is really connected to: nothing between look-up and connect can change it. */
static curl_socket_t on_open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a) {
  struct zhi_fetch *f = ctx;
  char text[INET6_ADDRSTRLEN] = "";
  if (purpose != CURLSOCKTYPE_IPCXN)
    return CURL_SOCKET_BAD;
  if (a->family == AF_INET)
    inet_ntop(AF_INET, &((struct sockaddr_in *)(void *)&a->addr)->sin_addr, text, sizeof text);
  else if (a->family == AF_INET6)
    inet_ntop(AF_INET6, &((struct sockaddr_in6 *)(void *)&a->addr)->sin6_addr, text, sizeof text);
  if (!f->env->config->allow_private && zhi_address_is_private(text)) {
    f->refused_private = true;
    return CURL_SOCKET_BAD;
  }
  return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* --- set up ------------------------------------------------------------------------------------------ */

static struct curl_slist *append(struct curl_slist *list, const char *line, bool *failed) {
  struct curl_slist *longer = curl_slist_append(list, line);
  if (!longer)
    *failed = true;
  return longer ? longer : list;
}

/* Servers that cannot renegotiate securely are as old as their protocols. */
static CURLcode allow_old_servers(CURL *easy, void *ctx, void *arg) {
  (void)easy, (void)arg;
  SSL_CTX_set_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT);
  return CURLE_OK;
}

/* What is the same for every exchange of a handle: set once. */
static bool set_constants(struct zhi_fetch *f) {
  CURL *c = f->easy;
  const struct zhi_fetch_env *env = f->env;
  curl_easy_setopt(c, CURLOPT_PRIVATE, f);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(c, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(c, CURLOPT_SHARE, env->share);
  curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 65536L);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, f);
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
  curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, on_debug);
  curl_easy_setopt(c, CURLOPT_DEBUGDATA, f);
  curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, f);
  if (env->config->http.tls == ZHI_TLS_RECORD) {
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1);
    curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, allow_old_servers);
  }
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)env->config->http.connect_timeout_ms);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)env->config->http.total_timeout_ms);
  /* these are copied */
  return curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
         curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK &&
         curl_easy_setopt(c, CURLOPT_USERAGENT, env->user_agent) == CURLE_OK &&
         (env->config->http.tls != ZHI_TLS_RECORD ||
          curl_easy_setopt(c, CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0") == CURLE_OK);
}

enum zhi_code zhi_fetch_new(const struct zhi_fetch_env *env, struct zhi_fetch **out,
                            struct zhi_err *e) {
  struct zhi_fetch *f = calloc(1, sizeof *f);
  if (f) {
    f->env = env;
    f->easy = curl_easy_init();
  }
  if (!f || !f->easy || !set_constants(f)) {
    zhi_fetch_free(f);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a connection");
  }
  *out = f;
  return ZHI_OK;
}

static struct curl_slist *append_str(struct curl_slist *list, struct zhi_str line, bool *failed) {
  char text[4096];
  if (!line.len || line.len >= sizeof text || memchr(line.p, '\r', line.len))
    return list;
  memcpy(text, line.p, line.len);
  text[line.len] = '\0';
  return append(list, text, failed);
}

/* Headers of this request: the common ones, what its asker wants, and validators of the last capture. */
static struct curl_slist *request_headers(struct zhi_fetch *f, bool *failed) {
  const struct zhi_item *it = f->item;
  bool post = zhi_ask_is_post(&it->ask);
  /* A 304 stands for a body under this URL: readers find it by URL and digest. */
  bool conditional = it->original.capture_id && zhi_str_eq(it->original.url, it->url) && !post &&
                     (it->etag.len || it->last_modified.len);
  if (!conditional && !it->ask.headers.len && !post)
    return f->env->headers;
  char line[1024];
  struct curl_slist *l = NULL;
  for (const struct curl_slist *h = f->env->headers; h; h = h->next)
    l = append(l, h->data, failed);
  for (struct zhi_str rest = it->ask.headers; rest.len;)
    l = append_str(l, zhi_str_cut(&rest, '\n'), failed);
  if (post)
    l = append(l, "Expect:", failed); /* no "100-continue" */
  if (conditional && it->etag.len && it->etag.len < 900) {
    snprintf(line, sizeof line, "If-None-Match: %.*s", ZHI_STR_ARGS(it->etag));
    l = append(l, line, failed);
  }
  if (conditional && it->last_modified.len && it->last_modified.len < 100) {
    snprintf(line, sizeof line, "If-Modified-Since: %.*s", ZHI_STR_ARGS(it->last_modified));
    l = append(l, line, failed);
  }
  f->conditional = l;
  return l;
}

static bool set_method(struct zhi_fetch *f) {
  const struct zhi_ask *ask = &f->item->ask;
  if (!zhi_ask_is_post(ask))
    return curl_easy_setopt(f->easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
  return curl_easy_setopt(f->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body.len) ==
             CURLE_OK &&
         curl_easy_setopt(f->easy, CURLOPT_POSTFIELDS, ask->body.p) == CURLE_OK;
}

enum zhi_code zhi_fetch_begin(struct zhi_fetch *f, struct zhi_item *item, const char *address,
                              uint16_t port, struct zhi_err *e) {
  char pin[128];
  bool failed = false;
  f->item = item;
  f->head_done = f->body_begun = false;
  f->head_overflow = f->body_overflow = f->refused_private = f->spool_failed = f->cancelled = false;
  f->unborn = false;
  drop_lists(f);
  snprintf(pin, sizeof pin, strchr(address, ':') ? "::[%s]:%u" : "::%s:%u", address, port);
  f->pin = append(NULL, pin, &failed);
  struct curl_slist *headers = request_headers(f, &failed);
  if (failed || !set_method(f) || curl_easy_setopt(f->easy, CURLOPT_URL, item->url.p) != CURLE_OK ||
      curl_easy_setopt(f->easy, CURLOPT_CONNECT_TO, f->pin) != CURLE_OK ||
      curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, headers) != CURLE_OK)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a request");
  item->exchanged = true;
  item->fetched_ms = zhi_now_ms(f->env->clock);
  zhi_uuid(f->env->ids, item->capture_id);
  f->started_mono_ms = zhi_mono_ms();
  f->sent_mono_ms = f->seen_mono_ms = 0;
  return ZHI_OK;
}

bool zhi_fetch_is_late(struct zhi_fetch *f, int64_t mono_ms) {
  const struct zhi_config *c = f->env->config;
  int64_t since = mono_ms - f->seen_mono_ms;
  uint64_t bytes = f->item->body.len, more = bytes - f->seen_bytes;
  if (!f->head_done)
    return f->sent_mono_ms && mono_ms - f->sent_mono_ms > c->http.head_timeout_ms;
  if (!f->seen_mono_ms || more * 1000 >= (uint64_t)c->http.low_speed_bytes * (uint64_t)since)
    f->fast_mono_ms = mono_ms;
  f->seen_mono_ms = mono_ms;
  f->seen_bytes = bytes;
  return mono_ms - f->fast_mono_ms > c->http.low_speed_ms;
}

/* --- the end ------------------------------------------------------------------------------------------- */

/* What a libcurl result means. `has_head`: a complete response head came. */
static enum zhi_verdict verdict_of(CURLcode code, int status, bool has_head, bool body_begun) {
  switch (code) {
  case CURLE_OK: return has_head ? zhi_verdict_of_status(status) : ZHI_V_INVALID;
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY: return ZHI_V_DNS;
  case CURLE_OPERATION_TIMEDOUT: return ZHI_V_TIMEOUT;
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_INVALIDCERTSTATUS: return ZHI_V_TLS;
  case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9 */
  case CURLE_HTTP2:
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_URL_MALFORMAT:
  case CURLE_BAD_CONTENT_ENCODING:
  case CURLE_OUT_OF_MEMORY: /* what libcurl calls a header line over its own cap */
    return has_head && body_begun ? ZHI_V_TRUNCATED : ZHI_V_INVALID;
  default: return has_head ? ZHI_V_TRUNCATED : ZHI_V_CONNECTION;
  }
}

static void set_error(struct zhi_item *it, const char *text) {
  it->error = zhi_arena_str(&it->arena, zhi_str_of(text));
}

/* CURLE_OUT_OF_MEMORY is also libcurl's word for a header line over its own cap, but only once it has asked; a second
 * answer of that kind is taken for such a line. */
static bool lacked_memory(const struct zhi_fetch *f, CURLcode code) {
  return code == CURLE_OUT_OF_MEMORY && (!f->sent_mono_ms || f->item->attempts == 0);
}

/* Our own reasons to have stopped come before libcurl's word for them. */
static void judge(struct zhi_fetch *f, CURLcode code) {
  struct zhi_item *it = f->item;
  bool has_head = f->head_done;
  it->verdict = verdict_of(code, it->status, has_head, f->body_begun);
  if (code != CURLE_OK)
    set_error(it, curl_easy_strerror(code));
  if (f->head_overflow) {
    it->verdict = ZHI_V_INVALID;
    set_error(it, "response head is larger than 256 KiB");
  } else if (it->no_memory || lacked_memory(f, code)) {
    it->no_memory = true;
    it->verdict = ZHI_V_CONNECTION;
    set_error(it, "out of memory");
  } else if (f->refused_private) {
    it->verdict = ZHI_V_CONNECTION;
    set_error(it, "private address refused");
  } else if (f->body_overflow) {
    it->verdict = ZHI_V_TOO_LARGE;
    it->truncated = "length";
    set_error(it, "body is larger than budget.body_max");
  } else if (it->verdict == ZHI_V_TIMEOUT && has_head) {
    it->truncated = "time";
  } else if (it->verdict == ZHI_V_TRUNCATED) {
    it->truncated = "disconnect";
  }
}

/* Why a handshake failed, where the certificate was the reason. */
static void note_refused(struct zhi_fetch *f, CURLcode code) {
  long result = X509_V_OK;
  if (code != CURLE_PEER_FAILED_VERIFICATION)
    return;
  curl_easy_getinfo(f->easy, CURLINFO_SSL_VERIFYRESULT, &result);
  f->item->tls = zhi_tls_word(result ? result : X509_V_ERR_HOSTNAME_MISMATCH);
}

struct zhi_item *zhi_fetch_finish(struct zhi_fetch *f, CURLcode code) {
  struct zhi_item *it = f->item;
  long status = 0;
  char *ip = NULL;
  curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(f->easy, CURLINFO_PRIMARY_IP, &ip);
  it->status = (int)status;
  it->ip = zhi_arena_str(&it->arena, zhi_str_of(ip));
  it->duration_ms = zhi_mono_ms() - f->started_mono_ms;
  judge(f, code);
  if (it->verdict == ZHI_V_TLS)
    note_refused(f, code);
  f->item = NULL;
  return it;
}
