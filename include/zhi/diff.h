/* Diff of two texts, for people: lines, and within lines whole words (the dictionary of ICU for Chinese), so that
 * nothing is shredded. Noise is told apart (noise.h) and shown as masked, never as a change.
 *
 * Bounded: when two texts have too little in common, what lies between places that both have once is shown as
 * replaced. Thread: any; a diff belongs to its caller. */
#ifndef ZHI_DIFF_H
#define ZHI_DIFF_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/arena.h"
#include "zhi/noise.h"

/* Mark what two sequences have in common, in order: keep_a[i] and keep_b[j] are set for equally many elements, the
 * k-th of one being equal to the k-th of the other. Both arrays are cleared first. Scratch memory and the leash are the
 * arena's. */
void zhi_diff_sequences(struct zhi_arena *arena, const uint64_t *a, size_t n, const uint64_t *b,
                        size_t m, bool *keep_a, bool *keep_b);

struct zhi_diff_line {
  struct zhi_str text;
  enum zhi_noise_kind noise; /* NONE; NUMBER: its numbers are noise; else the whole line is */
};
/* The lines of `text` with the noise that zhi_noise_line knows; arrays are the arena's, texts borrowed. At most
 * ZHI_DIFF_MAX_LINES: the last one holds the rest. */
struct zhi_diff_line *zhi_diff_lines(struct zhi_arena *arena, struct zhi_str text, size_t *count);
enum { ZHI_DIFF_MAX_LINES = 50000 };

enum zhi_diff_op {
  ZHI_DIFF_SAME,
  ZHI_DIFF_REMOVED,
  ZHI_DIFF_ADDED,
  ZHI_DIFF_CHANGED,
  ZHI_DIFF_MASKED
};
/* "same" "removed" "added" "changed" "masked" */
extern const char *const zhi_diff_op_name[];

/* SAME: both; REMOVED: a alone; ADDED: b alone; MASKED: either may be empty. Never CHANGED. */
struct zhi_diff_part {
  enum zhi_diff_op op;
  enum zhi_noise_kind noise; /* of MASKED */
  struct zhi_str a, b;
};
/* A line, or a line beside the one that replaced it (CHANGED). SAME may have masked parts. */
struct zhi_diff_row {
  enum zhi_diff_op op;
  enum zhi_noise_kind noise; /* of MASKED */
  uint32_t line_a, line_b;   /* from 1; 0: not on that side */
  struct zhi_diff_part *parts;
  uint32_t part_count;
};
struct zhi_diff {
  struct zhi_diff_row *rows;
  uint32_t row_count;
  uint32_t changes; /* rows CHANGED, REMOVED, ADDED */
  uint32_t masked;  /* masked rows and parts that differ */
  uint64_t added_chars, removed_chars;
};
/* Everything is the arena's or borrowed from the lines. False: the arena's memory or time is spent. */
bool zhi_diff_texts(struct zhi_arena *arena, const struct zhi_diff_line *a, size_t n,
                    const struct zhi_diff_line *b, size_t m, struct zhi_diff *out);

#endif
