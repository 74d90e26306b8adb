/* Files as a whole. Thread: any. */
#ifndef ZHI_FILE_H
#define ZHI_FILE_H

#include "zhi/str.h"

/* The content of a file, or of standard input for "-", in *out (initialised here with the cap `max` bytes;
 * the caller's to release, also on failure). ZHI_EIO: cannot be opened or read; ZHI_ELIMIT: larger. */
ZHI_NODISCARD enum zhi_code zhi_read_file(const char *path, size_t max, struct zhi_buf *out,
                                          struct zhi_err *e);

#endif
