-- What becomes of a URL from crawl to crawl, and the versions of what it showed.

-- The ledger stands on the URL's own row, so that one write per answer keeps both.
ALTER TABLE url ADD COLUMN found_priority INTEGER; -- priority it was found with, once it is fetched as a revisit
ALTER TABLE url ADD COLUMN is_list INTEGER;        -- its last good answer was a list or a portal
ALTER TABLE url ADD COLUMN interval_ms INTEGER;    -- after how long it is looked at again
ALTER TABLE url ADD COLUMN life TEXT;              -- live removed moved blocked unreachable reappeared; NULL: never there
ALTER TABLE url ADD COLUMN first_seen_ms INTEGER;  -- first answer with content
ALTER TABLE url ADD COLUMN last_seen_ms INTEGER;   -- last answer that shows that it is there
ALTER TABLE url ADD COLUMN last_ok_ms INTEGER;     -- last whole answer with content, or 304
ALTER TABLE url ADD COLUMN gone_since_ms INTEGER;  -- first answer of those since then that say it is gone
ALTER TABLE url ADD COLUMN gone_crawl_id INTEGER REFERENCES crawl (id);
ALTER TABLE url ADD COLUMN gone_crawls INTEGER NOT NULL DEFAULT 0; -- in how many crawls it was gone; two remove it
ALTER TABLE url ADD COLUMN moved_to TEXT;          -- where it redirects
ALTER TABLE url ADD COLUMN version_id INTEGER REFERENCES version (capture_id); -- the one it shows

-- A revisit's body is in the record of another capture.
ALTER TABLE capture ADD COLUMN original_id INTEGER REFERENCES capture (id);
ALTER TABLE crawl ADD COLUMN not_due INTEGER NOT NULL DEFAULT 0; -- known URLs left alone: their time had not come

-- A version begins with the capture that first showed its content. Numbers count from 1 for each URL;
-- URLs of one key that show the same share versions.
CREATE TABLE version (
  capture_id      INTEGER PRIMARY KEY REFERENCES capture (id),
  number          INTEGER NOT NULL,
  content_id      INTEGER NOT NULL REFERENCES capture (id), -- last capture whose own body or document shows it
  last_capture_id INTEGER NOT NULL REFERENCES capture (id), -- last capture that confirms it
  last_ms         INTEGER NOT NULL
);
-- Bodies in the archive, for storing each once: first eight bytes of the payload digest -> a capture that has it.
CREATE TABLE payload (
  head       INTEGER PRIMARY KEY,
  capture_id INTEGER NOT NULL REFERENCES capture (id)
);

ALTER TABLE document ADD COLUMN masked TEXT; -- JSON: numbers of hits and dates of today, as they stood
-- Since when a list that named it has ceased to (and none other names it); NULL: listed, or never was.
ALTER TABLE url ADD COLUMN delisted_ms INTEGER;
ALTER TABLE url ADD COLUMN listed INTEGER; -- some list has named it

-- A host whose every answer in a crawl was a redirect to the same path on one other: dated, kept when it ends.
CREATE TABLE alias (
  origin_id   INTEGER NOT NULL REFERENCES origin (id),
  to_origin   TEXT NOT NULL,
  first_ms    INTEGER NOT NULL, -- first crawl in which it was so
  last_ms     INTEGER NOT NULL, -- last one
  redirects   INTEGER NOT NULL, -- in the last one
  PRIMARY KEY (origin_id, to_origin)
) WITHOUT ROWID;

-- --- for people ------------------------------------------------------------------------------------
CREATE VIEW versions AS
  SELECT u.url, c.url_key, v.number AS version, strftime('%Y-%m-%dT%H:%M:%SZ', c.fetched_ms / 1000, 'unixepoch')
           AS captured_at,
         strftime('%Y-%m-%dT%H:%M:%SZ', v.last_ms / 1000, 'unixepoch') AS last_seen,
         CASE v.number WHEN 1 THEN 'new' ELSE 'edited' END AS change, d.kind, d.title,
         d.text_digest, c.payload_digest, v.capture_id AS first_capture, v.last_capture_id AS last_capture,
         r.name AS crawl
    FROM version v
    JOIN capture c ON c.id = v.capture_id
    JOIN url u ON u.id = c.url_id
    JOIN crawl r ON r.id = c.crawl_id
    LEFT JOIN document d ON d.capture_id = v.capture_id;
