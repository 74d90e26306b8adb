/* The title: what the page shows as its headline, told by agreement of <title>, ArticleTitle and the text.
 * Comparisons go over white space, so that a headline in two lines equals one in a meta tag. Where nothing agrees,
 * because <title> names the site alone, the line right above the information line is taken. */
#include "extract/ctx.h"

enum { TITLE_MAX = 600, TITLE_MIN = 6, SHORT_TITLE = 18, SHOWN_MIN = 18, SITE_MAX = 90 };

/* Bytes of `b` that equal the start of `a`, white space in either passed over; *all: b is used up. */
static size_t common(struct zhi_str a, struct zhi_str b, bool *all) {
  size_t i = 0, k = 0, n = 0;
  for (;;) {
    while (i < a.len && zhi_flat_break(a.p[i]))
      i++;
    while (k < b.len && zhi_flat_break(b.p[k]))
      k++;
    if (i >= a.len || k >= b.len || a.p[i] != b.p[k])
      break;
    i++, k++, n++;
  }
  while (k < b.len && zhi_flat_break(b.p[k]))
    k++;
  *all = k == b.len;
  return n;
}

static bool loosely_equal(struct zhi_str a, struct zhi_str b) {
  bool all1, all2;
  common(a, b, &all1);
  if (!all1)
    return false;
  common(b, a, &all2);
  return all2;
}

struct zhi_str zhi_strip_tags(struct zhi_arena *a, struct zhi_str s) {
  if (!memchr(s.p ? s.p : "", '<', s.len))
    return zhi_collapse(a, s);
  char *p = zhi_arena_alloc(a, s.len + 1);
  size_t w = 0;
  bool in = false;
  for (size_t i = 0; i < s.len; i++) {
    if (s.p[i] == '<' && i + 1 < s.len &&
        (s.p[i + 1] == '/' || ((s.p[i + 1] | 32) >= 'a' && (s.p[i + 1] | 32) <= 'z')))
      in = true;
    if (!in)
      p[w++] = s.p[i];
    if (s.p[i] == '>')
      in = false;
  }
  return zhi_collapse(a, zhi_str_n(p, w));
}

/* A name that sites have, not documents: 甲县人民政府门户网站, 甲县管委会（乙区人民政府）. */
static bool is_site_name(struct zhi_str t) {
  static const char *const ends[] = {"网站",   "门户网", "政务网",   "信息网", "政府网",
                                     "网站群", "公众网", "人民政府", "管委会"};
  while (t.len && zhi_str_ends(t, "!"))
    t.len--;
  if (zhi_str_ends(t, "）"))
    for (size_t i = 3; i + 3 < t.len; i++)
      if (memcmp(t.p + i, "（", 3) == 0)
        t.len = i;
  if (t.len > SITE_MAX || zhi_str_find(t, ZHI_STR("关于")))
    return false;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (zhi_str_ends(t, ends[i]))
      return true;
  return false;
}

static struct zhi_str behind_last(struct zhi_str s, struct zhi_str sep) {
  const char *last = s.p, *end = s.p + s.len;
  for (const char *q; (q = zhi_str_find(zhi_str_n(last, (size_t)(end - last)), sep));)
    last = q + sep.len;
  return zhi_str_trim(zhi_str_n(last, (size_t)(end - last)));
}

/* <title> without the site's name behind it: cut at the first separator that leaves enough. A site that stands first,
 * 甲县人民政府_通知公告_关于…, leaves the last part. */
static struct zhi_str without_site(struct zhi_str t, struct zhi_str *site) {
  static const char *const seps[] = {"_", "|", "｜", "--", " - ", "——", "-", "–", ">>", "»", "<"};
  for (size_t k = 0; k < sizeof seps / sizeof *seps; k++) {
    struct zhi_str sep = zhi_str_of(seps[k]);
    const char *at = zhi_str_find(t, sep);
    if (!at || (size_t)(at - t.p) < TITLE_MIN)
      continue;
    struct zhi_str tail = zhi_str_trim(zhi_str_sub(t, (size_t)(at - t.p) + sep.len, t.len));
    if (tail.len < 6 ||
        (seps[k][0] == '-' && seps[k][1] == 0 && !zhi_str_find(tail, ZHI_STR("政府")) &&
         !zhi_str_find(tail, ZHI_STR("网")) && !zhi_str_find(tail, ZHI_STR("局"))))
      continue;
    struct zhi_str first = zhi_str_trim(zhi_str_sub(t, 0, (size_t)(at - t.p))),
                   last = behind_last(tail, sep);
    bool swapped = is_site_name(first) && !is_site_name(last) && last.len >= SHORT_TITLE;
    *site = swapped ? first : last;
    return swapped ? last : first;
  }
  return t;
}

