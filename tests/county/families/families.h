/* The scenario `families`: one department a CMS family, with the lists, field idioms, navigation, soft
 * 404s and updates that county sites have in the wild.
 *
 * A family is a row of templates (struct family); what templates cannot say is a function of the row.
 * To add one: a row in a table of an f_*.c file, and the table's name in table.c.
 *
 * Unlike the other scenarios the documents are held in memory, because an update moves, adds and
 * removes them: fam_build plays the generations one after the other. The truth is written from the
 * same objects that answer requests. */
#ifndef COUNTY_FAMILIES_H
#define COUNTY_FAMILIES_H

#include "tests/county/county.h"

enum { FAM_COLUMNS = 3, FAM_HOSTS_MAX = 96, BODY_BYTES = 1024 };

struct fsite;

struct fcolumn {
  struct fsite *site;
  const char *name, *slug;
  unsigned no, id;          /* which of the site's; its number in addresses */
  char guid[33];            /* its 32 hexadecimal digits in addresses */
  struct fdoc **docs;       /* live ones, newest first */
  unsigned count, declared; /* documents there are, and how many the pager says there are */
  unsigned changed;         /* the last generation that changed the list */
  unsigned delisted;        /* the generation that took it away, 0 = none */
};

enum fstate { DOC_LIVE, DOC_REMOVED, DOC_MOVED };
struct fdoc {
  struct fsite *site;
  struct fcolumn *column;
  unsigned no;     /* its number in addresses */
  unsigned serial; /* its number in its text, which stays when it moves */
  unsigned born, changed, edits, ended;
  enum fstate state;
  struct fdoc *to, *from; /* moved to, moved from */
  bool redirects;         /* the old address leads to the new one */
  unsigned parts;         /* pages of the article, mostly 1 */
  uint64_t key;
  int y, m, d;
  char title[TEXT_MAX], path[PATH_MAX_BYTES];
};

struct fsite {
  struct host *host;
  const struct family *family;
  unsigned no;
  const char *slug;
  char name[48], guid[33], organ[24];
  uint64_t key;
  struct fcolumn columns[FAM_COLUMNS];
  unsigned column_count;
  struct fdoc *docs;
  unsigned doc_count, doc_room;
};

/* A run of a column's documents, as one list request asks for it. */
struct slice {
  const struct fcolumn *column;
  unsigned from, count;
  unsigned page, pages; /* from 1; page 0: the column's own page where that has no documents */
  unsigned request;     /* the number of the list request it answers */
};

enum conditional {
  COND_NONE,
  COND_ETAG,
  COND_MODIFIED,
  COND_BOTH,
  COND_NOW /* always just made */
};
enum declares { DECLARES_TOTAL = 1, DECLARES_PAGES = 2 };

/* Templates hold {names} that fam_expand knows. */
struct family {
  const char *name, *cms;
  unsigned rows;    /* documents a list request gives */
  unsigned perpage; /* documents a page has in the pager's count, when not `rows` */
  unsigned least;   /* documents of the first column at least */
  bool gbk, meta;   /* charset; official tags */
  bool base;        /* addresses relative to a base element */
  enum conditional conditional;
  unsigned declares;
  const char *doc, *first, *next; /* addresses: document, column, further list request */
  const char *method, *body;      /* of further requests; NULL = GET without a body */
  const char *need;               /* what identifies a POST: parameters in its body */
  const char *next_type;          /* NULL = an HTML page like the first */
  bool loose;          /* its parameters may be chosen by the asker (`script` reads them) */
  bool first_empty;    /* the first page has no documents: all of them come by script */
  unsigned first_rows; /* documents the first page has, when not `rows` */
  const char *head, *above, *pager; /* on list pages: in <head>, before and after the rows */
  void (*rows_html)(const struct slice *s, struct page *p);  /* NULL: a list of links */
  void (*pager_html)(const struct slice *s, struct page *p); /* more than a template can say */
  void (*answer)(const struct slice *s, struct page *p);     /* the body of further answers */
  bool (*script)(const struct fsite *s, const struct request *q, struct slice *out);
  const char *file, *file_text; /* a script file of the site that lists need */
  const char *part;             /* address of part {part} of an article, {page0} from 1 */
  const char *counter; /* what counts hits or leads to a mobile twin, on every document's page */
};

