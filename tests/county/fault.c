/* Faults by script. */
#include "tests/county/county.h"

unsigned fault_count(void) { return 0; }
const char *fault_name(unsigned i) {
  (void)i;
  return "";
}
bool fault_answer(struct county *c, const struct host *h, const struct request *q,
                  struct reply *r) {
  (void)c;
  (void)h;
  (void)q;
  (void)r;
  return false;
}
void fault_truth(const struct county *c, FILE *f) {
  (void)c;
  (void)f;
}
