/* Requests beyond a URL: their identity, and the URL that archives index a POST under. The latter follows the
 * convention of pywb and cdxj-indexer, quirks included, so that their readers find our captures. */
#include "zhi/request.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/url_internal.h"

enum { QUERY_MAX_BYTES = 4096, JSON_DEPTH_MAX = 16, JSON_KEYS_MAX = 256 };

struct zhi_str zhi_ask_header(const struct zhi_ask *a, const char *name) {
  struct zhi_str rest = a->headers;
  while (rest.len) {
    struct zhi_str line = zhi_str_cut(&rest, '\n'), key = zhi_str_cut(&line, ':');
    if (zhi_str_iis(key, name))
      return zhi_str_trim(line);
  }
  return ZHI_STR_NONE;
}

struct zhi_ask zhi_ask_copy(struct zhi_arena *a, const struct zhi_ask *ask) {
  struct zhi_ask out = {0};
  if (zhi_ask_is_post(ask))
    out.body = zhi_arena_str(a, ask->body);
  if (ask->headers.len)
    out.headers = zhi_arena_str(a, ask->headers);
  if (ask->asker.len)
    out.asker = zhi_arena_str(a, ask->asker);
  return out;
}

static bool is_state(struct zhi_str pair) {
  struct zhi_str name = zhi_str_cut(&pair, '=');
  return zhi_str_starts(name, "__") && !zhi_str_is(name, "__EVENTTARGET") &&
         !zhi_str_is(name, "__EVENTARGUMENT");
}

struct zhi_str zhi_ask_own(const struct zhi_ask *a) {
  const char *at = a->asker.len ? zhi_str_find(a->asker, ZHI_STR(" #")) : NULL;
  return at ? zhi_str_sub(a->asker, (size_t)(at - a->asker.p) + 2, a->asker.len) : ZHI_STR("");
}

void zhi_ask_identity(struct zhi_str url, const struct zhi_ask *a, struct zhi_buf *out) {
  zhi_buf_addstr(out, url);
  if (zhi_ask_own(a).len)
    zhi_buf_addf(out, "\n#%.*s", ZHI_STR_ARGS(zhi_ask_own(a)));
  if (!zhi_ask_is_post(a))
    return;
  zhi_buf_adds(out, "\nPOST\n");
  struct zhi_str rest = a->body;
  while (rest.p) {
    struct zhi_str pair = zhi_str_cut(&rest, '&');
    if (is_state(pair))
      continue;
    zhi_buf_addstr(out, pair);
    zhi_buf_addc(out, '&');
  }
}

/* --- forms ------------------------------------------------------------------------------------------- */

void zhi_form_escape(struct zhi_str s, struct zhi_buf *out) {
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.p[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      zhi_buf_addc(out, (char)c);
    else if (c == ' ')
      zhi_buf_addc(out, '+');
    else
      zhi_buf_addf(out, "%%%02X", c);
  }
}

void zhi_form_add(struct zhi_buf *out, const char *name, struct zhi_str value) {
  if (out->len && out->p[out->len - 1] != '?' && out->p[out->len - 1] != '&')
    zhi_buf_addc(out, '&');
  zhi_form_escape(zhi_str_of(name), out);
  zhi_buf_addc(out, '=');
  zhi_form_escape(value, out);
}

struct zhi_str zhi_form_value(struct zhi_str form, const char *name) {
  const char *mark = form.len ? memchr(form.p, '?', form.len) : NULL;
  struct zhi_str rest = mark ? zhi_str_sub(form, (size_t)(mark - form.p) + 1, form.len) : form;
  while (rest.p) {
    struct zhi_str value = zhi_str_cut(&rest, '&'), key = zhi_str_cut(&value, '=');
    if (zhi_str_is(key, name))
      return value.p ? value : ZHI_STR("");
  }
  return ZHI_STR_NONE;
}

