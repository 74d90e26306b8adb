/* For tests: inflate gzip members with zlib, independent of our reader. */
#ifndef TEST_GUNZIP_H
#define TEST_GUNZIP_H

#include "zhi/str.h"

/* Appends all members' bytes to *out (init by the caller); returns how many members, -1 when
 * broken. */
int test_gunzip(struct zhi_str gz, struct zhi_buf *out);
/* One gzip member of `text`, appended to *out. */
void test_gzip(struct zhi_str text, struct zhi_buf *out);

#endif
