/* Fields: which labels count, and which of several candidates wins.
 *
 * A label counts by the company it keeps. In a run of labels (hits.c) with two strong ones, all count; a lone
 * strong label counts with a colon in a short block; a weak one needs two strong ones, or an information line:
 * a short run with a date, a hit counter or toolbar words. Labels inside the body text count only in such
 * company. Resolution: the best confidence wins, agreement raises it, an empty candidate loses to any value,
 * and values of trusted sources that disagree are a finding. */
#include "extract/ctx.h"
#include "zhi/clock.h"

#include <stdio.h>

enum { SIGN_LINE_MAX = 120, INFO_LINE_MAX = 480, LONE_BLOCK_MAX = 260, FINDING_MAX = 160 };

/* What a run is made of. */
struct run {
  uint32_t strong, weak, aux, dates;
  uint32_t from, to;
  uint32_t cells, colons;
  uint64_t fields; /* bit a field: distinct ones count */
};

static void add_to_run(struct run *r, const struct zhi_hit *h) {
  uint32_t end = h->to > h->after ? h->to : h->after;
  if (r->to == 0)
    r->from = h->pos;
  r->to = end > r->to ? end : r->to;
  if (h->date) {
    r->dates++;
    return;
  }
  if (h->in_link && !h->colon)
    return;
  r->colons += h->colon;
  if (!h->label || h->label->cls == ZHI_LABEL_NOISE) {
    r->aux++;
    return;
  }
  uint64_t bit = (uint64_t)1 << h->label->field;
  if (r->fields & bit)
    return;
  r->fields |= bit;
  if (h->label->cls == ZHI_LABEL_STRONG)
    r->strong++;
  else
    r->weak++;
  if (h->value_cell)
    r->cells++;
  if (h->label->field == ZHI_F_VIEWS || h->label->field == ZHI_F_DATE_PUBLISHED)
    r->aux++;
}

static bool is_info_line(const struct run *r) {
  return r->to - r->from <= INFO_LINE_MAX * 2 && r->strong + r->weak + r->dates >= 1 &&
         (r->aux > 0 || r->dates > 0 || r->strong + r->weak >= 2);
}

static bool in_body(const struct zhi_ctx *c, const struct zhi_hit *h) {
  return c->main && c->main_known && h->pos >= c->flat.from[c->main] &&
         h->pos < c->flat.to[c->main];
}

/* 编辑：…, 审核：… as the last lines of the body. */
static bool at_end(const struct zhi_ctx *c, const struct zhi_hit *h) {
  enum zhi_field f = h->label->field;
  if (f != ZHI_F_EDITOR && f != ZHI_F_REVIEWER && f != ZHI_F_AUTHOR && f != ZHI_F_SOURCE)
    return false;
  uint32_t end = c->main ? c->flat.to[c->main] : 0;
  return end && h->to + 160 > end && h->pos < end + 300 && h->to > h->from &&
         h->to - h->from <= 60 && h->colon && h->block_bytes <= SIGN_LINE_MAX;
}

/* Confidence of a labelled hit; 0: it does not count. */
static float weigh(const struct zhi_ctx *c, const struct zhi_hit *h, const struct run *r) {
  bool strong = h->label->cls == ZHI_LABEL_STRONG;
  bool body = in_body(c, h) && h->pos > c->body_pos;
  uint32_t known = r->strong + r->weak;
  if (h->in_link && !(strong && h->colon && r->strong >= 2))
    return 0;
  if (r->strong >= 2 && (h->colon || h->value_cell || h->elem)) {
    if (body && (r->strong < 3 || !h->colon))
      return body && strong && h->colon && h->block_bytes < LONE_BLOCK_MAX ? 0.55F : 0;
    if (!strong && !h->colon && !h->value_cell)
      return 0;
    return (h->colon || h->value_cell ? 0.95F : 0.85F) + (strong ? 0.03F : 0) -
           (h->far ? 0.05F : 0);
  }
  if (!h->colon && !h->value_cell)
    return 0;
  if (at_end(c, h) && c->main_known)
    return 0.75F;
  if (body)
    return strong && h->block_bytes < 120 && h->to > h->from ? 0.5F : 0;
  if (strong && (known + r->aux + r->dates >= 2 || h->block_bytes <= LONE_BLOCK_MAX))
    return h->colon ? 0.92F : 0.6F;
  if (!strong && h->colon && h->block_bytes <= INFO_LINE_MAX * 2 && is_info_line(r))
    return 0.9F;
  if (!strong && h->colon && h->block_bytes <= 120 && h->label->field == ZHI_F_SOURCE)
    return 0.7F;
  return 0;
}

