/* Requests of scripts: $.ajax({url, type, data}), $.post(url, data), $.getJSON(url, data) and their like.
 *
 * The call around an address literal is cut out by counting brackets; its data is an object, a joined string, or a
 * variable that holds one. All is written into one buffer as a form or as JSON, with SLOT where the page's number goes:
 * the value of a member that is called as pages are (names in config/adapters.yaml). */
#include "extract/adapters/ajax.h"

#include <stdio.h>

enum {
  SLOT = 1,
  CALL_MAX = 6000,
  LOOK_BACK = 400,
  EXPR_MAX = 600,
  TRIES_MAX = 64,
  DEPTH_MAX = 4,
  OFFSET_ROWS = 20, /* a page, when a request by offset does not tell */
  LOOKUPS_MAX = 200 /* of variables, a page */
};
#define BUF_MAX ((size_t)64 << 10)

struct writer {
  struct zhi_ctx *c;
  struct zhi_ajax *x;
  struct zhi_buf *out;
  struct zhi_str argument; /* of the function around, where it is called */
  bool slot;
};

static struct zhi_str skip_space(struct zhi_str s) {
  while (s.len && (unsigned char)*s.p <= ' ')
    s = zhi_str_sub(s, 1, s.len);
  return s;
}

/* End of a quoted literal that begins at s; its length with both quotes, 0 when it never ends. */
static size_t literal_len(struct zhi_str s) {
  for (size_t i = 1; i < s.len && s.p[i] != '\n'; i++) {
    if (s.p[i] == '\\')
      i++;
    else if (s.p[i] == s.p[0])
      return i + 1;
  }
  return 0;
}

/* The expression at s up to a comma, or a bracket that closes what is around it. */
static struct zhi_str expression(struct zhi_str s, size_t max) {
  int depth = 0;
  size_t i = 0;
  for (; i < s.len && i < max; i++) {
    char ch = s.p[i];
    if (ch == '"' || ch == '\'') {
      size_t n = literal_len(zhi_str_sub(s, i, s.len));
      i += n ? n - 1 : 0;
    } else if (strchr("([{", ch)) {
      depth++;
    } else if (strchr(")]}", ch)) {
      if (depth-- == 0)
        break;
    } else if ((ch == ',' || ch == ';') && depth == 0) {
      break;
    }
  }
  return zhi_str_trim(zhi_str_sub(s, 0, i));
}

static bool is_page_word(const struct zhi_ctx *c, struct zhi_str s, bool *offset) {
  *offset = zhi_word_rank(c->fam, ZHI_WORDS_OFFSET, s) >= 0;
  return *offset || zhi_word_rank(c->fam, ZHI_WORDS_PAGE, s) >= 0;
}

/* What a script sets the variable or member to: its quoted or bare word, no expression. */
static struct zhi_str variable(struct zhi_ctx *c, struct zhi_str name) {
  static const char *const around[][2] = {{"var ", ""}, {"let ", ""}, {"const ", ""},
                                          {"", " ="},   {"", "="},    {"", ":"}};
  for (const char *dot; (dot = name.len ? memchr(name.p, '.', name.len) : NULL) != NULL;)
    name = zhi_str_sub(name, (size_t)(dot - name.p) + 1, name.len);
  if (!name.len || c->lookups++ >= LOOKUPS_MAX)
    return ZHI_STR("");
  for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
    struct zhi_buf key;
    zhi_buf_init(&key, 256);
    zhi_buf_addf(&key, "%s%.*s%s", around[i][0], ZHI_STR_ARGS(name), around[i][1]);
    struct zhi_str v = key.failed ? ZHI_STR_NONE : zhi_script_word(c, key.p);
    zhi_buf_release(&key);
    if (v.len && v.len < 200 && !memchr(v.p, '(', v.len) &&
        (*v.p == '/' || !memchr(v.p, '.', v.len)))
      return v;
  }
  return ZHI_STR("");
}

