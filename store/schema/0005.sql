-- Take-downs: what is not shown. The WARC files, captures and documents stay as they are.
CREATE TABLE suppression (
  id       INTEGER PRIMARY KEY,
  what     TEXT NOT NULL UNIQUE, -- as given: a URL, or a pattern in which * stands for anything
  url_key  TEXT,                 -- of a URL: its variants are hidden with it
  pattern  TEXT,                 -- of a pattern: for GLOB
  reason   TEXT NOT NULL,
  added_ms INTEGER NOT NULL
);
CREATE VIEW suppressions AS
  SELECT what, reason, strftime('%Y-%m-%dT%H:%M:%SZ', added_ms / 1000, 'unixepoch') AS since FROM suppression;