/* A date without a label: it counts on an information line, or right below the title. */
static float weigh_date(const struct zhi_ctx *c, const struct zhi_hit *h, const struct run *r) {
  bool near_title =
      c->title_pos != UINT32_MAX && h->pos > c->title_pos && h->pos - c->title_pos < 900;
  if (h->in_link)
    return 0;
  if (in_body(c, h) && h->pos > c->body_pos)
    return 0;
  if (r->strong + r->weak >= 1 && r->colons && is_info_line(r) && r->dates == 1)
    return near_title ? 0.89F : 0.8F;
  if (near_title && r->dates == 1)
    return r->aux ? 0.88F : 0.82F;
  return 0;
}

/* The footer's code is followed by registrations: 3300000020浙公网安备…. */
static struct zhi_str leading_code(struct zhi_str s) {
  size_t n = 0;
  while (n < s.len && n < 12 &&
         ((s.p[n] >= '0' && s.p[n] <= '9') || ((s.p[n] | 32) >= 'a' && (s.p[n] | 32) <= 'z')))
    n++;
  return n >= 10 ? zhi_str_sub(s, 0, n) : s;
}

static void hit_candidate(struct zhi_ctx *c, const struct zhi_hit *h, const struct run *r) {
  struct zhi_str raw = zhi_collapse(c->a, zhi_str_n(c->flat.text + h->from, h->to - h->from));
  float w;
  if (h->written.len)
    raw = zhi_collapse(c->a, h->written);
  if (h->date) {
    if ((w = weigh_date(c, h, r)) > 0)
      zhi_ctx_candidate(c, ZHI_F_DATE_PUBLISHED, raw, "inline", w, h->pos);
    return;
  }
  if (!h->label || h->label->cls == ZHI_LABEL_NOISE || (w = weigh(c, h, r)) <= 0)
    return;
  if (h->label->field == ZHI_F_SITE_ID_CODE)
    raw = leading_code(raw);
  w -= 0.001F * (float)(h->label->rank < 20 ? h->label->rank : 20);
  zhi_ctx_candidate(c, h->label->field, raw, h->source, w, h->pos)->yes_no = h->label->yes_no;
}

void zhi_hit_candidates(struct zhi_ctx *c) {
  for (uint32_t k = 0; k < c->hit_count;) {
    struct run r = {0};
    uint32_t first = k, run = c->hits[k].run;
    for (; k < c->hit_count && c->hits[k].run == run; k++)
      add_to_run(&r, &c->hits[k]);
    for (uint32_t j = first; j < k; j++)
      hit_candidate(c, &c->hits[j], &r);
  }
}

/* --- resolution -------------------------------------------------------------------------------------- */

static struct zhi_str validity_value(const struct zhi_candidate *k) {
  return zhi_str_of(zhi_validity(k->raw, k->yes_no));
}

static struct zhi_str int_value(struct zhi_ctx *c, struct zhi_str raw) {
  size_t i = 0;
  while (i < raw.len && (raw.p[i] < '0' || raw.p[i] > '9'))
    i++;
  size_t from = i;
  while (i < raw.len && raw.p[i] >= '0' && raw.p[i] <= '9')
    i++;
  return i > from ? zhi_arena_str(c->a, zhi_str_sub(raw, from, i)) : ZHI_STR_NONE;
}

