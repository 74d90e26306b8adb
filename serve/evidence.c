/* Evidence as a download: packed whole first, one at a time, so that what cannot be packed is a page that says why. */
#include "zhi/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "serve/download.h"
#include "serve/find.h"
#include "serve/handlers.h"
#include "zhi/compare.h"
#include "zhi/limits.h"
#include "zhi/url.h"

#define RESPONSE_MAX ZHI_MIB(64)
#define ROW_BYTES    ZHI_MIB(1)

struct packing {
  struct serve_call *c;
  struct zhi_evidence_options o;
  struct zhi_str times[ZHI_EVIDENCE_TIMES_MAX];
};

static enum zhi_code pack(void *ctx, const char *path, struct zhi_err *e) {
  struct packing *p = ctx;
  struct zhi_evidence_done done;
  return zhi_evidence(p->c->store, &p->o, path, &done, e);
}

static enum zhi_code send(void *ctx, struct serve_pipe *p, struct zhi_err *e) {
  return download_send(*(const int *)ctx, p, e);
}

static void release(void *ctx) {
  if (*(const int *)ctx >= 0)
    close(*(const int *)ctx);
  free(ctx);
}

static enum zhi_code read_times(const struct serve_request *rq, struct packing *p,
                                struct zhi_err *e) {
  for (size_t i = 0; i < rq->param_count; i++) {
    if (!zhi_str_is(rq->param[i].name, "time") || !rq->param[i].value.len)
      continue;
    if (p->o.time_count == ZHI_EVIDENCE_TIMES_MAX)
      return zhi_fail(e, ZHI_EUSAGE, "at most %d times at once", ZHI_EVIDENCE_TIMES_MAX);
    p->times[p->o.time_count++] = rq->param[i].value;
  }
  return ZHI_OK;
}

static enum zhi_code make(struct packing *p, int *fd, struct zhi_err *e) {
  if (!serve_turn_take(p->c->server))
    return zhi_fail(e, ZHI_ECONFLICT, "something else is being worked out; try again in a moment");
  enum zhi_code rc = download_make(pack, p, fd, e);
  serve_turn_give(p->c->server);
  return rc;
}

/* Whether there is something to pack, for who asks by HEAD. */
static enum zhi_code look(const struct packing *p, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < (p->o.time_count ? p->o.time_count : 1) && !rc; i++) {
    struct zhi_arena a;
    struct zhi_shown shown;
    zhi_arena_init(&a, ROW_BYTES);
    rc = zhi_shown_at(p->c->store, p->o.url, p->o.time_count ? p->times[i] : ZHI_STR(""), &a,
                      &shown, e);
    zhi_arena_release(&a);
  }
  return rc;
}

/* "evidence-www.qinglan.gov.cn.zip"; what is no plain host name is left out. */
static void name_file(struct serve_response *rs, struct zhi_str url) {
  char disposition[160];
  struct zhi_url u;
  struct zhi_str host = ZHI_STR("");
  bool parsed = zhi_url_parse(url, NULL, NULL, &u, NULL) == ZHI_OK;
  if (parsed)
    host = u.host;
  if (host.len > 100 || zhi_str_find(host, ZHI_STR(":")))
    host = ZHI_STR("");
  snprintf(disposition, sizeof disposition, "attachment; filename=\"evidence%s%.*s.zip\"",
           host.len ? "-" : "", ZHI_STR_ARGS(host));
  serve_set_header(rs, "Content-Disposition", zhi_str_of(disposition));
  if (parsed)
    zhi_url_release(&u);
}

enum zhi_code handle_evidence(struct serve_call *c, struct zhi_err *e) {
  struct packing p = {.c = c, .o = {.dir = c->dir, .times = p.times, .block_max = RESPONSE_MAX}};
  int *fd = malloc(sizeof *fd);
  enum zhi_code rc = fd ? find_url(c, &p.o.url, e) : zhi_fail(e, ZHI_ENOMEM, "out of memory");
  if (!rc)
    rc = read_times(c->rq, &p, e);
  bool head = zhi_str_is(c->rq->method, "HEAD");
  if (fd)
    *fd = -1;
  if (!rc)
    rc = head ? look(&p, e) : make(&p, fd, e);
  if (rc) {
    free(fd);
    return rc;
  }
  c->rs->type = "application/zip";
  c->rs->cache = "no-store";
  c->rs->stream = (struct serve_stream){send, release, fd};
  name_file(c->rs, p.o.url);
  return ZHI_OK;
}
