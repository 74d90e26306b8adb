/* The families of list pages: config/adapters.yaml in memory. Read-only after loading. */
#ifndef ZHI_EXTRACT_FAMILIES_H
#define ZHI_EXTRACT_FAMILIES_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/arena.h"
#include "zhi/err.h"
#include "zhi/str.h"

enum {
  ZHI_FAMILIES_MAX = 48, /* one bit each */
  ZHI_SIGNS_MAX = 256,
  ZHI_WORDS_MAX = 24,
  ZHI_NEXT_MAX = 4
};

/* Lists of words: what things are called, and where page 2 may stand. */
enum zhi_words {
  ZHI_WORDS_URL,
  ZHI_WORDS_TITLE,
  ZHI_WORDS_DATE,
  ZHI_WORDS_TOTAL,
  ZHI_WORDS_PAGES,
  ZHI_WORDS_SIZE,
  ZHI_WORDS_PAGE,
  ZHI_WORDS_OFFSET,
  ZHI_WORDS_END,
  ZHI_WORDS_SCRIPT_PAGES,
  ZHI_WORDS_SCRIPT_TOTAL,
  ZHI_WORDS_SCRIPT_SIZE,
  ZHI_WORDS_GUESS_INDEX,
  ZHI_WORDS_GUESS_FILE,
  ZHI_WORDS_GUESS_QUERY,
  ZHI_WORDS_COUNT
};

enum zhi_sign_place { ZHI_SIGN_TEXT, ZHI_SIGN_URL, ZHI_SIGN_ANSWER };
struct zhi_sign {
  struct zhi_str text; /* lower case */
  uint8_t family, place;
};

struct zhi_family {
  const char *name;
  struct zhi_str next[ZHI_NEXT_MAX];
  int next_count;
};

struct zhi_word_list {
  struct zhi_str word[ZHI_WORDS_MAX];
  int count;
};

struct zhi_families {
  struct zhi_arena arena; /* owns the strings */
  struct zhi_family family[ZHI_FAMILIES_MAX];
  int count;
  struct zhi_sign sign[ZHI_SIGNS_MAX];
  int sign_count;
  struct zhi_word_list words[ZHI_WORDS_COUNT];
  uint64_t first[1024]; /* one bit for the hash of a sign's first bytes */
};

/* Reads the table that is compiled in. ZHI_EPARSE would be a defect of the file: said with its line. */
ZHI_NODISCARD enum zhi_code zhi_families_init(struct zhi_families *f, struct zhi_err *e);
/* The same from any text of that form. */
ZHI_NODISCARD enum zhi_code zhi_families_load(struct zhi_families *f, struct zhi_str yaml,
                                              struct zhi_err *e);
void zhi_families_release(struct zhi_families *f);
/* Families (a bit each) whose signs are in a page's source or address. One pass over the text. */
uint64_t zhi_families_of(const struct zhi_families *f, struct zhi_str text, struct zhi_str url);
/* The family whose answers have such an address; -1: none. */
int zhi_family_of_answer(const struct zhi_families *f, struct zhi_str url);
/* By name; -1: none. */
int zhi_family_named(const struct zhi_families *f, struct zhi_str name);
/* Place of `s` (without case) in a list of words; -1 when it is not there. */
int zhi_word_rank(const struct zhi_families *f, enum zhi_words list, struct zhi_str s);

#endif
