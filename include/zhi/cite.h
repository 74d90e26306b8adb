/* Cite: a capture as a citation, with its digest and its place in the WARC. Thread: the handle's. */
#ifndef ZHI_CITE_H
#define ZHI_CITE_H

#include "zhi/store.h"

/* Append a citation for people, one in BibTeX and a PWID, an empty line between them, of the last capture of `url` up to
 * `time` (as exact as it is given; empty: the last of all). `dir` is the archive's folder, whose name a PWID takes when
 * the archive has none in ASCII. Errors as zhi_shown_at (compare.h). */
ZHI_NODISCARD enum zhi_code zhi_cite(struct zhi_store *s, const char *dir, struct zhi_str url,
                                     struct zhi_str time, struct zhi_buf *out, struct zhi_err *e);

#endif
