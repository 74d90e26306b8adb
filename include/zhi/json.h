/* JSON strings of any bytes, and whether memory ran out for JSON. Thread: any.
 *
 * jansson passes over what could not be allocated: a member is missing, a list is short. So its allocations are
 * watched, and who has built something that must be whole asks zhi_json_whole. */
#ifndef ZHI_JSON_H
#define ZHI_JSON_H

#include <jansson.h>

#include "zhi/err.h"
#include "zhi/str.h"

/* A new JSON string; malformed UTF-8 becomes U+FFFD, the NULL view becomes null. NULL when out of memory. */
json_t *zhi_json_str(struct zhi_str s);
/* The string of a member; "" where there is none, or it is no string. The object's. */
const char *zhi_json_text(const json_t *o, const char *key);
/* Watch jansson's allocations. Call once, before any thread is started and any JSON made. */
void zhi_json_begin(void);
/* Allocations for JSON that failed on this thread so far: to be kept before building. */
unsigned long zhi_json_lost(void);
/* Was all allocated since `lost` was kept, on this thread? Else ZHI_ENOMEM. */
ZHI_NODISCARD enum zhi_code zhi_json_whole(unsigned long lost, const char *what, struct zhi_err *e);
/* Append `s` as a JSON string with its quotes; malformed UTF-8 becomes U+FFFD. */
void zhi_json_add_string(struct zhi_buf *out, struct zhi_str s);

#endif
