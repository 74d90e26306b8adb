/* Attached files: found among the captures by media type or name, told apart by their first bytes, read by the tool of
 * their kind, kept by the digest of their payload. Lines that a page's width has cut are joined again. */
#include "crawler/attached.h"

#include <stdio.h>
#include <stdlib.h>

#include "crawler/page.h"
#include "crawler/sandbox.h"
#include "zhi/log.h"
#include "zhi/store.h"
#include "zhi/texts.h"

enum { FILE_MAX = 64 << 20, SAVE_EVERY = 64 };

static const char *const pdf[] = {"pdftotext", "-q",   "-enc", "UTF-8",
                                  "-nopgbrk",  "FILE", "-",    NULL};
static const char *const doc[] = {"catdoc", "-w", "-d", "utf-8", "FILE", NULL};
static const char *const xls[] = {"xls2csv", "-q0", "-c\t", "-d", "utf-8", "FILE", NULL};
static const char *const ppt[] = {"catppt", "-d", "utf-8", "FILE", NULL};

#define OLE "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
/* The first row that fits. WPS, ET and DPS are the OLE files of another office. */
static const struct kind {
  const char *magic, *suffixes; /* suffixes: spaces around; NULL = any */
  const char *tool;
  struct zhi_sandbox how;
  bool has_width; /* lines are those of the page */
} kinds[] = {{"%PDF-", NULL, "pdftotext", {pdf, NULL}, true},
             {OLE, " xls et xlt ", "xls2csv", {xls, NULL}, false},
             {OLE, " ppt dps pps ", "catppt", {ppt, NULL}, false},
             {OLE, NULL, "catdoc", {doc, NULL}, false},
             {"{\\rtf", NULL, "catdoc", {doc, NULL}, false},
             {"PK\x03\x04", NULL, "zip", {NULL, zhi_attached_zip}, false}};

/* The last letters behind a dot in the path or query, lower case. */
static void suffix_of(struct zhi_str url, char out[8]) {
  size_t n = url.len, len = 0;
  while (n && url.p[n - 1] != '.' && url.p[n - 1] != '/' && url.len - n < 6)
    n--;
  if (n && url.p[n - 1] == '.')
    for (size_t i = n; i < url.len && len < 7; i++)
      out[len++] = (char)(url.p[i] >= 'A' && url.p[i] <= 'Z' ? url.p[i] + 32 : url.p[i]);
  out[len] = '\0';
}

static const struct kind *kind_of(struct zhi_str file, struct zhi_str url) {
  char suffix[8], word[12];
  suffix_of(url, suffix);
  snprintf(word, sizeof word, " %s ", suffix);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (zhi_str_starts(file, kinds[i].magic) &&
        (!kinds[i].suffixes || (suffix[0] && strstr(kinds[i].suffixes, word))))
      return &kinds[i];
  return NULL;
}

static bool is_wide(unsigned c) { return c >= 0x2E80 && !(c >= 0xFF01 && c <= 0xFF0F); }

/* A line end between two Chinese characters is the page's, not the text's. In place. */
static void join_lines(struct zhi_buf *b, size_t from) {
  size_t to = from;
  unsigned before = 0;
  for (size_t i = from; i < b->len;) {
    unsigned c, after = 0;
    size_t n = zhi_utf8_next(b->p + i, b->len - i, &c);
    if (c == '\n' && i + 1 < b->len)
      zhi_utf8_next(b->p + i + 1, b->len - i - 1, &after);
    if (c != '\n' || !is_wide(before) || !is_wide(after) || before == 0x3002) {
      memmove(b->p + to, b->p + i, n);
      to += n;
      before = c;
    }
    i += n;
  }
  zhi_buf_truncate(b, to);
}

