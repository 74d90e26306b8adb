/* Servers: politeness that all crawls of a machine share, in a small database of the state folder.
 *
 * A server is whatever answers at one address. One process at a time holds its lease; whoever else wants it waits in
 * line. A lease ends when it is given back, when its time is over, or at once when its holder's process is gone (each
 * process locks a byte of the file `holders`, which the kernel frees). The state goes from holder to holder: nobody asks
 * sooner than the last one would have. Nothing here is durable against a power cut: it is about the next minutes.
 * Thread: one owner. Time is UTC milliseconds. */
#ifndef ZHI_SERVERS_H
#define ZHI_SERVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/err.h"

struct zhi_servers;

/* What the holders know of a server. All zero: nothing. */
struct zhi_server_state {
  int64_t ended_ms; /* end of the last exchange */
  int64_t next_ms;  /* no request before */
  int64_t blocked_until_ms, backoff_ms;
};

/* Makes the folder when it is missing, and forgets servers that nobody asked for ZHI_SERVERS_KEPT_MS (some thousands at
 * a time). ZHI_EIO: it cannot be made or written; ZHI_EPARSE: not such a database. */
#define ZHI_SERVERS_KEPT_MS (INT64_C(30) * 24 * 3600 * 1000)
ZHI_NODISCARD enum zhi_code zhi_servers_open(const char *dir, int64_t now_ms,
                                             struct zhi_servers **out, struct zhi_err *e);
/* Leases not given back end with it. */
void zhi_servers_close(struct zhi_servers *s);
/* Take the lease until `until_ms`, or stand in line: to be asked again within ZHI_SERVERS_PATIENCE_MS, or the place is
 * lost. *taken: *state is what to go on from; after a holder that is gone the exchange is taken to have ended now. */
enum { ZHI_SERVERS_PATIENCE_MS = 3000 };
ZHI_NODISCARD enum zhi_code zhi_servers_take(struct zhi_servers *s, const char *address,
                                             int64_t now_ms, int64_t until_ms, bool *taken,
                                             struct zhi_server_state *state, struct zhi_err *e);
/* Note the state and hold on until `until_ms`; 0: give it back. *held false: it was lost meanwhile. */
ZHI_NODISCARD enum zhi_code zhi_servers_keep(struct zhi_servers *s, const char *address,
                                             int64_t until_ms, const struct zhi_server_state *state,
                                             bool *held, struct zhi_err *e);
/* Does anybody stand in line for it? */
ZHI_NODISCARD enum zhi_code zhi_servers_wanted(struct zhi_servers *s, const char *address,
                                               int64_t now_ms, bool *wanted, struct zhi_err *e);

#endif
