/* What a CDX client asks: parameters of pywb, OutbackCDX and the Internet Archive, which are one vocabulary but for a
 * few names. Patterns run in PCRE2 under limits, since anybody may send one. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "serve/cdx.h"
#include "serve/moment.h"
#include "zhi/url.h"

enum { LIMIT_DEFAULT = 100000, KEY_MAX = 1 << 16 };

static const struct {
  const char *name;
  enum cdx_field field;
} names[] = {{"urlkey", CDX_URLKEY},
             {"timestamp", CDX_TIMESTAMP},
             {"url", CDX_URL},
             {"mime", CDX_MIME},
             {"status", CDX_STATUS},
             {"digest", CDX_DIGEST},
             {"redirect", CDX_REDIRECT},
             {"robotflags", CDX_ROBOT},
             {"length", CDX_LENGTH},
             {"offset", CDX_OFFSET},
             {"filename", CDX_FILENAME},
             {"charset", CDX_CHARSET},
             {"orig.length", CDX_ORIG_LENGTH},
             {"orig.offset", CDX_ORIG_OFFSET},
             {"orig.filename", CDX_ORIG_FILENAME},
             {"method", CDX_METHOD},
             {"requestBody", CDX_REQUEST_BODY},
             {"original", CDX_URL},
             {"mimetype", CDX_MIME},
             {"statuscode", CDX_STATUS},
             {"redirecturl", CDX_REDIRECT},
             {"key", CDX_URLKEY},
             {"file", CDX_FILENAME}};
enum { NAMES = sizeof names / sizeof *names };

bool cdx_field_of(struct zhi_str name, enum cdx_field *out) {
  for (size_t i = 0; i < NAMES; i++)
    if (zhi_str_is(name, names[i].name)) {
      *out = names[i].field;
      return true;
    }
  return false;
}

const char *cdx_field_name(enum cdx_field f) { return names[f].name; }

static enum zhi_code read_field(struct zhi_str name, enum cdx_field *out, struct zhi_err *e) {
  return cdx_field_of(zhi_str_trim(name), out)
             ? ZHI_OK
             : zhi_fail(e, ZHI_EUSAGE, "no field '%.*s'", ZHI_STR_ARGS(zhi_str_sub(name, 0, 60)));
}

/* --- filter=[!][=|~]field:expression ------------------------------------------------------------------------------- */

