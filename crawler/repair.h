/* Repair: an archive back in its last good state. */
#ifndef ZHI_CRAWLER_REPAIR_H
#define ZHI_CRAWLER_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/err.h"

struct zhi_repair_done {
  int64_t files;    /* WARC files that were renamed, written again, or are gone */
  int64_t captures; /* whose records are lost */
  int64_t due;      /* URLs due again for that */
  bool rebuilt;     /* the database was made again from the WARC files */
};
/* Everything that `verify` tells is mended: WARC files under another's name get their own again; damaged ones are written
 * again without the damage and kept as NAME.damaged; captures without a record are marked and their URLs due; a damaged
 * database is set aside and made again from the WARC files; index files and tables are written. Each change is told in
 * one line. May be killed and run again. Takes the lock: ZHI_ECONFLICT. */
ZHI_NODISCARD enum zhi_code zhi_archive_repair(const char *archive,
                                               void (*said)(void *ctx, const char *text), void *ctx,
                                               struct zhi_repair_done *done, struct zhi_err *e);

#endif
