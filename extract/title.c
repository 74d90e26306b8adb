/* The title: what the page shows as its headline, told by agreement of <title>, ArticleTitle and the text.
 * Comparisons go over white space, so that a headline in two lines equals one in a meta tag. */
#include "extract/ctx.h"

enum { TITLE_MAX = 600, TITLE_MIN = 6 };

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

/* <title> without the site's name behind it: cut at the last separator that leaves enough. */
static struct zhi_str without_site(struct zhi_ctx *c, struct zhi_str t, struct zhi_str *site) {
  static const char *const seps[] = {"_", "|", "｜", "--", " - ", "——", "-", "–", ">>", "»", "<"};
  struct zhi_str best = t;
  (void)c;
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
    best = zhi_str_trim(zhi_str_sub(t, 0, (size_t)(at - t.p)));
    const char *last = tail.p;
    for (const char *q;
         (q = zhi_str_find(zhi_str_n(last, (size_t)(tail.p + tail.len - last)), sep));)
      last = q + sep.len;
    *site = zhi_str_trim(zhi_str_n(last, (size_t)(tail.p + tail.len - last)));
    break;
  }
  return best;
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

/* Does an information line (a date, a source) follow element i at once? */
static bool before_information(const struct zhi_ctx *c, uint32_t i) {
  uint32_t end = c->flat.to[i], lo = 0, hi = c->hit_count;
  while (lo < hi) {
    uint32_t mid = (lo + hi) / 2;
    if (c->hits[mid].pos < end)
      lo = mid + 1;
    else
      hi = mid;
  }
  if (lo >= c->hit_count || c->hits[lo].pos > end + 12)
    return false;
  const struct zhi_hit *h = &c->hits[lo];
  return h->date ||
         (h->label && (h->label->field == ZHI_F_DATE_PUBLISHED || h->label->field == ZHI_F_SOURCE));
}

/* How well does element i serve as the headline? */
static int headline_score(const struct zhi_ctx *c, uint32_t i, struct zhi_str meta) {
  const struct zhi_node *n = &c->html.nodes[i];
  struct zhi_str t = zhi_flat_text(&c->flat, i);
  bool all;
  int score = 0;
  size_t same = common(c->head_title, t, &all);
  if (meta.len && loosely_equal(meta, t))
    score += 60;
  if (all && same >= TITLE_MIN)
    score += 30 + (same > 40 ? 10 : 0);
  if (n->tag == ZHI_TAG_H1)
    score += 20;
  else if (n->tag >= ZHI_TAG_H2 && n->tag <= ZHI_TAG_H4)
    score += 8;
  if (title_class(n))
    score += 10;
  if (before_information(c, i))
    score += 12;
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
    int score = headline_score(c, i, meta);
    if (f->flags[i] & ZHI_FLAT_HIDDEN)
      score -= 15;
    if (score > best.score && score >= 18) {
      best.score = score;
      best.pos = zhi_flat_start(f, i);
      best.text = zhi_collapse(c->a, zhi_flat_text(f, i));
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

void zhi_find_title(struct zhi_ctx *c) {
  struct zhi_str meta = meta_title(c), site = ZHI_STR_NONE;
  c->title_pos = UINT32_MAX;
  if (!c->html.body)
    return;
  struct shown s = find_shown(c, meta);
  c->title_pos = s.pos;
  struct zhi_str bare = without_site(c, c->head_title, &site);
  if (continues(c, s.pos, s.text, meta))
    s.text = meta, s.score = 60;
  else if (continues(c, s.pos, s.text, bare))
    s.text = bare;
  if (s.text.len)
    zhi_ctx_candidate(c, ZHI_F_TITLE, s.text, "text",
                      s.score >= 60   ? 0.97F
                      : s.score >= 38 ? 0.9F
                                      : 0.7F,
                      s.pos);
  if (bare.len)
    zhi_ctx_candidate(c, ZHI_F_TITLE, bare, "title", 0.6F, 0);
  struct zhi_str behind = s.text.len ? behind_title(c->head_title, s.text) : ZHI_STR_NONE;
  if (behind.len)
    site = behind;
  if (site.len >= 6 && site.len < 90)
    zhi_ctx_candidate(c, ZHI_F_SITE_NAME, site, "title", 0.5F, 0);
}
