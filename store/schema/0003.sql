-- Columns: a list and its further pages, the items they name, and how much of them was captured.

-- One row a page of a list, joined to the first page of its column.
CREATE TABLE list_page (
  url_id     INTEGER PRIMARY KEY REFERENCES url (id),
  first_id   INTEGER NOT NULL REFERENCES url (id), -- the column: its first page; a first page names itself
  capture_id INTEGER REFERENCES capture (id),      -- what this row and its items were read from; NULL = not captured
  adapter    TEXT,
  page       INTEGER NOT NULL DEFAULT 0,           -- which page, from 1; 0 = not told; -1 = the column's own page
  pages      INTEGER NOT NULL DEFAULT 0,           -- declared; 0 = not told
  total      INTEGER NOT NULL DEFAULT 0            -- records declared; 0 = not told
);
CREATE INDEX list_page_by_first ON list_page (first_id);
-- What the last good capture of a list page names.
CREATE TABLE column_item (
  page_id INTEGER NOT NULL REFERENCES list_page (url_id),
  item_id INTEGER NOT NULL REFERENCES url (id),
  PRIMARY KEY (page_id, item_id)
) WITHOUT ROWID;
CREATE INDEX column_item_by_item ON column_item (item_id);

-- A column's own page whose rows all come as answers has page -1: it is no page of the list, and the links on it are no
-- items once an answer is there. Pages that were named, perhaps guessed, and turned out not to exist are not known.
CREATE VIEW columns AS
  WITH page AS (
    SELECT p.first_id, max(p.total) AS total, max(p.pages) AS pages, count(p.capture_id) AS seen,
           sum(p.page >= 0 AND (p.capture_id IS NOT NULL
             OR coalesce(u.verdict, '') NOT IN ('gone', 'soft_404'))) AS known,
           count(DISTINCT CASE WHEN p.capture_id IS NOT NULL AND p.page > 0 THEN p.page END)
             + sum(p.capture_id IS NOT NULL AND p.page = 0) AS captured
      FROM list_page p JOIN url u ON u.id = p.url_id GROUP BY p.first_id),
  item AS (
    SELECT x.first_id, count(*) AS found,
           sum(u.state NOT IN ('excluded', 'failed')
             AND u.verdict IN ('ok', 'not_modified', 'redirect', 'too_large')) AS captured,
           sum(u.state = 'excluded') AS excluded,
           sum(u.state IN ('due', 'waiting') AND coalesce(u.verdict, '')
             NOT IN ('ok', 'not_modified', 'redirect', 'too_large')) AS due
      FROM (SELECT DISTINCT p.first_id, i.item_id
              FROM list_page p
              JOIN page g ON g.first_id = p.first_id
              JOIN column_item i ON i.page_id = p.url_id
             WHERE p.page >= 0 OR g.captured = 0) x
      JOIN url u ON u.id = x.item_id
     GROUP BY x.first_id),
  c AS (
    SELECT u.url, substr(o.origin, instr(o.origin, '://') + 3) AS host,
           coalesce(d.column_name, d.title, u.text) AS name, d.site_name AS department,
           coalesce(f.adapter, (SELECT adapter FROM list_page q WHERE q.first_id = page.first_id
             AND adapter IS NOT NULL ORDER BY q.url_id LIMIT 1)) AS adapter,
           coalesce(nullif(f.total, 0), nullif(page.total, 0)) AS declared_total,
           coalesce(nullif(f.pages, 0), nullif(page.pages, 0)) AS declared_pages,
           page.known AS pages_known, page.captured AS pages_captured,
           coalesce(item.found, 0) AS items_found, coalesce(item.captured, 0) AS items_captured,
           coalesce(item.excluded, 0) AS items_excluded, coalesce(item.due, 0) AS items_due
      FROM page
      JOIN url u ON u.id = page.first_id
      JOIN origin o ON o.id = u.origin_id
      LEFT JOIN list_page f ON f.url_id = page.first_id
      LEFT JOIN document d ON d.capture_id = f.capture_id
      LEFT JOIN item ON item.first_id = page.first_id
     WHERE page.seen > 0)
  SELECT url, host, name, department, adapter, declared_total, declared_pages, pages_known,
         pages_captured, items_found, items_captured,
         items_found - items_captured - items_excluded - items_due AS items_failed,
         items_excluded, items_due,
         CASE WHEN declared_total IS NULL AND declared_pages IS NULL THEN 'undeclared'
              WHEN declared_total IS NOT NULL AND items_captured >= declared_total
                OR declared_total IS NULL AND pages_captured >= declared_pages
                  AND items_captured = items_found THEN 'complete'
              ELSE 'incomplete' END AS state,
         max(coalesce(declared_total, 0), items_found) - items_captured AS missing
    FROM c;