void zhi_form_set(struct zhi_str form, struct zhi_str name, struct zhi_str value,
                  struct zhi_buf *out) {
  const char *mark = form.len ? memchr(form.p, '?', form.len) : NULL;
  bool url = zhi_str_find(form, ZHI_STR("://")) != NULL, done = false, first = true;
  struct zhi_str rest = form;
  if (url || mark) {
    size_t head = mark ? (size_t)(mark - form.p) : form.len;
    zhi_buf_addstr(out, zhi_str_sub(form, 0, head));
    zhi_buf_addc(out, '?');
    rest = mark ? zhi_str_sub(form, head + 1, form.len) : ZHI_STR_NONE;
  }
  while (rest.len) {
    struct zhi_str pair = zhi_str_cut(&rest, '&'), old = pair, key = zhi_str_cut(&old, '=');
    if (!first)
      zhi_buf_addc(out, '&');
    first = false;
    if (!zhi_str_eq(key, name)) {
      zhi_buf_addstr(out, pair);
      continue;
    }
    zhi_buf_addf(out, "%.*s=%.*s", ZHI_STR_ARGS(name), ZHI_STR_ARGS(value));
    done = true;
  }
  if (!done)
    zhi_buf_addf(out, "%s%.*s=%.*s", first ? "" : "&", ZHI_STR_ARGS(name), ZHI_STR_ARGS(value));
}

void zhi_form_unescape(struct zhi_str s, struct zhi_buf *out) {
  for (size_t i = 0; i < s.len; i++) {
    int hi, lo;
    if (s.p[i] == '%' && i + 2 < s.len && (hi = zhi_url_hex((unsigned char)s.p[i + 1])) >= 0 &&
        (lo = zhi_url_hex((unsigned char)s.p[i + 2])) >= 0) {
      zhi_buf_addc(out, (char)(hi * 16 + lo));
      i += 2;
    } else {
      zhi_buf_addc(out, s.p[i] == '+' ? ' ' : s.p[i]);
    }
  }
}

/* --- JSON bodies --------------------------------------------------------------------------------------- */

struct flat {
  struct zhi_buf *out;
  struct {
    const char *name;
    int times;
  } seen[JSON_KEYS_MAX];
  int count;
};

/* The second value of a name is "name.2_", the third "name.3_". */
static int times_of(struct flat *f, const char *name) {
  for (int i = 0; i < f->count; i++)
    if (strcmp(f->seen[i].name, name) == 0)
      return ++f->seen[i].times;
  if (f->count == JSON_KEYS_MAX)
    return 0;
  f->seen[f->count].name = name;
  f->seen[f->count++].times = 1;
  return 1;
}

static void add_value(struct flat *f, const char *name, const json_t *v) {
  char number[64];
  struct zhi_str text = ZHI_STR("None"); /* as Python prints them */
  int times = times_of(f, name);
  if (times == 0)
    return;
  if (f->out->len)
    zhi_buf_addc(f->out, '&');
  zhi_form_escape(zhi_str_of(name), f->out);
  if (times > 1)
    zhi_buf_addf(f->out, ".%d_", times);
  if (json_is_string(v)) {
    text = zhi_str_n(json_string_value(v), json_string_length(v));
  } else if (json_is_boolean(v)) {
    text = json_is_true(v) ? ZHI_STR("True") : ZHI_STR("False");
  } else if (json_is_integer(v)) {
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(v));
    text = zhi_str_of(number);
  } else if (json_is_real(v)) {
    snprintf(number, sizeof number, "%.17g", json_real_value(v));
    text = zhi_str_of(number);
  }
  zhi_buf_addc(f->out, '=');
  zhi_form_escape(text, f->out);
}