struct zhi_str zhi_field_normalise(struct zhi_ctx *c, const struct zhi_candidate *k,
                                   struct zhi_field_value *v) {
  enum zhi_field_type type = zhi_field_table[k->field].type;
  struct zhi_date d;
  char text[ZHI_DATE_TEXT_SIZE];
  switch (type) {
  case ZHI_FT_DATE:
  case ZHI_FT_DATETIME:
    if (!zhi_date_parse(k->raw, &d))
      return ZHI_STR_NONE;
    v->precision =
        type == ZHI_FT_DATE && d.precision > ZHI_PRECISION_DAY ? ZHI_PRECISION_DAY : d.precision;
    v->suspect = zhi_date_is_odd(&d);
    zhi_date_format(&d, type == ZHI_FT_DATETIME, text);
    return zhi_arena_str(c->a, zhi_str_of(text));
  case ZHI_FT_LIST: return zhi_value_list(c->a, k->raw, k->field == ZHI_F_KEYWORDS);
  case ZHI_FT_VALIDITY: return validity_value(k);
  case ZHI_FT_INT: return int_value(c, k->raw);
  default: break;
  }
  if (k->field == ZHI_F_DOC_NO) {
    struct zhi_str n = zhi_doc_no(c->a, k->raw);
    return n.p ? n : k->raw;
  }
  return k->raw;
}

/* Does the raw value fit its field at all? A date field without a date and an index number in a sentence do
 * not. */
static bool fits(const struct zhi_candidate *k) {
  struct zhi_date d;
  enum zhi_field_type type = zhi_field_table[k->field].type;
  if (type == ZHI_FT_DATE || type == ZHI_FT_DATETIME)
    return zhi_date_parse(k->raw, &d);
  if (k->field == ZHI_F_SOURCE || k->field == ZHI_F_AUTHOR || k->field == ZHI_F_EDITOR)
    return k->raw.len <= 300;
  if (k->field == ZHI_F_INDEX_NO)
    return k->raw.len <= 120;
  if (k->field == ZHI_F_VALIDITY)
    return k->raw.len <= 60;
  return true;
}

/* A template that prints the article's title as its column's name. */
static bool column_is_title(const struct zhi_ctx *c, const struct zhi_candidate *k) {
  return k->field == ZHI_F_COLUMN_NAME && strcmp(k->source, "meta") == 0 &&
         c->doc->fields[ZHI_F_TITLE].value.len &&
         zhi_str_eq(k->raw, c->doc->fields[ZHI_F_TITLE].value);
}

static bool is_empty(const struct zhi_candidate *k) {
  return k->raw.len == 0 || zhi_is_placeholder(k->raw);
}

static void conflict(struct zhi_ctx *c, const struct zhi_candidate *won,
                     const struct zhi_candidate *lost) {
  struct zhi_str a = zhi_str_clip(won->raw, FINDING_MAX / 2),
                 b = zhi_str_clip(lost->raw, FINDING_MAX / 2);
  zhi_ctx_finding(c, "field_conflict",
                  zhi_arena_printf(c->a, "%s: %s says '%.*s', %s says '%.*s'",
                                   zhi_field_table[won->field].name, won->source, ZHI_STR_ARGS(a),
                                   lost->source, ZHI_STR_ARGS(b)));
}

static bool agrees(struct zhi_ctx *c, const struct zhi_str value, const struct zhi_candidate *k) {
  struct zhi_field_value other = {0};
  struct zhi_str v = zhi_field_normalise(c, k, &other);
  size_t n = value.len < v.len ? value.len : v.len;
  if (zhi_field_table[k->field].type == ZHI_FT_DATETIME && n >= 10)
    n = 10;
  else if (value.len != v.len)
    return false;
  return n && memcmp(value.p, v.p, n) == 0;
}

/* What speaks against this candidate whatever the others say; NULL: nothing. */
static const char *refused(const struct zhi_ctx *c, const struct zhi_candidate *k) {
  if (is_empty(k))
    return "says nothing";
  if (!fits(k))
    return "is no value of this field";
  return column_is_title(c, k) ? "a column named like its document" : NULL;
}

/* Losers that agree make the winner surer; trusted ones that do not are told. */
static void compare(struct zhi_ctx *c, const struct zhi_candidate *best, struct zhi_candidate *k,
                    struct zhi_field_value *out, bool *told) {
  if (agrees(c, out->value, k)) {
    out->confidence += (1 - out->confidence) * 0.3F;
    k->why = "says the same";
    return;
  }
  k->why = k->confidence < best->confidence ? "less confident" : "as confident, but came later";
  if (k->confidence >= 0.8F && !*told) {
    conflict(c, best, k);
    *told = true;
  }
}

