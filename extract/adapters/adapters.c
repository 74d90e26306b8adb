/* The table of list adapters, and what they share: reading calls and numbers out of scripts, declared totals. */
#include "extract/adapters/adapters.h"

#include <string.h>

static const struct zhi_adapter adapters[] = {
    {"gkmlpt", zhi_adapter_gkmlpt, zhi_answer_gkmlpt, NULL, false},
    {"jpaas", zhi_adapter_jpaas, zhi_answer_jpaas, NULL, false},
    {"hanweb", zhi_adapter_hanweb, zhi_answer_hanweb, NULL, false},
    {"ucap", zhi_adapter_ucap, NULL, NULL, false},
    {"lonsun", zhi_adapter_lonsun, NULL, NULL, false},
    {"epoint", zhi_adapter_epoint, NULL, zhi_script_epoint, false},
    {"henan", zhi_adapter_henan, NULL, NULL, false},
    {"truecms", zhi_adapter_ajax, NULL, NULL, false},
    {"intertid", zhi_adapter_ajax, NULL, NULL, false},
    {"was5", zhi_adapter_ajax, NULL, NULL, false},
    {"trs", zhi_adapter_trs, NULL, NULL, false},
    {"jeaf", zhi_adapter_jeaf, NULL, NULL, false},
    {"vsb", zhi_adapter_vsb, NULL, NULL, false},
    {"aspnet", zhi_adapter_aspnet, NULL, NULL, true},
    {"form", zhi_adapter_form, NULL, NULL, true},
    {"ajax", zhi_adapter_ajax, NULL, NULL, false},
};

int zhi_str_int(struct zhi_str s) {
  unsigned long long n;
  return zhi_str_u64(zhi_str_trim(s), 100000000, &n) ? (int)n : -1;
}

void zhi_collect_scripts(struct zhi_ctx *c) {
  c->script_count = 0;
  uint32_t cap = 0;
  for (uint32_t i = 0; i + 1 < c->html.count; i++)
    if (zhi_node_is(&c->html.nodes[i], ZHI_TAG_SCRIPT) && c->html.nodes[i].end > i + 1)
      *ZHI_PUSH(c, c->scripts, c->script_count, cap) = c->html.nodes[i + 1].text;
}

static bool in_comment(struct zhi_str s, const char *at) {
  const char *p = at;
  while (p > s.p && p[-1] != '\n') {
    p--;
    if (p[0] == '/' && p[1] == '/' && (p == s.p || p[-1] != ':'))
      return true;
  }
  return false;
}

static bool is_definition(struct zhi_str s, const char *at) {
  while (at > s.p && (unsigned char)at[-1] <= ' ')
    at--;
  return at - s.p >= 8 && memcmp(at - 8, "function", 8) == 0;
}

static bool read_args(struct zhi_str rest, struct zhi_call *out) {
  *out = (struct zhi_call){0};
  size_t i = 0;
  while (i < rest.len && i < 600) {
    while (i < rest.len && ((unsigned char)rest.p[i] <= ' ' || rest.p[i] == ','))
      i++;
    if (i >= rest.len)
      return false;
    if (rest.p[i] == ')')
      return out->count > 0;
    if (out->count == ZHI_CALL_ARGS)
      return true;
    size_t from = i;
    if (rest.p[i] == '"' || rest.p[i] == '\'') {
      char q = rest.p[i++];
      from = i;
      while (i < rest.len && rest.p[i] != q && rest.p[i] != '\n')
        i++;
      out->quoted[out->count] = true;
      out->arg[out->count++] = zhi_str_sub(rest, from, i);
      i++;
    } else {
      while (i < rest.len && !strchr(",)\n", rest.p[i]))
        i++;
      out->arg[out->count++] = zhi_str_trim(zhi_str_sub(rest, from, i));
    }
  }
  return false;
}

bool zhi_script_call(const struct zhi_ctx *c, const char *name, struct zhi_call *out) {
  struct zhi_str needle = zhi_str_of(name), s;
  for (uint32_t i = 0; i < c->script_count; i++) {
    s = c->scripts[i];
    struct zhi_str rest = s;
    for (const char *p; (p = zhi_str_find(rest, needle)) != NULL;) {
      rest = zhi_str_n(p + needle.len, (size_t)(s.p + s.len - p) - needle.len);
      struct zhi_str args = rest;
      while (args.len && (unsigned char)*args.p <= ' ')
        args = zhi_str_sub(args, 1, args.len);
      if (!args.len || *args.p != '(' || is_definition(s, p) || in_comment(s, p))
        continue;
      if (read_args(zhi_str_sub(args, 1, args.len), out))
        return true;
    }
  }
  return false;
}

