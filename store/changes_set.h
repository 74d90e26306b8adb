/* The temporary file of a set of changes (changes.h), and what store/changes.c puts into it: rows of
 *   id, url, title, host, column, change, from, to, detail, page
 * A row without `change` is open: what became of it is still to be told. Rows are numbered from 1 in the order they
 * come. */
#ifndef ZHI_STORE_CHANGES_SET_H
#define ZHI_STORE_CHANGES_SET_H

#include "store/internal.h"
#include "zhi/changes.h"

/* ZHI_EIO, as the next ones. */
enum zhi_code zhi_changes_set_add(struct zhi_changes *x, const struct zhi_change *c,
                                  struct zhi_err *e);
int64_t zhi_changes_set_last(const struct zhi_changes *x);
/* The next open row after *row: its number and id. *row 0: none. */
enum zhi_code zhi_changes_set_open(struct zhi_changes *x, int64_t *row, int64_t *id,
                                   struct zhi_err *e);
/* Give an open row its change, from, detail and weight; NULL: it is none, and goes. */
enum zhi_code zhi_changes_set_settle(struct zhi_changes *x, int64_t row, const struct zhi_change *c,
                                     struct zhi_err *e);
/* Ask about those after row `after`, and let go of what is not to be kept. */
enum zhi_code zhi_changes_set_filter(struct zhi_changes *x, int64_t after, struct zhi_store *s,
                                     zhi_change_filter *filter, void *ctx, struct zhi_err *e);

#endif
