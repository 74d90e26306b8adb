/* The simulated county: types shared by its files.
 *
 * One process plays every host of an invented county, 青岚县 (qinglan.gov.cn). Nothing is stored: a
 * page is computed from (seed, site, number) whenever it is asked for, and the ground truth is
 * computed by the same functions, so the two cannot drift apart. It does not use the program under
 * test: only base/ helpers (strings, clock, hashes).
 * Thread: one. Life-cycle: county_build → server_run → county_release. */
#ifndef COUNTY_H
#define COUNTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "zhi/str.h"

#define COUNTY_DOMAIN   "qinglan.gov.cn"
#define COUNTY_NAME     "青岚县"
#define COUNTY_DIVISION "411499"

enum {
  COLUMNS_MAX = 6,
  HOST_MAX = 80,
  PATH_MAX_BYTES = 256,
  TEXT_MAX = 400,
  REPLY_MAX_BYTES = 64 << 20, /* one answer held in memory */
  REQUEST_MAX_BYTES = 256 << 10
};

enum scenario { SCENARIO_PLAIN, SCENARIO_FAULTS, SCENARIO_BENCH, SCENARIO_DEMO, SCENARIO_FAMILIES };

struct options {
  uint64_t seed;
  unsigned pages, hosts, addresses, connections, port, delay_ms, generation, cap_kib;
  unsigned shapes; /* bit set of enum shape */
  enum scenario scenario;
  const char *truth, *log, *config, *archive;
};

/* --- text.c: random numbers, words, encodings -------------------------------------------------- */
struct rng {
  uint64_t s;
};
uint64_t mix64(uint64_t x);
uint64_t rng_next(struct rng *r);
unsigned rng_n(struct rng *r, unsigned n); /* 0 … n-1; n ≥ 1 */
bool rng_chance(struct rng *r, unsigned percent);

/* Sentences made at start, in both encodings; sentence i is at[e][i] … at[e][i + 1]. */
enum { SENTENCES = 2048 };
struct pool {
  struct zhi_buf text[2]; /* 0 UTF-8, 1 GBK */
  uint32_t at[2][SENTENCES + 1];
  uint16_t *gbk; /* BMP code point → two GBK bytes, 0 = none */
};
bool pool_build(struct pool *p, uint64_t seed);
void pool_release(struct pool *p);

