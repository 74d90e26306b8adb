/* The body: which container holds the page's own text, and that text as lines.
 *
 * A container known by id or class wins when it holds text of its own; else the density of plain text decides:
 * each block's text that is not links counts fully for its parent and half for its grandparent, so that the
 * element around the paragraphs collects most (the idea of Readability, one pass). Cells of a roster count for the table
 * together, and the site's last lines not at all. Two containers of the same
 * name, PC and mobile, count once: the first. */
#include "extract/ctx.h"

/* Ids and classes of body containers, in order of trust. A name ending in '*' is a prefix. */
static const struct {
  const char *name;
  int tier;
} containers[] = {
    {"UCAP-CONTENT", 3},
    {"zoom", 3},
    {"zoomcon", 3},
    {"TRS_Editor", 3},
    {"trs_editor_view", 3},
    {"TRS_UEDITOR", 3},
    {"v_news_content", 3},
    {"vsb_content", 3},
    {"vsb_content_2", 3},
    {"vsb_content_4", 3},
    {"vsb_content_501", 3},
    {"articleContent", 3},
    {"article-content", 3},
    {"article_content", 3},
    {"articlecontent", 3},
    {"art_con", 3},
    {"bt_content", 2},
    {"bt-content", 2},
    {"xxgk_content", 2},
    {"ivs_content", 3},
    {"ivs_player", 0},
    {"main-txt", 2},
    {"pages_content", 3},
    {"news_content", 2},
    {"newscontent", 2},
    {"NewsContent", 2},
    {"TRS_PreAppend", 0},
    {"view", 1},
    {"detail-content", 2},
    {"detail_content", 2},
    {"article-con", 2},
    {"articleCon", 2},
    {"article_con", 2},
    {"content-text", 2},
    {"contentText", 2},
    {"con_text", 2},
    {"text_content", 2},
    {"mainText", 2},
    {"main_text", 2},
    {"arc_content", 2},
    {"news-content", 2},
    {"xl_content", 2},
    {"content_text", 2},
    {"Custom_UnionStyle", 2},
    {"editor-content", 2},
    {"article-body", 2},
    {"article_body", 2},
    {"con-text", 2},
    {"conTxt", 2},
    {"conText", 2},
    {"con_content", 2},
    {"infoContent", 2},
    {"info_content", 2},
    {"content_body", 2},
    {"content-body", 2},
    {"scroll_cont", 1},
    {"wzcon", 1},
    {"article", 1},
    {"content", 1},
    {"Content", 1},
    {"detail", 1},
    {"arc_cont", 2},
    {"txtcontent", 2},
    {"nr", 1},
    {"zw", 1},
    {"zwcon", 2},
};

/* Parts of a container that are not the text. */
static const char *const outside[] = {
    "share",  "bdshare",    "print", "toolbar",     "pagination", "related",  "xgwj", "ewm",
    "qrcode", "breadcrumb", "crumb", "editor-name", "prevnext",   "fenxiang", "xgxx"};

static int tier_of_word(struct zhi_str word) {
  for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
    if (containers[i].name[0] == word.p[0] && zhi_str_is(word, containers[i].name))
      return containers[i].tier;
  return 0;
}

static int tier_of(const struct zhi_node *n) {
  int best = 0;
  for (uint16_t i = 0; i < n->attr_count; i++) {
    if (!zhi_str_is(n->attrs[i].name, "id") && !zhi_str_is(n->attrs[i].name, "class"))
      continue;
    struct zhi_str v = n->attrs[i].value;
    while (v.len) {
      size_t k = 0;
      while (k < v.len && (unsigned char)v.p[k] > ' ')
        k++;
      if (k) {
        int t = tier_of_word(zhi_str_n(v.p, k));
        best = t > best ? t : best;
      }
      v = zhi_str_sub(v, k + 1, v.len);
    }
  }
  return best;
}

static uint32_t own_text(const struct zhi_flat *f, uint32_t i) {
  uint32_t n = zhi_flat_len(f, i);
  return n > f->link[i] ? n - f->link[i] : 0;
}

static bool holds_media(const struct zhi_html *h, uint32_t i) {
  for (uint32_t k = i + 1; k < h->nodes[i].end; k++)
    if (zhi_node_is(&h->nodes[k], ZHI_TAG_IMG) || zhi_node_is(&h->nodes[k], ZHI_TAG_A) ||
        zhi_node_is(&h->nodes[k], ZHI_TAG_EMBED) || zhi_node_is(&h->nodes[k], ZHI_TAG_IFRAME) ||
        zhi_node_is(&h->nodes[k], ZHI_TAG_VIDEO))
      return true;
  return false;
}

