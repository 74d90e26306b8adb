/* extract: documents of HTML files, or of every HTML response in WARC files, one line each on standard output.
 * No archive, no network: a pipeline's tool. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "crawler/config.h"
#include "crawler/page.h"
#include "zhi/csv.h"
#include "zhi/doc.h"
#include "zhi/json.h"
#include "zhi/limits.h"
#include "zhi/warc.h"

struct run {
  const char *url, *charset, *format, *config;
  int with_text, explain, csv;
  struct zhi_extractor *x;
  struct zhi_record_page page;
  int failures;
};

static void csv_header(const struct run *r) {
  printf("url,kind,charset");
  for (unsigned f = 0; f < ZHI_FIELD_COUNT; f++)
    printf(",%s,%s_raw", zhi_field_table[f].name, zhi_field_table[f].name);
  printf(",attachments,text_digest%s\r\n", r->with_text ? ",text" : "");
}

static void add_cell(struct zhi_buf *row, struct zhi_str s) {
  if (row->len)
    zhi_buf_addc(row, ',');
  zhi_csv_cell(row, s, ZHI_CSV_GUARDED);
}

static enum zhi_code csv_row(const struct run *r, const struct zhi_doc *d, struct zhi_err *e) {
  struct zhi_buf urls, row;
  zhi_buf_init(&urls, ZHI_MIB(8));
  zhi_buf_init(&row, 4 * ZHI_DECODED_MAX_BYTES);
  add_cell(&row, d->url);
  add_cell(&row, zhi_str_of(zhi_kind_name(d->kind)));
  add_cell(&row, d->charset);
  for (unsigned f = 0; f < ZHI_FIELD_COUNT; f++) {
    add_cell(&row, d->fields[f].value);
    add_cell(&row, d->fields[f].raw);
  }
  for (size_t i = 0; i < d->attachment_count; i++) {
    zhi_buf_adds(&urls, i ? " " : "");
    zhi_buf_addstr(&urls, d->attachments[i].url);
  }
  add_cell(&row, zhi_buf_view(&urls));
  add_cell(&row, d->text_digest);
  if (r->with_text)
    add_cell(&row, d->text);
  zhi_buf_adds(&row, "\r\n");
  enum zhi_code rc = zhi_buf_check(&row, "a row", e);
  if (!rc)
    fwrite(row.p, 1, row.len, stdout);
  zhi_buf_release(&urls);
  zhi_buf_release(&row);
  return rc;
}

static enum zhi_code one_page(struct run *r, struct zhi_page *page, struct zhi_err *e) {
  const struct zhi_doc *d;
  const unsigned long lost = zhi_json_lost();
  page->explain = r->explain;
  enum zhi_code rc = zhi_extract(r->x, page, &d, e);
  if (rc)
    return rc;
  if (r->csv)
    return csv_row(r, d, e);
  if (r->explain && !r->format) {
    cmd_print_candidates(d);
    return ZHI_OK;
  }
  json_t *o = r->explain ? zhi_doc_explain_json(d) : zhi_doc_json(d, r->with_text);
  rc = zhi_json_whole(lost, "a document", e);
  if (!rc && (!o || json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6)) != 0))
    rc = zhi_fail(e, ZHI_ENOMEM, "cannot write a document");
  json_decref(o);
  putchar('\n');
  return rc;
}

/* --- WARC ------------------------------------------------------------------------------------------------- */

/* Pages only: what is not text, or not of the web (a DNS answer, the crawl's own config), has no document. */
static enum zhi_code one_record(struct run *r, const struct zhi_warc_record *rec,
                                struct zhi_err *e) {
  struct zhi_record_page *p = &r->page;
  if ((rec->type != ZHI_WARC_RESPONSE && rec->type != ZHI_WARC_RESOURCE) ||
      !zhi_str_istarts(zhi_warc_record_target(rec), "http"))
    return ZHI_OK;
  enum zhi_code rc = zhi_record_page_read(p, rec, false, e);
  if (rc || !p->is_textual)
    return rc;
  if (r->charset)
    p->page.http_charset = zhi_str_of(r->charset);
  return one_page(r, &p->page, e);
}