/* A page being written: text goes in as UTF-8 and lands in the page's charset. */
struct page {
  struct zhi_buf *b;
  const struct pool *pool;
  bool gbk;
};
void page_text(struct page *p, const char *utf8);
void page_textf(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void page_raw(struct page *p, const struct zhi_buf *encoded);
void page_sentences(struct page *p, struct rng *r, unsigned count);
/* The text with &, <, > and " as character references, without a copy beyond `size`. */
void page_escaped(struct page *p, const char *utf8);

/* Bounded copy and format; what does not fit is cut (the callers' sizes are chosen to fit). */
void text_set(char *to, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* 2018, 3, 29 → 二〇一八年三月二十九日; `zero` is the character to use for zero. */
void text_chinese_date(char *to, size_t size, int y, int m, int d, const char *zero);
void json_string(FILE *f, const char *s);
/* The first `chars` characters, and an ellipsis when there are more. */
void text_cut(const char *text, unsigned chars, char *out, size_t size);

/* --- site.c: the model ------------------------------------------------------------------------- */
/* Hanweb's list script, and a page that GBK sites link to with raw GBK bytes in its query. */
#define DATAPROXY "/module/web/jpage/dataproxy.jsp"
#define GBK_QUERY "/gongkai.htm?lm=%B9%AB%BF%AA"
enum shape {
  SHAPE_SEED,       /* table and inline row, addresses without extension */
  SHAPE_TRS,        /* createPageHTML, t2018…_id.html */
  SHAPE_HANWEB,     /* /col/colN/, /art/…, datastore and dataproxy */
  SHAPE_VSB,        /* reversed list numbers, /info/N/N.htm */
  SHAPE_UCAP,       /* /c100186/…/<32 hex>.shtml, full official tags */
  SHAPE_LONSUN,     /* /public/column/…, table of six cells a row */
  SHAPE_YUNNAN,     /* labels without colon */
  SHAPE_SITESERVER, /* /channels/N.html, /contents/N/N.html */
  SHAPE_COUNT
};
extern const char *const shape_names[SHAPE_COUNT];

enum robots_kind {
  ROBOTS_NONE,     /* 404 */
  ROBOTS_ALLOW,    /* an empty Disallow, and a Sitemap */
  ROBOTS_DISALLOW, /* /private/ and *.bak$ closed to all, with an Allow inside */
  ROBOTS_GROUPS,   /* stricter for * than for one named group */
  ROBOTS_HUGE,     /* 700 KiB, the rules in its first half */
  ROBOTS_REDIRECT, /* 301 to another path */
  ROBOTS_SLOW,     /* Crawl-delay: 1 */
  ROBOTS_ERROR,    /* 500: everything is closed */
  ROBOTS_COUNT
};
extern const char *const robots_names[ROBOTS_COUNT];

struct column {
  const char *name, *slug;
  unsigned id, first, count; /* documents first … first+count-1 of the site */
  bool scripted;             /* a Hanweb site's second column: later groups only by script */
};

struct site {
  unsigned no;
  struct host *host;
  char prefix[32]; /* "" or "/zfbm/jyj": a department as a directory of the portal */
  char name[48];   /* 青岚县财政局 */
  const char *slug;
  enum shape shape;
  bool gbk, conditional, soft404;
  unsigned meta_style, rows, docs, id_base, column_count;
  uint64_t key;
  char organ[24]; /* organisation code used in paths and index numbers */
  struct column columns[COLUMNS_MAX];
  struct zhi_buf head, top, foot; /* chrome, in the site's charset */
};

enum host_kind { HOST_SITE, HOST_MOBILE, HOST_OUTSIDE, HOST_FAULT, HOST_FAMILY };
struct host {
  char name[HOST_MAX];
  enum host_kind kind;
  enum robots_kind robots;
  unsigned address;                /* 1 = 127.0.0.1; 256 + k = 127.0.1.k */
  unsigned fault;                  /* index in the table of faults */
  unsigned site_count, first_site; /* of a family's host: which department, or another's number */
};

struct county {
  struct options o;
  struct pool pool;
  struct host *hosts; /* sorted by name once built */
  struct site *sites; /* grouped by host; sites[0] is the portal */
  unsigned host_count, site_count, page_count, doc_count;
  struct host **by_name;
  unsigned *fault_hits;
  struct families *families;          /* of the scenario `families`, else NULL */
  struct zhi_buf body, scratch, bomb; /* reused for every answer */
};

bool county_build(struct county *c, const struct options *o);
void county_release(struct county *c);
const struct host *county_host(const struct county *c, struct zhi_str name);
const struct site *county_portal(const struct county *c);
void host_address_text(const struct host *h, char out[16]);
/* Groups of list rows that the column's pager declares, and how many are pages with an address. */
unsigned column_groups(const struct site *s, const struct column *c);
unsigned column_pages(const struct site *s, const struct column *c);
/* Name and host of the n-th department; returns its short name. */
const char *name_department(unsigned n, char name[48], char host[HOST_MAX]);
bool county_has_traps(const struct county *c);
bool site_has_gbk_query(const struct county *c, const struct site *s);

/* --- doc.c: what a document says --------------------------------------------------------------- */
enum field {
  F_INDEX_NO,
  F_TITLE,
  F_ISSUER,
  F_PUBLISHER,
  F_DOC_NO,
  F_DATE_WRITTEN,
  F_DATE_GENERATED,
  F_DATE_PUBLISHED,
  F_DATE_EFFECTIVE,
  F_DATE_EXPIRED,
  F_VALIDITY,
  F_TOPIC_CLASS,
  F_COMBO_CLASS,
  F_GENRE_CLASS,
  F_CATALOG,
  F_ABSTRACT,
  F_KEYWORDS,
  F_SOURCE,
  F_AUTHOR,
  F_VIEWS,
  F_SITE_NAME,
  F_SITE_ID_CODE,
  F_COLUMN_NAME,
  F_COUNT
};
extern const char *const field_names[F_COUNT];

enum change { CHANGE_NONE, CHANGE_EDITED, CHANGE_REMOVED, CHANGE_GONE /* removed before */ };

/* What lists need of a document. */
struct brief {
  const struct site *site;
  const struct column *column;
  unsigned doc, id;
  uint64_t key;
  int y, m, d, hour, minute; /* published */
  char title[TEXT_MAX];
  char path[PATH_MAX_BYTES]; /* with the site's prefix */
};
struct facts {
  struct brief b;
  char raw[F_COUNT][TEXT_MAX];  /* as shown; "" = empty */
  char norm[F_COUNT][TEXT_MAX]; /* as a reader should understand it */
  char head[TEXT_MAX], tail[64];
  unsigned attachments, images, sentences;
  unsigned edits; /* bit g = edited by generation g + 1 */
  enum change change;
};
void doc_brief(const struct site *s, unsigned doc, struct brief *out);
void doc_facts(const struct county *c, const struct site *s, unsigned doc, struct facts *out);
/* Which document has this path? -1 when none. */
long doc_of_path(const struct site *s, struct zhi_str path);
/* Path of attachment `k` of a document (k ≥ 8: image k - 8), and back (-1 when none). */
void doc_file_path(const struct brief *b, unsigned k, char out[PATH_MAX_BYTES]);
long doc_of_file(const struct county *c, const struct site *s, struct zhi_str path, unsigned *k);
const char *doc_file_type(const struct brief *b, unsigned k);
/* The labelled rows of a shape, shared by the page and the truth. */
struct label_row {
  const char *label;
  enum field field;
};
enum { ROWS_MAX = 16 };
struct shape_rows {
  const struct label_row *block, *inline_; /* either may be NULL; ended by a NULL label */
  bool meta;                               /* official tags on the page */
};
struct shape_rows shape_rows(enum shape s);

/* --- pages: doc_page.c list_page.c portal.c ---------------------------------------------------- */
void chrome_build(const struct county *c, struct site *s);
void doc_page(const struct county *c, const struct facts *f, struct page *p);
void list_path(const struct site *s, const struct column *c, unsigned page,
               char out[PATH_MAX_BYTES]);
/* Which list page is this? false when none; *page from 1. */
bool list_of_path(const struct site *s, struct zhi_str path, const struct column **c,
                  unsigned *page);
void list_page(const struct county *c, const struct site *s, const struct column *col,
               unsigned page, struct page *p);
void home_page(const struct county *c, const struct site *s, struct page *p);
/* Hanweb's answer to its list script. */
void dataproxy_answer(const struct county *c, const struct site *s, struct zhi_str query,
                      struct page *p);

/* --- answers ----------------------------------------------------------------------------------- */
struct request {
  struct zhi_str method, host, target, path, query, agent, if_none_match, if_modified_since, cookie,
      body;
  bool keep_alive;
  int version_minor;
};

enum { SITEMAP_DOCS = 200 }; /* documents in each of a host's two sitemaps, at most */

/* What to send. The head and as much of the body as is known go to `out`; the rest is said here. */
struct reply {
  struct zhi_buf *out;
  int status;
  bool close, reset, hang; /* after the bytes: close, send RST, or keep silent for ever */
  bool head_only;          /* HEAD */
  unsigned delay_ms;       /* before the first byte */
  unsigned drip_bytes, drip_ms;
  const char *repeat; /* after `out`: this block again and again … */
  size_t repeat_len;
  uint64_t repeat_left; /* … until so many bytes; UINT64_MAX = endless */
  unsigned truth;       /* the id of the truth's line that this answers, 0 = none */
};

/* Any answer to any request. */
void county_answer(struct county *c, const struct request *q, struct reply *r);
/* Status line, headers and body in one; `extra` holds whole header lines with CRLF, or NULL. */
void reply_send(struct reply *r, const struct request *q, int status, const char *type,
                const char *extra, struct zhi_str body);
void reply_redirect(struct reply *r, const struct request *q, int status, const char *location);
void reply_not_found(struct reply *r, const struct request *q);
/* One gzip member of `data`, appended. */
void gzip_add(struct zhi_buf *to, struct zhi_str data);
bool host_has_sitemap(const struct county *c, const struct host *h);
bool host_closes_private(const struct host *h);
/* A small page of the given title and HTML fragment, in UTF-8; `body` is replaced. */
void small_page(struct zhi_buf *body, const char *title, const char *html);

/* Each of these answers and returns true when the path is its own. */
bool files_answer(struct county *c, const struct host *h, const struct request *q,
                  struct reply *r); /* files.c: robots, sitemaps, requisites */
void attachment_answer(struct county *c, const struct brief *b, unsigned k, const struct request *q,
                       struct reply *r);
bool trap_answer(struct county *c, const struct host *h, const struct request *q,
                 struct reply *r); /* trap.c */
void trap_links(const struct county *c, struct page *p);
void trap_truth(const struct county *c, FILE *f);
bool fault_answer(struct county *c, const struct host *h, const struct request *q,
                  struct reply *r); /* fault.c */
unsigned fault_count(void);
const char *fault_name(unsigned i);
/* The address that leads to a fault: its host's home page. */
void fault_home(unsigned i, char out[PATH_MAX_BYTES]);
void fault_truth(const struct county *c, FILE *f);

/* --- families/ --------------------------------------------------------------------------------- */
bool families_build(struct county *c);
void families_release(struct county *c);
void families_answer(struct county *c, const struct host *h, const struct request *q,
                     struct reply *r);
void families_truth(const struct county *c, FILE *f);

/* --- truth.c ----------------------------------------------------------------------------------- */
bool truth_write(const struct county *c, const char *path);
bool config_write(const struct county *c, const char *path);

/* --- server.c ---------------------------------------------------------------------------------- */
struct server;
/* Listens on every address in use; with port 0 the kernel picks one, put into c->o.port. */
struct server *server_open(struct county *c);
/* Until SIGTERM or SIGINT. */
void server_run(struct server *s);
void server_close(struct server *s);

#endif
