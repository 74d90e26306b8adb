/* Option values between text and their C form: shared by the reader, the manual and JSON. Private. */
#ifndef ZHI_BASE_OPTION_VALUE_H
#define ZHI_BASE_OPTION_VALUE_H

#include "zhi/option.h"

/* Parse a scalar of the row's type (not LIST, MAP) into its member of `target`; checks the range. The old
 * value of a STRING is freed. ZHI_EUSAGE with the cause alone; ZHI_ENOMEM. */
ZHI_NODISCARD enum zhi_code zhi_option_set(const struct zhi_option *row, struct zhi_str text,
                                           void *target, struct zhi_err *e);
/* The canonical text of a number of the row's type: "1500ms", "64MiB", "1.5". */
void zhi_option_format(const struct zhi_option *row, int64_t v, struct zhi_buf *out);
/* The canonical text of the member: "" for an empty string; lists and maps as YAML flow. */
void zhi_option_text(const struct zhi_option *row, const void *target, struct zhi_buf *out);
/* "a duration", "a list", … for messages and the manual. */
const char *zhi_option_type_name(enum zhi_option_type t);

#endif
