/* report: what a crawl found, brought, missed and why, as a page or as JSON. */
#include <stdio.h>

#include "cli/cmd.h"
#include "cli/report.h"

int cmd_report(int argc, char **argv) {
  const char *crawl = "", *path = NULL;
  const struct cmd_flag flags[] = {
      {"crawl", "ID", &crawl, NULL, "name or number of a crawl (default: the latest)"},
      {"o", "FILE", &path, NULL,
       "write there: JSON when it ends in .json, else HTML (default: both, into DIR/reports)"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_err e = {0};
  json_t *report = NULL;
  if (cmd_flags(&argc, argv, flags))
    return EXIT_USAGE;
  if (argc != 2)
    return cmd_usage("report", argc < 2 ? "which archive?" : "one archive at a time");
  enum zhi_code rc = report_of(argv[1], zhi_str_of(crawl), &report, &e);
  if (!rc)
    rc = path ? report_to(report, path, &e) : report_keep(report, argv[1], &e);
  json_decref(report);
  return rc ? cmd_fail("report", &e) : EXIT_DONE;
}
