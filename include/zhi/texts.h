/* Texts: what attached files say, by the digest of their payload, in the archive's texts.db.
 *
 * Derived from the WARC files like the search index, and kept apart from it because making it costs more. One row a
 * file, whatever it is called and however often it was captured; a file that gave no text has a finding that says why.
 * Thread: one owner. */
#ifndef ZHI_TEXTS_H
#define ZHI_TEXTS_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/str.h"

struct zhi_texts;
/* Open for writing, made when missing, in one transaction that zhi_texts_close ends. *fresh: all captures of the
 * catalogue have been looked at; nothing needs to be done. ZHI_EIO, ZHI_ECONFLICT: another process writes. */
ZHI_NODISCARD enum zhi_code zhi_texts_open(const char *dir, struct zhi_texts **out, bool *fresh,
                                           struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_texts_has(struct zhi_texts *t, struct zhi_str payload_digest,
                                          bool *out, struct zhi_err *e);
/* `finding`: NULL, or why there is no text (all of it): docs/search.md lists them. */
ZHI_NODISCARD enum zhi_code zhi_texts_put(struct zhi_texts *t, struct zhi_str payload_digest,
                                          const char *tool, struct zhi_str text,
                                          const char *finding, struct zhi_err *e);
/* Make durable what was put so far. */
ZHI_NODISCARD enum zhi_code zhi_texts_save(struct zhi_texts *t, struct zhi_err *e);
/* With `rc` ZHI_OK: the catalogue as it was at the opening is done. Returns rc, or what failed. */
ZHI_NODISCARD enum zhi_code zhi_texts_close(struct zhi_texts *t, enum zhi_code rc,
                                            struct zhi_err *e);

#endif
