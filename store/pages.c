/* The captures of the latest crawl, with what their documents say of the site: for whoever looks at a site. */
#include "store/internal.h"

enum zhi_code zhi_store_each_page(struct zhi_store *s,
                                  enum zhi_code (*fn)(void *ctx, const struct zhi_page_row *p,
                                                      struct zhi_err *e),
                                  void *ctx, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc = zhi_db_prepare(
      s,
      "SELECT u.url, c.verdict, coalesce(c.charset, ''), coalesce(c.redirect_to, ''), "
      "coalesce(c.error, ''), coalesce(d.kind, ''), coalesce(d.list, ''), coalesce(d.title, ''), "
      "coalesce(d.site_name, ''), coalesce(d.site_id_code, ''), coalesce(c.status, 0) "
      "FROM capture c JOIN url u ON u.id = c.url_id LEFT JOIN document d ON d.capture_id = c.id "
      "WHERE c.crawl_id = (SELECT max(id) FROM crawl) ORDER BY c.id",
      &st, e);
  while (rc == ZHI_OK && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row) {
    const struct zhi_page_row p = {.url = zhi_col_text(st, 0),
                                   .verdict = zhi_col_text(st, 1),
                                   .charset = zhi_col_text(st, 2),
                                   .redirect_to = zhi_col_text(st, 3),
                                   .error = zhi_col_text(st, 4),
                                   .kind = zhi_col_text(st, 5),
                                   .list_json = zhi_col_text(st, 6),
                                   .title = zhi_col_text(st, 7),
                                   .site_name = zhi_col_text(st, 8),
                                   .site_id_code = zhi_col_text(st, 9),
                                   .status = (int)zhi_col_int(st, 10)};
    rc = fn(ctx, &p, e);
  }
  sqlite3_finalize(st);
  return rc;
}
