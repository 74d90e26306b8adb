/* Serve: an archive in a browser. One process reads one archive folder, also while a crawl writes it, and answers GET
 * and HEAD: pages in Chinese and English, JSON, exports, feeds. What the archive holds is hostile: pages of ours never
 * run it, and what replays it lives on an origin of its own.
 * Thread: start and stop from one thread; a request is answered by one of the server's own. */
#ifndef ZHI_SERVE_H
#define ZHI_SERVE_H

#include <stdbool.h>

#include "zhi/err.h"

struct zhi_server;

struct zhi_serve_options {
  const char *dir;
  /* A program with its arguments that brings the search index up to date; it is run when the catalogue has changed.
   * NULL: an index is used as it is. Borrowed until the server has stopped. */
  const char *const *indexer;
  const char *listen; /* "127.0.0.1:8765", "[::1]:0"; port 0: any free one */
  const char
      *replay_listen; /* the origin of replayed pages; NULL: the same address, the next port */
  const char *auth;   /* "user:hash" as zhi_serve_hash makes it; NULL: open to all */
  bool proxy;         /* believe X-Forwarded-Proto, -Host and -For */
  const char *
      replay_url; /* proxy: "https://replay.example.org" as browsers see it; NULL: by host and port */
};

/* Open the archive and listen. ZHI_EUSAGE: an option is wrong; ZHI_EIO: no archive, or the address is taken. */
ZHI_NODISCARD enum zhi_code zhi_serve_start(const struct zhi_serve_options *o,
                                            struct zhi_server **out, struct zhi_err *e);
/* The ports that it listens on: of the pages, of replay. */
int zhi_serve_port(const struct zhi_server *s);
int zhi_serve_replay_port(const struct zhi_server *s);
/* No new connections; requests under way are answered, for at most some seconds; then all is freed. */
void zhi_serve_stop(struct zhi_server *s);

/* "scrypt$N$r$p$salt$key" (base64) of a password, for --auth. ZHI_EIO: no randomness. */
enum { ZHI_SERVE_HASH_SIZE = 160 };
ZHI_NODISCARD enum zhi_code zhi_serve_hash(const char *password, char out[ZHI_SERVE_HASH_SIZE],
                                           struct zhi_err *e);

#endif
