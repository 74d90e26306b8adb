/* suppress: take-downs. What is hidden stays in the WARC files; the list says since when and why. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cmd.h"
#include "zhi/store.h"

static enum zhi_code print(void *ctx, const struct zhi_suppression *x, struct zhi_err *e) {
  char iso[ZHI_ISO_SIZE];
  (void)ctx;
  (void)e;
  zhi_time_iso(x->added_ms, iso);
  printf("%s\t%s\t%s\n", x->what, iso, x->reason);
  return ZHI_OK;
}

static int list(const char *dir) {
  struct zhi_store *s = NULL;
  struct zhi_err e = {0};
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &s, &e);
  if (!rc)
    rc = zhi_store_each_suppression(s, print, NULL, &e);
  zhi_store_close(s);
  return rc ? cmd_fail("suppress", &e) : EXIT_DONE;
}

/* Nothing was captured there: what is nearest? */
static void suggest(struct zhi_store *s, const char *what) {
  struct zhi_buf near;
  zhi_buf_init(&near, 1 << 16);
  if (zhi_store_nearest_url(s, zhi_str_of(what), &near, NULL) == ZHI_OK && near.len)
    fprintf(stderr, "xianzhi suppress: did you mean '%s'?\n", near.p);
  zhi_buf_release(&near);
}

static int hide(struct zhi_store *s, const char *what, const char *reason, struct zhi_err *e) {
  int64_t captures = 0;
  enum zhi_code rc = zhi_store_suppress(s, zhi_str_of(what), zhi_str_of(reason), &captures, e);
  if (rc) {
    int code = cmd_fail("suppress", e);
    suggest(s, what);
    return rc == ZHI_EUSAGE ? EXIT_FAILED : code;
  }
  if (zhi_store_write_csv(s, e))
    return cmd_fail("suppress", e);
  fprintf(stderr, "xianzhi suppress: %" PRId64 " %s hidden\n", captures,
          captures == 1 ? "capture" : "captures");
  return EXIT_DONE;
}

static int lift(struct zhi_store *s, const char *what, struct zhi_err *e) {
  bool found = false;
  if (zhi_store_lift(s, zhi_str_of(what), &found, e) || (found && zhi_store_write_csv(s, e)))
    return cmd_fail("suppress", e);
  if (!found)
    fprintf(stderr, "xianzhi suppress: '%s' is not suppressed (see --list)\n", what);
  return found ? EXIT_DONE : EXIT_FAILED;
}

int cmd_suppress(int argc, char **argv) {
  const char *reason = NULL;
  int as_list = 0, as_lift = 0;
  const struct cmd_flag flags[] = {
      {"reason", "TEXT", &reason, NULL, "why: who asked, which rule; kept with the date"},
      {"list", NULL, NULL, &as_list, "what is hidden, a line each: URL or pattern, since, reason"},
      {"lift", NULL, NULL, &as_lift, "show it again"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_store *s = NULL;
  struct zhi_err e = {0};
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  if (argc != (as_list ? 2 : 3))
    return cmd_usage("suppress", argc < 2 ? "which archive?" : "one URL or pattern at a time");
  if (as_list)
    return list(argv[1]);
  if (!as_lift && (!reason || !reason[0]))
    return cmd_usage("suppress", "--reason is missing: the list keeps why");
  if (zhi_store_open(argv[1], ZHI_STORE_WRITE, &zhi_clock_system, &s, &e))
    return cmd_fail("suppress", &e);
  int code = as_lift ? lift(s, argv[2], &e) : hide(s, argv[2], reason, &e);
  zhi_store_close(s);
  return code;
}
