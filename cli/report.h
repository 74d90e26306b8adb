/* Writing reports. */
#ifndef ZHI_CLI_REPORT_H
#define ZHI_CLI_REPORT_H

#include <jansson.h>

#include "zhi/err.h"
#include "zhi/str.h"

/* The report of a crawl (a name or number; "" = the latest). An earlier crawl's is the one that was written at its end,
 * if it is there: later on, less can be told. New reference. */
ZHI_NODISCARD enum zhi_code report_of(const char *archive, struct zhi_str crawl, json_t **out,
                                      struct zhi_err *e);
/* Into a file: JSON when its name ends in ".json", else HTML. */
ZHI_NODISCARD enum zhi_code report_to(const json_t *report, const char *path, struct zhi_err *e);
/* Both forms into the archive's folder reports/, which is made when missing. */
ZHI_NODISCARD enum zhi_code report_keep(const json_t *report, const char *archive,
                                        struct zhi_err *e);
/* Say that the crawl paused when the report was made, by "signal" or "budget". */
void report_paused(json_t *report, const char *by);

#endif
