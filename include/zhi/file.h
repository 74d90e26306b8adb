/* Files as a whole: read at once, or written beside their place and put there when complete. Thread: any. */
#ifndef ZHI_FILE_H
#define ZHI_FILE_H

#include <stdint.h>

#include "zhi/digest.h"
#include "zhi/str.h"

/* The content of a file, or of standard input for "-", in *out (initialised here with the cap `max` bytes;
 * the caller's to release, also on failure). ZHI_EIO: cannot be opened or read; ZHI_ELIMIT: larger. */
ZHI_NODISCARD enum zhi_code zhi_read_file(const char *path, size_t max, struct zhi_buf *out,
                                          struct zhi_err *e);

/* Where temporary files go: $TMPDIR, else /tmp. Owned by the environment. */
const char *zhi_tmp_dir(void);
/* A folder with those above it; being there already is no error. ZHI_EIO. */
ZHI_NODISCARD enum zhi_code zhi_make_folders(const char *dir, struct zhi_err *e);
/* "sha256:…" of a file, and its length. ZHI_EIO, ZHI_ENOMEM. */
ZHI_NODISCARD enum zhi_code zhi_file_digest(const char *path, char out[ZHI_DIGEST_TEXT_SIZE],
                                            int64_t *bytes, struct zhi_err *e);
/* Make a file that was written beside its place durable there: fsync, rename over `path`, fsync of the folder.
 * ZHI_EUSAGE: `path` is a device or a pipe, which stays what it is; ZHI_EIO. */
ZHI_NODISCARD enum zhi_code zhi_file_settle(const char *temporary, const char *path,
                                            struct zhi_err *e);

/* A file that is there whole or not at all: written as PATH.tmp, then synced and renamed over PATH. PATH "-" or NULL
 * is standard output, and a device or pipe is written as it is, without any of that. */
struct zhi_out {
  char *path, *temporary; /* owned; path NULL: standard output; temporary NULL: written as it is */
  int fd;
  size_t behind; /* bytes that the disk was not asked to begin with */
};
/* ZHI_EIO. On failure nothing is to be finished. */
ZHI_NODISCARD enum zhi_code zhi_out_open(struct zhi_out *f, const char *path, struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_out_write(struct zhi_out *f, struct zhi_str bytes,
                                          struct zhi_err *e);
/* Close; with `rc` ZHI_OK also fsync, rename and fsync of the folder, else the temporary file is removed. Returns rc,
 * or what failed. */
ZHI_NODISCARD enum zhi_code zhi_out_finish(struct zhi_out *f, enum zhi_code rc, struct zhi_err *e);

#endif
