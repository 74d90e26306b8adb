/* Inside the reading of annual reports. */
#ifndef ZHI_EXTRACT_ANNUAL_H
#define ZHI_EXTRACT_ANNUAL_H

#include "extract/ctx.h"
#include "extract/grid.h"

struct zhi_annual_read {
  struct zhi_ctx *c;
  struct zhi_annual *report;
  size_t cap;
  struct zhi_grid grid;      /* of the table being read */
  int level[4];              /* numbering of the last row of table 3: levels 1 to 3; 0: none */
  bool old_words, new_words; /* 本年新制作数量, 本年制发件数 were met */
};

/* annual_tables.c: every table of the page that is one of the report's. */
void zhi_annual_tables(struct zhi_annual_read *r);
/* annual_sums.c: the identities of tables 3 and 4; what fails is marked and told. */
void zhi_annual_sums(struct zhi_annual_read *r);

#endif
