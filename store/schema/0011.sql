-- Which closed WARC files the hook of the config has taken, and when (on_warc_closed).
ALTER TABLE warc_file ADD COLUMN shipped_ms INTEGER; -- NULL: not yet