static void known_container(struct zhi_ctx *c) {
  const struct zhi_flat *f = &c->flat;
  uint32_t best = 0, best_text = 0;
  int best_tier = 0;
  for (uint32_t i = c->html.body; i < c->html.count; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    if (n->kind != ZHI_NODE_ELEMENT || !n->attr_count || i == c->html.body ||
        n->tag == ZHI_TAG_INPUT)
      continue;
    if (f->flags[i] & ZHI_FLAT_OUT)
      continue;
    int tier = tier_of(n);
    if (!tier)
      continue;
    uint32_t text = own_text(f, i);
    if (text < 24 && !(tier == 3 && (zhi_flat_len(f, i) > 0 || holds_media(&c->html, i))))
      continue;
    if (tier == 1 && text < 200)
      continue;
    if (f->link[i] * 2 > zhi_flat_len(f, i) && text < 400 && tier < 3)
      continue;
    bool hidden = f->flags[i] & ZHI_FLAT_HIDDEN;
    if (hidden && best)
      continue;
    bool better = !best || (f->flags[best] & ZHI_FLAT_HIDDEN) ||
                  (tier > best_tier && (text * 4 > best_text || best_tier == 1)) ||
                  (tier == best_tier && text > best_text + best_text / 8 && text > 120) ||
                  (best_tier - tier == 1 && text > best_text * 6 && best_text < 300);
    /* an inner container of nearly the same text is the better one */
    if (best && i < c->html.nodes[best].end && tier >= best_tier && text * 10 >= best_text * 8)
      better = true;
    if (better) {
      best = i;
      best_tier = tier;
      best_text = text;
    }
  }
  c->main = best;
  c->main_known = best_tier >= 2;
  c->main_score = best_text;
}

/* Is text i of the site's last lines? */
static bool is_colophon(const struct zhi_ctx *c, uint32_t i) {
  static const char *const words[] = {"网站标识码", "版权所有",   "ICP备",
                                      "公网安备",   "主办单位：", "技术支持"};
  enum { CLIMB_MAX = 8 };
  struct zhi_str t = zhi_flat_text(&c->flat, i);
  for (int up = 0; up < CLIMB_MAX && i; up++, i = c->html.nodes[i].parent)
    if (zhi_node_is(&c->html.nodes[i], ZHI_TAG_FOOTER))
      return true;
  for (size_t k = 0; k < sizeof words / sizeof *words; k++)
    if (zhi_str_find(t, zhi_str_of(words[k])))
      return true;
  return false;
}

/* The table around a cell, when it is near; 0: none. */
static uint32_t table_of(const struct zhi_html *h, uint32_t cell) {
  uint32_t i = cell;
  for (int up = 0; up < 4 && i && h->nodes[i].tag != ZHI_TAG_TABLE; up++)
    i = h->nodes[i].parent;
  return h->nodes[cell].tag == ZHI_TAG_TD && h->nodes[i].tag == ZHI_TAG_TABLE ? i : 0;
}

/* Short texts count in tables alone: a roster has no others. */
static void add_cell(const struct zhi_ctx *c, uint32_t *score, uint32_t i) {
  const struct zhi_html *h = &c->html;
  uint32_t table = table_of(h, zhi_flat_block(&c->flat, i)), n = c->flat.to[i] - c->flat.from[i];
  if (!table)
    return;
  score[table] += n / 2;
  score[h->nodes[table].parent] += n / 2;
}

/* Editors nest sections without end, one for each paragraph: the outermost counts. */
static uint32_t outer_section(const struct zhi_html *h, uint32_t i) {
  enum { CLIMB_MAX = 32 };
  for (int up = 0; up < CLIMB_MAX && h->nodes[i].tag == ZHI_TAG_SECTION &&
                   h->nodes[h->nodes[i].parent].tag == ZHI_TAG_SECTION;
       up++)
    i = h->nodes[i].parent;
  return i;
}

static void dense_container(struct zhi_ctx *c) {
  const struct zhi_flat *f = &c->flat;
  const struct zhi_html *h = &c->html;
  uint32_t *score = zhi_arena_zalloc(c->a, (h->count + 1) * sizeof *score);
  for (uint32_t i = h->body; i < h->count; i++) {
    if (h->nodes[i].kind != ZHI_NODE_TEXT || (f->flags[i] & (ZHI_FLAT_LINK | ZHI_FLAT_HIDDEN)))
      continue;
    uint32_t n = f->to[i] - f->from[i];
    if (n < 24) {
      add_cell(c, score, i);
      continue;
    }
    if (is_colophon(c, i))
      continue;
    uint32_t block = outer_section(h, zhi_flat_block(f, i)), up = h->nodes[block].parent;
    uint8_t tag = h->nodes[block].tag;
    if (tag == ZHI_TAG_DIV || tag == ZHI_TAG_TD || tag == ZHI_TAG_SECTION || tag == ZHI_TAG_ARTICLE)
      score[block] += n;
    else
      score[block] += n / 2;
    while (up && up != h->body && !zhi_is_block(f, up))
      up = h->nodes[up].parent;
    up = outer_section(h, up);
    score[up] += n;
    if (up)
      score[h->nodes[up].parent] += n / 2;
  }
  uint32_t best = 0;
  for (uint32_t i = h->body + 1; i < h->count; i++) {
    uint32_t len = zhi_flat_len(f, i);
    if (!score[i] || f->link[i] * 2 > len)
      continue;
    if (!best || score[i] > score[best])
      best = i;
  }
  if (best && (score[best] > 240 || !c->main)) {
    c->main = best;
    c->main_score = own_text(f, best);
  }
}

