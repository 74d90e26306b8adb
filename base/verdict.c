/* Verdicts: names in one table. */
#include "zhi/verdict.h"

static const char *const names[] = {
#define X(name, text) text,
    ZHI_VERDICTS(X)
#undef X
};

const char *zhi_verdict_name(enum zhi_verdict v) {
  return (unsigned)v < ZHI_VERDICT_COUNT ? names[v] : "unknown";
}

enum zhi_verdict zhi_verdict_of(struct zhi_str name) {
  unsigned v = 0;
  while (v < ZHI_VERDICT_COUNT && !zhi_str_is(name, names[v]))
    v++;
  return (enum zhi_verdict)v;
}
