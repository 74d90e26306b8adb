/* evidence: captures of a URL in a zip that anybody can check. */
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/evidence.h"
#include "crawler/compare.h"
#include "zhi/browse.h"

enum { ARENA_MAX = 1 << 28, NAME_MAX_BYTES = 4096 };

/* The capture of each time, none twice; without times the latest. */
static enum zhi_code choose(struct evidence *v, const char *url, char **times, size_t n,
                            struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  if (n > EVIDENCE_MAX)
    return zhi_fail(e, ZHI_EUSAGE, "at most %d times at once", EVIDENCE_MAX);
  for (size_t i = 0; i < (n ? n : 1) && !rc; i++) {
    struct zhi_shown *c = &v->captures[v->count].c;
    rc = zhi_shown_at(v->store, zhi_str_of(url), zhi_str_of(n ? times[i] : ""), v->arena, c, e);
    bool again = false;
    for (size_t k = 0; k < v->count; k++)
      again = again || v->captures[k].c.capture_id == c->capture_id;
    v->count += !rc && !again;
  }
  return rc;
}

static enum zhi_code compare(struct evidence *v, const char *url, struct zhi_err *e) {
  char from[ZHI_ISO_SIZE], to[ZHI_ISO_SIZE];
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 1; i < v->count && !rc; i++) {
    json_t *c = NULL;
    zhi_time_iso(v->captures[i - 1].c.fetched_ms, from);
    zhi_time_iso(v->captures[i].c.fetched_ms, to);
    rc = zhi_archive_compare(v->store, v->dir, zhi_str_of(url), zhi_str_of(from), zhi_str_of(to),
                             &c, e);
    if (!rc)
      json_array_append_new(v->comparisons, c);
  }
  return rc;
}

static enum zhi_code gather(struct evidence *v, const char *url, char **times, size_t n,
                            struct zhi_err *e) {
  enum zhi_code rc = zhi_store_open(v->dir, ZHI_STORE_READ, &zhi_clock_system, &v->store, e);
  if (!rc)
    rc = choose(v, url, times, n, e);
  if (!rc)
    rc = compare(v, url, e);
  return rc ? rc : zhi_browse_name(v->store, &v->name, e);
}

int cmd_evidence(int argc, char **argv) {
  const char *path = NULL;
  const struct cmd_flag flags[] = {{"o", "FILE", &path, NULL, "the zip to write"},
                                   {NULL, NULL, NULL, NULL, NULL}};
  char sums[ZHI_DIGEST_TEXT_SIZE];
  struct zhi_arena arena;
  struct zhi_err e = {0};
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  if (argc < 3 || !path)
    return cmd_usage("evidence", argc < 2   ? "which archive?"
                                 : argc < 3 ? "which URL?"
                                            : "-o FILE is missing");
  struct evidence *v = calloc(1, sizeof *v);
  if (!v)
    return EXIT_FAILED;
  zhi_arena_init(&arena, ARENA_MAX);
  v->dir = argv[1];
  v->arena = &arena;
  v->comparisons = json_array();
  zhi_buf_init(&v->name, NAME_MAX_BYTES);
  zhi_time_iso(zhi_now_ms(&zhi_clock_system), v->made);
  enum zhi_code rc = gather(v, argv[2], argv + 3, (size_t)(argc - 3), &e);
  if (!rc)
    rc = evidence_write(v, path, sums, &e);
  if (!rc)
    fprintf(stderr, "xianzhi evidence: %zu %s in '%s'; keep the digest of its SHA256SUMS: %s\n",
            v->count, v->count == 1 ? "capture" : "captures", path, sums);
  json_decref(v->comparisons);
  zhi_store_close(v->store);
  zhi_buf_release(&v->name);
  zhi_arena_release(&arena);
  free(v);
  return rc ? cmd_fail("evidence", &e) : EXIT_DONE;
}
