/* Split: text as the words that the index has. */
#ifndef ZHI_STORE_SPLIT_H
#define ZHI_STORE_SPLIT_H

#include <stdbool.h>

#include "zhi/str.h"

/* How characters are folded. One a thread: it remembers what it has met. */
struct zhi_fold;
/* ZHI_ENOMEM. `simplify` also loads the pairs traditional → simplified from ICU (slow, some milliseconds). */
ZHI_NODISCARD enum zhi_code zhi_fold_new(bool simplify, struct zhi_fold **out, struct zhi_err *e);
void zhi_fold_free(struct zhi_fold *f);
/* Take over a pair (characters of the basic plane), or walk over all: *from is the last one, 0 to begin with. */
void zhi_fold_pair(struct zhi_fold *f, unsigned from, unsigned to);
bool zhi_fold_each(const struct zhi_fold *f, unsigned *from, unsigned *to);
/* The folded form, appended: for comparing short values. White space becomes one space. */
void zhi_fold_text(struct zhi_fold *f, struct zhi_str text, struct zhi_buf *out);

/* A word, and the bytes of the text it stands for. */
struct zhi_token {
  struct zhi_str word; /* valid during the call */
  size_t from, to;
};
#define ZHI_SPLIT_BREAK "|" /* the word that punctuation and ends of lines make */
enum zhi_split_mode {
  ZHI_SPLIT_TEXT,
  ZHI_SPLIT_QUERY /* the last character of a run of several is no word of its own at the end */
};
/* Call `fn` for each word. `single`, for a query (may be NULL): the last word is one Chinese character, of which any
 * word may begin. */
void zhi_split(struct zhi_fold *f, struct zhi_str text, enum zhi_split_mode mode,
               void (*fn)(void *ctx, const struct zhi_token *t), void *ctx, bool *single);
/* The words with a space behind each, appended. */
void zhi_split_add(struct zhi_fold *f, struct zhi_str text, struct zhi_buf *out);

#endif
