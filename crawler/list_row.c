/* A document's list as a row of the catalogue: the URLs of its items and pages, cleaned as those of links are, so that
 * both name the same rows of the frontier. */
#include "crawler/doc_row.h"
#include "crawler/scope.h"

static struct zhi_str cleaned(struct zhi_arena *a, struct zhi_str text, struct zhi_buf *scratch) {
  struct zhi_url u;
  if (zhi_url_parse(text, NULL, NULL, &u, NULL))
    return ZHI_STR("");
  zhi_scope_clean(&u, scratch);
  zhi_url_release(&u);
  return zhi_arena_str(a, zhi_buf_view(scratch));
}

const struct zhi_list_row *zhi_list_to_row(struct zhi_arena *a, const struct zhi_doc *d,
                                           struct zhi_buf *scratch) {
  const struct zhi_list *l = &d->list;
  if (!l->adapter || l->role == ZHI_LIST_NONE)
    return NULL;
  struct zhi_list_row *row = zhi_arena_zalloc(a, sizeof *row);
  struct zhi_str *items = zhi_arena_alloc(a, (l->item_count + 1) * sizeof *items);
  struct zhi_str *pages = zhi_arena_alloc(a, (l->request_count + 1) * sizeof *pages);
  if (!row || !items || !pages)
    return NULL;
  *row = (struct zhi_list_row){.adapter = l->adapter,
                               .page = l->role == ZHI_LIST_HEAD ? ZHI_LIST_ROW_HEAD : l->page,
                               .pages = l->pages,
                               .total = l->total,
                               .items = items,
                               .page_ids = pages};
  for (size_t i = 0; i < l->item_count; i++)
    items[row->item_count++] = cleaned(a, l->items[i].url, scratch);
  for (size_t i = 0; i < l->request_count; i++) {
    struct zhi_str url = cleaned(a, l->requests[i].url, scratch);
    zhi_buf_clear(scratch);
    zhi_ask_identity(url, &l->requests[i].ask, scratch);
    pages[row->page_count++] = zhi_arena_str(a, zhi_buf_view(scratch));
  }
  return row;
}
