/* The division a page speaks for: the six digits at the head of the site code, of the index number or of a unified
 * social credit code in it or in the URL; without any of them, what the config says.
 *
 * A code that the table knows beats one that it does not (development zones have codes of their own). A site code
 * of another province than the config's is a template's left-over: it is told, and does not count. */
#include "zhi/division.h"
#include "extract/ctx.h"

enum { CODE = 6, USCC = 18 };

struct found {
  struct zhi_str code;
  const char *source;
  float confidence;
  uint32_t pos;
};

static bool same_head(struct zhi_str a, struct zhi_str b, size_t n) {
  return a.len >= n && b.len >= n && memcmp(a.p, b.p, n) == 0;
}

static bool known(struct zhi_str code) {
  struct zhi_division d;
  return zhi_division_find(code, &d);
}

static void from_field(const struct zhi_field_value *v, struct zhi_str code, struct found *out) {
  if (v->state == ZHI_FIELD_PRESENT && zhi_division_is_code(code))
    *out = (struct found){code, v->source, v->confidence, 0};
}

/* /govxxgk/11410000005184603J/…: a unified social credit code of an organ, checked. */
static struct zhi_str uscc_in(struct zhi_str url) {
  for (size_t i = 0; i + USCC <= url.len; i++) {
    char text[USCC + 1];
    if (url.p[i] != '1' || url.p[i + 1] != '1' || (i && url.p[i - 1] != '/'))
      continue;
    memcpy(text, url.p + i, USCC);
    text[USCC] = '\0';
    if (zhi_uscc_ok(text))
      return zhi_str_sub(url, i + 2, i + 2 + CODE);
  }
  return ZHI_STR_NONE;
}

/* Candidates in order of trust; returns how many. */
static size_t gather(struct zhi_ctx *c, struct found out[3]) {
  const struct zhi_field_value *f = c->doc->fields, *site = &f[ZHI_F_SITE_ID_CODE],
                               *index = &f[ZHI_F_INDEX_NO];
  char code[CODE + 1];
  size_t n = 0;
  memset(out, 0, 3 * sizeof *out);
  from_field(site, zhi_str_sub(site->value, 0, CODE), &out[n]);
  n += out[n].code.len != 0;
  if (index->value.len && zhi_index_division(index->value, code))
    from_field(index, zhi_arena_str(c->a, zhi_str_of(code)), &out[n]);
  n += out[n].code.len != 0;
  struct zhi_str uscc = uscc_in(c->page->url);
  if (zhi_division_is_code(uscc))
    out[n++] = (struct found){uscc, "url", 0.8F, 0};
  return n;
}

static void tell(struct zhi_ctx *c, const struct found *a, const char *what, struct zhi_str b) {
  zhi_ctx_finding(c, "division_conflict",
                  zhi_arena_printf(c->a, "%.*s from %s, but %s says %.*s", ZHI_STR_ARGS(a->code),
                                   a->source, what, ZHI_STR_ARGS(b)));
}

/* The one that counts: the first that the table knows, else the first; NULL: none. */
static struct found *choose(struct zhi_ctx *c, struct found *all, size_t n) {
  struct found *best = NULL;
  for (size_t i = 0; i < n; i++) {
    if (c->site->code.len && !same_head(all[i].code, c->site->code, 2)) {
      tell(c, &all[i], "the config", c->site->code);
      all[i].code = ZHI_STR("");
      continue;
    }
    if (!best || (!known(best->code) && known(all[i].code)))
      best = &all[i];
  }
  for (size_t i = 0; best && i < n; i++)
    if (&all[i] != best && known(all[i].code) && !same_head(all[i].code, best->code, 4))
      tell(c, best, all[i].source, all[i].code);
  return best;
}

static void set(struct zhi_ctx *c, enum zhi_field field, struct zhi_str value,
                const struct found *from) {
  struct zhi_candidate *k =
      zhi_ctx_candidate(c, field, value, from->source, from->confidence, from->pos);
  k->won = true;
  k->why = "head of the site code, the index number or a credit code; else the config";
  c->doc->fields[field] = (struct zhi_field_value){.state = ZHI_FIELD_PRESENT,
                                                   .value = value,
                                                   .raw = value,
                                                   .source = from->source,
                                                   .confidence = from->confidence};
}

void zhi_find_division(struct zhi_ctx *c) {
  struct found all[3], config = {c->site->code, "config", 0.5F, 0};
  struct zhi_division d;
  if (c->doc->kind == ZHI_KIND_BLOCKED || c->doc->kind == ZHI_KIND_SOFT_404)
    return;
  const struct found *f = choose(c, all, gather(c, all));
  f = f ? f : config.code.len ? &config : NULL;
  if (!f || c->doc->fields[ZHI_F_DIVISION_CODE].state == ZHI_FIELD_PRESENT)
    return;
  set(c, ZHI_F_DIVISION_CODE, f->code, f);
  if (c->site->name.len && zhi_str_eq(f->code, c->site->code))
    set(c, ZHI_F_DIVISION_NAME, c->site->name, &config);
  else if (zhi_division_find(f->code, &d))
    set(c, ZHI_F_DIVISION_NAME, d.name, f);
}
