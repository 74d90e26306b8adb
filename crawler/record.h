/* Record: an exchange as WARC records. A body that the archive has already becomes a revisit of it. */
#ifndef ZHI_CRAWLER_RECORD_H
#define ZHI_CRAWLER_RECORD_H

#include "crawler/item.h"

/* Compare with what the item's URL showed last: a 304, or the same payload with 200, sets it->revisit. Fills
 * it->payload_digest. ZHI_EIO: the spool cannot be read. */
ZHI_NODISCARD enum zhi_code zhi_record_compare(struct zhi_warc_packer *p, struct zhi_item *it,
                                               struct zhi_err *e);
/* Serialise and compress into it->packed; an item without an answer has none. Again (after it->revisit and
 * it->original were set): the records before are thrown away. */
ZHI_NODISCARD enum zhi_code zhi_record_pack(struct zhi_warc_packer *p, struct zhi_str warcinfo_id,
                                            struct zhi_item *it, struct zhi_err *e);
/* May its body be stored as a revisit of another URL's? */
bool zhi_record_may_refer(const struct zhi_item *it);

#endif
