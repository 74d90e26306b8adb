/* Pagers that a function turns: function toPage(n){location.href='list.do?offset='+(n-1)*20;}. Read, not run: the literal
 * before the number, the sum or product that makes it, the literal behind it. It is a pager's when the function, the
 * number or the parameter before it is called so; any other function may open documents. */
#include <string.h>

#include "extract/adapters/adapters.h"

enum { LOOK_BACK = 300, EXPR_MAX = 80 };

struct sum {
  int times, plus; /* number = times × (page + plus) */
};

/* "(n-1)*20", "pageNo + 1", "n": one name, at most one sum and one product. */
static bool read_sum(struct zhi_str e, struct sum *out) {
  bool name = false;
  *out = (struct sum){1, 0};
  for (size_t i = 0; i < e.len; i++) {
    char ch = e.p[i];
    if (strchr("() ", ch))
      continue;
    size_t to = i + 1;
    while (to < e.len && (zhi_is_word(e.p[to]) || e.p[to] == '.'))
      to++;
    if (strchr("+-*", ch)) {
      to = i + 1;
      while (to < e.len && e.p[to] == ' ')
        to++;
      size_t from = to;
      while (to < e.len && e.p[to] >= '0' && e.p[to] <= '9')
        to++;
      int n = zhi_str_int(zhi_str_sub(e, from, to));
      if (n < 0 || n > 1000 || (ch != '*' && n > 1))
        return false;
      if (ch == '*')
        out->times = n;
      else
        out->plus = ch == '-' ? -n : n;
    } else if (zhi_is_word(ch) && !(ch >= '0' && ch <= '9') && !name) {
      name = true;
    } else {
      return false;
    }
    i = to - 1;
  }
  if (out->times > 1) /* records before the page */
    out->plus = -1;
  else if (out->plus > 0) /* called with the page before */
    out->plus = 0;
  return name;
}

static bool is_pager_name(struct zhi_str s) {
  static const char *const parts[] = {"page", "jump", "turn", "pager", "goto"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (zhi_str_ifind(s, parts[i]))
      return true;
  return false;
}

/* The name of the function around s[at]. */
static struct zhi_str function_around(struct zhi_str s, size_t at) {
  struct zhi_str mark = ZHI_STR("function"),
                 rest = zhi_str_sub(s, at > LOOK_BACK ? at - LOOK_BACK : 0, at), name = ZHI_STR("");
  for (const char *p; (p = zhi_str_find(rest, mark)) != NULL;) {
    rest = zhi_str_n(p + mark.len, (size_t)(rest.p + rest.len - p) - mark.len);
    size_t n = 0;
    while (n < rest.len && n < 60 && rest.p[n] != '(')
      n++;
    name = zhi_str_trim(zhi_str_sub(rest, 0, n));
  }
  return name;
}

static bool is_pager(const struct zhi_ctx *c, struct zhi_str s, size_t at, struct zhi_str head,
                     struct zhi_str expr) {
  size_t to = head.len && head.p[head.len - 1] == '=' ? head.len - 1 : 0, from = to;
  while (from && zhi_is_word(head.p[from - 1]))
    from--;
  struct zhi_str param = zhi_str_sub(head, from, to);
  return is_pager_name(expr) || is_pager_name(function_around(s, at)) ||
         zhi_word_rank(c->fam, ZHI_WORDS_PAGE, param) >= 0 ||
         zhi_word_rank(c->fam, ZHI_WORDS_OFFSET, param) >= 0;
}

static size_t literal_end(struct zhi_str s, size_t at) {
  size_t i = at + 1;
  while (i < s.len && s.p[i] != s.p[at] && s.p[i] != '\n')
    i++;
  return i < s.len && s.p[i] == s.p[at] ? i : 0;
}

/* 'head' + expr + 'tail' at s[at], the quote of head. */
static bool read_joined(const struct zhi_ctx *c, struct zhi_str s, size_t at,
                        struct zhi_slotted *out, struct sum *sum) {
  size_t end = literal_end(s, at), i = end + 1;
  struct zhi_str head = zhi_str_sub(s, at + 1, end);
  while (i < s.len && s.p[i] == ' ')
    i++;
  if (!end || i >= s.len || s.p[i] != '+' || memchr(head.p, '<', head.len))
    return false;
  size_t from = i + 1, to = from;
  while (to < s.len && to - from < EXPR_MAX && !strchr("\"';,\n}", s.p[to]))
    to++;
  struct zhi_str expr = zhi_str_trim(zhi_str_sub(s, from, to)), tail = ZHI_STR("");
  if (to < s.len && (s.p[to] == '"' || s.p[to] == '\'')) {
    size_t tail_end = literal_end(s, to);
    tail = zhi_str_sub(s, to + 1, tail_end ? tail_end : to + 1);
    if (expr.len && expr.p[expr.len - 1] == '+')
      expr.len--;
  }
  int open = 0; /* brackets of the call around it */
  for (size_t k = 0; k < expr.len; k++)
    open += expr.p[k] == '(' ? 1 : expr.p[k] == ')' ? -1 : 0;
  while (open++ < 0 && expr.len)
    expr = zhi_str_trim(zhi_str_sub(expr, 0, expr.len - 1));
  *out = (struct zhi_slotted){head, tail};
  return read_sum(expr, sum) && is_pager(c, s, at, head, expr);
}

bool zhi_location_pattern(const struct zhi_ctx *c, struct zhi_slotted *out, int *slope,
                          int *offset) {
  static const char *const marks[] = {"location", "open(", ".action", "url"};
  for (uint32_t i = 0; i < c->script_count; i++)
    for (size_t m = 0; m < sizeof marks / sizeof *marks; m++) {
      struct zhi_str s = c->scripts[i], rest = s, mark = zhi_str_of(marks[m]);
      for (const char *p; (p = zhi_str_find(rest, mark)) != NULL;) {
        rest = zhi_str_n(p + mark.len, (size_t)(s.p + s.len - p) - mark.len);
        size_t k = 0;
        while (k < rest.len && k < 24 && (zhi_is_word(rest.p[k]) || strchr(".=( ", rest.p[k])))
          k++;
        struct sum sum;
        if (k >= rest.len || (rest.p[k] != '"' && rest.p[k] != '\'') ||
            !read_joined(c, s, (size_t)(rest.p - s.p) + k, out, &sum))
          continue;
        *slope = sum.times;
        *offset = sum.times * sum.plus;
        return true;
      }
    }
  return false;
}
