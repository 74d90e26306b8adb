/* What a handler sees: a request, a response, and what the server has opened for it. No library of HTTP stands here,
 * so handlers are plain functions and are tested as such.
 *
 * Routes are rows of one table (routes.c). A handler fills rs and returns ZHI_OK; a failure becomes a page or a JSON
 * object with the message: ZHI_EUSAGE 400, ZHI_EOF 404, ZHI_ELIMIT 413, ZHI_EPARSE 502 (the archive is damaged), all
 * else 500. Strings of the request live as long as it does. */
#ifndef ZHI_SERVE_HTTP_H
#define ZHI_SERVE_HTTP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zhi/str.h"

enum serve_lang { SERVE_ZH, SERVE_EN };
/* Two origins: pages and JSON; and what replays archived scripts. */
enum serve_site { SERVE_MAIN, SERVE_REPLAY };

enum {
  SERVE_TARGET_MAX = 16 * 1024, /* bytes of path and query */
  SERVE_PARAM_MAX = 64,
  SERVE_HEADER_MAX = 20,
  SERVE_BODY_MAX = 64 << 20 /* bytes of one answer that is made in memory */
};

struct serve_param {
  struct zhi_str name, value; /* decoded; malformed UTF-8 was refused */
};

struct serve_request {
  struct zhi_str method;
  struct zhi_str target; /* path and query as they came */
  struct zhi_str path;   /* of it, as it came */
  struct zhi_str query;  /* of it, without the '?' */
  struct serve_param param[SERVE_PARAM_MAX];
  size_t param_count;
  enum serve_site site;
  enum serve_lang lang;
  bool lang_chosen;      /* by ?lang or the cookie, not by the browser's list */
  struct zhi_str rest;   /* what the '*' of the route's pattern stands for: raw, query and all */
  struct zhi_str base;   /* "http://host:port" as the reader sees us */
  struct zhi_str replay; /* the same of the replay origin */
  struct zhi_str pages;  /* the same of the pages; empty: not known (replay behind a proxy) */
  const char *(*header)(const void *ctx, const char *name); /* NULL when it is not there */
  const void *header_ctx;
  struct zhi_buf memory; /* owns what was decoded */
};

/* A body that is made while it is sent: `produce` runs on a thread of its own and writes through `write`, which blocks
 * while the reader is slow and fails when it has gone. */
struct serve_pipe;
ZHI_NODISCARD enum zhi_code serve_pipe_write(struct serve_pipe *p, struct zhi_str bytes,
                                             struct zhi_err *e);
/* Nobody reads any more: what writes elsewhere first may end. */
bool serve_pipe_broken(struct serve_pipe *p);
struct serve_stream {
  enum zhi_code (*produce)(void *ctx, struct serve_pipe *p, struct zhi_err *e);
  void (*release)(void *ctx);
  void *ctx;
};

struct serve_header {
  const char *name; /* static */
  char *value;      /* owned */
};

struct serve_response {
  int status;       /* 200 unless set */
  const char *type; /* Content-Type, static */
  struct zhi_buf body;
  struct serve_header header[SERVE_HEADER_MAX];
  size_t header_count;
  const char *cache; /* Cache-Control; NULL: no-cache (asked again by ETag) */
  bool bare; /* neither policy headers nor compression of ours: what is archived, as it is */
  bool no_ranges;
  struct serve_stream stream; /* produce set: instead of body */
};

struct zhi_store;
struct serve_index;
struct zhi_server;
struct serve_call {
  struct zhi_server *server;
  const char *dir;                 /* the archive */
  struct zhi_store *store;         /* read-only, this call's alone */
  const struct serve_index *index; /* held during the call */
  const struct serve_request *rq;
  struct serve_response *rs;
};

/* What takes long is done for one reader at a time. False: not now. */
bool serve_turn_take(struct zhi_server *s);
void serve_turn_give(struct zhi_server *s);

/* answers.c: what was answered to the same question while the archive was the same; any thread.
 * A new reference, not to be changed; NULL: make it, and put it with the generation that was read before. */
json_t *serve_answers_get(struct zhi_server *s, int64_t generation, const char *key);
void serve_answers_put(struct zhi_server *s, int64_t generation, const char *key, json_t *answer);

typedef enum zhi_code (*serve_handler)(struct serve_call *c, struct zhi_err *e);
struct serve_route {
  enum serve_site site;
  const char *pattern; /* whole path; a final '*' stands for any rest */
  serve_handler handler;
};
extern const struct serve_route serve_routes[]; /* ends with a NULL pattern */
/* The row for a request, with rq->rest set; NULL: none. */
const struct serve_route *serve_route_of(struct serve_request *rq);

/* --- request.c ---------------------------------------------------------------------------------------------- */

/* Read method, target and headers. ZHI_EUSAGE: malformed; ZHI_ELIMIT: too long or too many parameters. Release in
 * either case. */
ZHI_NODISCARD enum zhi_code serve_request_read(struct serve_request *rq, const char *method,
                                               struct zhi_str target, struct zhi_err *e);
void serve_request_release(struct serve_request *rq);
/* Is what stands behind the route an archived URL? Its query is then none of ours. */
bool serve_holds_url(struct zhi_str path);
const char *serve_header_of(const struct serve_request *rq, const char *name);
/* The first value of a parameter; the NULL view when it is not there. */
struct zhi_str serve_param(const struct serve_request *rq, const char *name);
/* A number between min and max; `def` when it is not there or empty. ZHI_EUSAGE. */
ZHI_NODISCARD enum zhi_code serve_param_int(const struct serve_request *rq, const char *name,
                                            int64_t min, int64_t max, int64_t def, int64_t *out,
                                            struct zhi_err *e);
/* Percent-encode for a query value. */
void serve_add_encoded(struct zhi_buf *b, struct zhi_str s);
/* "zh-CN,zh;q=0.9,en;q=0.8" → the language that is liked best; Chinese when neither is named. */
enum serve_lang serve_accept_language(const char *header);
/* Is gzip among the codings? */
bool serve_accepts_gzip(const char *header);
/* Does If-None-Match name this entity tag? */
bool serve_etag_matches(const char *header, const char *etag);
/* "bytes=0-99": false when it is none that we answer in part; *unsatisfiable: 416. */
bool serve_range(const char *header, int64_t size, int64_t *from, int64_t *to, bool *unsatisfiable);

/* --- response.c ---------------------------------------------------------------------------------------------- */

void serve_response_init(struct serve_response *rs);
void serve_response_release(struct serve_response *rs);
/* Also the second time for one name. */
void serve_set_header(struct serve_response *rs, const char *name, struct zhi_str value);
void serve_drop_header(struct serve_response *rs, const char *name);
/* A redirect; `to` is a path, or an address of ours. */
void serve_redirect(struct serve_response *rs, int status, struct zhi_str to);

#endif