static enum zhi_code compile(struct cdx_filter *f, struct zhi_str text, struct zhi_err *e) {
  int code;
  PCRE2_SIZE at;
  f->pattern = pcre2_compile(
      (PCRE2_SPTR)text.p, text.len,
      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
  return f->pattern ? ZHI_OK
                    : zhi_fail(e, ZHI_EUSAGE, "filter: '%.*s' is no pattern (character %zu)",
                               ZHI_STR_ARGS(zhi_str_sub(text, 0, 100)), at + 1);
}

static enum zhi_code read_filter(struct cdx_ask *a, struct zhi_str s, struct zhi_err *e) {
  struct zhi_str expression = s;
  struct zhi_str name = zhi_str_cut(&expression, ':');
  if (a->filter_count == CDX_FILTERS_MAX)
    return zhi_fail(e, ZHI_EUSAGE, "more than %d filters", CDX_FILTERS_MAX);
  if (!expression.p || expression.len > CDX_PATTERN_MAX)
    return zhi_fail(e, ZHI_EUSAGE, "filter is [!][=|~]FIELD:TEXT, TEXT of at most %d bytes",
                    CDX_PATTERN_MAX);
  struct cdx_filter *f = &a->filter[a->filter_count];
  *f = (struct cdx_filter){.how = a->is_search ? CDX_MATCHES : CDX_CONTAINS};
  if (zhi_str_starts(name, "!")) {
    f->negated = true;
    name = zhi_str_sub(name, 1, name.len);
  }
  if (zhi_str_starts(name, "=") || zhi_str_starts(name, "~")) {
    f->how = name.p[0] == '=' ? CDX_EQUALS : CDX_MATCHES;
    name = zhi_str_sub(name, 1, name.len);
  }
  enum zhi_code rc = read_field(name, &f->field, e);
  if (rc)
    return rc;
  a->filter_count++;
  if (f->how == CDX_MATCHES)
    return compile(f, expression, e);
  f->text = strndup(expression.p, expression.len);
  return f->text ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for a filter");
}

static bool matches(const struct cdx_filter *f, struct zhi_str v) {
  pcre2_match_data *m = pcre2_match_data_create(1, NULL);
  pcre2_match_context *c = pcre2_match_context_create(NULL);
  int n = -1;
  if (m && c) {
    pcre2_set_match_limit(c, 20000);
    pcre2_set_depth_limit(c, 1000);
    pcre2_set_heap_limit(c, 256);
    n = pcre2_match(f->pattern, (PCRE2_SPTR)(v.p ? v.p : ""), v.len, 0, 0, m, c);
  }
  pcre2_match_data_free(m);
  pcre2_match_context_free(c);
  return n >= 0;
}

bool cdx_passes(const struct cdx_ask *a, const struct cdx_values *v) {
  for (size_t i = 0; i < a->filter_count; i++) {
    const struct cdx_filter *f = &a->filter[i];
    struct zhi_str value = v->v[f->field];
    bool fits = f->how == CDX_MATCHES  ? matches(f, value)
                : f->how == CDX_EQUALS ? zhi_str_is(value, f->text)
                                       : zhi_str_find(value, zhi_str_of(f->text)) != NULL;
    if (fits == f->negated)
      return false;
  }
  return true;
}

/* --- the rest ------------------------------------------------------------------------------------------------------ */

/* collapse and collapseToFirst keep the first row of those that are alike, collapseToLast the last. */
static enum zhi_code read_collapse(struct cdx_ask *a, struct zhi_str how, struct zhi_str s,
                                   struct zhi_err *e) {
  struct zhi_str chars = s;
  struct zhi_str name = zhi_str_cut(&chars, ':');
  unsigned long long n = 0;
  if (a->collapse_count == CDX_COLLAPSE_MAX || (chars.p && !zhi_str_u64(chars, 10000, &n)))
    return zhi_fail(e, ZHI_EUSAGE, "collapse is FIELD or FIELD:CHARACTERS, at most %d of them",
                    CDX_COLLAPSE_MAX);
  a->collapse[a->collapse_count].chars = (size_t)n;
  enum zhi_code rc = read_field(name, &a->collapse[a->collapse_count].field, e);
  a->collapse_count += rc == ZHI_OK;
  a->collapses_to_last = zhi_str_is(how, "collapseToLast");
  return rc;
}

static enum zhi_code read_fields(struct cdx_ask *a, struct zhi_str s, struct zhi_err *e) {
  struct zhi_str rest = s;
  enum zhi_code rc = ZHI_OK;
  while (!rc && rest.p && rest.len && a->field_count < CDX_FIELD_COUNT)
    rc = read_field(zhi_str_cut(&rest, ','), &a->fields[a->field_count++], e);
  return rc;
}

static enum zhi_code read_output(struct cdx_ask *a, struct zhi_str s, struct zhi_err *e) {
  if (!s.len)
    a->output = a->is_search ? CDX_AS_TEXT : CDX_AS_CDXJ;
  else if (zhi_str_is(s, "cdxj"))
    a->output = CDX_AS_CDXJ;
  else if (zhi_str_is(s, "json"))
    a->output = a->is_search ? CDX_AS_ARRAYS : CDX_AS_NDJSON;
  else if (zhi_str_is(s, "text") || zhi_str_is(s, "cdx"))
    a->output = CDX_AS_TEXT;
  else if (zhi_str_is(s, "link"))
    a->output = CDX_AS_LINK;
  else
    return zhi_fail(e, ZHI_EUSAGE, "output is cdxj, json, text or link");
  return ZHI_OK;
}

static enum zhi_code read_limit(struct cdx_ask *a, struct zhi_str s, struct zhi_err *e) {
  unsigned long long n = LIMIT_DEFAULT;
  bool last = zhi_str_starts(s, "-");
  if (s.len && !zhi_str_u64(zhi_str_sub(s, last, s.len), LIMIT_DEFAULT, &n))
    return zhi_fail(e, ZHI_EUSAGE, "limit is a number from %d to %d", -LIMIT_DEFAULT,
                    LIMIT_DEFAULT);
  a->limit = last ? -(int64_t)n : (int64_t)n;
  return ZHI_OK;
}

/* method=POST and requestBody, the body as a query: of one URL what was asked for by POST. */
static void add_request(struct cdx_ask *a, const struct serve_request *rq) {
  struct zhi_str method = serve_param(rq, "method"), body = serve_param(rq, "requestBody");
  if (a->match != ZHI_CDX_EXACT || !method.len || zhi_str_is(method, "GET"))
    return;
  zhi_buf_addf(&a->url, "%c__wb_method=%.*s",
               zhi_str_find(zhi_buf_view(&a->url), ZHI_STR("?")) ? '&' : '?', ZHI_STR_ARGS(method));
  if (body.len) {
    zhi_buf_addc(&a->url, '&');
    zhi_buf_addstr(&a->url, body);
  }
}

/* matchType, or a '*' at an end of the URL that stands for it. */
static enum zhi_code read_match(struct cdx_ask *a, const struct serve_request *rq,
                                struct zhi_str url, struct zhi_err *e) {
  struct zhi_str match = serve_param(rq, "matchType");
  if (!url.len)
    return zhi_fail(e, ZHI_EUSAGE, "which URL? ?url= is missing");
  if (zhi_str_is(match, "prefix"))
    a->match = ZHI_CDX_PREFIX;
  else if (zhi_str_is(match, "host"))
    a->match = ZHI_CDX_HOST;
  else if (zhi_str_is(match, "domain"))
    a->match = ZHI_CDX_DOMAIN;
  else if (match.len && !zhi_str_is(match, "exact"))
    return zhi_fail(e, ZHI_EUSAGE, "matchType is exact, prefix, host or domain");
  else if (!match.len && zhi_str_starts(url, "*.")) {
    a->match = ZHI_CDX_DOMAIN;
    url = zhi_str_sub(url, 2, url.len);
  } else if (!match.len && zhi_str_ends(url, "*")) {
    a->match = ZHI_CDX_PREFIX;
    url = zhi_str_sub(url, 0, url.len - 1);
    const char *host = zhi_str_find(url, ZHI_STR("://"));
    struct zhi_str bare = host ? zhi_str_sub(url, (size_t)(host - url.p) + 3, url.len) : url;
    if (!memchr(bare.p, '/', bare.len) || memchr(bare.p, '/', bare.len) == bare.p + bare.len - 1)
      a->match = ZHI_CDX_HOST;
  }
  zhi_buf_addstr(&a->url, url);
  add_request(a, rq);
  zhi_cdx_range(zhi_buf_view(&a->url), a->match, &a->from, &a->to);
  return ZHI_OK;
}

static enum zhi_code read_url(struct cdx_ask *a, const struct serve_request *rq,
                              struct zhi_err *e) {
  struct zhi_str key = serve_param(rq, "urlkey");
  enum zhi_code rc = ZHI_OK;
  if (key.len) {
    zhi_buf_addstr(&a->from, key);
    zhi_buf_addstr(&a->to, key);
    zhi_buf_addc(&a->to, '!');
  } else {
    rc = read_match(a, rq, serve_param(rq, "url"), e);
  }
  if (!rc)
    rc = zhi_buf_check(&a->from, "a URL", e);
  return rc ? rc : zhi_buf_check(&a->to, "a URL", e);
}

static enum zhi_code read_times(struct cdx_ask *a, const struct serve_request *rq,
                                struct zhi_err *e) {
  struct zhi_str from = serve_param(rq, "from"), to = serve_param(rq, "to"),
                 sort = serve_param(rq, "sort"), closest = serve_param(rq, "closest");
  a->to_ms = INT64_MAX;
  if ((from.len && !moment_pad(from, false, &a->from_ms)) ||
      (to.len && !moment_pad(to, true, &a->to_ms)))
    return zhi_fail(e, ZHI_EUSAGE, "from and to have 4 to 14 digits, as in 201803");
  if (sort.len && !zhi_str_is(sort, "reverse") && !zhi_str_is(sort, "closest") &&
      !zhi_str_is(sort, "default"))
    return zhi_fail(e, ZHI_EUSAGE, "sort is default, reverse or closest");
  a->reverse = zhi_str_is(sort, "reverse");
  a->closest = zhi_str_is(sort, "closest") || (closest.len && !sort.len);
  if (a->closest &&
      (a->match != ZHI_CDX_EXACT || !closest.len || !moment_pad(closest, false, &a->closest_ms)))
    return zhi_fail(e, ZHI_EUSAGE, "sort=closest needs closest=TIME and one URL");
  return ZHI_OK;
}

static bool is_true(struct zhi_str s) {
  return zhi_str_is(s, "true") || zhi_str_is(s, "1") || zhi_str_is(s, "on");
}

/* Parameters that may be there several times. */
static enum zhi_code read_repeated(struct cdx_ask *a, const struct serve_request *rq,
                                   struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < rq->param_count && !rc; i++) {
    const struct serve_param *p = &rq->param[i];
    if (zhi_str_is(p->name, "filter"))
      rc = read_filter(a, p->value, e);
    else if (zhi_str_is(p->name, "collapse") || zhi_str_is(p->name, "collapseToFirst") ||
             zhi_str_is(p->name, "collapseToLast"))
      rc = read_collapse(a, p->name, p->value, e);
    else if (zhi_str_is(p->name, "fl") || zhi_str_is(p->name, "fields"))
      rc = read_fields(a, p->value, e);
  }
  return rc;
}

