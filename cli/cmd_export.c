/* export: the documents of archives as a table, or the archives themselves as one WACZ file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "crawler/wacz.h"
#include "zhi/export.h"

enum { WHERE_MAX = 64 };

static void warn(void *ctx, const char *text) {
  (void)ctx;
  fprintf(stderr, "xianzhi export: warning: %s: the rest of this archive is left out\n", text);
}

/* Take every "--where X" out of argv: cmd_flags keeps one value a flag. */
static int take_where(int *argc, char **argv, const char *where[WHERE_MAX], size_t *count) {
  int kept = 1;
  for (int i = 1; i < *argc; i++) {
    const char *value = NULL, *name = argv[i] + (strncmp(argv[i], "--", 2) == 0);
    if (strncmp(name, "-where=", 7) == 0)
      value = name + 7;
    else if (strcmp(name, "-where") == 0 && i + 1 < *argc)
      value = argv[++i];
    if (!value)
      argv[kept++] = argv[i];
    else if (*count == WHERE_MAX)
      return cmd_usage("export", "too many --where");
    else
      where[(*count)++] = value;
  }
  *argc = kept;
  argv[kept] = NULL;
  return 0;
}

static int format_of(const char *name, enum zhi_export_format *out) {
  static const char *const names[] = {"csv", "jsonl", "xlsx", "wacz"}; /* ROWS stands for wacz */
  for (int i = 0; i < 4; i++)
    if (strcmp(name, names[i]) == 0) {
      *out = (enum zhi_export_format)i;
      return 0;
    }
  return -1;
}

static void tell(const struct zhi_export_options *o, const struct zhi_export_done *d) {
  fprintf(stderr, "xianzhi export: %" PRId64 " %s%s%s%s\n", d->rows,
          d->rows == 1 ? "document" : "documents", o->all_versions ? " (every version)" : "",
          o->out ? " in " : "", o->out ? o->out : "");
  if (d->undated)
    fprintf(stderr, "xianzhi export: %" PRId64 " left out: no date to compare\n", d->undated);
  if (d->cut)
    fprintf(stderr,
            "xianzhi export: %" PRId64 " cells cut to the 32,767 characters a spreadsheet holds; "
            "csv and jsonl have them whole\n",
            d->cut);
}

static int export_table(int argc, char **argv, struct zhi_export_options *o) {
  struct zhi_export_done done;
  struct zhi_err e = {0};
  if ((o->format == ZHI_EXPORT_ROWS ? zhi_wacz_write : zhi_export)((const char *const *)argv + 1,
                                                                   (size_t)argc - 1, o, &done, &e))
    return cmd_fail("export", &e);
  tell(o, &done);
  return done.damaged ? EXIT_INCOMPLETE : EXIT_DONE;
}

int cmd_export(int argc, char **argv) {
  const char *where[WHERE_MAX], *format = "csv";
  int excel = 0, all = 0;
  struct zhi_export_options o = {.where = where, .warn = warn};
  const struct cmd_flag flags[] = {
      {"format", "csv|jsonl|xlsx|wacz", &format, NULL, "what to write (csv)"},
      {"o", "FILE", &o.out, NULL, "where; described by datapackage.json beside it"},
      {"excel", NULL, NULL, &excel,
       "csv that Excel opens as it is: BOM, nothing runs or is spoiled"},
      {"all-versions", NULL, NULL, &all, "every version of a document, not the latest alone"},
      {"where", "FIELD=VALUE", NULL, NULL,
       "only these; again for more values (any) or fields (all)"},
      {"from", "DATE", &o.from, NULL, "of documents dated so or later: 2018, 2018-03, 2018-03-29"},
      {"to", "DATE", &o.to, NULL, "and up to this one"},
      {"fields", "A,B,...", &o.fields, NULL, "these columns, in this order (all)"},
      {NULL, NULL, NULL, NULL, NULL}};
  int bad = take_where(&argc, argv, where, &o.where_count);
  if (!bad)
    bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  o.excel = excel;
  o.all_versions = all;
  if (argc < 2)
    return cmd_usage("export", "which archives?");
  if (format_of(format, &o.format))
    return cmd_usage("export", "--format is csv, jsonl, xlsx or wacz");
  if (o.fields && o.format == ZHI_EXPORT_ROWS)
    return cmd_usage("export", "--fields is for tables");
  if (o.excel && o.format != ZHI_EXPORT_CSV)
    return cmd_usage("export", "--excel is for csv");
  return export_table(argc, argv, &o);
}