/* What the function around s[at] is first called with: function get(i){…} get(0); */
static struct zhi_str first_argument(struct zhi_str s, size_t at) {
  struct zhi_str mark = ZHI_STR("function "),
                 rest = zhi_str_sub(s, at > CALL_MAX ? at - CALL_MAX : 0, at), name = ZHI_STR_NONE;
  for (const char *p; (p = zhi_str_find(rest, mark)) != NULL;) {
    rest = zhi_str_n(p + mark.len, (size_t)(rest.p + rest.len - p) - mark.len);
    size_t n = 0;
    while (n < rest.len && n < 60 && zhi_is_word(rest.p[n]))
      n++;
    name = n && n < rest.len && rest.p[n] == '(' ? zhi_str_sub(rest, 0, n + 1) : name;
  }
  rest = s;
  for (const char *p; name.len && (p = zhi_str_find(rest, name)) != NULL;) {
    rest = zhi_str_n(p + name.len, (size_t)(s.p + s.len - p) - name.len);
    size_t n = 0;
    while (n < rest.len && n < 9 && rest.p[n] >= '0' && rest.p[n] <= '9')
      n++;
    if (n)
      return zhi_str_sub(rest, 0, n);
  }
  return ZHI_STR("");
}

/* --- values ------------------------------------------------------------------------------------------ */

static void put_slot(struct writer *w, struct zhi_str value, bool offset) {
  int n = zhi_str_int(value.len ? value : w->argument);
  w->x->first = offset ? n == 1 : n != 0; /* records count from 0, pages from 1, unless told */
  w->x->offset = offset;
  w->slot = true;
  zhi_buf_addc(w->out, SLOT);
}

/* A joined expression of literals and variables as text. A name for a page's number in it is the place. */
static void put_joined(struct writer *w, struct zhi_str expr, bool escape) {
  while (expr.len) {
    expr = skip_space(expr);
    if (!expr.len)
      return;
    bool offset;
    if (*expr.p == '"' || *expr.p == '\'') {
      size_t n = literal_len(expr);
      if (!n)
        return;
      struct zhi_str lit = zhi_str_sub(expr, 1, n - 1);
      if (escape)
        zhi_form_escape(lit, w->out);
      else
        zhi_buf_addstr(w->out, lit);
      expr = zhi_str_sub(expr, n, expr.len);
    } else if (zhi_is_word(*expr.p)) {
      size_t n = 1;
      while (n < expr.len && (zhi_is_word(expr.p[n]) || expr.p[n] == '.'))
        n++;
      struct zhi_str name = zhi_str_sub(expr, 0, n);
      const char *dot = memchr(name.p, '.', name.len);
      struct zhi_str last = dot ? zhi_str_sub(name, (size_t)(dot - name.p) + 1, name.len) : name;
      if (!w->slot && is_page_word(w->c, last, &offset))
        put_slot(w, variable(w->c, name), offset);
      else if (*name.p >= '0' && *name.p <= '9')
        zhi_buf_addstr(w->out, name);
      else
        zhi_form_escape(variable(w->c, name), w->out);
      expr = zhi_str_sub(expr, n, expr.len);
    } else {
      expr = zhi_str_sub(expr, 1, expr.len);
    }
  }
}

static void put_object(struct writer *w, struct zhi_str body, int depth);

/* One member's value. */
static void put_value(struct writer *w, struct zhi_str key, struct zhi_str v, int depth) {
  bool offset, quoted = v.len && (*v.p == '"' || *v.p == '\'');
  struct zhi_str word = quoted ? zhi_str_sub(v, 1, v.len - 1) : v;
  int n = zhi_str_int(word);
  if (zhi_word_rank(w->c->fam, ZHI_WORDS_SIZE, key) >= 0) {
    struct zhi_str size = n > 0 ? word : variable(w->c, word);
    w->x->size = zhi_str_int(size) > 0 ? zhi_str_int(size) : 0;
  }
  if (w->x->json && v.len && *v.p == '{') {
    put_object(w, v, depth + 1);
    return;
  }
  bool slot = !w->slot && is_page_word(w->c, key, &offset) &&
              (n >= 0 || (word.len && !quoted && zhi_is_word(*word.p)));
  bool text = quoted || (n < 0 && !slot);
  if (w->x->json && text)
    zhi_buf_addc(w->out, '"');
  if (slot)
    put_slot(w, n >= 0 ? word : variable(w->c, word), offset);
  else if (w->x->json)
    put_joined(w, v, false);
  else
    put_joined(w, v, true);
  if (w->x->json && text)
    zhi_buf_addc(w->out, '"');
}