enum zhi_code zhi_attached_text(struct zhi_str file, struct zhi_str url, struct zhi_buf *out,
                                const char **tool, const char **finding, struct zhi_err *e) {
  const struct kind *k = kind_of(file, url);
  size_t from = out->len;
  *tool = k ? k->tool : "";
  *finding = k ? NULL : "unknown_type";
  if (!k)
    return ZHI_OK;
  enum zhi_code rc = zhi_sandbox_run(&k->how, file, out, finding, e);
  if (rc)
    return rc;
  if (k->has_width)
    join_lines(out, from);
  if (!*finding && !zhi_str_trim(zhi_str_sub(zhi_buf_view(out), from, out->len)).len)
    *finding = "no_text"; /* pictures of pages, mostly */
  return ZHI_OK;
}

/* --- all of an archive --------------------------------------------------------------------------------------------- */

struct job {
  struct zhi_record_source source;
  struct zhi_record_page page;
  struct zhi_texts *texts;
  struct zhi_buf text;
  struct zhi_attached_done *done;
};

static bool may_be_attached(const struct zhi_capture_ref *c) {
  static const char suffixes[] = " pdf doc docx wps xls xlsx et ppt pptx dps pps ofd rtf odt ods ";
  char suffix[8], word[12];
  if (strcmp(c->verdict, "ok") != 0 || c->is_revisit || !c->payload_digest[0])
    return false;
  suffix_of(zhi_str_of(c->url), suffix);
  snprintf(word, sizeof word, " %s ", suffix);
  return (suffix[0] && strstr(suffixes, word)) ||
         zhi_str_starts(zhi_str_of(c->mime), "application/");
}

static enum zhi_code read_one(struct job *j, const struct zhi_capture_ref *c, struct zhi_err *e) {
  struct zhi_warc_record r;
  const char *tool = "", *finding = NULL;
  zhi_buf_clear(&j->text);
  enum zhi_code rc = zhi_record_source_read(&j->source, c, &r, e);
  if (rc == ZHI_EOF || rc == ZHI_EPARSE || rc == ZHI_EIO)
    finding = "no_record";
  else if (rc)
    return rc;
  else if (zhi_record_page_read(&j->page, &r, true, NULL) || !j->page.is_textual)
    finding = "no_content";
  else if (j->page.page.body.len > FILE_MAX)
    finding = "too_large";
  else if ((rc = zhi_attached_text(j->page.page.body, zhi_str_of(c->url), &j->text, &tool, &finding,
                                   e)))
    return rc;
  if (finding)
    ZHI_LOG(EXTRACT, INFO, "no text of %s: %s", c->url, finding);
  j->done->texts++;
  j->done->findings += finding != NULL;
  rc = zhi_texts_put(j->texts, zhi_str_of(c->payload_digest), tool, zhi_buf_view(&j->text), finding,
                     e);
  return !rc && j->done->texts % SAVE_EVERY == 0 ? zhi_texts_save(j->texts, e) : rc;
}

static enum zhi_code on_capture(void *ctx, const struct zhi_capture_ref *c, struct zhi_err *e) {
  struct job *j = ctx;
  bool known = false;
  if (!may_be_attached(c))
    return ZHI_OK;
  enum zhi_code rc = zhi_texts_has(j->texts, zhi_str_of(c->payload_digest), &known, e);
  return rc || known ? rc : read_one(j, c, e);
}

enum zhi_code zhi_attached_read(const char *archive, struct zhi_attached_done *done,
                                struct zhi_err *e) {
  struct job j = {.source = {.archive = archive}, .done = done};
  struct zhi_store *s = NULL;
  bool fresh = false;
  *done = (struct zhi_attached_done){0};
  enum zhi_code rc = zhi_texts_open(archive, &j.texts, &fresh, e);
  if (rc)
    return rc;
  zhi_record_page_init(&j.page);
  zhi_buf_init(&j.text, 2 * ZHI_SANDBOX_TEXT_MAX);
  if (!fresh)
    rc = zhi_store_open(archive, ZHI_STORE_READ, &zhi_clock_system, &s, e);
  if (s)
    rc = zhi_store_each_capture(s, on_capture, &j, e);
  zhi_store_close(s);
  rc = zhi_texts_close(j.texts, rc, e);
  zhi_record_source_release(&j.source);
  zhi_record_page_release(&j.page);
  zhi_buf_release(&j.text);
  return rc;
}
