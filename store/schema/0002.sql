-- Requests that are more than a URL: what list adapters ask for.
ALTER TABLE url ADD COLUMN method TEXT;  -- NULL: GET
ALTER TABLE url ADD COLUMN body TEXT;    -- of a POST
ALTER TABLE url ADD COLUMN headers TEXT; -- beyond the usual ones, "Name: value" lines
ALTER TABLE url ADD COLUMN asker TEXT;   -- list adapter that reads the answer, and what it must remember

DROP VIEW urls;
CREATE VIEW urls AS
  SELECT u.id, coalesce(u.method, 'GET') AS method, u.url, o.origin, u.state, u.verdict, u.reason, u.detail, u.depth,
         CASE u.priority WHEN 0 THEN 'seed' WHEN 1 THEN 'sitemap' WHEN 2 THEN 'list' WHEN 3 THEN 'page'
           WHEN 4 THEN 'attachment' WHEN 5 THEN 'requisite' WHEN 6 THEN 'revisit' WHEN 7 THEN 'guess'
           ELSE 'own' END AS kind,
         strftime('%Y-%m-%dT%H:%M:%SZ', u.found_ms / 1000, 'unixepoch') AS found_at,
         strftime('%Y-%m-%dT%H:%M:%SZ', u.retry_ms / 1000, 'unixepoch') AS retry_at,
         u.attempts, u.hops, u.text, u.list_date, coalesce(v.url, u.via_other) AS via,
         u.body, u.headers, u.asker
    FROM url u
    JOIN origin o ON o.id = u.origin_id
    LEFT JOIN url v ON v.id = u.via_id;
