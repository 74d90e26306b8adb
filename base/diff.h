/* Words of a line, for the diff. Private to base/. */
#ifndef ZHI_BASE_DIFF_H
#define ZHI_BASE_DIFF_H

#include "zhi/diff.h"

/* A word, a punctuation mark, or a piece of noise, with the white space behind it. */
struct diff_word {
  uint64_t id; /* equal: the same but for white space, and for what is noise in it */
  uint32_t from, to;
  enum zhi_noise_kind noise;
  bool boundary; /* punctuation, or nothing but white space */
};

struct diff_splitter; /* ICU's; one owner */
/* NULL: out of memory, or ICU without its data. */
struct diff_splitter *zhi_diff_splitter_new(void);
void zhi_diff_splitter_free(struct diff_splitter *s);
/* The words of a line; `s` may be NULL: then every character is a word. */
struct diff_word *zhi_diff_words(struct zhi_arena *arena, struct diff_splitter *s,
                                 const struct zhi_diff_line *line, size_t *count);
/* The id of a line: equal when its words are. Costs no dictionary. */
uint64_t zhi_diff_line_id(struct zhi_arena *arena, const struct zhi_diff_line *line);

#endif
