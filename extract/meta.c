/* Candidates that do not stand in the text: official meta tags (国办发〔2017〕47号) in their wild shapes, the
 * footer's site code, the bread crumb's column, the URL's date. */
#include "extract/ctx.h"

enum { META_MAX = 4096 };

static void meta_tag(struct zhi_ctx *c, uint32_t i) {
  const struct zhi_node *n = &c->html.nodes[i];
  struct zhi_str name = zhi_node_attr(n, "name"), content = zhi_node_attr(n, "content");
  if (!name.len)
    name = zhi_node_attr(n, "property");
  if (!name.len)
    return;
  if (zhi_str_iis(zhi_str_trim(name), "robots")) {
    c->doc->noindex =
        c->doc->noindex || zhi_str_ifind(content, "noindex") || zhi_str_ifind(content, "none");
    return;
  }
  const struct zhi_meta_name *m = zhi_meta_of(c->labels, name);
  if (!m)
    return;
  if (content.len > META_MAX)
    content.len = META_MAX;
  struct zhi_str v = zhi_strip_tags(c->a, content);
  /* the guide writes Keywords and Description; keywords and description are mostly the site's template */
  bool official = name.p[0] >= 'A' && name.p[0] <= 'Z';
  float trust = m->site ? (official ? 0.55F : 0.5F) : 0.85F - 0.02F * (float)m->rank;
  if (m->site && official)
    c->official |= (uint64_t)1 << m->field;
  else if (m->site && (c->official >> m->field & 1))
    return;
  zhi_ctx_candidate(c, m->field, v, "meta", trust, 0)->node = i;
}

static bool is_site_code(struct zhi_str s) {
  if (s.len != 10)
    return false;
  bool bm = (s.p[0] | 32) == 'b' && (s.p[1] | 32) == 'm';
  for (size_t i = bm ? 2 : 0; i < 10; i++)
    if (s.p[i] < '0' || s.p[i] > '9')
      return false;
  return bm || s.p[0] != '0';
}

/* 找错 links: …jiucuo.html?site_code=NNN, onclick="Link('NNN')", siteCode=NNN. */
static void code_in(struct zhi_ctx *c, uint32_t node, const char *attr) {
  struct zhi_str s = zhi_node_attr(&c->html.nodes[node], attr);
  static const char *const marks[] = {"site_code=", "sitecode=", "Link('", "Link(\""};
  if (!zhi_str_find(s, ZHI_STR("ode=")) && !zhi_str_find(s, ZHI_STR("Link(")))
    return;
  for (size_t k = 0; k < 4; k++) {
    const char *p = zhi_str_ifind(s, marks[k]);
    if (!p)
      continue;
    struct zhi_str code = zhi_str_sub(zhi_str_n(p, (size_t)(s.p + s.len - p)), strlen(marks[k]),
                                      strlen(marks[k]) + 10);
    if (is_site_code(code))
      zhi_ctx_candidate(c, ZHI_F_SITE_ID_CODE, code, "text", 0.6F, 0)->node = node;
  }
}

static void footer_code(struct zhi_ctx *c) {
  struct zhi_str s = zhi_str_n(c->flat.text, c->flat.len), mark = ZHI_STR("标识码");
  const char *p = s.p ? zhi_str_find(s, mark) : NULL;
  for (int n = 0; p && n < 8; n++) {
    const char *q = p + mark.len, *end = s.p + s.len;
    while (q < end &&
           (zhi_flat_break(*q) || *q == ':' || (end - q >= 3 && memcmp(q, "：", 3) == 0)))
      q += *q == (char)0xef ? 3 : 1;
    struct zhi_str code = zhi_str_sub(zhi_str_n(q, (size_t)(end - q)), 0, 10);
    if (is_site_code(code))
      zhi_ctx_candidate(c, ZHI_F_SITE_ID_CODE, code, "text", 0.7F, (uint32_t)(q - s.p));
    p = zhi_str_find(zhi_str_n(q, (size_t)(end - q)), mark);
  }
}

