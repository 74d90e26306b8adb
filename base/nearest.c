/* "Did you mean": the name nearest to a slip of the pen, by edit distance. */
#include "zhi/str.h"

/* Edit distance, cut off: words longer than 47 bytes are never near. */
static size_t distance(struct zhi_str a, struct zhi_str b) {
  size_t row[48];
  if (a.len >= 48 || b.len >= 48)
    return 99;
  for (size_t j = 0; j <= b.len; j++)
    row[j] = j;
  for (size_t i = 1; i <= a.len; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.len; j++) {
      size_t change = diagonal + (a.p[i - 1] != b.p[j - 1]);
      diagonal = row[j];
      size_t insert = row[j - 1] + 1, drop = row[j] + 1;
      row[j] = insert < drop ? insert : drop;
      row[j] = change < row[j] ? change : row[j];
    }
  }
  return row[b.len];
}

const char *zhi_nearest(struct zhi_str word, const char *const *names, size_t n) {
  const char *best = NULL;
  size_t least = word.len <= 4 ? 2 : word.len <= 8 ? 3 : 4; /* strictly under */
  for (size_t i = 0; i < n && names[i]; i++) {
    size_t d = distance(word, zhi_str_of(names[i]));
    if (d < least) {
      least = d;
      best = names[i];
    }
  }
  return best;
}
