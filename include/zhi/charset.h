/* Which encoding are these bytes in? BOM, then what header or meta declare, then strict UTF-8, then detection.
 *
 * A declaration is overridden only by non-ASCII bytes that are invalid in it and valid in the other; a long
 * run of strict UTF-8 counts as more than a declared GBK or Latin-1 that happens to be valid as well. gb2312
 * and gbk keep WHATWG's name, "GBK", and decode as gb18030. Thread: any; no shared state, no allocation. */
#ifndef ZHI_CHARSET_H
#define ZHI_CHARSET_H

#include <stdbool.h>

#include "zhi/encoding.h"
#include "zhi/str.h"

struct zhi_charset {
  const struct zhi_encoding *enc; /* never NULL */
  const char *source;             /* "bom" "header" "meta" "utf8" "detected" "default" */
  bool conflict;                  /* declarations disagree with one another or with the bytes */
  bool utf8_clean; /* the bytes are well-formed UTF-8 already: decoding would only copy them */
  size_t bom;      /* bytes of BOM at the start */
};

/* `http_label`: the charset parameter of Content-Type; the NULL view when there is none. */
struct zhi_charset zhi_charset_decide(struct zhi_str bytes, struct zhi_str http_label);

/* What the page itself declares, in the first 64 KiB: <meta charset>, <meta http-equiv=Content-Type>, the
 * encoding of an XML declaration, or CSS's @charset (HTML Standard, "prescan a byte stream to determine its
 * encoding"; UTF-16 there means UTF-8, x-user-defined means windows-1252). NULL when it declares nothing
 * that is known. */
const struct zhi_encoding *zhi_charset_declared(struct zhi_str bytes);

/* Text of `bytes` as UTF-8, without BOM: a view of the bytes when they are clean, else decoded into `room`.
 * ZHI_ELIMIT / ZHI_ENOMEM as zhi_decode: *text is then what fitted. */
ZHI_NODISCARD enum zhi_code zhi_charset_text(const struct zhi_charset *c, struct zhi_str bytes,
                                             struct zhi_buf *room, struct zhi_str *text,
                                             struct zhi_err *e);

#endif