/* Each table is ended by a row without a name, the list of tables by NULL. */
extern const struct family *const family_tables[];

struct families {
  struct fsite *sites;
  unsigned site_count;
};

/* --- path.c ------------------------------------------------------------------------------------ */
/* What a template's names stand for; members may be NULL or 0. */
struct expand {
  const struct fsite *site;
  const struct fcolumn *column;
  const struct fdoc *doc;
  struct slice slice;
  unsigned part;
};
void fam_expand(const char *text, const struct expand *x, char *out, size_t size);
void fam_expand_page(const char *text, const struct expand *x, struct page *p);
/* Parameter `name` of a query, a form or a flat JSON object: is it there, and its value. */
bool fam_parameter(struct zhi_str text, const char *name, struct zhi_str *value);
unsigned fam_number(const struct request *q, const char *name, unsigned otherwise);
/* Does `text` hold every parameter of `want` with the same value? */
bool fam_parameters_in(struct zhi_str want, struct zhi_str query, struct zhi_str body);

/* --- model.c ----------------------------------------------------------------------------------- */
/* List requests of a column: number 0 is its page. */
unsigned column_requests(const struct fcolumn *c);
struct slice column_slice(const struct fcolumn *c, unsigned request);
unsigned fam_pages(const struct fcolumn *c);
/* The id by which truth and log name a list request. */
unsigned request_id(const struct fcolumn *c, unsigned request);
void doc_attachment(const struct fdoc *d, char out[PATH_MAX_BYTES]);
bool doc_has_attachment(const struct fdoc *d);
void doc_part_path(const struct fdoc *d, unsigned part, char out[PATH_MAX_BYTES]);

/* --- fields.c ---------------------------------------------------------------------------------- */
struct ffields {
  char raw[F_COUNT][TEXT_MAX], norm[F_COUNT][TEXT_MAX];
  const char *idiom;
  bool labelled; /* false: only the number stands on the page, without a label */
};
void fam_fields(const struct fdoc *d, struct ffields *out);
/* The labelled values of a document in its idiom; `script` is put at the end of the page. */
void fam_idiom(const struct fdoc *d, const struct ffields *f, struct page *p,
               struct zhi_buf *script);

/* --- pages.c portal.c -------------------------------------------------------------------------- */
void fam_top(const struct fsite *s, const char *title, const char *head, struct page *p);
void fam_foot(const struct fsite *s, struct page *p);
void fam_home(const struct fsite *s, struct page *p);
/* Some departments' / is only a script or a refresh that leads to the home page; NULL: it is the page itself. */
const char *fam_home_path(const struct fsite *s);
void fam_stub(const struct fsite *s, struct page *p);
void fam_list(const struct slice *s, struct page *p);
void fam_document(const struct fdoc *d, unsigned part, struct page *p);
/* Rows as most families print them. */
void fam_rows(const struct slice *s, struct page *p);
void fam_row(const struct fdoc *d, struct page *p);
bool portal_answer(struct county *c, const struct host *h, const struct request *q,
                   struct reply *r);
void portal_truth(const struct county *c, FILE *f);
/* Hosts beside the departments: the portal and what navigation names without being a department. */
unsigned portal_hosts(struct county *c);
const char *group_of(const struct fsite *s);

/* --- odd.c: soft 404 and refusals --------------------------------------------------------------- */
unsigned odd_hosts(struct county *c);
bool odd_answer(struct county *c, const struct host *h, const struct request *q, struct reply *r);
void odd_missing(struct county *c, const struct fsite *s, const struct request *q, struct reply *r);
void odd_links(const struct county *c, struct page *p);
void odd_site_link(const struct fsite *s, struct page *p);
void odd_truth(const struct county *c, FILE *f);
const char *odd_gone_path(const struct fsite *s); /* NULL: the site has no dead link */

#endif
