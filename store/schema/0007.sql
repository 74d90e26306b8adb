-- Annual reports on the disclosure of government information, and the cells of their tables.

CREATE TABLE annual_report (
  capture_id INTEGER PRIMARY KEY REFERENCES document (capture_id) ON DELETE CASCADE,
  year       INTEGER,       -- reported on
  organ      TEXT,
  form       TEXT NOT NULL  -- narrative (before 2019), untabled (later, without tables in the text), 2019, 2021 (templates)
);
CREATE TABLE annual_cell (
  capture_id    INTEGER NOT NULL REFERENCES annual_report (capture_id) ON DELETE CASCADE,
  place         INTEGER NOT NULL, -- order on the page, from 1
  table_no      INTEGER NOT NULL, -- 2, 3, 4 after the template
  item          TEXT NOT NULL,    -- row, as a code: rules, 3.3.1, suit
  item_label    TEXT NOT NULL,    -- as printed
  measure       TEXT NOT NULL,    -- column, as a code: made, company, upheld
  measure_label TEXT NOT NULL,
  raw           TEXT NOT NULL,    -- '' '0' '/' '-' are kept apart
  number        TEXT,             -- NULL: raw is no number
  checked       TEXT,             -- ok, fails: a sum that the template demands; NULL: none here
  PRIMARY KEY (capture_id, place)
) WITHOUT ROWID;

-- The latest version of each report; a report without cells is one row.
CREATE VIEW annual_reports AS
  SELECT u.url, strftime('%Y-%m-%dT%H:%M:%SZ', c.fetched_ms / 1000, 'unixepoch') AS captured_at, d.site_name,
         d.division_code, d.division_name, a.organ, a.year, a.form, x.place, x.table_no AS "table",
         x.item, x.item_label, x.measure, x.measure_label, x.raw, x.number, x.checked AS "check"
    FROM annual_report a
    JOIN version v ON v.capture_id = a.capture_id
    JOIN capture c ON c.id = a.capture_id
    JOIN document d ON d.capture_id = a.capture_id
    JOIN url u ON u.id = c.url_id
    LEFT JOIN annual_cell x ON x.capture_id = a.capture_id
   WHERE NOT EXISTS (SELECT 1 FROM capture y JOIN version w ON w.capture_id = y.id
                      WHERE y.url_key = c.url_key AND w.number > v.number)
     AND NOT EXISTS (SELECT 1 FROM suppression x WHERE x.url_key = c.url_key OR u.url GLOB x.pattern)
