/* The server's own: what stands behind a call. Handlers do not include it. */
#ifndef ZHI_SERVE_SERVER_H
#define ZHI_SERVE_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "serve/http.h"
#include "zhi/serve.h"

enum {
  SERVE_CONNECTIONS = 4000,
  SERVE_CONNECTION_BYTES = 36 * 1024, /* head of a request and of its answer */
  SERVE_IDLE_SECONDS = 60,
  SERVE_STOP_SECONDS = 3, /* for answers under way, when the server stops */
  SERVE_STREAMS_MAX = 4,
  SERVE_PIPE_BYTES = 256 * 1024,
  SERVE_GZIP_MIN = 1024,
  SERVE_LATENCY_STEPS = 8
};

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;

struct serve_answers; /* answers of the search that are still good */
struct serve_pool;    /* read-only handles, one for each call under way */
struct serve_metrics {
  atomic_llong requests[6]; /* by hundreds of the status */
  atomic_llong bytes, streams, streams_refused, auth_failed;
  atomic_llong latency[SERVE_LATENCY_STEPS + 1], latency_us, started_ms;
};
extern const int serve_latency_ms[SERVE_LATENCY_STEPS];

struct serve_auth {
  char *user;
  unsigned char salt[16], key[32];
  unsigned log_n;
  pthread_mutex_t lock;
  bool known_set;
  unsigned char known[32]; /* digest of the password that was right, so that scrypt runs once */
};

struct serve_front { /* one origin */
  struct zhi_server *server;
  enum serve_site site;
  struct MHD_Daemon *daemon;
  int port;
};

struct serve_pipe;
struct serve_producer { /* a thread that makes a body */
  pthread_t thread;
  struct serve_pipe *pipe; /* while it runs */
  bool used, ended;        /* ended: it only has to be joined */
};

struct zhi_server {
  char *dir, *replay_url;
  bool proxy, has_auth;
  struct serve_auth auth;
  struct serve_front front[2];
  struct serve_pool *pool;
  struct serve_answers *answers;
  struct serve_watch *watch; /* keeps the index fresh (index.h) */
  struct serve_metrics metrics;
  atomic_flag turn;     /* of what takes long */
  pthread_mutex_t lock; /* of what follows */
  pthread_cond_t idle;
  int under_way; /* requests not yet answered to the end */
  struct serve_producer stream[SERVE_STREAMS_MAX];
  bool stopping; /* no stream begins any more */
};

/* --- pool.c --------------------------------------------------------------------------------------------------- */
enum zhi_code serve_pool_new(const char *dir, struct serve_pool **out, struct zhi_err *e);
void serve_pool_free(struct serve_pool *p);
enum zhi_code serve_pool_take(struct serve_pool *p, struct zhi_store **out, struct zhi_err *e);
void serve_pool_give(struct serve_pool *p, struct zhi_store *s);

/* --- answers.c ------------------------------------------------------------------------------------------------ */
enum zhi_code serve_answers_new(struct serve_answers **out, struct zhi_err *e);
void serve_answers_free(struct serve_answers *a);

/* --- auth.c --------------------------------------------------------------------------------------------------- */
enum zhi_code serve_auth_read(struct serve_auth *a, const char *text, struct zhi_err *e);
void serve_auth_release(struct serve_auth *a);
bool serve_auth_check(struct serve_auth *a, const char *user, const char *password);

/* --- dispatch.c: a request in, a response out, whatever carries them -------------------------------------------- */
/* Never fails: what goes wrong is a response. */
void serve_dispatch(struct zhi_server *s, struct serve_request *rq, struct serve_response *rs);
/* A page or JSON object that says what is wrong. */
void serve_error(const struct serve_request *rq, struct serve_response *rs, int status,
                 const char *detail);

/* --- stream.c ------------------------------------------------------------------------------------------------- */
/* Start the producer of rs->stream (which is taken over); NULL when too many run or on failure. */
struct MHD_Response *serve_stream_start(struct zhi_server *s, struct MHD_Connection *c,
                                        struct serve_response *rs, bool gzip);
/* Break off what is sent and let nothing more begin, so that no connection stays suspended. */
void serve_streams_cut(struct zhi_server *s);
void serve_streams_join(struct zhi_server *s);

#endif
