/* Probe: a page equals the probe's by its structure and title with about as much text, because an error page may repeat
 * the address it was asked for. Text alone does not tell: a list and a front page may share what is read of them. */
#include "crawler/probe.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "zhi/log.h"
#include "zhi/map.h"

enum { ECHO_CHARS = 80 }; /* an address repeated in the text */

struct zhi_probes {
  pthread_mutex_t lock;
  struct zhi_map answers;
};

void zhi_probe_path(struct zhi_str origin, struct zhi_buf *out) {
  const char *at = zhi_str_find(origin, ZHI_STR("://"));
  struct zhi_str host = at ? zhi_str_sub(origin, (size_t)(at - origin.p) + 3, origin.len) : origin;
  zhi_buf_addf(out, "/xianzhi-probe-%016" PRIx64 ".html", zhi_hash64(host));
}

static int64_t count_chars(struct zhi_str s) {
  int64_t n = 0;
  for (size_t i = 0; i < s.len; i++)
    n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
  return n;
}

/* `d` was answered with 2xx to the probe. */
static struct zhi_probe_answer answer_of(const struct zhi_doc *d) {
  return (struct zhi_probe_answer){.page = true, .shape = d->shape, .chars = count_chars(d->text)};
}

/* Is this page what the host shows for pages that do not exist? */
static bool is_that_page(const struct zhi_probe_answer *a, const struct zhi_doc *d) {
  return a->page && a->shape && a->shape == d->shape &&
         llabs(count_chars(d->text) - a->chars) <= ECHO_CHARS;
}

void zhi_probe_format(const struct zhi_probe_answer *a, struct zhi_buf *out) {
  zhi_buf_addf(out, "%d:%" PRIx64 ":%" PRIx64, a->page, a->shape, (uint64_t)a->chars);
}

static bool hex_part(struct zhi_str *rest, uint64_t *out) {
  struct zhi_str s = zhi_str_cut(rest, ':');
  *out = 0;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.p[i];
    int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (v < 0)
      return false;
    *out = *out << 4 | (uint64_t)v;
  }
  return s.len > 0 && s.len <= 16;
}

bool zhi_probe_parse(struct zhi_str text, struct zhi_probe_answer *out) {
  uint64_t page, chars;
  *out = (struct zhi_probe_answer){0};
  if (!hex_part(&text, &page) || !hex_part(&text, &out->shape) || !hex_part(&text, &chars) ||
      text.p || chars > INT64_MAX)
    return false;
  out->page = page != 0;
  out->chars = (int64_t)chars;
  return true;
}

/* --- the table ------------------------------------------------------------------------------------------------ */

enum zhi_code zhi_probes_new(struct zhi_probes **out, struct zhi_err *e) {
  struct zhi_probes *p = calloc(1, sizeof *p);
  if (!p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for probes");
  pthread_mutex_init(&p->lock, NULL);
  *out = p;
  return ZHI_OK;
}

void zhi_probes_free(struct zhi_probes *p) {
  void *a;
  if (!p)
    return;
  for (size_t i = 0; zhi_map_each(&p->answers, &i, NULL, &a);)
    free(a);
  zhi_map_release(&p->answers);
  pthread_mutex_destroy(&p->lock);
  free(p);
}

enum zhi_code zhi_probes_put(struct zhi_probes *p, struct zhi_str origin,
                             const struct zhi_probe_answer *a, struct zhi_err *e) {
  void *old = NULL;
  struct zhi_probe_answer *copy = malloc(sizeof *copy);
  if (!copy)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a probe");
  *copy = *a;
  pthread_mutex_lock(&p->lock);
  enum zhi_code rc = zhi_map_put(&p->answers, origin, copy, &old, e);
  pthread_mutex_unlock(&p->lock);
  free(rc ? copy : old);
  return rc;
}

static bool answer_for(struct zhi_probes *p, struct zhi_str origin, struct zhi_probe_answer *out) {
  pthread_mutex_lock(&p->lock);
  const struct zhi_probe_answer *a = zhi_map_get(&p->answers, origin);
  if (a)
    *out = *a;
  pthread_mutex_unlock(&p->lock);
  return a != NULL;
}

/* --- exchanges ------------------------------------------------------------------------------------------------- */

void zhi_probe_learn(struct zhi_probes *p, struct zhi_item *it, const struct zhi_doc *d) {
  struct zhi_probe_answer a = {0};
  struct zhi_buf text;
  struct zhi_err e = {0};
  if ((it->verdict == ZHI_V_OK || it->verdict == ZHI_V_SOFT_404) && d && d->charset.len) {
    a = answer_of(d);
    it->verdict = ZHI_V_SOFT_404;
  }
  if (zhi_probes_put(p, it->origin, &a, &e))
    ZHI_LOG(EXTRACT, ERROR, "%s", e.msg);
  zhi_buf_init(&text, 256);
  zhi_probe_format(&a, &text);
  it->has_origin = true;
  it->origin_state = (struct zhi_origin_state){
      .origin = it->origin, .probe = zhi_arena_str(&it->arena, zhi_buf_view(&text))};
  zhi_buf_release(&text);
}

/* "/", "/index.html", "/default.aspx": real, whatever else the host shows it for. */
static bool is_front(const struct zhi_url *u) {
  struct zhi_str name = zhi_str_sub(u->path, 1, u->path.len);
  if (name.len == 0)
    return true;
  return !memchr(name.p, '/', name.len) &&
         (zhi_str_istarts(name, "index.") || zhi_str_istarts(name, "default.") ||
          zhi_str_istarts(name, "main."));
}

/* Where the front page itself leads, by Location or by refresh: the host's home by another name. */
static bool is_home(const struct zhi_item *it) {
  struct zhi_url via;
  struct zhi_err e = {0};
  if (!it->hops.len || it->hops.p[it->hops.len - 1] != 'R' ||
      zhi_url_parse(it->via, NULL, NULL, &via, &e))
    return false;
  struct zhi_str rest = zhi_str_sub(it->via, it->origin.len, it->via.len);
  bool home = zhi_str_eq(zhi_str_sub(it->via, 0, it->origin.len), it->origin) && rest.len &&
              *rest.p == '/' && is_front(&via);
  zhi_url_release(&via);
  return home;
}

void zhi_probe_judge(struct zhi_probes *p, struct zhi_item *it, const struct zhi_url *url,
                     const struct zhi_doc *d) {
  struct zhi_probe_answer a;
  if (it->robots || it->probe || it->verdict != ZHI_V_OK || !d || it->prio == ZHI_PRIO_SEED ||
      zhi_ask_is_post(&it->ask) || is_front(url) || is_home(it) || !answer_for(p, it->origin, &a))
    return;
  if (is_that_page(&a, d))
    it->verdict = ZHI_V_SOFT_404;
}
