/* What must hold of an archive whatever happened to the crawl that wrote it. One thread; every function fails the
 * running test with what is wrong. */
#ifndef ZHI_TESTS_INVARIANTS_H
#define ZHI_TESTS_INVARIANTS_H

#include "tests/support/county.h"

/* The committed captures, capture id -> record id and URL, as they stand now: also of an archive that a killed crawl
 * left behind, whose files are not touched. Empty when there is no archive yet. */
json_t *invariants_captures(const char *archive);
/* `verify` finds nothing. */
void invariants_verified(const struct county_world *w, const char *archive);
/* documents.csv says the same of both, but for times and places in WARC files. */
void invariants_same_table(const char *archive, const char *undisturbed);
/* All of it: verified; every capture of `before` is there; none is there twice, in the catalogue or among the records
 * of the WARC files; every record of a capture is in the catalogue; the original of every revisit is there, with its
 * body, or is marked as lost by a repair. The environment's ZHI_KEEP_WARCS names a folder that gets the WARC files so
 * judged, some thousands at most, for other programs to judge. */
void invariants_hold(const struct county_world *w, const char *archive, const json_t *before);

#endif
