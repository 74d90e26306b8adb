/* Small pictures in pages: with words for those who do not see them. */
#ifndef ZHI_SERVE_SVG_H
#define ZHI_SERVE_SVG_H

#include "serve/page.h"

/* Bars of captures by month, new versions in a second colour. `months`: ZHI_BROWSE_MONTHS. */
void svg_months(struct html *h, const json_t *months);
/* One year of captures as a calendar, a square a day, coloured by what came that day. `captures`: those of one URL,
 * oldest first; years without any are left out. */
void svg_calendar(struct html *h, const json_t *captures);

#endif
