/* Dates of publication that a host gives to many of its documents: the day of a migration or of a bulk import, not of
 * each document. No page can tell; so each time documents.csv is written, all documents of a host are looked at
 * together, and their finding `date_shared` comes and goes with what is known. */
#include "store/internal.h"

#define HAS "findings LIKE '%\"date_shared\"%'"

/* at least 20 documents of one day, and 30 % of all dated ones of the host */
static const char mark[] =
    "CREATE TEMP TABLE dated AS"
    " SELECT d.capture_id, u.id AS url_id, u.origin_id, substr(d.date_published, 1, 10) AS day"
    "   FROM document d JOIN capture c ON c.id = d.capture_id JOIN url u ON u.id = c.url_id"
    "  WHERE d.date_published IS NOT NULL AND d.kind = 'document';"
    "CREATE TEMP TABLE shared AS"
    " WITH host AS (SELECT origin_id, count(DISTINCT url_id) AS n FROM dated GROUP BY 1)"
    " SELECT origin_id, day FROM dated JOIN host USING (origin_id) GROUP BY origin_id, day"
    " HAVING count(DISTINCT url_id) >= 20 AND count(DISTINCT url_id) * 100 >= 30 * n;"
    "CREATE TEMP TABLE doubtful AS"
    " SELECT capture_id FROM dated JOIN shared USING (origin_id, day);"
    "UPDATE document SET findings = nullif((SELECT json_group_array(json(value))"
    "   FROM json_each(findings) WHERE value ->> 'code' <> 'date_shared'), '[]')"
    " WHERE " HAS " AND capture_id NOT IN doubtful;"
    "UPDATE document SET findings = json_insert(coalesce(findings, '[]'), '$[#]',"
    "   json_object('code', 'date_shared', 'text', 'many documents of this host bear this "
    "date_published'))"
    " WHERE capture_id IN doubtful AND NOT coalesce(" HAS ", 0);"
    "DROP TABLE doubtful; DROP TABLE shared; DROP TABLE dated;";

enum zhi_code zhi_mark_shared_dates(struct zhi_store *s, struct zhi_err *e) {
  enum zhi_code rc = zhi_db_begin(s, true, e);
  return rc ? rc : zhi_db_end(s, zhi_db_exec(s, mark, e), e);
}
