/* Annual reports: recognised by their title; year and organ from the title, else from the text and other fields;
 * the form by what the tables say. */
#include "extract/annual.h"

enum { TITLE_SQUEEZE = 600, OPENING_BYTES = 6000 };

/* Behind the first of `words` in s; NULL: none of them. *at gets where it begins. */
static const char *behind(struct zhi_str s, const char *const *words, size_t *at) {
  for (; *words; words++) {
    const char *p = zhi_str_find(s, zhi_str_of(*words));
    if (p)
      return *at = (size_t)(p - s.p), p + strlen(*words);
  }
  return NULL;
}

static bool skip(struct zhi_str *s, const char *word) {
  if (!zhi_str_starts(*s, word))
    return false;
  *s = zhi_str_sub(*s, strlen(word), s->len);
  return true;
}

static int digit_of(const char *p, size_t len, size_t *n) {
  static const char *const zeros[] = {"〇", "○",  "零", "Ο",  "О",  "O",  "o",  "一",
                                      "二", "三", "四", "五", "六", "七", "八", "九"};
  if (len && *p >= '0' && *p <= '9')
    return *n = 1, *p - '0';
  for (int i = 0; i < 16; i++) {
    size_t k = strlen(zeros[i]);
    if (len >= k && memcmp(p, zeros[i], k) == 0)
      return *n = k, i < 7 ? 0 : i - 6;
  }
  return -1;
}

/* The first year in s, 2018年 or 二〇一八年 or (2018); *from and *to get its bytes, with 年 and 度. */
static int year_in(struct zhi_str s, size_t *from, size_t *to) {
  for (size_t i = 0; i < s.len; i++) {
    size_t k = i, n = 0;
    int year = 0, digits = 0, d;
    if (i && ((s.p[i] >= '0' && s.p[i] <= '9' && s.p[i - 1] >= '0' && s.p[i - 1] <= '9')))
      continue;
    while (digits < 4 && (d = digit_of(s.p + k, s.len - k, &n)) >= 0)
      year = year * 10 + d, digits++, k += n;
    struct zhi_str rest = zhi_str_sub(s, k, s.len);
    bool named = skip(&rest, "年") || zhi_str_starts(rest, "政") || zhi_str_starts(rest, "信息"),
         bracket = i && s.p[i - 1] == '(' && zhi_str_starts(rest, ")");
    if (digits != 4 || year < 1990 || year > 2100 || (!named && !bracket))
      continue;
    skip(&rest, "度");
    *from = i;
    *to = s.len - rest.len;
    return year;
  }
  return 0;
}

/* 工作情况年度(2018年)报告: only words of a report's name between 信息公开 and 报告, and nothing of another
 * kind behind (的通知, 编制指南). */
static bool ends_as_report(struct zhi_str rest) {
  static const char *const fill[] = {"工作", "情况", "年度", "的", "总结", "(年度)", NULL};
  size_t from, to;
  for (bool again = true; again;) {
    again = false;
    for (size_t i = 0; fill[i]; i++)
      again = skip(&rest, fill[i]) || again;
    struct zhi_str t = rest;
    skip(&t, "(");
    if (year_in(t, &from, &to) && from == 0) {
      rest = zhi_str_sub(t, to, t.len);
      skip(&rest, ")");
      again = true;
    }
  }
  if (!skip(&rest, "报告") && !skip(&rest, "年报"))
    return false;
  return !rest.len || strchr("(_-|:<[", rest.p[0]) || (rest.p[0] >= '0' && rest.p[0] <= '9') ||
         zhi_str_starts(rest, "》") || zhi_str_starts(rest, "—");
}

static struct zhi_str strip(struct zhi_str s) {
  static const char *const heads[] = {"关于", "《", "(", "-", "_", ":", "、", NULL};
  static const char *const tails[] = {"关于", "(", "-", "_", ":", "的", "、", "《", NULL};
  for (bool again = true; again;) {
    again = false;
    for (size_t i = 0; heads[i]; i++)
      again = skip(&s, heads[i]) || again;
    for (size_t i = 0; tails[i]; i++)
      if (s.len && zhi_str_ends(s, tails[i])) {
        s.len -= strlen(tails[i]);
        again = true;
      }
  }
  return s;
}

