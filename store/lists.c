/* Lists: which pages make a column, and which items they name.
 *
 * A list page names the further pages of its list: those belong to one column, known by the URL of its first page.
 * Pages come in any order, so a column may begin under a later page and move when the first one says that it is. The
 * items of a page are replaced whole by its next good capture; what it says is then true of the list as it is now. */
#include "store/internal.h"

/* A page that was joined by another is not asked again for all of a long list's pages. */
enum { REJOIN_MAX = 64 };

struct page {
  bool known;
  int64_t first_id, capture_id, page, total;
};

static enum zhi_code get_page(struct zhi_store *s, int64_t url_id, struct page *out,
                              struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_GET_LIST_PAGE, e);
  *out = (struct page){.first_id = url_id};
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, url_id);
  enum zhi_code rc = zhi_db_step(s, st, &out->known, e);
  if (rc || !out->known)
    return rc;
  out->first_id = zhi_col_int(st, 0);
  out->capture_id = zhi_col_int(st, 1);
  out->page = zhi_col_int(st, 2);
  out->total = zhi_col_int(st, 3);
  sqlite3_reset(st);
  return ZHI_OK;
}

/* How much a page has the look of its column's first: its own page, page 1, any other, one not seen yet. */
static int rank(const struct page *p) {
  return !p->capture_id ? 0 : p->page == ZHI_LIST_ROW_HEAD ? 3 : p->page == 1 ? 2 : 1;
}

static bool is_first(const struct page *p) { return p->capture_id && p->page == 1; }

/* Make two columns one, unless both have a first page of their own and declare different totals. */
static enum zhi_code join(struct zhi_store *s, int64_t *first, int64_t other, struct zhi_err *e) {
  struct page a, b;
  enum zhi_code rc = get_page(s, *first, &a, e);
  if (rc || (rc = get_page(s, other, &b, e)))
    return rc;
  if (is_first(&a) && is_first(&b) && a.total != b.total)
    return ZHI_OK;
  bool keep = rank(&a) != rank(&b) ? rank(&a) > rank(&b) : *first < other;
  int64_t to = keep ? *first : other, from = keep ? other : *first;
  *first = to;
  return zhi_db_run_ints(s, ST_MOVE_COLUMN, from, to, e);
}

static enum zhi_code join_pages(struct zhi_store *s, int64_t url_id, int64_t *first,
                                const struct zhi_list_row *l, struct zhi_err *e) {
  for (size_t i = 0; i < l->page_count; i++) {
    int64_t id;
    struct page p;
    enum zhi_code rc = zhi_urls_find(s, l->page_ids[i], &id, e);
    if (rc)
      return rc;
    if (!id || id == url_id)
      continue;
    if ((rc = get_page(s, id, &p, e)))
      return rc;
    if (!p.known)
      rc = zhi_db_run_ints(s, ST_ADD_LIST_PAGE, id, *first, e);
    else if (p.first_id != *first)
      rc = join(s, first, p.first_id, e);
    if (rc)
      return rc;
  }
  return ZHI_OK;
}

static enum zhi_code put_items(struct zhi_store *s, int64_t url_id, const struct zhi_list_row *l,
                               struct zhi_err *e) {
  enum zhi_code rc = zhi_db_run_ints(s, ST_DROP_ITEMS, url_id, 0, e);
  for (size_t i = 0; i < l->item_count && rc == ZHI_OK; i++) {
    int64_t id;
    if ((rc = zhi_urls_find(s, l->items[i], &id, e)) == ZHI_OK && id && id != url_id)
      rc = zhi_db_run_ints(s, ST_ADD_ITEM, url_id, id, e);
  }
  return rc;
}

static enum zhi_code set_page(struct zhi_store *s, int64_t url_id, int64_t capture_id,
                              const struct zhi_list_row *l, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_SET_LIST_PAGE, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, url_id);
  zhi_bind_int(st, 2, capture_id);
  zhi_bind_text(st, 3, zhi_str_of(l->adapter));
  zhi_bind_int(st, 4, l->page);
  zhi_bind_int(st, 5, l->pages);
  zhi_bind_int(st, 6, l->total);
  return zhi_db_run(s, st, e);
}

static enum zhi_code put_list(struct zhi_store *s, int64_t url_id, int64_t capture_id,
                              const struct zhi_list_row *l, struct zhi_err *e) {
  struct page p, root, own = {.capture_id = capture_id, .page = l->page};
  enum zhi_code rc = get_page(s, url_id, &p, e);
  if (rc || (!p.known && (rc = zhi_db_run_ints(s, ST_ADD_LIST_PAGE, url_id, url_id, e))))
    return rc;
  int64_t first = p.first_id;
  if ((rc = set_page(s, url_id, capture_id, l, e)) || (rc = put_items(s, url_id, l, e)))
    return rc;
  if (rank(&own) > 1 && first != url_id) {
    if ((rc = get_page(s, first, &root, e)))
      return rc;
    bool alias = rank(&root) == rank(&own) && url_id < first; /* of those the one found first */
    if (alias || rank(&root) < rank(&own)) {
      if ((rc = zhi_db_run_ints(s, ST_MOVE_COLUMN, first, url_id, e)))
        return rc;
      first = url_id;
    }
  }
  bool told = p.known && p.first_id != url_id && l->page != 1 && l->page_count > REJOIN_MAX;
  return told ? ZHI_OK : join_pages(s, url_id, &first, l, e);
}

enum zhi_code zhi_lists_put(struct zhi_store *s, int64_t url_id, int64_t capture_id,
                            const struct zhi_list_row *l, struct zhi_err *e) {
  struct page p;
  if (l)
    return put_list(s, url_id, capture_id, l, e);
  enum zhi_code rc = get_page(s, url_id, &p, e);
  if (rc || !p.capture_id)
    return rc;
  rc = zhi_db_run_ints(s, ST_DROP_ITEMS, url_id, 0, e);
  return rc ? rc : zhi_db_run_ints(s, ST_CLEAR_LIST_PAGE, url_id, 0, e);
}
