/* The exclusion rules as data. Private to scope.c; the rows stand in scope_table.c. */
#ifndef ZHI_CRAWLER_SCOPE_TABLE_H
#define ZHI_CRAWLER_SCOPE_TABLE_H

/* What a rule's words are compared with; always whole words, lower case. */
enum scope_where {
  SCOPE_HOST,      /* the first label of the host */
  SCOPE_DOMAIN,    /* the host or any suffix of it at a dot */
  SCOPE_LABEL_END, /* the last four letters of any longer label */
  SCOPE_TOP,       /* one of the first two directories */
  SCOPE_DIR,       /* any directory */
  SCOPE_STEM,      /* the last segment without its extension */
  SCOPE_EXT,       /* the extension */
  SCOPE_PARAM,     /* a query parameter with a value */
  SCOPE_PAIR,      /* a query parameter and its value */
  SCOPE_TEXT,      /* the anchor text, whole */
  SCOPE_WHERE_COUNT
};

/* Kinds of links a rule judges. */
enum { SCOPE_PAGES = 1, SCOPE_REQUISITES = 2, SCOPE_FILES = 4 };

/* Only when the URL calls a program that does more than list or show. */
enum { SCOPE_PROGRAM = 1 };

struct scope_rule {
  const char *reason;
  enum scope_where where;
  unsigned char kinds, only;
  const char *words; /* separated by single spaces */
};
extern const struct scope_rule zhi_scope_rules[]; /* ends with a NULL reason */

/* URLs that look like one of the above and are needed: list interfaces of CMS families. Substrings of
 * path and query, lower case; `with`: such a one too, and no search for words. Ends with a NULL place. */
struct scope_needed {
  const char *place, *with;
};
extern const struct scope_needed zhi_scope_needed[];

/* Parameters that only name a visit; `how` says when a value is one. */
enum scope_value { VALUE_ANY, VALUE_TOKEN, VALUE_NUMBER };
struct scope_param {
  const char *name; /* lower case; a final '*' matches any rest */
  enum scope_value how;
};
extern const struct scope_param zhi_scope_visit_params[]; /* ends with a NULL name */

/* Stems of programs that list or show, extensions of programs; separated by single spaces. */
extern const char zhi_scope_reading_stems[], zhi_scope_program_exts[];

struct scope_reason {
  const char *code, *text;
};
extern const struct scope_reason zhi_scope_reasons[]; /* ends with a NULL code */

#endif