struct zhi_str zhi_script_word(const struct zhi_ctx *c, const char *key) {
  struct zhi_str needle = zhi_str_of(key), name = needle, s;
  while (name.len && strchr(":= ", name.p[name.len - 1]))
    name.len--;
  for (uint32_t i = 0; i < c->script_count; i++) {
    s = c->scripts[i];
    struct zhi_str rest = s;
    for (const char *p; (p = zhi_str_find(rest, needle)) != NULL;) {
      const char *q = p + needle.len, *end = s.p + s.len;
      rest = zhi_str_n(q, (size_t)(end - q));
      if (in_comment(s, p))
        continue;
      bool sign = needle.len && strchr(":=", needle.p[needle.len - 1]);
      while (q < end && ((unsigned char)*q <= ' ' || strchr("=:'\"", *q)))
        sign = sign || *q == '=' || *q == ':', q++;
      const char *from = q;
      while (q < end && (unsigned char)*q > ' ' && !strchr("'\",;})&", *q))
        q++;
      struct zhi_str value = zhi_str_n(from, (size_t)(q - from));
      if (sign && value.len && !zhi_str_eq(value, name)) /* {key: key} hands a variable on */
        return value;
    }
  }
  return ZHI_STR_NONE;
}

int zhi_script_number(const struct zhi_ctx *c, const char *key) {
  struct zhi_str w = zhi_script_word(c, key);
  size_t n = 0;
  while (n < w.len && w.p[n] >= '0' && w.p[n] <= '9')
    n++;
  return n ? zhi_str_int(zhi_str_sub(w, 0, n)) : -1;
}

bool zhi_cut_quoted(struct zhi_str *s, struct zhi_str *out) {
  size_t i = 0;
  while (i < s->len && s->p[i] != '\'' && s->p[i] != '"' && s->p[i] != ')')
    i++;
  if (i >= s->len || s->p[i] == ')')
    return false;
  size_t from = i + 1, to = from;
  while (to < s->len && s->p[to] != s->p[i])
    to++;
  *out = zhi_str_sub(*s, from, to);
  *s = zhi_str_sub(*s, to + 1, s->len);
  return true;
}

/* --- declared totals -------------------------------------------------------------------------------------- */

static uint32_t skip(const struct zhi_flat *f, uint32_t i) {
  static const char *const words[] = {"：", "共", "有", "了", "计", "为", "找", "到"};
  for (bool again = true; again && i < f->len;) {
    again = false;
    if (zhi_flat_break(f->text[i]) || f->text[i] == ':' || f->text[i] == '[' || f->text[i] == '(') {
      i++;
      again = true;
    }
    for (size_t k = 0; !again && k < sizeof words / sizeof *words; k++)
      if (f->len - i >= 3 && memcmp(f->text + i, words[k], 3) == 0) {
        i += 3;
        again = true;
      }
  }
  return i;
}

static int number_at(const struct zhi_flat *f, uint32_t *i) {
  uint32_t from = *i;
  while (*i < f->len && f->text[*i] >= '0' && f->text[*i] <= '9' && *i - from < 9)
    ++*i;
  return *i > from ? zhi_str_int(zhi_str_n(f->text + from, *i - from)) : -1;
}

/* Behind the word that stands at i, or behind white space and brackets there; 0: it does not. */
static uint32_t word_end(const struct zhi_flat *f, uint32_t i, const char *w) {
  uint32_t n = (uint32_t)strlen(w);
  while (i < f->len && (zhi_flat_break(f->text[i]) || f->text[i] == ']' || f->text[i] == ')'))
    i++;
  return f->len - i >= n && memcmp(f->text + i, w, n) == 0 ? i + n : 0;
}

static bool word_at(const struct zhi_flat *f, uint32_t i, const char *w) {
  return word_end(f, i, w) != 0;
}

/* 1/12 or 1 / 12 with 页 around, its slash at i. */
static void slash_totals(const struct zhi_flat *f, uint32_t i, int *page, int *pages) {
  uint32_t k = i + 1, left = i;
  if (k < f->len && f->text[k] == ' ' && left > 0 && f->text[left - 1] == ' ')
    k++, left--;
  uint32_t end = left;
  int y = number_at(f, &k);
  while (left > 0 && end - left < 9 && f->text[left - 1] >= '0' && f->text[left - 1] <= '9')
    left--;
  uint32_t from = left;
  int x = number_at(f, &from);
  uint32_t gap = left;
  while (gap > 0 && zhi_flat_break(f->text[gap - 1]))
    gap--;
  bool near_page = word_at(f, k, "页") || (gap >= 3 && memcmp(f->text + gap - 3, "条", 3) == 0) ||
                   (left >= 3 && memcmp(f->text + (left >= 9 ? left - 9 : 0), "页", 3) == 0);
  if (y > 0 && x > 0 && x <= y && near_page && !*pages) {
    *page = x;
    *pages = y;
  }
}

