/* Which links are files. */
#ifndef ZHI_EXTRACT_ATTACH_H
#define ZHI_EXTRACT_ATTACH_H

#include "zhi/arena.h"

/* Does the URL name a download servlet (a file without an extension in its path)? */
bool zhi_is_download(struct zhi_str url);
/* Lower-case extension of a document or archive from the URL's path, its query or the link's name; NULL view
 * when it is none of those. */
struct zhi_str zhi_file_type(struct zhi_arena *a, struct zhi_str url, struct zhi_str name);

#endif
