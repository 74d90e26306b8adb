/* Views of changes (changes.h). Pure functions of their JSON, which is taken for hostile. Thread: any. */
#ifndef ZHI_CHANGES_VIEW_H
#define ZHI_CHANGES_VIEW_H

#include <jansson.h>

#include "zhi/err.h"
#include "zhi/str.h"

/* Put an array of changes in the order to read them in: by host and column, the group with the weightiest change first,
 * within a group the weightiest first, then the latest. ZHI_ENOMEM. */
ZHI_NODISCARD enum zhi_code zhi_changes_rank(json_t *changes, struct zhi_err *e);

/* Each appends the whole. */
void zhi_changes_text(const json_t *changes, struct zhi_buf *out);
/* url,change,from,to,title,host,column,weight,detail (RFC 4180). */
void zhi_changes_csv(const json_t *changes, struct zhi_buf *out);
/* A feed (RFC 4287). `name`: of the archive; ids are made of it and of what changed when, so that they are the same
 * every time. `updated`: ISO time for a feed without entries. */
void zhi_changes_atom(const json_t *changes, struct zhi_str name, const char *updated,
                      struct zhi_buf *out);

#endif
