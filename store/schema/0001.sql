-- xianzhi archive, schema 1. Times are UTC milliseconds since 1970 (columns *_ms); the views at the end
-- show them as ISO 8601 text. NULL means "none". Open it with anything: sqlite3, Datasette, pandas.

-- Facts about the archive as a whole.
CREATE TABLE archive (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO archive VALUES
  ('commits', '0'),     -- transactions that changed captures or documents
  ('runs', '0'),        -- times a crawl was begun or taken up again; lease tokens are built on it
  ('csv_commits', '-1'),-- value of 'commits' when documents.csv was written
  ('csv_digest', '');   -- digest of documents.csv as written

CREATE TABLE crawl (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,       -- used in WARC names and reports
  started_ms  INTEGER NOT NULL,
  finished_ms INTEGER NOT NULL DEFAULT 0, -- 0 = running, paused or killed
  state       TEXT NOT NULL CHECK (state IN ('running', 'finished', 'abandoned')),
  next_warc_serial INTEGER NOT NULL DEFAULT 1,
  config      TEXT NOT NULL               -- JSON
);

-- Hosts that answer from one address share a group: one connection, one delay, one block.
CREATE TABLE host_group (
  id               INTEGER PRIMARY KEY,
  next_ms          INTEGER NOT NULL DEFAULT 0, -- no request before
  blocked_until_ms INTEGER NOT NULL DEFAULT 0, -- asked or forced to stay away until
  backoff_ms       INTEGER NOT NULL DEFAULT 0, -- current doubling step
  delay_ms         INTEGER NOT NULL DEFAULT 0  -- last delay used
);
CREATE TABLE address (
  address  TEXT PRIMARY KEY,
  group_id INTEGER NOT NULL REFERENCES host_group (id)
) WITHOUT ROWID;

-- scheme://host[:port]: the unit of robots.txt. The counts are of its URLs by state.
CREATE TABLE origin (
  id        INTEGER PRIMARY KEY,
  origin    TEXT NOT NULL UNIQUE,
  group_id  INTEGER NOT NULL REFERENCES host_group (id),
  address   TEXT,                              -- last address connected to
  robots_fetched_ms INTEGER NOT NULL DEFAULT 0,
  robots_state      TEXT,                      -- ok, none, unavailable
  robots_text       TEXT,
  due       INTEGER NOT NULL DEFAULT 0,
  waiting   INTEGER NOT NULL DEFAULT 0,
  done      INTEGER NOT NULL DEFAULT 0,
  failed    INTEGER NOT NULL DEFAULT 0,
  excluded  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX origin_by_group ON origin (group_id);

-- Every URL ever found, once. Identity is the exact text; uniqueness is kept on `hash`, 16 bytes:
--   bytes 0-3   low 32 bits of XXH3-64 of the URL up to and including the last '/' of its path
--   bytes 4-15  the first 12 bytes of the canonical (big-endian) XXH3-128 of the whole URL
-- so that URLs of one directory lie together in the index, which is a third of the size of one on text.
CREATE TABLE url (
  id         INTEGER PRIMARY KEY,
  hash       BLOB NOT NULL,
  url        TEXT NOT NULL,
  origin_id  INTEGER NOT NULL REFERENCES origin (id),
  state      TEXT NOT NULL,     -- due, waiting (until retry_ms), done, failed, excluded
  priority   INTEGER NOT NULL,  -- 0 seed 1 sitemap 2 list 3 page 4 attachment 5 requisite 6 revisit 7 guess 9 crawl's own
  depth      INTEGER NOT NULL,  -- hops from a seed
  attempts   INTEGER NOT NULL DEFAULT 0, -- failures in the current crawl
  found_ms   INTEGER NOT NULL,
  retry_ms   INTEGER,
  crawl_id   INTEGER REFERENCES crawl (id),    -- of the last result
  good_capture_id INTEGER REFERENCES capture (id), -- last complete answer with content
  verdict    TEXT,              -- of the last result
  reason     TEXT,              -- why excluded or failed, short code
  detail     TEXT,              -- the same for a person
  hops       TEXT,              -- path from a seed: L link E embed X guess R redirect P precondition I implied
  list_date  TEXT,              -- date beside the link on a list page
  text       TEXT,              -- the link's text
  via_id     INTEGER REFERENCES url (id),      -- where it was first found
  via_other  TEXT               -- the same when that is no URL of this table
);
CREATE UNIQUE INDEX url_by_hash ON url (hash);
CREATE INDEX url_due ON url (origin_id, priority) WHERE state = 'due';
CREATE INDEX url_waiting ON url (retry_ms) WHERE state = 'waiting';

CREATE TABLE warc_file (
  id              INTEGER PRIMARY KEY,
  name            TEXT NOT NULL UNIQUE,
  committed_bytes INTEGER NOT NULL DEFAULT 0, -- what lies beyond is not part of the archive
  closed          INTEGER NOT NULL DEFAULT 0
);

-- One stored exchange (or an attempt that brought no answer: then without a WARC place).
CREATE TABLE capture (
  id             INTEGER PRIMARY KEY,
  capture_id     TEXT NOT NULL UNIQUE,  -- UUID given by the crawl: the same one twice is stored once
  crawl_id       INTEGER NOT NULL REFERENCES crawl (id),
  url_id         INTEGER NOT NULL REFERENCES url (id),
  url_key        TEXT NOT NULL,         -- SURT form: captures of one key are versions of one thing
  fetched_ms     INTEGER NOT NULL,      -- WARC-Date
  verdict        TEXT NOT NULL,
  status         INTEGER,
  mime           TEXT,
  charset        TEXT,
  charset_source TEXT,
  ip             TEXT,
  payload_digest TEXT,
  etag           TEXT,
  last_modified  TEXT,
  redirect_to    TEXT,
  truncated      TEXT,                  -- WARC-Truncated
  body_bytes     INTEGER NOT NULL,
  duration_ms    INTEGER NOT NULL,
  warc_file_id   INTEGER REFERENCES warc_file (id),
  warc_offset    INTEGER,
  warc_length    INTEGER,
  record_id      TEXT,
  revisit_of     TEXT,                  -- record id of the original
  error          TEXT
);
CREATE INDEX capture_by_key ON capture (url_key, fetched_ms);
CREATE INDEX capture_by_place ON capture (warc_file_id, warc_offset) WHERE warc_file_id IS NOT NULL;

-- What extraction made of a capture. One column per canonical field: its normalised value, or the text as it
-- stood on the page; `fields` (JSON) has state, raw text, source and confidence of each.
CREATE TABLE document (
  capture_id        INTEGER PRIMARY KEY REFERENCES capture (id),
  kind              TEXT NOT NULL,
  extractor_version TEXT NOT NULL,
  body_chars        INTEGER NOT NULL,
  text_digest       TEXT,
  attachment_count  INTEGER NOT NULL,
  attachments       TEXT,   -- JSON
  findings          TEXT,   -- JSON
  list              TEXT,   -- JSON: adapter, declared totals
/*FIELDS*/
  fields            TEXT    -- JSON
);
-- The body text, apart so that reading the fields stays fast.
CREATE TABLE document_text (
  capture_id INTEGER PRIMARY KEY REFERENCES document (capture_id) ON DELETE CASCADE,
  text       TEXT NOT NULL
);

-- --- for people ------------------------------------------------------------------------------------
-- `documents` (one row per version, the columns of documents.csv) is made by the program: see store/columns.c.
CREATE VIEW captures AS
  SELECT c.id, u.url, c.url_key, strftime('%Y-%m-%dT%H:%M:%SZ', c.fetched_ms / 1000, 'unixepoch') AS captured_at,
         c.verdict, c.status, c.mime, c.charset, d.kind, c.body_bytes, c.ip, c.redirect_to, c.truncated, c.error,
         c.payload_digest, w.name AS warc_file, c.warc_offset, c.warc_length, c.record_id, c.revisit_of,
         r.name AS crawl
    FROM capture c
    JOIN url u ON u.id = c.url_id
    JOIN crawl r ON r.id = c.crawl_id
    LEFT JOIN document d ON d.capture_id = c.id
    LEFT JOIN warc_file w ON w.id = c.warc_file_id;
CREATE VIEW urls AS
  SELECT u.id, u.url, o.origin, u.state, u.verdict, u.reason, u.detail, u.depth,
         CASE u.priority WHEN 0 THEN 'seed' WHEN 1 THEN 'sitemap' WHEN 2 THEN 'list' WHEN 3 THEN 'page'
           WHEN 4 THEN 'attachment' WHEN 5 THEN 'requisite' WHEN 6 THEN 'revisit' WHEN 7 THEN 'guess'
           ELSE 'own' END AS kind,
         strftime('%Y-%m-%dT%H:%M:%SZ', u.found_ms / 1000, 'unixepoch') AS found_at,
         strftime('%Y-%m-%dT%H:%M:%SZ', u.retry_ms / 1000, 'unixepoch') AS retry_at,
         u.attempts, u.hops, u.text, u.list_date, coalesce(v.url, u.via_other) AS via
    FROM url u
    JOIN origin o ON o.id = u.origin_id
    LEFT JOIN url v ON v.id = u.via_id;
CREATE VIEW hosts AS
  SELECT o.origin, o.address, o.group_id AS server, o.robots_state,
         o.due + o.waiting + o.done + o.failed + o.excluded AS urls,
         o.due, o.waiting, o.done, o.failed, o.excluded,
         CASE WHEN g.blocked_until_ms > 0
           THEN strftime('%Y-%m-%dT%H:%M:%SZ', g.blocked_until_ms / 1000, 'unixepoch') END AS blocked_until
    FROM origin o
    JOIN host_group g ON g.id = o.group_id;
