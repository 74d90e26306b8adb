/* Values of fields, normalised: document numbers, validity, index numbers, lists, placeholders.
 * Pure functions; results live in the arena. Thread: any, each with its arena. */
#ifndef ZHI_EXTRACT_VALUES_H
#define ZHI_EXTRACT_VALUES_H

#include <stdbool.h>

#include "zhi/arena.h"
#include "zhi/str.h"

/* A label's or value's text made comparable: NFKC, all white space and zero-width characters dropped.
 * At most `max` bytes are looked at. */
struct zhi_str zhi_squeeze(struct zhi_arena *a, struct zhi_str s, size_t max);
/* White space runs to one space, trimmed; no other change. */
struct zhi_str zhi_collapse(struct zhi_arena *a, struct zhi_str s);
/* "-" "——" "/" "无" "暂无" "null" "〔〕号" "1900-01-01" …: shown, but says nothing. */
bool zhi_is_placeholder(struct zhi_str s);

/* 发文字号: brackets to 〔〕, digits to ASCII, 第 and spaces dropped: 永政〔2018〕12号. `s` may hold more text
 * behind the number. NULL view when it holds none. */
struct zhi_str zhi_doc_no(struct zhi_arena *a, struct zhi_str s);
/* Only when the number is all of `s` (a red head's line, a line in brackets under a title). */
struct zhi_str zhi_doc_no_line(struct zhi_arena *a, struct zhi_str s);

/* valid invalid repealed amended partial pending unknown. `yes_no`: the label asks 是否有效. */
const char *zhi_validity(struct zhi_str s, bool yes_no);

/* The grammar an index number follows ("uscc", "org9", "site-dept-20", … "other"). */
const char *zhi_index_grammar(struct zhi_str s);
/* Its six-digit division code; false when the grammar has none. */
bool zhi_index_division(struct zhi_str s, char code[7]);
/* GB 32100 (mod 31): does the check character of these 18 fit? A shorter text does not. */
bool zhi_uscc_ok(const char *code);

/* Split on , ， ; ； 、 \ > | and joined again with "; ". `by_space` too. */
struct zhi_str zhi_value_list(struct zhi_arena *a, struct zhi_str s, bool by_space);

#endif
