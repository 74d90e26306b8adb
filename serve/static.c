/* Files of ours. An address with the right v may be kept for a year. */
#include "serve/static.h"

#include <stdio.h>
#include <unistd.h>

#include "serve/handlers.h"
#include "zhi/compare_view.h"
#include "zhi/digest.h"
#include "zhi/embed.h"
#include "zhi/file.h"

enum { WORKER_MAX = 8 << 20 };

ZHI_EMBED(style_css, "serve/ui/style.css")
ZHI_EMBED(app_js, "serve/ui/app.js")
ZHI_EMBED(banner_js, "serve/ui/banner.js")
ZHI_EMBED(frame_js, "serve/ui/frame.js")
ZHI_EMBED(icon_svg, "serve/ui/icon.svg")
ZHI_EMBED(openapi_json, "serve/openapi.json")

static struct zhi_str diff_css(void) { return zhi_str_of(zhi_compare_css); }

static const struct file {
  const char *name, *type;
  struct zhi_str (*bytes)(void);
} files[] = {
    {"style.css", "text/css; charset=utf-8", style_css},
    {"diff.css", "text/css; charset=utf-8", diff_css},
    {"app.js", "text/javascript; charset=utf-8", app_js},
    {"banner.js", "text/javascript; charset=utf-8", banner_js},
    {"frame.js", "text/javascript; charset=utf-8", frame_js},
    {"icon.svg", "image/svg+xml", icon_svg},
};

static const struct file *find(struct zhi_str name) {
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (zhi_str_is(name, files[i].name))
      return &files[i];
  return NULL;
}

static void version_of(const struct file *f, char out[17]) {
  snprintf(out, 17, "%016llx", (unsigned long long)zhi_hash64(f->bytes()));
}

const char *static_address(const char *name, char out[STATIC_ADDRESS_SIZE]) {
  char version[17];
  const struct file *f = find(zhi_str_of(name));
  if (!f)
    return "#";
  version_of(f, version);
  snprintf(out, STATIC_ADDRESS_SIZE, "/static/%s?v=%s", name, version);
  return out;
}

enum zhi_code handle_static(struct serve_call *c, struct zhi_err *e) {
  char version[17];
  struct zhi_str rest = c->rq->rest;
  const struct file *f = find(zhi_str_cut(&rest, '?'));
  if (!f)
    return zhi_fail(e, ZHI_EOF, "no such file");
  version_of(f, version);
  c->rs->type = f->type;
  zhi_buf_addstr(&c->rs->body, f->bytes());
  if (zhi_str_is(serve_param(c->rq, "v"), version))
    c->rs->cache = "public, max-age=31536000, immutable";
  return ZHI_OK;
}

/* wabac's service worker is a work of its own (AGPL): it is served as it is from beside the program. */
enum zhi_code handle_worker(struct serve_call *c, struct zhi_err *e) {
  static const char *const beside[] = {"wabac/sw.js", "../share/xianzhi/wabac/sw.js",
                                       "../wabac/sw.js"};
  char path[4400];
  ssize_t n = readlink("/proc/self/exe", path, 4096);
  if (n <= 0)
    return zhi_fail_errno(e, "cannot tell where the program is");
  path[n] = '\0';
  char *name = strrchr(path, '/') + 1;
  for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
    snprintf(name, sizeof path - (size_t)(name - path), "%s", beside[i]);
    zhi_buf_release(&c->rs->body);
    if (zhi_read_file(path, WORKER_MAX, &c->rs->body, NULL) == ZHI_OK) {
      c->rs->type = "text/javascript; charset=utf-8";
      return ZHI_OK;
    }
  }
  return zhi_fail(e, ZHI_EOF, "the service worker of replay is not installed: make replay");
}

enum zhi_code handle_openapi(struct serve_call *c, struct zhi_err *e) {
  (void)e;
  c->rs->type = "application/json";
  zhi_buf_addstr(&c->rs->body, openapi_json());
  return ZHI_OK;
}

enum zhi_code handle_robots(struct serve_call *c, struct zhi_err *e) {
  (void)e;
  c->rs->type = "text/plain; charset=utf-8";
  zhi_buf_adds(&c->rs->body, "User-agent: *\nDisallow: /\n");
  return ZHI_OK;
}
