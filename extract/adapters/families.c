/* Families: the table, and its signs found in one pass: a bit set over the hash of three bytes passes over nearly
 * all places of a page. */
#include "extract/adapters/families.h"

#include <string.h>

#include "extract/table.h"
#include "zhi/embed.h"

ZHI_EMBED(adapters_yaml, "config/adapters.yaml")

enum { SIGN_MIN_BYTES = 3 };

static const char *const word_lists[ZHI_WORDS_COUNT] = {
    "url", "title",        "date",         "total",       "pages", "size", "page", "offset",
    "end", "script_pages", "script_total", "script_size", "index", "file", "query"};

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

static uint32_t hash3(const char *p) {
  uint32_t v = (uint32_t)(unsigned char)lower(p[0]) | (uint32_t)(unsigned char)lower(p[1]) << 8 |
               (uint32_t)(unsigned char)lower(p[2]) << 16;
  return v * 2654435761u >> 16;
}

static enum zhi_code keep(struct zhi_families *f, struct zhi_str s, bool fold, struct zhi_str *out,
                          struct zhi_err *e) {
  *out = zhi_arena_str(&f->arena, s);
  if (!out->p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for families");
  char *p = (char *)(uintptr_t)out->p; /* our own copy */
  for (size_t i = 0; fold && i < s.len; i++)
    p[i] = lower(p[i]);
  return ZHI_OK;
}

static enum zhi_code add_sign(struct zhi_families *f, int family, enum zhi_sign_place place,
                              struct zhi_str s, struct zhi_err *e) {
  if (f->sign_count == ZHI_SIGNS_MAX || s.len < SIGN_MIN_BYTES)
    return zhi_fail(e, ZHI_EPARSE, "'%.*s': too short a sign, or one too many", ZHI_STR_ARGS(s));
  struct zhi_sign *sign = &f->sign[f->sign_count++];
  sign->family = (uint8_t)family;
  sign->place = (uint8_t)place;
  enum zhi_code rc = keep(f, s, true, &sign->text, e);
  if (rc == ZHI_OK && place == ZHI_SIGN_TEXT) {
    uint32_t h = hash3(sign->text.p);
    f->first[h >> 6] |= (uint64_t)1 << (h & 63);
  }
  return rc;
}

static enum zhi_code family_word(struct zhi_families *f, const struct zhi_table_row *r,
                                 struct zhi_err *e) {
  int i = zhi_family_named(f, zhi_str_of(r->key[1]));
  if (i < 0) {
    struct zhi_str name;
    if (f->count == ZHI_FAMILIES_MAX)
      return zhi_fail(e, ZHI_EPARSE, "more than %d families", ZHI_FAMILIES_MAX);
    enum zhi_code rc = keep(f, zhi_str_of(r->key[1]), false, &name, e);
    if (rc)
      return rc;
    i = f->count++;
    f->family[i].name = name.p;
  }
  struct zhi_family *x = &f->family[i];
  if (strcmp(r->key[2], "text") == 0)
    return add_sign(f, i, ZHI_SIGN_TEXT, r->word, e);
  if (strcmp(r->key[2], "url") == 0)
    return add_sign(f, i, ZHI_SIGN_URL, r->word, e);
  if (strcmp(r->key[2], "answer") == 0)
    return add_sign(f, i, ZHI_SIGN_ANSWER, r->word, e);
  if (strcmp(r->key[2], "next") == 0 && x->next_count < ZHI_NEXT_MAX)
    return keep(f, r->word, false, &x->next[x->next_count++], e);
  return zhi_fail(e, ZHI_EPARSE, "unknown key '%s', or too many words", r->key[2]);
}

static enum zhi_code add_word(struct zhi_families *f, const struct zhi_table_row *r,
                              struct zhi_err *e) {
  bool guess = strcmp(r->key[0], "guess") == 0;
  int from = guess ? ZHI_WORDS_GUESS_INDEX : 0,
      to = guess ? ZHI_WORDS_COUNT : ZHI_WORDS_GUESS_INDEX;
  for (int k = from; k < to; k++)
    if (strcmp(r->key[1], word_lists[k]) == 0 && f->words[k].count < ZHI_WORDS_MAX)
      return keep(f, r->word, false, &f->words[k].word[f->words[k].count++], e);
  return zhi_fail(e, ZHI_EPARSE, "unknown key '%s', or too many words", r->key[1]);
}

static enum zhi_code word(void *ctx, const struct zhi_table_row *r, struct zhi_err *e) {
  struct zhi_families *f = ctx;
  if (strcmp(r->key[0], "families") == 0 && r->depth == 3)
    return family_word(f, r, e);
  if ((strcmp(r->key[0], "names") == 0 || strcmp(r->key[0], "guess") == 0) && r->depth == 2)
    return add_word(f, r, e);
  return zhi_fail(e, ZHI_EPARSE, "unknown key '%s'", r->key[0]);
}

enum zhi_code zhi_families_load(struct zhi_families *f, struct zhi_str yaml, struct zhi_err *e) {
  memset(f, 0, sizeof *f);
  zhi_arena_init(&f->arena, (size_t)1 << 20);
  enum zhi_code rc = zhi_table_read(yaml, "adapters.yaml", word, f, e);
  if (rc)
    zhi_families_release(f);
  return rc;
}

enum zhi_code zhi_families_init(struct zhi_families *f, struct zhi_err *e) {
  return zhi_families_load(f, adapters_yaml(), e);
}

void zhi_families_release(struct zhi_families *f) { zhi_arena_release(&f->arena); }

static bool begins(struct zhi_str s, size_t at, struct zhi_str sign) {
  if (s.len - at < sign.len)
    return false;
  for (size_t i = 0; i < sign.len; i++)
    if (lower(s.p[at + i]) != sign.p[i])
      return false;
  return true;
}

uint64_t zhi_families_of(const struct zhi_families *f, struct zhi_str text, struct zhi_str url) {
  uint64_t found = 0;
  for (size_t i = 0; i + SIGN_MIN_BYTES <= text.len; i++) {
    uint32_t h = hash3(text.p + i);
    if (!(f->first[h >> 6] >> (h & 63) & 1))
      continue;
    for (int k = 0; k < f->sign_count; k++)
      if (f->sign[k].place == ZHI_SIGN_TEXT && !(found >> f->sign[k].family & 1) &&
          begins(text, i, f->sign[k].text))
        found |= (uint64_t)1 << f->sign[k].family;
  }
  for (int k = 0; k < f->sign_count; k++)
    if (f->sign[k].place == ZHI_SIGN_URL && zhi_str_ifind(url, f->sign[k].text.p))
      found |= (uint64_t)1 << f->sign[k].family;
  return found;
}

int zhi_family_of_answer(const struct zhi_families *f, struct zhi_str url) {
  for (int k = 0; k < f->sign_count; k++)
    if (f->sign[k].place == ZHI_SIGN_ANSWER && zhi_str_ifind(url, f->sign[k].text.p))
      return f->sign[k].family;
  return -1;
}

int zhi_family_named(const struct zhi_families *f, struct zhi_str name) {
  for (int i = 0; i < f->count; i++)
    if (zhi_str_is(name, f->family[i].name))
      return i;
  return -1;
}

int zhi_word_rank(const struct zhi_families *f, enum zhi_words list, struct zhi_str s) {
  for (int i = 0; i < f->words[list].count; i++)
    if (zhi_str_ieq(s, f->words[list].word[i]))
      return i;
  return -1;
}
