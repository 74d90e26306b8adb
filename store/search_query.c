/* The query language: words and "phrases", AND OR NOT and parentheses, FIELD:VALUE.
 *
 * What stands side by side must all be there. A word is a phrase of the words that the splitter makes of it, so
 * 财政预算 is found as it stands. title: body: fields: attachments: look at one part of the text; all other fields are
 * filters, which narrow the whole query: they may not stand in parentheses or alone on a side of OR. */
#include "store/search_query.h"

#include <stdio.h>

#include "store/export.h"

const char *const search_value_name[SV_COUNT] = {"host",     "publisher", "topic",
                                                 "validity", "kind",      "column_name"};

bool search_has_field(enum zhi_field f) { return f != ZHI_F_TITLE && f != ZHI_F_VIEWS; }

struct reader {
  struct zhi_str rest; /* of the query */
  struct zhi_fold *fold;
  struct zhi_arena *a;
  struct search_plan *plan;
  struct zhi_err *e;
  int depth;
};

/* What was read: an expression for FTS5 ("" = none) and whether it is to be left out. */
struct part {
  struct zhi_str sql;
  bool negated;
};

static enum zhi_code fail(struct reader *r, const char *why) {
  return zhi_fail(r->e, ZHI_EUSAGE, "the query cannot be read: %s", why);
}

/* --- letters ------------------------------------------------------------------------------------------------- */

static size_t quote_at(struct zhi_str s) {
  return zhi_str_starts(s, "\"") ? 1 : zhi_str_starts(s, "“") || zhi_str_starts(s, "”") ? 3 : 0;
}

static size_t space_at(struct zhi_str s) {
  if (s.len && strchr(" \t\r\n", s.p[0]) && s.p[0])
    return 1;
  return zhi_str_starts(s, "\xE3\x80\x80") ? 3 : 0;
}

static size_t colon_at(struct zhi_str s) {
  return zhi_str_starts(s, ":") ? 1 : zhi_str_starts(s, ":") ? 3 : 0;
}

static void skip(struct reader *r, size_t n) { r->rest = zhi_str_sub(r->rest, n, r->rest.len); }

static void skip_spaces(struct reader *r) {
  for (size_t n; (n = space_at(r->rest));)
    skip(r, n);
}

/* An upper-case operator that stands alone. */
static bool take_operator(struct reader *r, const char *name) {
  size_t n = strlen(name);
  struct zhi_str after = zhi_str_sub(r->rest, n, r->rest.len);
  if (!zhi_str_starts(r->rest, name) ||
      (after.len && !space_at(after) && after.p[0] != '(' && !quote_at(after)))
    return false;
  skip(r, n);
  return true;
}

/* Up to the closing quote. */
static struct zhi_str take_phrase(struct reader *r) {
  skip(r, quote_at(r->rest));
  size_t n = 0;
  while (n < r->rest.len && !quote_at(zhi_str_sub(r->rest, n, r->rest.len)))
    n++;
  struct zhi_str s = zhi_str_sub(r->rest, 0, n);
  skip(r, n);
  skip(r, quote_at(r->rest));
  return s;
}

static struct zhi_str take_word(struct reader *r) {
  size_t n = 0;
  while (n < r->rest.len) {
    struct zhi_str s = zhi_str_sub(r->rest, n, r->rest.len);
    if (space_at(s) || quote_at(s) || (s.p[0] == ')' && r->depth))
      break;
    n++;
  }
  struct zhi_str s = zhi_str_sub(r->rest, 0, n);
  skip(r, n);
  return s;
}

/* --- terms ----------------------------------------------------------------------------------------------------- */

struct gather {
  struct reader *r;
  struct search_term *t;
  bool failed;
};

static void gather(void *ctx, const struct zhi_token *t) {
  struct gather *g = ctx;
  size_t size = sizeof *g->t->words, n = g->t->count;
  struct zhi_str *words = zhi_arena_grow(g->r->a, g->t->words, n * size, (n + 1) * size);
  if (!words) {
    g->failed = true;
    return;
  }
  g->t->words = words;
  words[g->t->count++] = zhi_arena_str(g->r->a, t->word);
}