void zhi_find_main(struct zhi_ctx *c) {
  if (!c->html.body)
    return;
  known_container(c);
  if (!c->main || (!c->main_known && c->main_score < 200))
    dense_container(c);
  c->body_pos = c->main ? zhi_flat_start(&c->flat, c->main) : UINT32_MAX;
}

bool zhi_is_beside_text(const struct zhi_ctx *c, uint32_t i) {
  const struct zhi_node *n = &c->html.nodes[i];
  if (c->flat.flags[i] & ZHI_FLAT_HIDDEN && !(c->flat.flags[c->main] & ZHI_FLAT_HIDDEN))
    return true;
  if (n->tag == ZHI_TAG_NAV || n->tag == ZHI_TAG_FOOTER)
    return true;
  if (!n->attr_count || zhi_flat_len(&c->flat, i) > 400)
    return false;
  for (size_t k = 0; k < sizeof outside / sizeof *outside; k++)
    if (zhi_attr_has(n, "class", outside[k]) || zhi_attr_has(n, "id", outside[k]))
      return true;
  return false;
}

/* The end of an information block or line that stands inside the container, before the text: the last run of
 * labels that begins within its first lines. */
static uint32_t skip_information(const struct zhi_ctx *c, uint32_t from, uint32_t to) {
  uint32_t start = from, limit = from + 1600 < to ? from + 1600 : to;
  for (uint32_t k = 0; k < c->hit_count;) {
    uint32_t run = c->hits[k].run, labels = 0, dates = 0, end = 0, first = UINT32_MAX;
    for (; k < c->hit_count && c->hits[k].run == run; k++) {
      const struct zhi_hit *h = &c->hits[k];
      bool label = h->label && h->label->field < ZHI_FIELD_COUNT && (h->colon || h->value_cell);
      if (h->pos < from || !(label || h->date))
        continue;
      labels += label;
      dates += h->date;
      first = h->pos < first ? h->pos : first;
      uint32_t mine = h->to > h->after ? h->to : h->after;
      end = mine > end ? mine : end;
    }
    if (labels && labels + dates >= 2 && first < limit && end <= to && first < start + 700)
      start = end;
  }
  return start;
}

/* One line, trimmed, to `out`, which lies at p or before it. */
static char *put_line(char *out, const char *p, const char *end) {
  while (p < end && (unsigned char)*p <= ' ')
    p++;
  while (p < end && (unsigned char)end[-1] <= ' ')
    end--;
  size_t n = (size_t)(end - p);
  memmove(out, p, n);
  for (char *gap = out; (gap = memchr(gap, ZHI_GAP, (size_t)(out + n - gap)));)
    *gap = ' ';
  return out + n;
}

/* Trim the lines of text[0..len) in place, empty ones left out; returns the new length. */
static size_t trim_lines(char *text, size_t len) {
  char *out = text;
  for (const char *p = text, *end = text + len; p < end;) {
    const char *nl = memchr(p, '\n', (size_t)(end - p));
    const char *next = nl ? nl + 1 : end;
    char *line = put_line(out, p, nl ? nl : end);
    if (line > out && next < end)
      *line++ = '\n';
    out = line;
    p = next;
  }
  while (out > text && out[-1] == '\n')
    out--;
  return (size_t)(out - text);
}

void zhi_body_text(struct zhi_ctx *c) {
  const struct zhi_flat *f = &c->flat;
  if (!c->main)
    return;
  uint32_t end = c->html.nodes[c->main].end;
  char *room = zhi_arena_alloc(c->a, f->to[c->main] - f->from[c->main] + 1);
  size_t w = 0;
  uint32_t skip_to = skip_information(c, zhi_flat_start(f, c->main), f->to[c->main]);
  c->body_pos = skip_to;
  for (uint32_t i = c->main + 1; i < end;) {
    const struct zhi_node *n = &c->html.nodes[i];
    if (n->kind == ZHI_NODE_ELEMENT && zhi_is_beside_text(c, i)) {
      room[w++] = '\n';
      w = w > f->to[c->main] - f->from[c->main] ? w - 1 : w;
      i = n->end;
      continue;
    }
    if (n->kind == ZHI_NODE_TEXT && f->to[i] > f->from[i] && f->to[i] > skip_to) {
      uint32_t from = f->from[i] < skip_to ? skip_to : f->from[i];
      memcpy(room + w, f->text + from, f->to[i] - from);
      w += f->to[i] - from;
    }
    i++;
  }
  size_t len = trim_lines(room, w);
  room[len] = '\0';
  if (len)
    c->doc->text = zhi_str_n(room, len);
}