static bool crumb_end(struct zhi_str s) {
  static const char *const words[] = {"正文",     "内容",     "详情",     "详细",
                                      "信息详情", "文章正文", "内容页",   "首页",
                                      "查看内容", "正文内容", "详细内容", "浏览文章"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (zhi_str_is(s, words[i]))
      return true;
  return false;
}

/* 首页 > …, where no 位置 is said. */
static const char *home_and_arrow(struct zhi_str s) {
  static const char *const arrows[] = {">", "＞", "»", "›", "→"};
  struct zhi_str home = ZHI_STR("首页"), rest = s;
  for (const char *p; (p = zhi_str_find(rest, home)) != NULL;) {
    rest = zhi_str_n(p + home.len, (size_t)(s.p + s.len - p) - home.len);
    struct zhi_str t = zhi_str_sub(rest, 0, 8);
    while (t.len && zhi_flat_break(*t.p))
      t = zhi_str_sub(t, 1, t.len);
    for (size_t k = 0; k < sizeof arrows / sizeof *arrows; k++)
      if (zhi_str_starts(t, arrows[k]))
        return p;
  }
  return NULL;
}

/* The last step of a trail that names a column; steps are parted by arrows. */
static struct zhi_str last_crumb(struct zhi_str s) {
  static const char *const arrows[] = {">", "＞", "»", "›", "→", "/"};
  struct zhi_str best = ZHI_STR_NONE;
  size_t from = 0;
  int steps = 0;
  for (size_t i = 0; i <= s.len; i++) {
    size_t n = i == s.len ? 1 : 0;
    for (size_t k = 0; k < sizeof arrows / sizeof *arrows && !n; k++)
      if (zhi_str_starts(zhi_str_sub(s, i, s.len), arrows[k]))
        n = strlen(arrows[k]);
    if (!n)
      continue;
    struct zhi_str step = zhi_str_trim(zhi_str_sub(s, from, i));
    if (steps++ > 0 && step.len && step.len < 75 && !memchr(step.p, '\n', step.len) &&
        !crumb_end(step))
      best = step;
    from = i + n;
    i = from - 1;
  }
  return best;
}

/* 您现在的位置：首页 > 政务公开 > 公示公告 > 正文: the last link of the block is the column. */
static void bread_crumb(struct zhi_ctx *c) {
  struct zhi_str s = zhi_str_n(c->flat.text, c->flat.len);
  const char *p = s.p ? zhi_str_find(s, ZHI_STR("位置")) : NULL;
  if (!p && s.p)
    p = home_and_arrow(s);
  if (!p)
    return;
  uint32_t pos = (uint32_t)(p - s.p), node = 0;
  for (uint32_t i = c->html.body; i < c->html.count; i++)
    if (c->html.nodes[i].kind == ZHI_NODE_TEXT && c->flat.from[i] <= pos && pos < c->flat.to[i]) {
      node = i;
      break;
    }
  uint32_t block = zhi_flat_block(&c->flat, node);
  for (int up = 0; up < 3 && block && zhi_flat_len(&c->flat, block) < 600;
       up++, block = c->html.nodes[block].parent) {
    uint32_t from = zhi_flat_start(&c->flat, block);
    struct zhi_str column = last_crumb(zhi_str_n(c->flat.text + (from > pos ? from : pos),
                                                 c->flat.to[block] - (from > pos ? from : pos)));
    if (!column.len)
      continue;
    zhi_ctx_candidate(c, ZHI_F_COLUMN_NAME, zhi_collapse(c->a, column), "list", 0.6F, pos);
    return;
  }
}

void zhi_page_candidates(struct zhi_ctx *c) {
  for (uint32_t i = 0; i < c->html.count; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    if (n->kind != ZHI_NODE_ELEMENT)
      continue;
    if (n->tag == ZHI_TAG_META)
      meta_tag(c, i);
    else if (n->tag == ZHI_TAG_TITLE && !c->head_title.p)
      c->head_title = zhi_html_text(c->a, &c->html, i);
    else if (n->tag == ZHI_TAG_A) {
      code_in(c, i, "href");
      code_in(c, i, "onclick");
    }
  }
  footer_code(c);
  bread_crumb(c);
  struct zhi_date d;
  char text[ZHI_DATE_TEXT_SIZE];
  if (zhi_date_in_url(c->page->url, &d) && d.precision >= ZHI_PRECISION_DAY) {
    zhi_date_format(&d, false, text);
    zhi_ctx_candidate(c, ZHI_F_DATE_PUBLISHED, zhi_arena_str(c->a, zhi_str_of(text)), "url", 0.4F,
                      0);
  }
}
