/* Reports as pages: made from the JSON of zhi_store_report and nothing else, self-contained, in Chinese and English, with
 * everything that comes from the web escaped. Thread: any. */
#ifndef ZHI_REPORT_H
#define ZHI_REPORT_H

#include <jansson.h>

#include "zhi/str.h"

/* Appended to *out. ZHI_ENOMEM, ZHI_ELIMIT. */
ZHI_NODISCARD enum zhi_code zhi_report_html(const json_t *report, struct zhi_buf *out,
                                            struct zhi_err *e);

#endif