/* `field` NULL: words as they stand. */
static void write_phrase(struct zhi_buf *sql, const struct search_term *t, const char *field) {
  for (size_t i = 0; i < t->count; i++)
    zhi_buf_addf(sql, "%s%s%s%.*s", i ? " " : "\"", field ? field : "", field ? SEARCH_OF : "",
                 ZHI_STR_ARGS(t->words[i]));
  zhi_buf_adds(sql, t->prefix ? "\" *" : "\"");
}

/* The text as a phrase; no words in it: an empty part. `column` NULL: any. */
static enum zhi_code add_term(struct reader *r, const char *column, struct zhi_str text,
                              bool negated, struct part *out) {
  struct search_plan *p = r->plan;
  if (p->term_count == SEARCH_TERMS_MAX)
    return fail(r, "too many words");
  struct search_term *t = &p->term[p->term_count];
  *t = (struct search_term){.wanted = !negated};
  struct gather g = {r, t, false};
  bool single = false;
  zhi_split(r->fold, text, ZHI_SPLIT_QUERY, gather, &g, &single);
  while (t->count && zhi_str_is(t->words[t->count - 1], ZHI_SPLIT_BREAK))
    t->count--;
  if (g.failed)
    return zhi_fail(r->e, ZHI_ENOMEM, "out of memory for a query");
  *out = (struct part){ZHI_STR_NONE, negated};
  if (!t->count)
    return ZHI_OK;
  t->prefix = single;
  struct zhi_buf sql;
  zhi_buf_init(&sql, 16 * SEARCH_QUERY_MAX_BYTES);
  if (column)
    zhi_buf_addf(&sql, "%s : ", column);
  write_phrase(&sql, t, NULL);
  out->sql = zhi_arena_str(r->a, zhi_buf_view(&sql));
  enum zhi_code rc = zhi_buf_check(&sql, "a query", r->e);
  zhi_buf_release(&sql);
  p->term_count++;
  return rc;
}

/* --- fields ----------------------------------------------------------------------------------------------------- */

enum target { IN_TEXT, IN_VALUE, IN_DATE, IN_FIELD };
struct known {
  const char *name, *zh;
  enum target target;
  int which;          /* enum search_value, zhi_field */
  const char *column; /* of grams */
};
static const struct known known[] = {{"title", "标题", IN_TEXT, 0, "title"},
                                     {"body", "正文", IN_TEXT, 0, "body"},
                                     {"fields", "字段", IN_TEXT, 0, "fields"},
                                     {"attachments", "附件", IN_TEXT, 0, "attachments"},
                                     {"date", "日期", IN_DATE, 0, NULL},
                                     {"host", "主机", IN_VALUE, SV_HOST, NULL},
                                     {"publisher", "发布机构", IN_VALUE, SV_PUBLISHER, NULL},
                                     {"topic", "主题", IN_VALUE, SV_TOPIC, NULL},
                                     {"topic_class", "主题分类", IN_VALUE, SV_TOPIC, NULL},
                                     {"validity", "有效性", IN_VALUE, SV_VALIDITY, NULL},
                                     {"kind", "页面类型", IN_VALUE, SV_KIND, NULL},
                                     {"column", "栏目", IN_VALUE, SV_COLUMN, NULL},
                                     {"column_name", "栏目名称", IN_VALUE, SV_COLUMN, NULL}};
enum { KNOWN = sizeof known / sizeof *known };

static bool find_field(struct zhi_str name, struct known *out) {
  for (int i = 0; i < KNOWN; i++)
    if (zhi_str_iis(name, known[i].name) || zhi_str_is(name, known[i].zh)) {
      *out = known[i];
      return true;
    }
  for (int i = 0; i < ZHI_FIELD_COUNT; i++)
    if (search_has_field((enum zhi_field)i) &&
        (zhi_str_iis(name, zhi_field_table[i].name) || zhi_str_is(name, zhi_field_table[i].zh))) {
      *out = (struct known){zhi_field_table[i].name, zhi_field_table[i].zh, IN_FIELD, i, NULL};
      return true;
    }
  return false;
}