/* {a: 1, 'b': c} as a form, or as JSON. */
static void put_object(struct writer *w, struct zhi_str body, int depth) {
  struct zhi_str rest = zhi_str_sub(body, 1, body.len);
  bool first = true;
  if (depth > DEPTH_MAX)
    return;
  if (w->x->json)
    zhi_buf_addc(w->out, '{');
  while ((rest = skip_space(rest)).len && *rest.p != '}') {
    size_t n = *rest.p == '"' || *rest.p == '\'' ? literal_len(rest) : 0;
    struct zhi_str key = n > 1 ? zhi_str_sub(rest, 1, n - 1) : ZHI_STR_NONE;
    if (!n) {
      while (n < rest.len && zhi_is_word(rest.p[n]))
        n++;
      key = zhi_str_sub(rest, 0, n);
    }
    rest = skip_space(zhi_str_sub(rest, n, rest.len));
    if (!key.len || key.len > 60 || !rest.len || *rest.p != ':')
      break;
    rest = skip_space(zhi_str_sub(rest, 1, rest.len));
    struct zhi_str v = expression(rest, EXPR_MAX);
    if (w->x->json) {
      zhi_buf_addf(w->out, "%s\"%.*s\":", first ? "" : ",", ZHI_STR_ARGS(key));
    } else {
      zhi_buf_adds(w->out, first ? "" : "&");
      zhi_form_escape(key, w->out);
      zhi_buf_addc(w->out, '=');
    }
    put_value(w, key, v, depth);
    first = false;
    rest = skip_space(zhi_str_n(v.p + v.len, (size_t)(rest.p + rest.len - v.p) - v.len));
    if (rest.len && *rest.p == ',')
      rest = zhi_str_sub(rest, 1, rest.len);
  }
  if (w->x->json)
    zhi_buf_addc(w->out, '}');
}

/* Where a script sets `name` to an object. */
static struct zhi_str object_of(const struct zhi_ctx *c, struct zhi_str name) {
  for (uint32_t i = 0; name.len && i < c->script_count; i++) {
    struct zhi_str rest = c->scripts[i];
    for (const char *p; (p = zhi_str_find(rest, name)) != NULL;) {
      rest = zhi_str_n(p + name.len, (size_t)(rest.p + rest.len - p) - name.len);
      struct zhi_str s = skip_space(rest);
      if (s.len > 2 && (*s.p == '=' || *s.p == ':') &&
          (s = skip_space(zhi_str_sub(s, 1, s.len))).len && *s.p == '{')
        return expression(s, CALL_MAX);
    }
  }
  return ZHI_STR_NONE;
}

static void put_data(struct writer *w, struct zhi_str data) {
  if (zhi_str_starts(data, "JSON.stringify(")) {
    w->x->json = true;
    data = expression(zhi_str_sub(data, 15, data.len), CALL_MAX);
  }
  if (data.len && zhi_is_word(*data.p)) {
    struct zhi_str o = object_of(w->c, data);
    data = o.p ? o : data;
  }
  if (data.len && *data.p == '{')
    put_object(w, data, 0);
  else if (data.len && (*data.p == '"' || *data.p == '\''))
    put_joined(w, data, false);
}

/* --- calls ------------------------------------------------------------------------------------------ */

static struct zhi_slotted split(struct zhi_ctx *c, struct zhi_buf *b) {
  struct zhi_str s = zhi_arena_str(c->a, zhi_buf_view(b));
  const char *at = s.len ? memchr(s.p, SLOT, s.len) : NULL;
  if (!at)
    return (struct zhi_slotted){s, ZHI_STR_NONE};
  size_t i = (size_t)(at - s.p);
  return (struct zhi_slotted){zhi_str_sub(s, 0, i), zhi_str_sub(s, i + 1, s.len)};
}

