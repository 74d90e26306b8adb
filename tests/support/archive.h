/* A temporary archive on a fake clock, for tests of what stands on the store. */
#ifndef ZHI_TESTS_ARCHIVE_H
#define ZHI_TESTS_ARCHIVE_H

#include "zhi/store.h"

struct test_archive {
  char dir[64];
  int64_t now_ms;
  struct zhi_clock clock;
  struct zhi_store *s;
  struct zhi_crawl_info crawl;
  unsigned next_id;
};

/* Make the folder, open it for writing, begin a crawl. All of these fail the test on an error. */
void archive_setup(struct test_archive *t);
void archive_teardown(struct test_archive *t);
/* Close and open again, and take up the crawl (or begin the next). */
void archive_restart(struct test_archive *t);
void archive_begin(struct test_archive *t, bool fresh);
/* A capture of `url` now. `payload` is its digest; doc may be NULL. */
void archive_capture(struct test_archive *t, const char *url, const char *url_key,
                     enum zhi_verdict verdict, const char *payload, const struct zhi_doc_row *doc);
void archive_commit(struct test_archive *t, const struct zhi_batch *b, size_t *added,
                    size_t *stale);
/* The one integer that `sql` gives, read by a connection of its own. */
int64_t archive_int(const struct test_archive *t, const char *sql);
/* Run `sql` on the file behind the store's back (close the store first). */
void archive_sql(const struct test_archive *t, const char *sql);
/* A file of the archive, NUL-terminated; free() it. NULL when it is not there. */
char *archive_file(const struct test_archive *t, const char *name);

#endif
