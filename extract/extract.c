/* zhi_extract: charset → text → tree → kind, fields, body, attachments, list, links, findings. One parse a page,
 * everything in one arena that the next page reuses. A page that spends the arena's budget of bytes or CPU
 * longjmps here; it still gets its links and labels-free text from a linear token scan, and says so. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "extract/adapters/adapters.h"
#include "extract/ctx.h"
#include "extract/xpath.h"
#include "zhi/charset.h"
#include "zhi/limits.h"

enum { LINEAR_CPU_FACTOR = 5, KEEP_BYTES = 4 << 20 };

const char *const zhi_extractor_version = "3";

struct zhi_extractor {
  struct zhi_arena arena;
  struct zhi_labels labels;
  struct zhi_overrides overrides;
  struct zhi_families families;
  json_t *json; /* tree of the answer under way */
  char division_code[8], division_name[128];
  struct zhi_site site; /* views of these */
  struct zhi_buf decoded;
  struct zhi_page page; /* of the call under way: locals do not survive longjmp */
  struct zhi_charset charset;
  struct zhi_str text;
  struct zhi_doc *doc;
  jmp_buf escape, again;
};

const char *zhi_kind_name(enum zhi_kind k) {
  static const char *const names[] = {"other", "home", "list", "document", "blocked", "soft_404"};
  return k >= 0 && k <= ZHI_KIND_SOFT_404 ? names[k] : "other";
}

const char *zhi_precision_name(enum zhi_precision p) {
  static const char *const names[] = {"", "year", "month", "day", "minute", "second"};
  return p >= 0 && p <= ZHI_PRECISION_SECOND ? names[p] : "";
}

enum zhi_code zhi_extractor_new(struct zhi_extractor **out, struct zhi_err *e) {
  struct zhi_extractor *x = calloc(1, sizeof *x);
  if (!x)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an extractor");
  zhi_arena_init(&x->arena, ZHI_HTML_ARENA_BYTES);
  x->arena.keep_bytes = KEEP_BYTES;
  zhi_buf_init(&x->decoded, ZHI_DECODED_MAX_BYTES);
  zhi_overrides_init(&x->overrides);
  enum zhi_code rc = zhi_labels_init(&x->labels, e);
  if (!rc && (rc = zhi_families_init(&x->families, e)))
    zhi_labels_release(&x->labels);
  if (rc) {
    free(x);
    return rc;
  }
  *out = x;
  return ZHI_OK;
}

void zhi_extractor_free(struct zhi_extractor *x) {
  if (!x)
    return;
  zhi_labels_release(&x->labels);
  zhi_overrides_release(&x->overrides);
  zhi_families_release(&x->families);
  json_decref(x->json);
  zhi_buf_release(&x->decoded);
  zhi_arena_release(&x->arena);
  free(x);
}

enum zhi_code zhi_extractor_override(struct zhi_extractor *x, struct zhi_str name,
                                     struct zhi_str xpath, struct zhi_err *e) {
  return zhi_overrides_add(&x->overrides, name, xpath, e);
}

void zhi_extractor_division(struct zhi_extractor *x, struct zhi_str code, struct zhi_str name) {
  snprintf(x->division_code, sizeof x->division_code, "%.*s", ZHI_STR_ARGS(code));
  snprintf(x->division_name, sizeof x->division_name, "%.*s", ZHI_STR_ARGS(name));
  x->site = (struct zhi_site){zhi_str_of(x->division_code), zhi_str_of(x->division_name)};
}

enum zhi_code zhi_override_check(struct zhi_str name, struct zhi_str xpath, struct zhi_err *e) {
  return zhi_overrides_add(NULL, name, xpath, e);
}

/* --- shared by the parts ------------------------------------------------------------------------------------ */

void zhi_ctx_finding(struct zhi_ctx *c, const char *code, struct zhi_str text) {
  struct zhi_doc *d = c->doc;
  if (d->finding_count >= ZHI_PAGE_MAX_FINDINGS)
    return;
  if (!d->findings)
    d->findings = zhi_arena_alloc(c->a, ZHI_PAGE_MAX_FINDINGS * sizeof *d->findings);
  d->findings[d->finding_count++] = (struct zhi_finding){code, text};
}

