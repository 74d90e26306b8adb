/* Cells of a CSV file, RFC 4180, in UTF-8. Thread: any. */
#ifndef ZHI_CSV_H
#define ZHI_CSV_H

#include "zhi/str.h"

enum zhi_csv_style {
  ZHI_CSV_PLAIN, /* as it stands; NUL bytes left out, malformed UTF-8 becomes U+FFFD */
  /* also with a ' before what a spreadsheet would run as a formula (first character = + - @ tab CR LF, or full-width
   * = + - @; CWE-1236) or would take for a number and spoil (12 digits or more, a leading zero) */
  ZHI_CSV_GUARDED
};
/* Append the cell, quoted where needed; the comma before it is the caller's. */
void zhi_csv_cell(struct zhi_buf *b, struct zhi_str s, enum zhi_csv_style style);

enum { ZHI_CELL_MAX_UNITS = 32767 }; /* UTF-16 units a spreadsheet's cell holds */
/* `s`, or as much of it as a spreadsheet's cell holds (*cut says so), ending at a character. */
struct zhi_str zhi_cell_fit(struct zhi_str s, bool *cut);

#endif
