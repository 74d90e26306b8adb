-- Further pages of an article: kind "part", no row of documents of their own.
ALTER TABLE document ADD COLUMN part_of TEXT;                   -- URL of the article's first page
ALTER TABLE document ADD COLUMN part INTEGER NOT NULL DEFAULT 0; -- number in the page's name; 0 = the first or only page

-- The whole text of articles over several pages, by what each page shows.
CREATE VIEW whole_texts AS
  WITH page AS (
    SELECT coalesce(d.part_of, u.url) AS first, d.part, t.text
      FROM url u
      JOIN document d ON d.capture_id = u.version_id
      JOIN document_text t ON t.capture_id = d.capture_id)
  SELECT first AS url, count(*) AS pages, group_concat(text, char(10)) AS text
    FROM (SELECT * FROM page WHERE first IN (SELECT first FROM page WHERE part > 0) ORDER BY first, part)
   GROUP BY first