static struct zhi_str option(struct zhi_str call, const char *name) {
  struct zhi_str rest = call, needle = zhi_str_of(name);
  for (const char *p; (p = zhi_str_find(rest, needle)) != NULL;) {
    rest = zhi_str_n(p + needle.len, (size_t)(rest.p + rest.len - p) - needle.len);
    struct zhi_str s = skip_space(rest);
    if (s.len && (*s.p == '"' || *s.p == '\''))
      s = skip_space(zhi_str_sub(s, 1, s.len));
    bool whole = p == call.p || !zhi_is_word(p[-1]);
    if (whole && s.len && *s.p == ':')
      return expression(skip_space(zhi_str_sub(s, 1, s.len)), CALL_MAX);
  }
  return ZHI_STR_NONE;
}

/* The call around the address at byte `at`: "$.post(…" or "$.ajax({…". */
static struct zhi_str call_around(struct zhi_str s, size_t at, bool *post) {
  static const char *const names[] = {"post(", "ajax(", "get(", "getJSON(", "load(", "request("};
  size_t from = at > LOOK_BACK ? at - LOOK_BACK : 0;
  *post = false;
  for (size_t i = at; i-- > from;) {
    struct zhi_str here = zhi_str_sub(s, i, s.len);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
      if (zhi_str_starts(here, names[k])) {
        *post = k == 0;
        size_t open = strlen(names[k]);
        return zhi_str_sub(here, open, open + CALL_MAX);
      }
  }
  return ZHI_STR_NONE;
}

/* The variable that is joined before s[at]: `base + '/x'`. */
static struct zhi_str joined_before(struct zhi_str s, size_t at) {
  while (at && s.p[at - 1] == ' ')
    at--;
  if (!at || s.p[at - 1] != '+')
    return ZHI_STR("");
  at--;
  while (at && s.p[at - 1] == ' ')
    at--;
  size_t from = at;
  while (from && at - from < 60 && (zhi_is_word(s.p[from - 1]) || s.p[from - 1] == '.'))
    from--;
  return zhi_str_sub(s, from, at);
}

static void read_data(struct writer *w, struct zhi_str call, struct zhi_str url_expr) {
  struct zhi_str s = skip_space(call), data;
  if (s.len && *s.p == '{') {
    call = expression(s, CALL_MAX);
    data = option(call, "data");
    w->x->json = zhi_str_ifind(call, "application/json") != NULL;
  } else { /* (url, data, …) */
    const char *end = url_expr.p + url_expr.len;
    s = skip_space(zhi_str_n(end, (size_t)(call.p + call.len - end)));
    if (!s.len || *s.p != ',')
      return;
    data = expression(skip_space(zhi_str_sub(s, 1, s.len)), CALL_MAX);
  }
  put_data(w, data);
}

/* The request at the literal that begins at s[at]; `sure`: it is one also when no call is around it. */
static bool read_call(struct zhi_ctx *c, struct zhi_str s, size_t at, bool sure,
                      struct zhi_ajax *out) {
  struct zhi_buf url, body;
  bool post;
  *out = (struct zhi_ajax){.first = 1};
  struct zhi_str call = call_around(s, at, &post),
                 expr = expression(zhi_str_sub(s, at, s.len), EXPR_MAX);
  if ((!call.p && !sure) || !expr.len)
    return false;
  zhi_buf_init(&url, BUF_MAX);
  zhi_buf_init(&body, BUF_MAX);
  struct writer w = {.c = c, .x = out, .out = &url, .argument = first_argument(s, at)};
  zhi_buf_addstr(&url, variable(c, joined_before(s, at)));
  put_joined(&w, expr, false);
  w.out = &body;
  struct zhi_str type = option(expression(call, CALL_MAX), "type");
  type = type.p ? type : option(expression(call, CALL_MAX), "method");
  post = post || zhi_str_ifind(type, "post") != NULL;
  if (call.p)
    read_data(&w, call, expr);
  if (!post && body.len) { /* a GET's data is its query */
    zhi_buf_addc(&url, memchr(url.p ? url.p : "", '?', url.len) ? '&' : '?');
    zhi_buf_addstr(&url, zhi_buf_view(&body));
  }
  bool ok = url.len && !url.failed && !body.failed;
  if (ok) {
    out->url = split(c, &url);
    if (post)
      out->body = split(c, &body);
  }
  zhi_buf_release(&url);
  zhi_buf_release(&body);
  return ok;
}

