/* Redirects that mean "no longer here". */
#ifndef ZHI_CRAWLER_REDIRECT_H
#define ZHI_CRAWLER_REDIRECT_H

#include "zhi/url.h"

/* A page that redirects to a home page or to an error page is gone: servers that cannot say 404 do that. */
bool zhi_redirect_is_gone(const struct zhi_url *from, const struct zhi_url *to);

#endif
