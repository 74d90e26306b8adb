-- Schema 9: what the text digest left out, hosts that moved, documents that no column lists any more.
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

CREATE VIEW aliases AS
  SELECT o.origin, a.to_origin, strftime('%Y-%m-%dT%H:%M:%SZ', a.first_ms / 1000, 'unixepoch') AS first_seen,
         strftime('%Y-%m-%dT%H:%M:%SZ', a.last_ms / 1000, 'unixepoch') AS last_seen, a.redirects
    FROM alias a
    JOIN origin o ON o.id = a.origin_id;
DROP VIEW ledger;
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
   WHERE u.life IS NOT NULL