static enum zhi_code read_rest(struct cdx_ask *a, const struct serve_request *rq,
                               struct zhi_err *e) {
  int64_t chars, page;
  enum zhi_code rc = read_output(a, serve_param(rq, "output"), e);
  if (!rc)
    rc = read_limit(a, serve_param(rq, "limit"), e);
  if (!rc)
    rc = serve_param_int(rq, "offset", 0, INT32_MAX, 0, &a->offset, e);
  if (!rc)
    rc = serve_param_int(rq, "resumeKey", 0, INT64_MAX, 0, &a->after_id, e);
  if (!rc)
    rc = serve_param_int(rq, "collapseTime", 0, 14, 0, &chars, e);
  if (!rc)
    rc = serve_param_int(rq, "page", 0, INT32_MAX, 0, &page, e);
  if (rc)
    return rc;
  if (chars && a->collapse_count < CDX_COLLAPSE_MAX) {
    a->collapse[a->collapse_count].field = CDX_TIMESTAMP;
    a->collapse[a->collapse_count++].chars = (size_t)chars;
  }
  if (page) /* an answer is one page */
    a->limit = 0;
  if (is_true(serve_param(rq, "showPagedIndex")))
    return zhi_fail(e, ZHI_EUSAGE, "showPagedIndex: there is no paged index");
  a->wants_resume = is_true(serve_param(rq, "showResumeKey"));
  a->count_pages = is_true(serve_param(rq, "showNumPages"));
  a->resolves = is_true(serve_param(rq, "resolveRevisits"));
  a->omits_self_redirects = is_true(serve_param(rq, "omitSelfRedirects"));
  return ZHI_OK;
}

