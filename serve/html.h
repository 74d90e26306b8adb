/* HTML out of templates. A template is a constant of ours; whatever is put into it is escaped, for text and for quoted
 * attributes alike. There is no way to put in markup but another template.
 *
 *   {key}  the words for `key` in the reader's language (words.c)
 *   %s     const char *      %S  struct zhi_str      escaped
 *   %q     struct zhi_str    percent-encoded, for a value in a query
 *   %h     struct zhi_str    an address for href: http, https or a path of ours; anything else becomes "#"
 *   %d     int64_t           %N  int64_t with thin spaces between thousands
 *   %t     const char *      a key, as {key}
 *   %%     a per cent sign */
#ifndef ZHI_SERVE_HTML_H
#define ZHI_SERVE_HTML_H

#include "serve/http.h"

struct html {
  struct zhi_buf *b;
  enum serve_lang lang;
};

void html(struct html *h, const char *template, ...);
void html_text(struct html *h, struct zhi_str s);
/* A paragraph of what the program says of a failure: to Chinese readers in Chinese and English. */
void html_said(struct html *h, const char *message);
/* The words for a key; the key itself when there are none. */
const char *serve_words(enum serve_lang lang, const char *key);
bool serve_has_words(struct zhi_str key);

#endif
