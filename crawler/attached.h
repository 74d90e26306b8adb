/* Texts of attached files, for searching: read from the WARC records, each in a sandbox of its own. */
#ifndef ZHI_CRAWLER_ATTACHED_H
#define ZHI_CRAWLER_ATTACHED_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/str.h"

struct zhi_attached_done {
  int64_t texts, findings; /* files read now; of them, those with a finding */
};
/* Read what has not been read yet into the archive's texts.db. A file that cannot be read is a finding there. Cheap when
 * nothing has changed. ZHI_ECONFLICT: another process is at it; ZHI_EIO: the folder cannot be written, … */
ZHI_NODISCARD enum zhi_code zhi_attached_read(const char *archive, struct zhi_attached_done *done,
                                              struct zhi_err *e);
/* The text of one file, whatever type it says it is, appended. *tool: what read it ("" = nothing does: *finding is
 * "unknown_type"). `url` tells types apart that begin alike. */
ZHI_NODISCARD enum zhi_code zhi_attached_text(struct zhi_str file, struct zhi_str url,
                                              struct zhi_buf *out, const char **tool,
                                              const char **finding, struct zhi_err *e);

/* attached_zip.c: the text in a ZIP of XML (DOCX, XLSX, PPTX, OFD, ODT …): runs in the sandbox. */
bool zhi_attached_zip(struct zhi_str file, void (*put)(struct zhi_str text));

#endif