/* What stands before 政府信息公开, without the year. */
static struct zhi_str organ_in(struct zhi_ctx *c, struct zhi_str title, size_t subject) {
  size_t from, to;
  struct zhi_str before = zhi_str_sub(title, 0, subject), organ = before;
  if (year_in(title, &from, &to) && to <= subject) {
    struct zhi_str head = strip(zhi_str_sub(before, 0, from)),
                   tail = strip(zhi_str_sub(before, to, before.len));
    organ = head.len ? head : tail;
    if (head.len && tail.len)
      organ = zhi_arena_printf(c->a, "%.*s%.*s", ZHI_STR_ARGS(head), ZHI_STR_ARGS(tail));
  }
  organ = strip(organ);
  if (zhi_str_ends(organ, "人民")) /* 甲县人民政府信息公开: one 政府 for two */
    organ = zhi_arena_printf(c->a, "%.*s政府", ZHI_STR_ARGS(organ));
  return organ;
}

static struct zhi_str organ_of_fields(const struct zhi_doc *d) {
  static const enum zhi_field order[] = {ZHI_F_ISSUER, ZHI_F_PUBLISHER, ZHI_F_SOURCE,
                                         ZHI_F_SITE_NAME};
  for (size_t i = 0; i < sizeof order / sizeof *order; i++)
    if (d->fields[order[i]].value.len)
      return d->fields[order[i]].value;
  return ZHI_STR("");
}

/* 统计期限自2017年1月1日至…: the year reported on. */
static int year_of_period(struct zhi_ctx *c, struct zhi_str text) {
  struct zhi_str s = zhi_squeeze(c->a, text, OPENING_BYTES), mark = ZHI_STR("年1月1日");
  const char *p = s.p ? zhi_str_find(s, mark) : NULL;
  size_t from, to, at = p ? (size_t)(p - s.p) : 0;
  return p && at >= 4 ? year_in(zhi_str_sub(s, at - 4, at + 3), &from, &to) : 0;
}

static bool has(struct zhi_str text, const char *word) {
  return text.len && zhi_str_find(text, zhi_str_of(word)) != NULL;
}

static enum zhi_annual_form form_of(const struct zhi_annual_read *r) {
  struct zhi_str text = r->c->doc->text;
  const struct zhi_annual *a = r->report;
  if (r->new_words)
    return ZHI_ANNUAL_2021;
  if (r->old_words)
    return ZHI_ANNUAL_2019;
  if (a->cell_count)
    return a->year >= 2021 ? ZHI_ANNUAL_2021 : ZHI_ANNUAL_2019;
  bool six = has(text, "收到和处理政府信息公开申请") && has(text, "主动公开政府信息");
  return six || a->year >= 2019 ? ZHI_ANNUAL_UNTABLED : ZHI_ANNUAL_NARRATIVE;
}

void zhi_find_annual(struct zhi_ctx *c) {
  static const char *const subjects[] = {"政府信息公开", "政务信息公开", "政务公开", "信息公开",
                                         NULL};
  struct zhi_str title = c->doc->fields[ZHI_F_TITLE].value, s;
  size_t at = 0, from, to;
  if (c->doc->kind != ZHI_KIND_DOCUMENT || !has(title, "公开"))
    return;
  s = zhi_squeeze(c->a, title, TITLE_SQUEEZE);
  const char *rest = behind(s, subjects, &at);
  if (!rest || !ends_as_report(zhi_str_n(rest, (size_t)(s.p + s.len - rest))))
    return;
  struct zhi_annual *a = zhi_arena_zalloc(c->a, sizeof *a);
  struct zhi_annual_read r = {.c = c, .report = a};
  a->year = year_in(s, &from, &to);
  if (!a->year)
    a->year = year_of_period(c, c->doc->text);
  if (!a->year && !has(s, "年报") && !has(s, "年度"))
    return;
  a->organ = organ_in(c, s, at);
  if (!a->organ.len)
    a->organ = organ_of_fields(c->doc);
  zhi_annual_tables(&r);
  zhi_annual_sums(&r);
  a->form = form_of(&r);
  c->doc->annual = a;
}
