/* The body of an annual report after the template, with numbers of our own, for tests. */
#ifndef TESTS_SUPPORT_ANNUAL_H
#define TESTS_SUPPORT_ANNUAL_H

#include <stdbool.h>

#include "zhi/str.h"

struct annual_page {
  bool blanks; /* some noughts as blank, slash, dash; some digits full-width */
  bool wrong;  /* 三(七) of 自然人 is one too many */
  bool split;  /* table 3 in two tables */
  bool twice;  /* all tables a second time, hidden */
};
void annual_body(const struct annual_page *p, struct zhi_buf *b);

#endif