struct zhi_candidate *zhi_ctx_candidate(struct zhi_ctx *c, enum zhi_field f, struct zhi_str raw,
                                        const char *source, float confidence, uint32_t pos) {
  if (raw.len > ZHI_FIELD_MAX_BYTES)
    raw.len = ZHI_FIELD_MAX_BYTES;
  while (raw.len && !zhi_utf8_valid(raw, NULL) && raw.len + 4 > ZHI_FIELD_MAX_BYTES)
    raw.len--;
  if (!raw.p)
    raw = ZHI_STR("");
  struct zhi_candidate *k = ZHI_PUSH(c, c->cands, c->cand_count, c->cand_cap);
  *k = (struct zhi_candidate){
      .field = f, .raw = raw, .source = source, .confidence = confidence, .pos = pos};
  return k;
}

struct zhi_str zhi_ctx_resolve(struct zhi_ctx *c, struct zhi_str href) {
  return href.len ? zhi_link_resolve(c->a, c->base, c->enc, href) : ZHI_STR_NONE;
}

bool zhi_attr_has(const struct zhi_node *n, const char *name, const char *part) {
  struct zhi_str v = zhi_node_attr(n, name);
  return v.len && zhi_str_ifind(v, part) != NULL;
}

/* --- what sort of body is it? ------------------------------------------------------------------------------- */

static bool is_binary(struct zhi_str b) {
  static const struct {
    const char *magic;
    size_t len;
  } magics[] = {{"%PDF", 4},    {"PK\003\004", 4}, {"\xd0\xcf\x11\xe0", 4},
                {"\x89PNG", 4}, {"GIF8", 4},       {"\xff\xd8\xff", 3},
                {"Rar!", 4},    {"7z\xbc\xaf", 4}, {"\x1f\x8b", 2},
                {"RIFF", 4},    {"BM", 2},         {"{\\rtf", 5},
                {"OggS", 4},    {"ID3", 3},        {"wOFF", 4},
                {"wOF2", 4}};
  for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
    if (b.len >= magics[i].len && memcmp(b.p, magics[i].magic, magics[i].len) == 0 &&
        (magics[i].len > 2 || (b.len > 8 && memchr(b.p, 0, 64 < b.len ? 64 : b.len))))
      return true;
  return b.len > 12 && memcmp(b.p + 4, "ftyp", 4) == 0;
}

static bool is_markup_type(struct zhi_str type) {
  return zhi_str_ifind(type, "html") || zhi_str_ifind(type, "xml");
}

/* Does the text begin like markup (after white space, a BOM or comments)? */
static bool looks_like_html(struct zhi_str b) {
  struct zhi_str head = zhi_str_sub(b, 0, 1024);
  static const char *const tags[] = {"<!doctype", "<html",  "<head",  "<body", "<script", "<meta",
                                     "<div",      "<table", "<title", "<p>",   "<a ",     "<ul"};
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    if (zhi_str_ifind(head, tags[i]))
      return true;
  if (b.len > 2 && (((unsigned char)b.p[0] == 0xff && (unsigned char)b.p[1] == 0xfe) ||
                    ((unsigned char)b.p[0] == 0xfe && (unsigned char)b.p[1] == 0xff)))
    return true;
  return false;
}

static bool is_html(const struct zhi_page *p) {
  if (!p->body.len || is_binary(p->body))
    return false;
  if (!p->content_type.len || is_markup_type(p->content_type))
    return true;
  bool other =
      zhi_str_istarts(p->content_type, "image/") || zhi_str_istarts(p->content_type, "text/css") ||
      zhi_str_ifind(p->content_type, "javascript") || zhi_str_ifind(p->content_type, "json");
  return !other && looks_like_html(p->body);
}

/* --- the pipeline -------------------------------------------------------------------------------------------- */

static void own_path(struct zhi_ctx *c) {
  struct zhi_str u = c->page->url;
  const char *p = zhi_str_find(u, ZHI_STR("://"));
  size_t i = p ? (size_t)(p - u.p) + 3 : 0;
  while (i < u.len && u.p[i] != '/' && u.p[i] != '?')
    i++;
  size_t end = i;
  while (end < u.len && u.p[end] != '?' && u.p[end] != '#')
    end++;
  c->url_path = zhi_str_sub(u, i, end);
  c->url_query = end < u.len && u.p[end] == '?';
}

