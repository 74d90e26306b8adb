/* inspect document: what extraction makes of a page. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "zhi/doc.h"
#include "zhi/limits.h"

static json_t *document_json(const struct zhi_page *page, struct zhi_err *e) {
  static _Thread_local struct zhi_extractor *x; /* one for the whole run of lines */
  const struct zhi_doc *d;
  if (!x && zhi_extractor_new(&x, e))
    return NULL;
  return zhi_extract(x, page, &d, e) == ZHI_OK ? zhi_doc_json(d, true) : NULL;
}

json_t *inspect_document_json(const json_t *in, struct zhi_err *e) {
  struct zhi_buf html;
  json_t *out = NULL;
  struct zhi_page page = {.url = inspect_string(in, "url"),
                          .http_charset = inspect_string(in, "http_charset"),
                          .content_type = inspect_string(in, "content_type"),
                          .status = 200};
  if (inspect_base64(in, "html_b64", &html, e) == ZHI_OK) {
    page.body = zhi_buf_view(&html);
    out = document_json(&page, e);
  }
  zhi_buf_release(&html);
  return out;
}

int inspect_document_plain(int argc, char **argv) {
  struct zhi_err e = {0};
  struct zhi_buf html;
  if (cmd_flags(&argc, argv, NULL))
    return EXIT_USAGE;
  if (argc < 2)
    return cmd_usage("inspect", "which file?");
  struct zhi_page page = {.url = zhi_str_of(argc > 2 ? argv[2] : "http://localhost/"),
                          .status = 200};
  json_t *out = NULL;
  if (zhi_read_file(argv[1], ZHI_DECODED_MAX_BYTES, &html, &e) == ZHI_OK) {
    page.body = zhi_buf_view(&html);
    out = document_json(&page, &e);
  }
  zhi_buf_release(&html);
  if (!out)
    return cmd_fail("inspect", &e);
  json_dumpf(out, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
  putchar('\n');
  json_decref(out);
  return EXIT_DONE;
}