static void flatten(struct flat *f, const char *name, json_t *v, int depth) {
  const char *key;
  json_t *x;
  size_t i;
  if (depth > JSON_DEPTH_MAX || f->out->len > 2 * (size_t)QUERY_MAX_BYTES)
    return;
  if (json_is_object(v)) {
    json_object_foreach(v, key, x) flatten(f, key, x, depth + 1);
  } else if (json_is_array(v)) {
    json_array_foreach(v, i, x) flatten(f, name, x, depth + 1);
  } else if (name) {
    add_value(f, name, v);
  }
}

static bool json_query(struct zhi_str body, struct zhi_buf *out) {
  json_error_t why;
  json_t *j = json_loadb(body.p ? body.p : "", body.len, JSON_DECODE_ANY, &why);
  struct flat f = {.out = out};
  if (!j && (!why.text[0] || json_error_code(&why) == json_error_out_of_memory))
    out->failed = out->starved = 1;
  if (j)
    flatten(&f, NULL, j, 0);
  json_decref(j);
  return j != NULL;
}

/* As much of it as is kept anyhow. */
static void base64(struct zhi_str s, struct zhi_buf *out) {
  unsigned char text[QUERY_MAX_BYTES + 4];
  struct zhi_str part = zhi_str_sub(s, 0, QUERY_MAX_BYTES / 4 * 3);
  int n = EVP_EncodeBlock(text, (const unsigned char *)part.p, (int)part.len);
  zhi_buf_add(out, text, n > 0 ? (size_t)n : 0);
}

/* At most 4096 characters, not bytes. */
static struct zhi_str cut_characters(struct zhi_str s) {
  size_t at = 0;
  for (int n = 0; n < QUERY_MAX_BYTES && at < s.len; n++) {
    unsigned cp;
    at += zhi_utf8_next(s.p + at, s.len - at, &cp);
  }
  return zhi_str_sub(s, 0, at);
}

static void body_query(struct zhi_str type, struct zhi_str body, struct zhi_buf *out) {
  bool done = false;
  if (zhi_str_starts(type, ZHI_FORM_TYPE) && zhi_utf8_valid(body, NULL)) {
    zhi_form_unescape(body, out);
    done = true;
  } else if (zhi_str_starts(type, "application/json")) {
    json_query(body, out);
    done = true;
  } else if (zhi_str_starts(type, "text/plain")) {
    done = json_query(body, out);
  }
  if (!done) {
    zhi_buf_adds(out, "__wb_post_data=");
    base64(body, out);
  }
}

void zhi_request_url(struct zhi_str url, struct zhi_str method, struct zhi_str content_type,
                     struct zhi_str body, struct zhi_buf *out, struct zhi_str *query) {
  if (query)
    *query = ZHI_STR_NONE;
  zhi_buf_addstr(out, url);
  if (!zhi_str_is(method, "POST") && !zhi_str_is(method, "PUT"))
    return;
  struct zhi_buf q;
  zhi_buf_init(&q, (size_t)64 << 20);
  body_query(content_type, body, &q);
  struct zhi_str text = cut_characters(zhi_buf_view(&q));
  zhi_buf_addc(out, url.len && memchr(url.p, '?', url.len) ? '&' : '?');
  zhi_buf_addf(out, "__wb_method=%.*s", ZHI_STR_ARGS(method));
  if (text.len)
    zhi_buf_addc(out, '&');
  size_t from = out->len;
  zhi_buf_addstr(out, text);
  if (query && text.len && !out->failed)
    *query = zhi_str_n(out->p + from, text.len);
  out->starved |= q.starved;
  out->failed |= q.starved;
  zhi_buf_release(&q);
}

void zhi_ask_url(struct zhi_str url, const struct zhi_ask *a, struct zhi_buf *out) {
  struct zhi_str type = zhi_ask_header(a, "Content-Type");
  zhi_request_url(url, zhi_ask_is_post(a) ? ZHI_STR("POST") : ZHI_STR("GET"),
                  type.len ? type : ZHI_STR(ZHI_FORM_TYPE), a->body, out, NULL);
}
