-- Captures out of turn: which URLs the last one was asked for, and what they need.
ALTER TABLE url ADD COLUMN asked INTEGER; -- 1: by the last capture out of turn
CREATE INDEX url_asked ON url (origin_id, priority) WHERE asked;
