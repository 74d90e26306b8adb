/* Import: an archive out of anybody's WARC files. */
#ifndef ZHI_CRAWLER_IMPORT_H
#define ZHI_CRAWLER_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/err.h"
#include "zhi/warc.h"

struct zhi_import_options {
  const char *archive; /* made when missing */
  bool in_place; /* the files are the archive's own, named as in a catalogue ("2026/x.warc.gz") */
  void (*problem)(void *ctx, const char *path, const struct zhi_warc_problem *p); /* may be NULL */
  void *ctx;
};
struct zhi_import_done {
  int64_t files, records, captures, documents;
  int64_t known; /* captures that were there already */
  int64_t
      skipped; /* records that are no answer of the web, or cannot be read by their place alone */
};
/* Take each file into DIR/warc/import/ (a hard link, else a copy: the original stays) and its captures and documents
 * into the catalogue, batch by batch. May be killed and run again: what is there is not made twice. At the end the
 * versions are numbered, documents.csv and the index files written. ZHI_ECONFLICT: a crawl of the archive is unfinished,
 * or running. */
ZHI_NODISCARD enum zhi_code zhi_archive_import(char *const *paths, size_t count,
                                               const struct zhi_import_options *o,
                                               struct zhi_import_done *done, struct zhi_err *e);

#endif
