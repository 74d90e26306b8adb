-- What is wrong with the certificate of the server that answered.
ALTER TABLE capture ADD COLUMN tls TEXT; -- ok expired not_yet_valid self_signed unknown_issuer wrong_name old_version bad_certificate
DROP VIEW captures;
CREATE VIEW captures AS
  SELECT c.id, u.url, c.url_key, strftime('%Y-%m-%dT%H:%M:%SZ', c.fetched_ms / 1000, 'unixepoch') AS captured_at,
         c.verdict, c.status, c.mime, c.charset, d.kind, c.body_bytes, c.ip, c.tls, c.redirect_to, c.truncated, c.error,
         c.payload_digest, w.name AS warc_file, c.warc_offset, c.warc_length, c.record_id, c.revisit_of,
         ow.name AS original_warc_file, o.warc_offset AS original_warc_offset, o.warc_length AS original_warc_length,
         r.name AS crawl
    FROM capture c
    JOIN url u ON u.id = c.url_id
    JOIN crawl r ON r.id = c.crawl_id
    LEFT JOIN document d ON d.capture_id = c.id
    LEFT JOIN warc_file w ON w.id = c.warc_file_id
    LEFT JOIN capture o ON o.id = c.original_id
    LEFT JOIN warc_file ow ON ow.id = o.warc_file_id
