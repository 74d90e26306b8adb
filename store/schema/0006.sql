-- What a host answers for a page that cannot exist, asked once a crawl (crawler/probe.h).
ALTER TABLE origin ADD COLUMN probe TEXT;
ALTER TABLE origin ADD COLUMN probe_crawl_id INTEGER REFERENCES crawl (id); -- in which it was asked