/* The unit behind a number says of what it is; *k goes on behind it. */
static bool take_unit(const struct zhi_flat *f, uint32_t *k, int n, int *pages, int *total) {
  static const struct {
    const char *word;
    bool page;
  } units[] = {{"页", true}, {"条", false}, {"项", false}, {"篇", false}, {"记录", false}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    uint32_t end = word_end(f, *k, units[i].word);
    int *to = units[i].page ? pages : total;
    if (!end)
      continue;
    *to = *to ? *to : n;
    *k = end;
    return true;
  }
  return false;
}

/* 共12页, 共12页123条, 共123条, 总页数：12, 总记录数：123, 第1/12页, 页次：1/12. */
void zhi_declared_totals(const struct zhi_ctx *c, int *page, int *pages, int *total) {
  const struct zhi_flat *f = &c->flat;
  *page = *pages = *total = 0;
  for (uint32_t i = 0; i < f->len; i++) {
    unsigned char b = (unsigned char)f->text[i];
    if (b == '/')
      slash_totals(f, i, page, pages);
    if (i + 3 >= f->len || (b != 0xe5 && b != 0xe6 && b != 0xe7 && b != 0xe9)) /* 共 总 第 页 */
      continue;
    bool gong = memcmp(f->text + i, "共", 3) == 0, zong = memcmp(f->text + i, "总", 3) == 0;
    bool di = memcmp(f->text + i, "第", 3) == 0 ||
              (f->len - i >= 6 && memcmp(f->text + i, "页次", 6) == 0);
    if (!gong && !zong && !di)
      continue;
    uint32_t k = i + (b == 0xe9 ? 6 : 3);
    bool is_pages = false, is_total = false;
    if (zong) {
      is_pages = word_at(f, k, "页数");
      is_total = word_at(f, k, "记录") || word_at(f, k, "数") || word_at(f, k, "条数");
      while (k < f->len && !(f->text[k] >= '0' && f->text[k] <= '9') && k < i + 24)
        k++;
    } else {
      k = skip(f, k);
    }
    int n = number_at(f, &k);
    if (n <= 0)
      continue;
    if (di) {
      if (!*page && word_at(f, k, "页"))
        *page = n;
    } else if (is_pages) {
      *pages = *pages ? *pages : n;
    } else if (take_unit(f, &k, n, pages, total)) {
      k = skip(f, k);
      n = number_at(f, &k);
      if (n > 0)
        take_unit(f, &k, n, pages, total);
    } else if (is_total) {
      *total = *total ? *total : n;
    }
  }
}

static const struct zhi_adapter *adapter_of(const struct zhi_ctx *c, int family) {
  for (size_t i = 0; family >= 0 && i < sizeof adapters / sizeof *adapters; i++)
    if (strcmp(adapters[i].name, c->fam->family[family].name) == 0)
      return &adapters[i];
  return NULL;
}

void zhi_adapter_answer(struct zhi_ctx *c) {
  const struct zhi_adapter *ad = adapter_of(c, c->family);
  (ad && ad->answer ? ad->answer : zhi_answer_follow)(c);
}

bool zhi_adapter_asks_pages(const struct zhi_ctx *c, int family) {
  const struct zhi_adapter *ad = adapter_of(c, family);
  return ad && ad->pages;
}

bool zhi_adapter_script(struct zhi_ctx *c) {
  const struct zhi_adapter *ad = adapter_of(c, c->family);
  return ad && ad->script && ad->script(c);
}

/* The family without code of its own whose signs are there. */
static int plain_family(const struct zhi_ctx *c, uint64_t families) {
  for (int f = 0; f < c->fam->count; f++)
    if (families >> f & 1 && !adapter_of(c, f))
      return f;
  return -1;
}

/* Pages that the pager does not tell; a page that is one of several is one itself. */
static void finish(struct zhi_ctx *c, uint64_t families) {
  struct zhi_list *l = &c->doc->list;
  zhi_guess_pages(c, families);
  if (l->request_count == 0 && l->page > 1 && !zhi_ask_is_post(&c->page->ask))
    zhi_list_page(c, c->doc->url);
}

const char *zhi_adapters_fill(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  zhi_declared_totals(c, &c->said_page, &c->said_pages, &c->said_total);
  uint64_t families = zhi_families_of(c->fam, c->source, c->page->url);
  for (int f = 0; f < c->fam->count; f++) {
    const struct zhi_adapter *ad = families >> f & 1 ? adapter_of(c, f) : NULL;
    c->family = f;
    if (ad && ad->fill && ad->fill(c)) {
      finish(c, families);
      return c->fam->family[f].name;
    }
  }
  c->family = plain_family(c, families);
  l->request_count = 0;
  if (!zhi_adapter_generic(c))
    return NULL;
  finish(c, families);
  return c->family >= 0 ? c->fam->family[c->family].name : "generic";
}
