/* Inside link extraction: the token scanner's state, for the HTML and the XML pass. */
#ifndef EXTRACT_SCAN_H
#define EXTRACT_SCAN_H

#include "extract/links.h"

enum { SCAN_ATTRS_MAX = 64, SCAN_NAME_MAX = 32 };

struct scanner {
  struct collector *c;
  const char *p, *end;
  struct zhi_buf *text; /* NULL: not wanted */
  struct zhi_node node; /* the tag last read, as the tree would have it; valid until the next */
  struct zhi_attr attrs[SCAN_ATTRS_MAX];
  char name[SCAN_NAME_MAX];
};

/* Behind "<" and at a letter: read the tag into s->node and pass its ">". False when it is not whole. */
bool scan_tag(struct scanner *s);
/* Go behind the next `mark`, or to the end. */
void scan_past(struct scanner *s, const char *mark);
bool scan_at(const struct scanner *s, const char *word);

#endif