static void take_links(struct zhi_ctx *c, const struct zhi_links *l) {
  c->doc->links = l->items;
  c->doc->link_count = l->count;
  c->doc->noindex = c->doc->noindex || l->noindex;
  if (l->capped)
    zhi_ctx_finding(c, "links_capped", ZHI_STR("more links than are kept"));
  if (l->too_long)
    zhi_ctx_finding(c, "url_too_long", zhi_arena_printf(c->a, "%zu URLs", l->too_long));
}

static void drop_list(struct zhi_doc *d) { d->list = (struct zhi_list){0}; }

static void find_kind_and_list(struct zhi_ctx *c) {
  struct zhi_doc *d = c->doc;
  bool told = zhi_override_list(c);
  if (!told && zhi_is_plain_document(c)) {
    d->kind = ZHI_KIND_DOCUMENT;
    return;
  }
  zhi_find_list(c);
  if (told)
    zhi_override_list(c);
  zhi_find_kind(c);
  if (told && d->kind != ZHI_KIND_BLOCKED && d->kind != ZHI_KIND_SOFT_404)
    d->kind = ZHI_KIND_LIST;
  if (d->kind != ZHI_KIND_OTHER && d->kind != ZHI_KIND_DOCUMENT)
    zhi_drop_item_fields(d);
  if (d->kind != ZHI_KIND_LIST)
    drop_list(d);
  else if (!d->list.adapter)
    d->list.adapter = told ? "override" : "generic";
}

/* What a script asked for. False: it is something else. */
static bool run_answer(struct zhi_ctx *c) {
  if (!zhi_is_answer(c))
    return false;
  struct zhi_str base = c->base;
  if (zhi_read_answer(c)) {
    c->doc->kind = ZHI_KIND_LIST;
    c->doc->list.adapter = c->fam->family[c->family].name;
    return true;
  }
  c->base = base;
  drop_list(c->doc);
  take_links(c, &(struct zhi_links){0});
  if (c->page->ask.asker.len)
    zhi_ctx_finding(c, "answer_unexpected", ZHI_STR("not what its list adapter asked for"));
  return false;
}

static void run(struct zhi_extractor *x, struct zhi_ctx *c) {
  struct zhi_links links = {0};
  struct zhi_links_in in = {c->page->url, c->enc, x->text};
  c->source = x->text;
  if (run_answer(c) || !is_html(&x->page))
    return;
  zhi_html_parse(c->a, x->text, &c->html);
  zhi_links_html(c->a, &in, &c->html, &links);
  if (links.base.len)
    c->base = links.base;
  take_links(c, &links);
  zhi_flat_build(&c->flat, c->a, &c->html);
  zhi_collect_scripts(c);
  zhi_scan_labels(c);
  zhi_find_main(c);
  zhi_page_candidates(c);
  zhi_find_title(c);
  zhi_find_blocked(c);
  zhi_body_text(c);
  zhi_hit_candidates(c);
  zhi_titled_candidates(c);
  zhi_script_candidates(c);
  zhi_override_candidates(c);
  zhi_resolve_fields(c);
  zhi_text_digest(c);
  zhi_find_attachments(c);
  find_kind_and_list(c);
  zhi_find_parts(c);
  zhi_find_division(c);
  zhi_find_annual(c);
  enum zhi_kind k = c->doc->kind;
  if (k == ZHI_KIND_HOME || k == ZHI_KIND_LIST || k == ZHI_KIND_OTHER)
    zhi_find_cluster(c);
  if (c->page->explain)
    zhi_explain(c);
  if (c->page->compared) {
    zhi_find_anchors(c);
    zhi_find_beside(c);
  }
}

static struct zhi_doc *new_doc(struct zhi_extractor *x) {
  struct zhi_doc *d = zhi_arena_zalloc(&x->arena, sizeof *d);
  if (!d)
    return NULL;
  d->url = zhi_arena_str(&x->arena, x->page.url);
  d->charset = d->text = d->text_digest = ZHI_STR("");
  d->charset_source = "default";
  return d;
}

