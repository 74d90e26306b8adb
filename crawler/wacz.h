/* WACZ: archives as one file that replay tools open (WACZ 1.1.1). Beside the archive-wide jobs because it needs both
 * the records and the catalogue. */
#ifndef ZHI_CRAWLER_WACZ_H
#define ZHI_CRAWLER_WACZ_H

#include "zhi/export.h"
#include "zhi/file.h"

/* Write o->out from the archives. Without conditions every closed WARC file goes in as it is; with them, or when
 * something is taken down, the records of the chosen documents do, with what their pages need: style sheets, scripts,
 * images, fonts, and the documents' attachments. Uses where, from, to, all_versions, out, warn and ctx of `o`.
 * done->rows: pages. Temporary files stand in OUT.parts. ZHI_EUSAGE, ZHI_EIO, ZHI_EPARSE. */
ZHI_NODISCARD enum zhi_code zhi_wacz_write(const char *const *archives, size_t count,
                                           const struct zhi_export_options *o,
                                           struct zhi_export_done *done, struct zhi_err *e);

/* wacz_select.c: the chosen records of one archive. */
struct zhi_wacz_selection {
  const char *archive;
  const struct zhi_export_options *o;
};
/* Copy the chosen records to `warc`, each with the request and metadata records behind it, and the heads of the files
 * they come from. *records counts captures. */
ZHI_NODISCARD enum zhi_code zhi_wacz_select(const struct zhi_wacz_selection *s,
                                            struct zhi_out *warc, int64_t *records,
                                            struct zhi_err *e);

#endif
