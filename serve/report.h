/* What the files of a report's page share. Private to serve/. */
#ifndef ZHI_SERVE_REPORT_H
#define ZHI_SERVE_REPORT_H

#include "serve/page.h"

/* Classes of URLs, in the order in which they are drawn and told. */
enum { REPORT_CLASSES = 10 };
extern const char *const report_classes[REPORT_CLASSES];

/* report_svg.c: a bar whose parts are as wide as the classes of `counts` are large; what is not due is left out. */
void report_bar(struct html *h, const json_t *counts);
/* Every crawl as a column: what came, by class. */
void report_growth(struct html *h, const json_t *growth);
/* report_lists.c: URLs that changed, went, failed; hosts that navigation names. */
void report_lists(struct html *h, const json_t *report);

#endif