static enum zhi_code no_field(struct reader *r, struct zhi_str name) {
  const char *names[KNOWN + ZHI_FIELD_COUNT];
  size_t n = 0;
  for (int i = 0; i < KNOWN; i++)
    names[n++] = known[i].name;
  for (int i = 0; i < ZHI_FIELD_COUNT; i++)
    if (search_has_field((enum zhi_field)i))
      names[n++] = zhi_field_table[i].name;
  const char *near = zhi_nearest(name, names, n);
  return zhi_fail(r->e, ZHI_EUSAGE, "no field '%.*s'%s%s%s", ZHI_STR_ARGS(zhi_str_clip(name, 60)),
                  near ? ": did you mean '" : ": docs/search.md lists them", near ? near : "",
                  near ? "'?" : "");
}

/* Does the word begin "NAME:"? What looks like a name of ours must be one; "10:30", "http://x" and 通知:… are text. */
static enum zhi_code take_field(struct reader *r, bool *found, struct known *out) {
  size_t n = 0;
  struct zhi_str s = r->rest;
  *found = false;
  while (n < s.len && !colon_at(zhi_str_sub(s, n, s.len)) && !space_at(zhi_str_sub(s, n, s.len)) &&
         !quote_at(zhi_str_sub(s, n, s.len)))
    n++;
  struct zhi_str name = zhi_str_sub(s, 0, n), after = zhi_str_sub(s, n, s.len);
  size_t colon = colon_at(after);
  if (!colon || !n)
    return ZHI_OK;
  if (find_field(name, out)) {
    *found = true;
    skip(r, n + colon);
    return ZHI_OK;
  }
  bool ours = colon == 1 && !zhi_str_starts(after, "://");
  for (size_t i = 0; i < n; i++)
    ours = ours && ((name.p[i] >= 'a' && name.p[i] <= 'z') || name.p[i] == '_');
  return ours ? no_field(r, name) : ZHI_OK;
}

static enum zhi_code read_range(struct reader *r, struct zhi_str text, struct search_filter *f) {
  const char *dots = zhi_str_find(text, ZHI_STR(".."));
  size_t n = dots ? (size_t)(dots - text.p) : text.len;
  struct zhi_str from = zhi_str_sub(text, 0, n),
                 to = dots ? zhi_str_sub(text, n + 2, text.len) : from;
  enum zhi_code rc =
      export_read_date("date", from.len ? zhi_arena_str(r->a, from).p : NULL, f->from, r->e);
  if (!rc)
    rc = export_read_date("date", to.len ? zhi_arena_str(r->a, to).p : NULL, f->to, r->e);
  if (!rc && !f->from[0] && !f->to[0])
    rc = fail(r, "date: needs one, as in date:2018 or date:2018-03..2020");
  return rc;
}

/* What people write for the values that the catalogue keeps as codes. */
static struct zhi_str code_of(enum search_value v, struct zhi_str text) {
  static const char *const names[][2] = {
      {"有效", "valid"},       {"现行有效", "valid"},  {"无效", "invalid"}, {"失效", "invalid"},
      {"废止", "repealed"},    {"已废止", "repealed"}, {"修改", "amended"}, {"部分失效", "partial"},
      {"尚未生效", "pending"}, {"不明", "unknown"},    {"文档", "document"}};
  for (size_t i = 0; i < sizeof names / sizeof *names && (v == SV_VALIDITY || v == SV_KIND); i++)
    if (zhi_str_is(text, names[i][0]))
      return zhi_str_of(names[i][1]);
  return text;
}

static enum zhi_code nothing_behind(struct reader *r, const struct known *k) {
  return zhi_fail(r->e, ZHI_EUSAGE, "the query cannot be read: nothing behind '%s:'", k->name);
}