static bool title_class(const struct zhi_node *n) {
  return zhi_attr_has(n, "class", "title") || zhi_attr_has(n, "id", "title") ||
         zhi_attr_has(n, "class", "tit") || zhi_attr_has(n, "class", "bt") ||
         zhi_attr_has(n, "class", "headline");
}

struct shown {
  struct zhi_str text;
  uint32_t pos;
  int score;
};

/* The first hit at `pos` or behind it; NULL: none. */
static const struct zhi_hit *hit_from(const struct zhi_ctx *c, uint32_t pos) {
  uint32_t lo = 0, hi = c->hit_count;
  while (lo < hi) {
    uint32_t mid = (lo + hi) / 2;
    if (c->hits[mid].pos < pos)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo < c->hit_count ? &c->hits[lo] : NULL;
}

/* The end of a second line of the headline that begins at `pos`, ——甲县工作综述; `pos` when there is none. */
static uint32_t behind_subtitle(const struct zhi_flat *f, uint32_t pos) {
  uint32_t i = pos;
  while (i < f->len && zhi_flat_break(f->text[i]))
    i++;
  if (!zhi_str_starts(zhi_str_n(f->text + i, f->len - i), "—"))
    return pos;
  uint32_t stop = i + 200 < f->len ? i + 200 : f->len;
  while (i < stop && f->text[i] != '\n' && f->text[i] != '\t')
    i++;
  return i < stop ? i : pos;
}

/* Does an information line (a date, a source) follow at once on what ends at `end`? */
static bool before_information(const struct zhi_ctx *c, uint32_t end) {
  end = behind_subtitle(&c->flat, end);
  const struct zhi_hit *h = hit_from(c, end);
  if (!h || h->pos > end + 12)
    return false;
  enum zhi_field f = h->label ? h->label->field : ZHI_FIELD_COUNT;
  return h->date || f == ZHI_F_DATE_PUBLISHED || f == ZHI_F_SOURCE ||
         (h->colon && (f == ZHI_F_VIEWS || f == ZHI_F_AUTHOR || f == ZHI_F_DATE_UPDATED));
}

static uint32_t without_breaks(const char *text, uint32_t from, uint32_t end) {
  while (end > from && zhi_flat_break(text[end - 1]))
    end--;
  return end;
}

/* Where the headline in [from, to) ends: an information line may follow it in the same element. */
static uint32_t headline_end(const struct zhi_ctx *c, uint32_t from, uint32_t to) {
  const char *text = c->flat.text;
  const struct zhi_hit *h = hit_from(c, from + TITLE_MIN);
  if (!h || h->pos >= to || !(h->date || (h->label && h->colon)))
    return to;
  uint32_t end = without_breaks(text, from, h->pos);
  if (text[end - 1] == '(' || text[end - 1] == '[')
    end--;
  else if (end - from > 3 &&
           (memcmp(text + end - 3, "（", 3) == 0 || memcmp(text + end - 3, "【", 3) == 0))
    end -= 3;
  bool bracket = !zhi_flat_break(text[end]);
  if (end <= from + TITLE_MIN || (bracket && !zhi_flat_break(text[end - 1])))
    return to; /* 疫情通报（2020-02-03） is one */
  end = without_breaks(text, from, end);
  return memchr(text + from, '\n', end - from) || memchr(text + from, '\t', end - from) ? to : end;
}

/* Does element i hold text and line breaks alone? */
static bool is_broken_line(const struct zhi_html *h, uint32_t i) {
  enum { PARTS_MAX = 8 };
  uint32_t end = h->nodes[i].end;
  if (end - i > PARTS_MAX)
    return false;
  for (uint32_t k = i + 1; k < end; k++)
    if (h->nodes[k].kind == ZHI_NODE_ELEMENT && h->nodes[k].tag != ZHI_TAG_BR)
      return false;
  return true;
}

/* Whose name stands above the date at the end of a text: 甲县财政局. */
static bool is_signature(struct zhi_str t) {
  static const char *const ends[] = {"局",   "厅",   "委员会", "办公室",
                                     "政府", "中心", "公司",   "领导小组"};
  enum { SIGNATURE_MAX = 60 };
  for (size_t i = 0; t.len <= SIGNATURE_MAX && i < sizeof ends / sizeof *ends; i++)
    if (zhi_str_ends(t, ends[i]))
      return true;
  return false;
}

/* May t, the text of element i or the beginning of it, be a headline by its place alone? Not deep in the body. */
static bool is_line(const struct zhi_ctx *c, uint32_t i, struct zhi_str t) {
  enum { BODY_HEAD = 900 };
  uint32_t pos = zhi_flat_start(&c->flat, i);
  if (t.len < SHORT_TITLE || t.len > TITLE_MAX / 2 ||
      (c->body_pos < pos && pos - c->body_pos > BODY_HEAD))
    return false;
  return !memchr(t.p, '\t', t.len) && !memchr(t.p, '>', t.len) && !zhi_str_starts(t, "欢迎") &&
         !zhi_str_starts(t, "今天") && !zhi_str_find(t, ZHI_STR("：")) &&
         !zhi_str_find(t, ZHI_STR("://")) && !is_site_name(t) && !is_signature(t) &&
         (!memchr(t.p, '\n', t.len) || is_broken_line(&c->html, i));
}

/* How much of <title> is t? Names of sites and of columns begin it too. */
static int title_share(const struct zhi_ctx *c, struct zhi_str t) {
  bool all;
  size_t same = common(c->head_title, t, &all);
  if (all && same >= TITLE_MIN) {
    bool whole = same * 4 >= c->head_title.len * 3;
    if (is_site_name(t))
      return 0;
    if (!whole && (same < SHORT_TITLE || *t.p == '['))
      return 10;
    return 30 + (same > 40 ? 10 : 0);
  }
  bool within = t.len >= SHORT_TITLE && t.len * 3 >= c->head_title.len &&
                t.len < c->head_title.len && zhi_str_find(c->head_title, t) && !is_site_name(t);
  return within ? 30 + (t.len > 40 ? 10 : 0) : 0;
}

/* How well does element i serve as the headline, its text taken as t? */
static int headline_score(const struct zhi_ctx *c, uint32_t i, struct zhi_str t,
                          struct zhi_str meta) {
  const struct zhi_node *n = &c->html.nodes[i];
  uint32_t end = (uint32_t)(t.p - c->flat.text) + (uint32_t)t.len;
  bool first = zhi_flat_start(&c->flat, n->parent) == zhi_flat_start(&c->flat, i);
  int score = 0;
  if (zhi_str_ends(t, "：") || zhi_str_ends(t, ":") || zhi_str_starts(t, "—"))
    return 0;
  if (meta.len && loosely_equal(meta, t))
    score += 60;
  score += title_share(c, t);
  if (n->tag == ZHI_TAG_H1)
    score += 20;
  else if (n->tag >= ZHI_TAG_H2 && n->tag <= ZHI_TAG_H4)
    score += 8;
  if (title_class(n) || (first && title_class(&c->html.nodes[n->parent])))
    score += 10;
  if (before_information(c, end))
    score += 12 + (is_line(c, i, t) ? 6 : 0);
  return score;
}

static struct shown find_shown(struct zhi_ctx *c, struct zhi_str meta) {
  struct shown best = {ZHI_STR_NONE, UINT32_MAX, 0};
  const struct zhi_flat *f = &c->flat;
  for (uint32_t i = c->html.body + 1; i < c->html.count; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    if (n->kind != ZHI_NODE_ELEMENT || (f->flags[i] & (ZHI_FLAT_OUT | ZHI_FLAT_LINK)) ||
        f->to[i] <= f->from[i])
      continue;
    uint32_t len = zhi_flat_len(f, i);
    if (len < TITLE_MIN || len > TITLE_MAX || f->link[i] * 2 > len)
      continue;
    if (n->tag == ZHI_TAG_OPTION || n->tag == ZHI_TAG_LI)
      continue;
    uint32_t from = zhi_flat_start(f, i), end = headline_end(c, from, f->to[i]);
    struct zhi_str t = zhi_flat_text(f, i);
    int score = headline_score(c, i, t, meta);
    if (end < f->to[i]) {
      struct zhi_str head = zhi_str_n(t.p, end - from);
      int other = headline_score(c, i, head, meta);
      t = other > score ? head : t;
      score = other > score ? other : score;
    }
    if (f->flags[i] & ZHI_FLAT_HIDDEN)
      score -= 15;
    if (score > best.score && score >= SHOWN_MIN) {
      best.score = score;
      best.pos = from;
      best.text = zhi_collapse(c->a, t);
    }
  }
  return best;
}

static struct zhi_str meta_title(const struct zhi_ctx *c) {
  for (uint32_t k = 0; k < c->cand_count; k++)
    if (c->cands[k].field == ZHI_F_TITLE && c->cands[k].raw.len &&
        strcmp(c->cands[k].source, "meta") == 0)
      return c->cands[k].raw;
  return ZHI_STR_NONE;
}

/* A headline over several elements: does `whole` stand in the text from `pos` on, and begin with `part`? */
static bool continues(const struct zhi_ctx *c, uint32_t pos, struct zhi_str part,
                      struct zhi_str whole) {
  bool all;
  if (pos == UINT32_MAX || whole.len <= part.len)
    return false;
  common(whole, part, &all);
  if (!all)
    return false;
  common(zhi_str_n(c->flat.text + pos, c->flat.len - pos), whole, &all);
  return all;
}

/* What follows the shown headline in <title>, separators dropped: the site's name. */
static struct zhi_str behind_title(struct zhi_str whole, struct zhi_str part) {
  static const char *const seps[] = {"_", "|", "｜", "-", "—",  "–", ">",
                                     "»", "<", " ",  "·", "：", ":"};
  size_t i = 0, k = 0;
  while (i < whole.len && k < part.len) {
    if (zhi_flat_break(whole.p[i]))
      i++;
    else if (zhi_flat_break(part.p[k]))
      k++;
    else if (whole.p[i] != part.p[k])
      return ZHI_STR_NONE;
    else
      i++, k++;
  }
  struct zhi_str rest = zhi_str_trim(zhi_str_sub(whole, i, whole.len)), last;
  bool cut = false;
  for (bool again = true; again && rest.len;) {
    again = false;
    for (size_t n = 0; n < sizeof seps / sizeof *seps; n++)
      if (zhi_str_starts(rest, seps[n])) {
        rest = zhi_str_trim(zhi_str_sub(rest, strlen(seps[n]), rest.len));
        again = cut = true;
      }
  }
  if (!cut || rest.len < 6)
    return ZHI_STR_NONE;
  last = rest;
  for (size_t n = 0; n < sizeof seps / sizeof *seps; n++)
    for (const char *q; (q = zhi_str_find(last, zhi_str_of(seps[n]))) != NULL &&
                        (size_t)(last.p + last.len - q) > 6 + strlen(seps[n]);)
      last = zhi_str_trim(zhi_str_sub(last, (size_t)(q - last.p) + strlen(seps[n]), last.len));
  return last;
}

/* Does the page show it, and is it long enough to tell it from a column's name? */
static bool is_shown(const struct zhi_ctx *c, struct zhi_str t) {
  return t.len >= SHORT_TITLE && *t.p != '[' &&
         zhi_str_find(zhi_str_n(c->flat.text, c->flat.len), t);
}

void zhi_find_title(struct zhi_ctx *c) {
  struct zhi_str meta = meta_title(c), site = ZHI_STR_NONE;
  c->title_pos = UINT32_MAX;
  if (!c->html.body)
    return;
  struct shown s = find_shown(c, meta);
  c->title_pos = s.pos;
  struct zhi_str bare = without_site(c->head_title, &site);
  float trust = is_site_name(bare) ? 0.3F : is_shown(c, bare) ? 0.6F : 0.5F;
  if (continues(c, s.pos, s.text, meta))
    s.text = meta, s.score = 60;
  else if (continues(c, s.pos, s.text, bare))
    s.text = bare;
  if (s.text.len)
    zhi_ctx_candidate(c, ZHI_F_TITLE, s.text, "text",
                      s.score >= 60         ? 0.97F
                      : s.score >= 38       ? 0.9F
                      : s.score > SHOWN_MIN ? 0.7F
                                            : 0.55F, /* by its place alone */
                      s.pos);
  if (bare.len)
    zhi_ctx_candidate(c, ZHI_F_TITLE, bare, "title", trust, 0);
  struct zhi_str behind = s.text.len ? behind_title(c->head_title, s.text) : ZHI_STR_NONE;
  if (behind.len)
    site = behind;
  if (site.len >= 6 && site.len < 90)
    zhi_ctx_candidate(c, ZHI_F_SITE_NAME, site, "title", 0.5F, 0);
}