CREATE VIEW ledger AS
  SELECT u.url, u.life AS state,
         strftime('%Y-%m-%dT%H:%M:%SZ', u.first_seen_ms / 1000, 'unixepoch') AS first_seen,
         strftime('%Y-%m-%dT%H:%M:%SZ', u.last_seen_ms / 1000, 'unixepoch') AS last_seen,
         strftime('%Y-%m-%dT%H:%M:%SZ', u.last_ok_ms / 1000, 'unixepoch') AS last_ok,
         strftime('%Y-%m-%dT%H:%M:%SZ', u.gone_since_ms / 1000, 'unixepoch') AS gone_since,
         u.gone_crawls, u.moved_to, strftime('%Y-%m-%dT%H:%M:%SZ', u.delisted_ms / 1000, 'unixepoch') AS delisted_since,
         v.number AS version, u.interval_ms / 86400000.0 AS revisit_days
    FROM url u
    LEFT JOIN version v ON v.capture_id = u.version_id
   WHERE u.life IS NOT NULL;
CREATE VIEW aliases AS
  SELECT o.origin, a.to_origin, strftime('%Y-%m-%dT%H:%M:%SZ', a.first_ms / 1000, 'unixepoch') AS first_seen,
         strftime('%Y-%m-%dT%H:%M:%SZ', a.last_ms / 1000, 'unixepoch') AS last_seen, a.redirects
    FROM alias a
    JOIN origin o ON o.id = a.origin_id;
DROP VIEW captures;
CREATE VIEW captures AS
  SELECT c.id, u.url, c.url_key, strftime('%Y-%m-%dT%H:%M:%SZ', c.fetched_ms / 1000, 'unixepoch') AS captured_at,
         c.verdict, c.status, c.mime, c.charset, d.kind, c.body_bytes, c.ip, c.redirect_to, c.truncated, c.error,
         c.payload_digest, w.name AS warc_file, c.warc_offset, c.warc_length, c.record_id, c.revisit_of,
         ow.name AS original_warc_file, o.warc_offset AS original_warc_offset, o.warc_length AS original_warc_length,
         r.name AS crawl
    FROM capture c
    JOIN url u ON u.id = c.url_id
    JOIN crawl r ON r.id = c.crawl_id
    LEFT JOIN document d ON d.capture_id = c.id
    LEFT JOIN warc_file w ON w.id = c.warc_file_id
    LEFT JOIN capture o ON o.id = c.original_id
    LEFT JOIN warc_file ow ON ow.id = o.warc_file_id;
DROP VIEW urls;
CREATE VIEW urls AS
  SELECT u.id, coalesce(u.method, 'GET') AS method, u.url, o.origin, u.state, u.verdict, u.reason, u.detail, u.depth,
         CASE coalesce(u.found_priority, u.priority) WHEN 0 THEN 'seed' WHEN 1 THEN 'sitemap' WHEN 2 THEN 'list'
           WHEN 3 THEN 'page' WHEN 4 THEN 'attachment' WHEN 5 THEN 'requisite' WHEN 6 THEN 'revisit'
           WHEN 7 THEN 'guess' ELSE 'own' END AS kind,
         strftime('%Y-%m-%dT%H:%M:%SZ', u.found_ms / 1000, 'unixepoch') AS found_at,
         strftime('%Y-%m-%dT%H:%M:%SZ', u.retry_ms / 1000, 'unixepoch') AS retry_at,
         u.attempts, u.hops, u.text, u.list_date, coalesce(v.url, u.via_other) AS via,
         u.body, u.headers, u.asker
    FROM url u
    JOIN origin o ON o.id = u.origin_id
    LEFT JOIN url v ON v.id = u.via_id