/* What is asked of a field is marked where it stands, like any words, but does not rank. */
static enum zhi_code read_field_words(struct reader *r, const struct known *k, struct zhi_str text,
                                      struct search_filter *f) {
  struct part p;
  struct zhi_buf sql;
  f->by = SEARCH_BY_FIELD;
  f->field = (enum zhi_field)k->which;
  enum zhi_code rc = add_term(r, NULL, text, false, &p);
  if (rc || !p.sql.len)
    return rc ? rc : nothing_behind(r, k);
  zhi_buf_init(&sql, 64 * SEARCH_QUERY_MAX_BYTES);
  write_phrase(&sql, &r->plan->term[r->plan->term_count - 1], k->name);
  f->text = zhi_arena_str(r->a, zhi_buf_view(&sql));
  rc = zhi_buf_check(&sql, "a query", r->e);
  zhi_buf_release(&sql);
  return rc;
}

static enum zhi_code add_filter(struct reader *r, const struct known *k, struct zhi_str text) {
  struct search_plan *p = r->plan;
  if (p->filter_count == SEARCH_FILTERS_MAX)
    return fail(r, "too many fields");
  struct search_filter *f = &p->filter[p->filter_count++];
  *f = (struct search_filter){.by = SEARCH_BY_VALUE};
  if (k->target == IN_DATE) {
    f->by = SEARCH_BY_DATE;
    return read_range(r, text, f);
  }
  if (k->target == IN_FIELD)
    return read_field_words(r, k, text, f);
  struct zhi_buf b;
  zhi_buf_init(&b, 8 * SEARCH_QUERY_MAX_BYTES);
  f->value = (enum search_value)k->which;
  zhi_fold_text(r->fold, code_of(f->value, text), &b);
  f->text = zhi_arena_str(r->a, zhi_buf_view(&b));
  enum zhi_code rc = zhi_buf_check(&b, "a query", r->e);
  zhi_buf_release(&b);
  return rc;
}

/* --- the grammar -------------------------------------------------------------------------------------------------- */

static enum zhi_code read_or(struct reader *r, struct part *out);

static enum zhi_code read_field(struct reader *r, const struct known *k, bool negated,
                                struct part *out) {
  struct zhi_str text = quote_at(r->rest) ? take_phrase(r) : take_word(r);
  if (!zhi_str_trim(text).len)
    return nothing_behind(r, k);
  if (k->target == IN_TEXT)
    return add_term(r, k->column, text, negated, out);
  if (negated || r->depth)
    return zhi_fail(r->e, ZHI_EUSAGE,
                    "the query cannot be read: '%s:' narrows all of it and stands neither in "
                    "parentheses nor behind NOT",
                    k->name);
  return add_filter(r, k, text);
}

static enum zhi_code read_item(struct reader *r, struct part *out) {
  struct known k;
  bool field = false, negated = take_operator(r, "NOT");
  skip_spaces(r);
  if (!negated && r->rest.len > 1 && r->rest.p[0] == '-' &&
      !space_at(zhi_str_sub(r->rest, 1, r->rest.len))) {
    negated = true;
    skip(r, 1);
  }
  *out = (struct part){ZHI_STR_NONE, negated};
  if (zhi_str_starts(r->rest, "(")) {
    if (++r->depth > SEARCH_DEPTH_MAX)
      return fail(r, "too many parentheses");
    skip(r, 1);
    size_t before = r->plan->term_count;
    enum zhi_code rc = read_or(r, out);
    for (size_t i = before; i < r->plan->term_count && negated; i++)
      r->plan->term[i].wanted = false;
    out->negated = negated;
    r->depth--;
    if (!rc && !zhi_str_starts(r->rest, ")"))
      rc = fail(r, "a parenthesis is not closed");
    skip(r, 1);
    return rc;
  }
  if (quote_at(r->rest))
    return add_term(r, NULL, take_phrase(r), negated, out);
  enum zhi_code rc = take_field(r, &field, &k);
  if (rc)
    return rc;
  return field ? read_field(r, &k, negated, out) : add_term(r, NULL, take_word(r), negated, out);
}