static void settle(struct zhi_ctx *c, enum zhi_field field, const uint32_t *list, uint32_t count) {
  struct zhi_candidate *best = NULL, *empty = NULL;
  struct zhi_field_value *out = &c->doc->fields[field];
  bool told = false;
  for (uint32_t i = 0; i < count; i++) {
    struct zhi_candidate *k = &c->cands[list[i]];
    k->why = refused(c, k);
    if (k->why && is_empty(k) && strcmp(k->source, "meta") != 0 &&
        (!empty || k->confidence > empty->confidence))
      empty = k;
    if (k->why && !is_empty(k) && strcmp(k->source, "override") == 0)
      zhi_ctx_finding(c, "override_unfit",
                      zhi_arena_printf(c->a, "%s: '%.*s'", zhi_field_table[field].name,
                                       ZHI_STR_ARGS(zhi_str_clip(k->raw, FINDING_MAX / 2))));
    if (!k->why && (!best || k->confidence > best->confidence))
      best = k;
  }
  struct zhi_candidate *won = best ? best : empty;
  if (!won)
    return;
  won->won = true;
  *out = (struct zhi_field_value){.state = best ? ZHI_FIELD_PRESENT : ZHI_FIELD_EMPTY,
                                  .raw = won->raw,
                                  .source = won->source,
                                  .confidence = won->confidence};
  won->why = !best ? "the label is there without a value" : "most confident";
  if (!best)
    return;
  out->value = zhi_field_normalise(c, best, out);
  for (uint32_t i = 0; i < count; i++)
    if (!c->cands[list[i]].why)
      compare(c, best, &c->cands[list[i]], out, &told);
}

static bool same_day(const struct zhi_field_value *a, const struct zhi_field_value *b) {
  return a->value.len >= 10 && b->value.len >= 10 && memcmp(a->value.p, b->value.p, 10) == 0;
}

/* A CMS that fills effective and abolition dates with "now" (SiteServer): weak evidence. */
static void suspect_defaults(struct zhi_ctx *c) {
  struct zhi_field_value *f = c->doc->fields, *pub = &f[ZHI_F_DATE_PUBLISHED];
  const enum zhi_field doubtful[] = {ZHI_F_DATE_EFFECTIVE, ZHI_F_DATE_EXPIRED};
  for (int i = 0; i < 2; i++)
    if (same_day(&f[doubtful[i]], pub)) {
      f[doubtful[i]].suspect = true;
      zhi_ctx_finding(
          c, "date_default_suspect",
          zhi_arena_printf(c->a, "%s equals date_published", zhi_field_table[doubtful[i]].name));
    }
}

/* A date later than the day after the page was fetched; of what begins or ends it may be. */
static void suspect_future(struct zhi_ctx *c) {
  static const enum zhi_field past[] = {ZHI_F_DATE_WRITTEN, ZHI_F_DATE_PRINTED,
                                        ZHI_F_DATE_GENERATED, ZHI_F_DATE_PUBLISHED,
                                        ZHI_F_DATE_UPDATED};
  enum { DAY_MS = 24 * 3600 * 1000 };
  char limit[ZHI_ISO_SIZE];
  if (!c->page->fetched_ms)
    return;
  zhi_time_iso(c->page->fetched_ms + ZHI_TZ_CHINA_MS + DAY_MS, limit);
  for (size_t i = 0; i < sizeof past / sizeof *past; i++) {
    struct zhi_field_value *v = &c->doc->fields[past[i]];
    if (v->value.len < 10 || memcmp(v->value.p, limit, 10) <= 0)
      continue;
    v->suspect = true;
    zhi_ctx_finding(c, "date_future",
                    zhi_arena_printf(c->a, "%s is %.*s", zhi_field_table[past[i]].name,
                                     ZHI_STR_ARGS(v->value)));
  }
}

