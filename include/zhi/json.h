/* JSON strings of any bytes. Thread: any. */
#ifndef ZHI_JSON_H
#define ZHI_JSON_H

#include <jansson.h>

#include "zhi/str.h"

/* A new JSON string; malformed UTF-8 becomes U+FFFD, the NULL view becomes null. NULL when out of memory. */
json_t *zhi_json_str(struct zhi_str s);
/* The string of a member; "" where there is none, or it is no string. The object's. */
const char *zhi_json_text(const json_t *o, const char *key);
/* Append `s` as a JSON string with its quotes; malformed UTF-8 becomes U+FFFD. */
void zhi_json_add_string(struct zhi_buf *out, struct zhi_str s);

#endif