static void join(struct zhi_buf *b, const char *with, struct zhi_str part) {
  if (b->len)
    zhi_buf_addf(b, " %s ", with);
  zhi_buf_addstr(b, part);
}

/* "(a AND b) NOT (c OR d)"; without a and b, and nothing else around, the rest is what all rows are but. */
static enum zhi_code close_and(struct reader *r, struct zhi_buf *yes, struct zhi_buf *no,
                               bool alone, struct part *out) {
  *out = (struct part){ZHI_STR_NONE, false};
  enum zhi_code rc = zhi_buf_check(yes, "a query", r->e);
  if (!rc)
    rc = zhi_buf_check(no, "a query", r->e);
  if (rc)
    return rc;
  if (yes->len && no->len)
    out->sql = zhi_arena_printf(r->a, "((%s) NOT (%s))", yes->p, no->p);
  else if (yes->len)
    out->sql = zhi_arena_printf(r->a, "(%s)", yes->p);
  else if (!alone)
    return fail(r, "nothing to look for between the operators");
  else
    r->plan->except = zhi_arena_str(r->a, zhi_buf_view(no));
  return ZHI_OK;
}

static enum zhi_code read_and(struct reader *r, bool first, struct part *out, bool *or_follows) {
  struct zhi_buf yes, no;
  enum zhi_code rc = ZHI_OK;
  zhi_buf_init(&yes, 64 * SEARCH_QUERY_MAX_BYTES);
  zhi_buf_init(&no, 64 * SEARCH_QUERY_MAX_BYTES);
  *or_follows = false;
  for (skip_spaces(r); !rc && r->rest.len && !(r->rest.p[0] == ')' && r->depth); skip_spaces(r)) {
    struct part p;
    if ((*or_follows = take_operator(r, "OR")))
      break;
    if (take_operator(r, "AND"))
      continue;
    rc = read_item(r, &p);
    if (!rc && p.sql.len)
      join(p.negated ? &no : &yes, p.negated ? "OR" : "AND", p.sql);
  }
  if (!rc)
    rc = close_and(r, &yes, &no, first && !*or_follows && !r->depth, out);
  zhi_buf_release(&yes);
  zhi_buf_release(&no);
  return rc;
}

static enum zhi_code read_or(struct reader *r, struct part *out) {
  struct zhi_buf any;
  bool more = true, first = true;
  enum zhi_code rc = ZHI_OK;
  zhi_buf_init(&any, 64 * SEARCH_QUERY_MAX_BYTES);
  for (; !rc && more; first = false) {
    struct part p;
    rc = read_and(r, first, &p, &more);
    if (!rc && p.sql.len)
      join(&any, "OR", p.sql);
  }
  *out = (struct part){ZHI_STR_NONE, false};
  if (!rc)
    rc = zhi_buf_check(&any, "a query", r->e);
  if (!rc && any.len)
    out->sql = zhi_arena_printf(r->a, "(%s)", any.p);
  zhi_buf_release(&any);
  return rc;
}

enum zhi_code search_query_read(struct zhi_fold *f, struct zhi_str query, struct zhi_arena *a,
                                struct search_plan *out, struct zhi_err *e) {
  struct reader r = {.rest = query, .fold = f, .a = a, .plan = out, .e = e};
  struct part p;
  *out = (struct search_plan){0};
  if (query.len > SEARCH_QUERY_MAX_BYTES)
    return zhi_fail(e, ZHI_EUSAGE, "the query cannot be read: longer than %d bytes",
                    SEARCH_QUERY_MAX_BYTES);
  enum zhi_code rc = read_or(&r, &p);
  if (rc)
    return rc;
  out->match = p.sql;
  if (!out->match.len && !out->except.len && !out->filter_count)
    return fail(&r, "there is no word in it");
  return ZHI_OK;
}
