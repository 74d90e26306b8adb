/* diff: two captures of a URL against one another. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "crawler/compare.h"
#include "zhi/compare_view.h"

enum { OUT_MAX = 1 << 28 };

/* Colour is for people at a terminal who did not say no (no-color.org). */
static bool is_coloured(void) {
  const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
  return isatty(STDOUT_FILENO) && !(no && no[0]) && !(term && strcmp(term, "dumb") == 0);
}

static enum zhi_code print(const json_t *c, const char *format, struct zhi_err *e) {
  struct zhi_buf out;
  zhi_buf_init(&out, OUT_MAX);
  if (strcmp(format, "json") == 0) {
    char *text = json_dumps(c, JSON_INDENT(1));
    zhi_buf_adds(&out, text ? text : "");
    zhi_buf_addc(&out, '\n');
    free(text);
  } else if (strcmp(format, "html") == 0) {
    zhi_compare_page(c, &out);
  } else {
    zhi_compare_text(c, is_coloured(), &out);
  }
  enum zhi_code rc = zhi_buf_check(&out, "the comparison", e);
  if (!rc && (fwrite(out.p, 1, out.len, stdout) != out.len || fflush(stdout)))
    rc = zhi_fail_errno(e, "cannot write to standard output");
  zhi_buf_release(&out);
  return rc;
}

int cmd_diff(int argc, char **argv) {
  const char *from = "", *to = "", *format = "text";
  const struct cmd_flag flags[] = {
      {"from", "TIME", &from, NULL,
       "capture A: the last one up to then (2018, 2018-03-29, 20180329080000 ...)"},
      {"to", "TIME", &to, NULL, "capture B; without both: the latest version and the one before"},
      {"format", "FORMAT", &format, NULL, "text (default), html: a page of its own, json"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_store *s = NULL;
  struct zhi_err e = {0};
  json_t *c = NULL;
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  if (argc != 3)
    return cmd_usage("diff", argc < 2 ? "which archive?" : "one URL at a time");
  if (strcmp(format, "text") != 0 && strcmp(format, "html") != 0 && strcmp(format, "json") != 0)
    return cmd_usage("diff", "--format is text, html or json");
  enum zhi_code rc = zhi_store_open(argv[1], ZHI_STORE_READ, &zhi_clock_system, &s, &e);
  if (!rc)
    rc = zhi_archive_compare(s, argv[1], zhi_str_of(argv[2]), zhi_str_of(from), zhi_str_of(to), &c,
                             &e);
  if (!rc)
    rc = print(c, format, &e);
  json_decref(c);
  zhi_store_close(s);
  return rc ? cmd_fail("diff", &e) : EXIT_DONE;
}
