/* Pages around what is replayed. */
#ifndef ZHI_SERVE_REPLAY_H
#define ZHI_SERVE_REPLAY_H

#include "serve/capture.h"
#include "serve/html.h"
#include "serve/moment.h"

/* Replay origin: the page that gets the service worker running and then loads the address again. */
void replay_start(struct serve_call *c, const struct moment *m);
/* Replay origin: what is wrong, in place of an archived page. */
void replay_failure(struct serve_call *c, int status, const char *detail);
/* Above a replayed page or the reader view: what was captured when, checked just now. */
void replay_banner(struct html *h, const struct serve_call *c, const struct capture *x,
                   bool reader);

#endif