enum zhi_code cdx_ask_read(const struct serve_request *rq, bool is_search, struct cdx_ask **out,
                           struct zhi_err *e) {
  struct cdx_ask *a = calloc(1, sizeof *a);
  if (!a)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a question");
  a->is_search = is_search;
  zhi_buf_init(&a->from, KEY_MAX);
  zhi_buf_init(&a->to, KEY_MAX);
  zhi_buf_init(&a->url, KEY_MAX);
  zhi_buf_init(&a->base, KEY_MAX);
  zhi_buf_addstr(&a->base, rq->base);
  enum zhi_code rc = read_url(a, rq, e);
  if (!rc)
    rc = read_times(a, rq, e);
  if (!rc)
    rc = read_rest(a, rq, e);
  if (!rc)
    rc = read_repeated(a, rq, e);
  if (rc)
    cdx_ask_free(a);
  else
    *out = a;
  return rc;
}

void cdx_ask_free(struct cdx_ask *a) {
  if (!a)
    return;
  for (size_t i = 0; i < a->filter_count; i++) {
    pcre2_code_free(a->filter[i].pattern);
    free(a->filter[i].text);
  }
  zhi_buf_release(&a->from);
  zhi_buf_release(&a->to);
  zhi_buf_release(&a->url);
  zhi_buf_release(&a->base);
  free(a);
}
