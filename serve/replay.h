/* Pages around what is replayed. */
#ifndef ZHI_SERVE_REPLAY_H
#define ZHI_SERVE_REPLAY_H

#include "serve/capture.h"
#include "serve/html.h"
#include "serve/moment.h"

/* Replay origin: the page that gets the service worker running and then loads the address again. An address without a
 * modifier is one for people: it leads to its page with the banner, or where that is not known shows the page alone. */
void replay_start(struct serve_call *c, const struct moment *m);
/* Replay origin: what is wrong, in place of an archived page. */
void replay_failure(struct serve_call *c, int status, const char *detail);
/* <head> of such a page, with a script or NULL. */
struct html replay_head(struct serve_call *c, const char *title, const char *script);
/* To the exact time of the capture, or where it redirects to. False: neither. */
bool replay_send_on(struct serve_call *c, const struct moment *m, const struct capture *x,
                    const char *route);
/* Above a replayed page or the reader view: what was captured when, checked just now. */
void replay_banner(struct html *h, const struct serve_call *c, const struct capture *x,
                   bool reader);

#endif
