/* Archive: what is done to an archive as a whole, outside a crawl. It is one folder: xianzhi.db, warc/,
 * index/, documents.csv, datapackage.json. */
#ifndef ZHI_CRAWLER_ARCHIVE_H
#define ZHI_CRAWLER_ARCHIVE_H

#include <stdint.h>

#include "zhi/doc.h"
#include "zhi/store.h"

/* The name of a crawl's config among the records: this, the crawl's name, ":config". */
#define ZHI_CONFIG_URI "urn:x-xianzhi:"

/* At start: every WARC file is brought to its committed length; files that the catalogue does not know are set
 * aside as NAME.orphan. What was set aside and holds no capture is deleted. ZHI_EPARSE: a file is shorter than was committed. `store` is a writing handle. */
ZHI_NODISCARD enum zhi_code zhi_archive_recover(struct zhi_store *store, const char *archive,
                                                struct zhi_err *e);

/* Write index/<warc>.cdxj (sorted CDXJ; temporary file, fsync, rename) for every closed WARC file that has none. */
ZHI_NODISCARD enum zhi_code zhi_archive_index(struct zhi_store *store, const char *archive,
                                              struct zhi_err *e);

/* The index of one WARC file of the archive at `path`, `warc` in the catalogue, to `fd`. */
ZHI_NODISCARD enum zhi_code zhi_archive_index_file(struct zhi_store *store, const char *warc,
                                                   const char *path, int fd, struct zhi_err *e);

/* Digests, framing, index, catalogue and CSV agree? One call a problem, "FILE:OFFSET: what". ZHI_OK also when
 * there are problems; other codes: the archive could not be read. While a crawl runs, what is committed is
 * looked at and the CSV is left out. */
ZHI_NODISCARD enum zhi_code zhi_archive_verify(const char *archive,
                                               void (*problem)(void *ctx, const char *text),
                                               void *ctx, struct zhi_err *e);

/* Pages that this crawl found edited, compared again where the reading before was another extractor's: the page as it
 * was is extracted with today's, and the versions are numbered anew. */
ZHI_NODISCARD enum zhi_code zhi_archive_compare_again(struct zhi_store *store, const char *archive,
                                                      struct zhi_err *e);

/* An extractor that knows what the latest crawl's config says; free it also after an error. */
ZHI_NODISCARD enum zhi_code zhi_archive_extractor(struct zhi_store *store,
                                                  struct zhi_extractor **out, struct zhi_err *e);

/* Every document again from the WARCs, with today's extractor; then documents.csv. Takes the lock. */
ZHI_NODISCARD enum zhi_code zhi_archive_reextract(const char *archive, int64_t *documents,
                                                  struct zhi_err *e);

#endif