/* A document with a red head and no information table: the date alone in its last lines is when it was written. */
static void date_at_end(struct zhi_ctx *c) {
  struct zhi_str text = c->doc->text;
  struct zhi_field_value *v = &c->doc->fields[ZHI_F_DATE_WRITTEN];
  struct zhi_date d;
  size_t from, to;
  if (v->state != ZHI_FIELD_ABSENT || c->doc->fields[ZHI_F_INDEX_NO].state != ZHI_FIELD_ABSENT)
    return;
  for (int n = 0; n < 4 && text.len; n++) {
    size_t i = text.len;
    while (i && text.p[i - 1] != '\n')
      i--;
    struct zhi_str line = zhi_str_trim(zhi_str_sub(text, i, text.len));
    text.len = i ? i - 1 : 0;
    if (line.len > 80 || !zhi_date_find(line, ZHI_PRECISION_DAY, &d, &from, &to) || from != 0 ||
        to != line.len || zhi_date_is_odd(&d))
      continue;
    struct zhi_candidate *k = zhi_ctx_candidate(c, ZHI_F_DATE_WRITTEN, line, "text", 0.6F, 0);
    k->won = true;
    k->why = "a date alone at the end of a document with a red head";
    *v = (struct zhi_field_value){
        .state = ZHI_FIELD_PRESENT, .raw = line, .source = k->source, .confidence = k->confidence};
    v->value = zhi_field_normalise(c, k, v);
    return;
  }
}

/* 红头: the first lines below the title hold the number alone, 永政〔2018〕12号. */
static void red_head(struct zhi_ctx *c) {
  const struct zhi_flat *f = &c->flat;
  if (!c->main || c->doc->fields[ZHI_F_DOC_NO].state == ZHI_FIELD_PRESENT)
    return;
  uint32_t from =
      c->title_pos != UINT32_MAX && c->title_pos < c->body_pos && c->body_pos - c->title_pos < 1500
          ? c->title_pos
          : c->body_pos;
  uint32_t to = c->body_pos + 700 < f->to[c->main] ? c->body_pos + 700 : f->to[c->main];
  for (uint32_t i = from; i < to;) {
    uint32_t end = i;
    while (end < f->len && f->text[end] != '\n' && f->text[end] != '\t')
      end++;
    struct zhi_str no = zhi_doc_no_line(c->a, zhi_str_n(f->text + i, end - i));
    if (no.p) {
      struct zhi_candidate *k = zhi_ctx_candidate(
          c, ZHI_F_DOC_NO, zhi_collapse(c->a, zhi_str_n(f->text + i, end - i)), "text", 0.7F, i);
      k->won = true;
      k->why = "a number alone in the first lines";
      c->doc->fields[ZHI_F_DOC_NO] = (struct zhi_field_value){.state = ZHI_FIELD_PRESENT,
                                                              .value = no,
                                                              .raw = k->raw,
                                                              .source = k->source,
                                                              .confidence = k->confidence};
      date_at_end(c);
      return;
    }
    i = end + 1;
  }
}

/* A list or a front page has fields of its site; dates and numbers on it are its items'. */
void zhi_drop_item_fields(struct zhi_doc *d) {
  for (unsigned f = 0; f < ZHI_FIELD_COUNT; f++)
    if (f != ZHI_F_SITE_NAME && f != ZHI_F_SITE_ID_CODE && f != ZHI_F_COLUMN_NAME &&
        f != ZHI_F_TITLE && f != ZHI_F_KEYWORDS && f != ZHI_F_ABSTRACT)
      d->fields[f] = (struct zhi_field_value){0};
}

void zhi_resolve_fields(struct zhi_ctx *c) {
  uint32_t *list = zhi_arena_alloc(c->a, (c->cand_count + 1) * sizeof *list);
  for (unsigned i = 0; i < ZHI_FIELD_COUNT;
       i++) { /* the title first: others are compared with it */
    unsigned field = i == 0 ? ZHI_F_TITLE : i <= ZHI_F_TITLE ? i - 1 : i;
    uint32_t n = 0;
    for (uint32_t k = 0; k < c->cand_count; k++)
      if (c->cands[k].field == field)
        list[n++] = k;
    if (n)
      settle(c, (enum zhi_field)field, list, n);
  }
  red_head(c);
  suspect_defaults(c);
  suspect_future(c);
}
