-- Annual reports with the division that they speak for.
DROP VIEW annual_reports;
CREATE VIEW annual_reports AS
  SELECT u.url, strftime('%Y-%m-%dT%H:%M:%SZ', c.fetched_ms / 1000, 'unixepoch') AS captured_at, d.site_name,
         d.division_code, d.division_name, a.organ, a.year, a.form, x.place, x.table_no AS "table", x.item, x.item_label, x.measure, x.measure_label,
         x.raw, x.number, x.checked AS "check"
    FROM annual_report a
    JOIN version v ON v.capture_id = a.capture_id
    JOIN capture c ON c.id = a.capture_id
    JOIN document d ON d.capture_id = a.capture_id
    JOIN url u ON u.id = c.url_id
    LEFT JOIN annual_cell x ON x.capture_id = a.capture_id
   WHERE NOT EXISTS (SELECT 1 FROM capture y JOIN version w ON w.capture_id = y.id
                      WHERE y.url_key = c.url_key AND w.number > v.number)
     AND NOT EXISTS (SELECT 1 FROM suppression x WHERE x.url_key = c.url_key OR u.url GLOB x.pattern)