static enum zhi_code warc_pages(struct run *r, const char *path, struct zhi_str bytes,
                                struct zhi_err *e) {
  struct zhi_warc_reader *reader;
  struct zhi_warc_reader_options o = {0};
  struct zhi_warc_record rec;
  enum zhi_code rc =
      bytes.p ? zhi_warc_open_bytes(bytes, &o, &reader, e) : zhi_warc_open(path, &o, &reader, e);
  if (rc)
    return rc;
  while ((rc = zhi_warc_next(reader, &rec, e)) == ZHI_OK) {
    struct zhi_err why = {0};
    if (one_record(r, &rec, &why) != ZHI_OK) {
      fprintf(stderr, "xianzhi extract: %s: record at %llu: %s\n", path,
              (unsigned long long)rec.offset, why.msg);
      r->failures++;
    }
  }
  zhi_warc_reader_free(reader);
  return rc == ZHI_EOF ? ZHI_OK : rc;
}

/* --- files -------------------------------------------------------------------------------------------------- */

static bool is_warc(struct zhi_str b) {
  return zhi_str_starts(b, "WARC/") ||
         (b.len > 2 && (unsigned char)b.p[0] == 0x1f && (unsigned char)b.p[1] == 0x8b);
}

static bool has_warc_name(const char *path) {
  struct zhi_str p = zhi_str_of(path);
  return zhi_str_ends(p, ".warc") || zhi_str_ends(p, ".warc.gz") ||
         zhi_str_ends(p, ".warc.gz.open");
}

static enum zhi_code one_file(struct run *r, const char *path, struct zhi_err *e) {
  struct zhi_buf bytes;
  if (has_warc_name(path))
    return warc_pages(r, path, ZHI_STR_NONE, e);
  enum zhi_code rc = zhi_read_file(path, ZHI_DECODED_MAX_BYTES, &bytes, e);
  if (rc == ZHI_OK && is_warc(zhi_buf_view(&bytes))) {
    rc = warc_pages(r, path, zhi_buf_view(&bytes), e);
  } else if (rc == ZHI_OK) {
    struct zhi_page page = {.url = zhi_str_of(r->url), .body = zhi_buf_view(&bytes)};
    if (r->charset)
      page.http_charset = zhi_str_of(r->charset);
    rc = one_page(r, &page, e);
  }
  zhi_buf_release(&bytes);
  return rc;
}

static enum zhi_code new_extractor(struct run *r, struct zhi_err *e) {
  struct zhi_config *config = NULL;
  enum zhi_code rc = r->config ? zhi_config_load(r->config, &config, e) : ZHI_OK;
  if (rc == ZHI_OK)
    rc = zhi_extractor_new(&r->x, e);
  if (rc == ZHI_OK && config)
    rc = zhi_config_extractor(config, r->x, e);
  zhi_config_free(config);
  return rc;
}

int cmd_extract(int argc, char **argv) {
  struct run r = {.url = "http://localhost/page.html"};
  const struct cmd_flag flags[] = {
      {"url", "U", &r.url, NULL, "the page's address, for relative links"},
      {"charset", "C", &r.charset, NULL, "as the server would have declared it"},
      {"format", "jsonl|csv", &r.format, NULL, "one JSON object or one CSV row a document (jsonl)"},
      {"text", NULL, NULL, &r.with_text, "with the body text"},
      {"config", "FILE", &r.config, NULL, "take XPath overrides and division from this config"},
      {"explain", NULL, NULL, &r.explain,
       "every candidate of each field and why it won, as text (or --format jsonl)"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_err e = {0};
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  r.csv = r.format && strcmp(r.format, "csv") == 0;
  if (r.format && !r.csv && strcmp(r.format, "jsonl") != 0)
    return cmd_usage("extract", "--format is jsonl or csv");
  if (r.csv && r.explain)
    return cmd_usage("extract", "--explain is text or --format jsonl");
  if (argc < 2)
    return cmd_usage("extract", "which files? (\"-\" is standard input)");
  zhi_record_page_init(&r.page);
  if (new_extractor(&r, &e))
    return cmd_fail("extract", &e);
  if (r.csv)
    csv_header(&r);
  for (int i = 1; i < argc; i++)
    if (one_file(&r, argv[i], &e)) {
      fprintf(stderr, "xianzhi extract: %s\n", e.msg);
      r.failures++;
    }
  zhi_extractor_free(r.x);
  zhi_record_page_release(&r.page);
  return r.failures ? EXIT_FAILED : EXIT_DONE;
}