/* The budget was spent: start the page again with nothing but a token scan. */
static void run_linear(struct zhi_extractor *x, struct zhi_ctx *c, int why) {
  struct zhi_links links = {0};
  struct zhi_links_in in = {c->page->url, c->enc, x->text};
  struct zhi_str text = ZHI_STR_NONE;
  zhi_links_scan(c->a, &in, &links, &text);
  take_links(c, &links);
  if (text.p)
    c->doc->text = text;
  zhi_ctx_finding(c, "html_budget",
                  why == ZHI_ARENA_CPU ? ZHI_STR("parsing took too long: links only")
                                       : ZHI_STR("the tree took too much memory: links only"));
}

static void begin(struct zhi_extractor *x, struct zhi_ctx *c, int64_t cpu_ms) {
  zhi_arena_reset(&x->arena);
  zhi_arena_cpu_budget(&x->arena, cpu_ms);
  json_decref(x->json);
  x->json = NULL;
  *c = (struct zhi_ctx){.a = &x->arena,
                        .page = &x->page,
                        .labels = &x->labels,
                        .fam = &x->families,
                        .family = -1,
                        .json = &x->json,
                        .doc = new_doc(x),
                        .site = &x->site,
                        .overrides = &x->overrides};
  x->doc = c->doc;
  c->base = x->page.url;
  c->enc = x->charset.enc;
  own_path(c);
}

static void finish(struct zhi_extractor *x, const struct zhi_doc **out) {
  x->arena.escape = NULL;
  zhi_arena_cpu_budget(&x->arena, 0);
  *out = x->doc;
}

enum zhi_code zhi_extract(struct zhi_extractor *x, const struct zhi_page *page,
                          const struct zhi_doc **out, struct zhi_err *e) {
  struct zhi_ctx c;
  x->page = *page;
  x->arena.escape = &x->escape;
  x->doc = NULL;
  x->charset = (struct zhi_charset){.enc = zhi_utf8, .source = "default"};
  x->text = ZHI_STR_NONE;
  volatile int why = 0;
  if (setjmp(x->escape))
    why = (int)x->arena.why;
  if (why == ZHI_ARENA_NOMEM) {
    x->arena.escape = NULL;
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a page");
  }
  if (why == 0) {
    begin(x, &c, ZHI_HTML_CPU_MS);
    if (!is_html(page) && (is_binary(page->body) || !zhi_is_answer(&c))) {
      finish(x, out);
      return ZHI_OK;
    }
    x->charset = zhi_charset_decide(page->body, page->http_charset);
    zhi_buf_clear(&x->decoded);
    if (zhi_charset_text(&x->charset, page->body, &x->decoded, &x->text, e) == ZHI_ENOMEM) {
      finish(x, out);
      return ZHI_ENOMEM;
    }
  }
  /* x->text tells the two ways apart after a jump: local variables would not survive it */
  if (why || x->text.len > ZHI_HTML_MAX_BYTES) {
    x->arena.escape = &x->again;
    if (setjmp(x->again)) {
      if (x->arena.why == ZHI_ARENA_NOMEM) {
        x->arena.escape = NULL;
        return zhi_fail(e, ZHI_ENOMEM, "out of memory for a page");
      }
      begin(x, &c, 0);
      zhi_ctx_finding(&c, "html_budget", ZHI_STR("the page spent its budget twice: nothing read"));
      finish(x, out);
      return ZHI_OK;
    }
    begin(x, &c, LINEAR_CPU_FACTOR * ZHI_HTML_CPU_MS); /* linear: the size of the body bounds it */
    run_linear(x, &c, why);
  } else {
    c.enc = x->charset.enc;
    run(x, &c);
  }
  x->doc->charset = zhi_str_of(zhi_encoding_name(x->charset.enc));
  x->doc->charset_source = x->charset.source;
  if (x->charset.conflict) {
    c.doc = x->doc;
    c.a = &x->arena;
    zhi_ctx_finding(&c, "charset_conflict",
                    ZHI_STR("declarations disagree with one another or with the bytes"));
  }
  finish(x, out);
  return ZHI_OK;
}
