-- Hosts that the navigation of the cluster's pages names, and what was decided about each (crawler/cluster.h).
CREATE TABLE discovered_host (
  host      TEXT PRIMARY KEY,
  url       TEXT NOT NULL,     -- as linked
  name      TEXT,              -- the link's text
  caption   TEXT,              -- what it stands under
  caption_group TEXT NOT NULL, -- own, sibling, foreign, unknown
  place     TEXT NOT NULL,     -- navigation, select, map, script, site_map
  state     TEXT NOT NULL,     -- member, joined, candidate, proposed, excluded
  reason    TEXT,              -- of proposed and excluded
  site_code TEXT,              -- on its home page, when that was asked for
  via       TEXT,              -- page that names it
  weight    INTEGER NOT NULL,  -- of the evidence; the weightiest wins
  found_ms  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE VIEW discovered_hosts AS
  SELECT host, url, name, caption, caption_group, place, state, reason, site_code, via,
         strftime('%Y-%m-%dT%H:%M:%SZ', found_ms / 1000, 'unixepoch') AS found_at
    FROM discovered_host;
