/* cite: what to write under a quotation. */
#include "cli/cmd.h"
#include "zhi/cite.h"

enum { OUT_MAX = 1 << 20 };

int cmd_cite(int argc, char **argv) {
  const struct cmd_flag flags[] = {{NULL, NULL, NULL, NULL, NULL}};
  struct zhi_store *s = NULL;
  struct zhi_buf out;
  struct zhi_err e = {0};
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  if (argc < 3 || argc > 4)
    return cmd_usage("cite", argc < 2 ? "which archive?" : "one URL, and a time");
  zhi_buf_init(&out, OUT_MAX);
  enum zhi_code rc = zhi_store_open(argv[1], ZHI_STORE_READ, &zhi_clock_system, &s, &e);
  if (!rc)
    rc = zhi_cite(s, argv[1], zhi_str_of(argv[2]), zhi_str_of(argc > 3 ? argv[3] : ""), &out, &e);
  if (!rc)
    fwrite(out.p, 1, out.len, stdout);
  zhi_buf_release(&out);
  zhi_store_close(s);
  return rc ? cmd_fail("cite", &e) : EXIT_DONE;
}
