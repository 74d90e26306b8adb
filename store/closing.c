/* Closing: what is known only when a crawl has ended, because it is about all of its answers together.
 *
 * An item moves from page to page of its list while a crawl reads them, so whether any list still names a document is
 * asked once, at the end. A host has moved when whatever it answered was a redirect to one other. */
#include "store/internal.h"

/* ?1 the crawl, ?2 its start */
static const char *const steps[] = {
    "UPDATE url SET listed = 1, delisted_ms = NULL WHERE (listed IS NULL OR delisted_ms IS NOT "
    "NULL) "
    "AND id IN (SELECT item_id FROM column_item)",
    "UPDATE url SET delisted_ms = ?2 WHERE listed AND delisted_ms IS NULL AND ?1 > 0 "
    "AND NOT EXISTS (SELECT 1 FROM column_item i WHERE i.item_id = url.id)",
    "INSERT INTO alias (origin_id, to_origin, first_ms, last_ms, redirects) "
    "SELECT origin_id, max(there), ?2, ?2, count(*) FROM ("
    "  SELECT u.origin_id, u.verdict, o.origin, CASE u.verdict WHEN 'redirect' THEN "
    "    substr(u.moved_to, 1, 7 + instr(substr(u.moved_to, 9), '/')) END AS there "
    "  FROM url u JOIN origin o ON o.id = u.origin_id "
    "  WHERE u.crawl_id = ?1 AND u.state = 'done' AND u.verdict NOT IN ('gone', 'soft_404')) "
    "GROUP BY origin_id HAVING count(*) = sum(verdict = 'redirect' AND there IS NOT NULL) "
    "AND count(DISTINCT there) = 1 AND max(there) <> origin "
    "ON CONFLICT (origin_id, to_origin) DO UPDATE SET last_ms = excluded.last_ms, "
    "redirects = excluded.redirects"};

enum zhi_code zhi_crawl_closing(struct zhi_store *s, int64_t crawl_id, struct zhi_err *e) {
  int64_t start_ms = 0;
  char sql[96];
  snprintf(sql, sizeof sql, "SELECT started_ms FROM crawl WHERE id = %lld", (long long)crawl_id);
  enum zhi_code rc = zhi_db_int(s, sql, &start_ms, e);
  for (size_t i = 0; i < sizeof steps / sizeof *steps && rc == ZHI_OK; i++)
    rc = zhi_db_run_sql(s, steps[i], crawl_id, start_ms, e);
  return rc;
}