bool zhi_ajax_find(struct zhi_ctx *c, const char *sign, struct zhi_ajax *out) {
  int tries = 0;
  for (uint32_t i = 0; i < c->script_count; i++) {
    struct zhi_str s = c->scripts[i];
    for (size_t at = 0; at < s.len && tries < TRIES_MAX; at++) {
      if (s.p[at] != '"' && s.p[at] != '\'')
        continue;
      size_t n = literal_len(zhi_str_sub(s, at, s.len));
      struct zhi_str lit = n > 4 ? zhi_str_sub(s, at + 1, at + n - 1) : ZHI_STR_NONE;
      bool fits = sign ? zhi_str_ifind(lit, sign) != NULL
                       : lit.len > 4 && lit.len < 400 && memchr(lit.p, '/', lit.len) &&
                             !memchr(lit.p, ' ', lit.len) && !memchr(lit.p, '<', lit.len);
      if (fits) {
        tries++;
        if (read_call(c, s, at, sign != NULL, out) && (sign || zhi_ajax_is_paged(out)))
          return true;
      }
      if (n) {
        at += n - 1;
      } else { /* it never ends: nor does another of its kind on this line */
        while (at < s.len && s.p[at] != '\n')
          at++;
      }
    }
  }
  return false;
}

static struct zhi_str fill_slot(struct zhi_ctx *c, const struct zhi_slotted *x, int n) {
  if (!x->tail.p)
    return x->head;
  return zhi_arena_printf(c->a, "%.*s%d%.*s", ZHI_STR_ARGS(x->head), n, ZHI_STR_ARGS(x->tail));
}

/* Ask for page k. */
static void ask_page(struct zhi_ctx *c, const struct zhi_ajax *x, int k) {
  int by = x->offset ? (k - 1) * (x->size > 0 ? x->size : OFFSET_ROWS) : k - 1;
  struct zhi_str url = fill_slot(c, &x->url, x->first + by), body = ZHI_STR_NONE;
  if (x->body.head.p)
    body = fill_slot(c, &x->body, x->first + by);
  if (x->offset)
    url = zhi_shift_end(c, url, by), body = body.p ? zhi_shift_end(c, body, by) : body;
  zhi_list_ask(c, url, body, x->json ? "application/json" : NULL);
}

void zhi_ajax_pages(struct zhi_ctx *c, const struct zhi_ajax *x, int from, int to) {
  for (int k = from; k <= to && k <= ZHI_LIST_MAX_PAGES; k++)
    ask_page(c, x, k);
}

void zhi_ajax_fill(struct zhi_ctx *c, const struct zhi_ajax *x, bool shown) {
  struct zhi_list *l = &c->doc->list;
  zhi_ajax_pages(c, x, shown ? 2 : 1, l->pages > 0 ? l->pages : shown ? 2 : 1);
  if (!shown && c->asks)
    l->role = ZHI_LIST_HEAD;
}

bool zhi_adapter_ajax(struct zhi_ctx *c) {
  struct zhi_ajax x;
  struct zhi_list *l = &c->doc->list;
  bool paged = zhi_adapter_generic(c);
  if ((paged && l->request_count) || l->pages == 1 || !zhi_ajax_find(c, NULL, &x))
    return false;
  zhi_list_totals(c, l->page, l->pages, l->total, x.size);
  zhi_ajax_fill(c, &x, c->list_dated > 0);
  return c->asks;
}
