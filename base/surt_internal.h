/* Session ids that a key leaves out. Private to base/. */
#ifndef ZHI_BASE_SURT_INTERNAL_H
#define ZHI_BASE_SURT_INTERNAL_H

#include <stdbool.h>

#include "zhi/str.h"

/* Forms are applied one after the other, each once, in the order of their numbers. */
enum { SURT_PATH_FORMS = 2, SURT_QUERY_FORMS = 5 };

/* Find the last session id of this form; the bytes [*from, *to) are to be left out. `path` and `query` are
 * lower case and escaped. */
bool zhi_surt_path_session(struct zhi_str path, int form, size_t *from, size_t *to);
bool zhi_surt_query_session(struct zhi_str query, int form, size_t *from, size_t *to);

#endif
