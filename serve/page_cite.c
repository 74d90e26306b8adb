/* A capture as a citation, to be copied. */
#include "serve/find.h"
#include "serve/handlers.h"
#include "serve/page.h"
#include "zhi/cite.h"

enum { CITATION_MAX = 1 << 20 };

static void block(struct html *h, const char *id, const char *key, struct zhi_str text) {
  html(h,
       "<section aria-labelledby=h-%s><h2 id=h-%s>%t</h2><pre id=%s tabindex=0>%S</pre></section>",
       id, id, key, id, zhi_str_trim(text));
}

/* What stands before the next empty line. */
static struct zhi_str paragraph(struct zhi_str *rest) {
  const char *end = rest->len ? memmem(rest->p, rest->len, "\n\n", 2) : NULL;
  struct zhi_str all = *rest;
  size_t n = end ? (size_t)(end - all.p) : all.len;
  *rest = zhi_str_sub(all, end ? n + 2 : n, all.len);
  return zhi_str_sub(all, 0, n);
}

enum zhi_code handle_cite(struct serve_call *c, struct zhi_err *e) {
  struct zhi_buf text;
  struct zhi_str url;
  zhi_buf_init(&text, CITATION_MAX);
  enum zhi_code rc = find_url(c, &url, e);
  if (!rc)
    rc = zhi_cite(c->store, c->dir, url, serve_param(c->rq, "time"), &text, e);
  if (!rc) {
    struct zhi_str rest = zhi_buf_view(&text);
    struct html h = page_begin(c->rq, &c->rs->body, serve_words(c->rq->lang, "cite"), "");
    html(&h, "<h1>{cite}</h1><p class=addr><a href=\"/document?url=%q\">%S</a></p>", url, url);
    block(&h, "citation", "cite_plain", paragraph(&rest));
    block(&h, "bibtex", "cite_bibtex", paragraph(&rest));
    block(&h, "pwid", "cite_pwid", paragraph(&rest));
    html(&h,
         "<section aria-labelledby=h-evidence><h2 id=h-evidence>{evidence}</h2><p>{evidence_about}"
         "</p><p class=actions><a id=action-evidence class=button download "
         "href=\"/evidence?url=%q&amp;time=%q\">{evidence_get}</a></p><p class=hint>"
         "{evidence_command}</p><pre id=evidence tabindex=0>xianzhi evidence {archive_folder} "
         "&#39;%S&#39; %S -o evidence.zip</pre></section>",
         url, serve_param(c->rq, "time"), url, serve_param(c->rq, "time"));
    page_end(&h, c->rq);
  }
  zhi_buf_release(&text);
  return rc;
}
