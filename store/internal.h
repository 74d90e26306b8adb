/* What the files of store/ share: the handle, statements, transactions, the frontier's memory.
 *
 * The database holds every URL; memory holds the groups, the origins with their counts of due URLs, and what is
 * leased. A lease never touches the database: its URLs stay `due` there until a commit brings their results, so a
 * killed process loses its leases and nothing else. Changes made inside a transaction are kept as deltas on the
 * origins they touch and join the counts only when the transaction is durable. */
#ifndef ZHI_STORE_INTERNAL_H
#define ZHI_STORE_INTERNAL_H

#include <sqlite3.h>

#include "store/statements.h"
#include "zhi/map.h"
#include "zhi/store.h"

/* State of a version `v` of a URL `u`: one rule for documents.csv, export and readers. */
#define STORE_VERSION_STATE                                                                        \
  "CASE WHEN u.version_id IS NOT v.capture_id THEN 'superseded' "                                  \
  "WHEN u.life IN ('removed', 'moved') THEN u.life ELSE 'current' END"

enum {
  STORE_SCHEMA_VERSION = 12,
  STORE_SCHEMA_LEDGER = 4,           /* the first with a ledger and versions */
  STORE_APPLICATION_ID = 0x585A4849, /* "XZHI" */
  STORE_CACHE_KIB = 16 * 1024,
  STORE_READ_CACHE_KIB = 96 * 1024, /* a reader walks by URL key, which is no order of the file */
  STORE_CHECKPOINT_PAGES = 4000,    /* 16 MB of log, then fold it into the database */
  STORE_SEEN_ENTRIES =
      1 << 17,          /* 2 MB: URLs met lately, so that navigation links cost no look-up */
  STORE_TEXT_MAX = 512, /* bytes of a link's text that are kept */
  STORE_DETAIL_MAX = 1024,
  STORE_IDENTITY_MAX = 8 << 20, /* a POST's URL and body */
  STORE_PRIORITIES = 8,
  STORE_PRIORITY_OWN = 9, /* fetched by the crawl on its own account (robots.txt) */
  STORE_KEY_BYTES = 16
};

enum url_state { US_DUE, US_WAITING, US_DONE, US_FAILED, US_EXCLUDED, US_COUNT };
extern const char *const zhi_url_state_name[US_COUNT];

/* --- the frontier in memory (memory.c) ------------------------------------------------------------------ */

struct fr_origin {
  int64_t id; /* 0: not in the database (its insertion was rolled back) */
  char *name;
  struct fr_group *group;
  struct fr_origin *next; /* of the group */
  int64_t count[US_COUNT], delta[US_COUNT];
  int64_t due[STORE_PRIORITIES], due_delta[STORE_PRIORITIES]; /* of them, by priority */
  uint32_t leased[STORE_PRIORITIES]; /* of the due ones, in somebody's hands */
  uint64_t address_hash;             /* of the last address told; 0 = none */
  bool touched, fresh;               /* in this transaction: changed, made */
};

enum fr_queue { FQ_NONE, FQ_READY, FQ_BLOCKED };
struct fr_group {
  int64_t id;
  int64_t next_ms, blocked_until_ms, backoff_ms, delay_ms;
  struct fr_origin *origins, *last_origin; /* last_origin: whose turn came last */
  struct fr_lease *leases;                 /* usually none or one; more after a merge */
  struct fr_group *merged_into; /* a dead group: kept so that old ids still lead somewhere */
  enum fr_queue queue;
  struct fr_group *prev, *after;
};

struct fr_lease {
  int64_t token, until_ms;
  struct fr_group *group;
  struct fr_lease *next;         /* of the group */
  struct fr_lease *prev, *after; /* of all */
  int64_t *urls;                 /* handed out; those finished are no longer in flight */
  size_t count, cap;
};

struct fr_flight {
  int64_t url_id; /* 0 = free slot */
  struct fr_lease *lease;
  struct fr_origin *origin;
  unsigned priority;
  bool answered; /* its result is in the transaction that is open */
};

struct fr_list {
  struct fr_group *head, *tail;
};

struct frontier {
  bool loaded;
  struct zhi_map origins;   /* name → fr_origin */
  struct zhi_map addresses; /* address → fr_group */
  struct fr_origin **origin_of;
  size_t origin_cap; /* by id */
  struct fr_group **group_of;
  size_t group_cap; /* by id */
  int64_t next_group_id;
  struct fr_list ready, blocked;
  int64_t unblock_ms; /* earliest end of a block in `blocked` */
  struct fr_lease *leases;
  int64_t next_token;
  struct fr_flight *flight;
  size_t flight_cap, flight_len;
  int64_t total[US_COUNT];
  int64_t next_retry_ms, retry_in_tx_ms; /* INT64_MAX = none */
  struct fr_origin **touched;
  size_t touched_len, touched_cap;
};

enum zhi_code zhi_fr_load(struct zhi_store *s, struct zhi_err *e);
void zhi_fr_release(struct frontier *f);
/* The origin, made (with a group of its own) when new. Inside a transaction. */
enum zhi_code zhi_fr_origin(struct zhi_store *s, struct zhi_str name, struct fr_origin **out,
                            struct zhi_err *e);
/* A group row and its memory. Inside a transaction. */
enum zhi_code zhi_fr_new_group(struct zhi_store *s, const struct fr_group *like,
                               struct fr_group **out, struct zhi_err *e);
/* The living group of that id; NULL when there is none. */
struct fr_group *zhi_fr_group(const struct frontier *f, int64_t id);
enum zhi_code zhi_fr_touch(struct frontier *f, struct fr_origin *o, struct zhi_err *e);
/* Write the deltas of touched origins: before COMMIT. */
enum zhi_code zhi_fr_flush(struct zhi_store *s, struct zhi_err *e);
/* After COMMIT, or after ROLLBACK. */
void zhi_fr_apply(struct frontier *f);
void zhi_fr_forget(struct frontier *f);
/* Among the ready unless it is leased or dead. */
void zhi_fr_queue(struct frontier *f, struct fr_group *g);
void zhi_fr_park(struct frontier *f, struct fr_group *g); /* among the blocked */
void zhi_fr_unqueue(struct frontier *f, struct fr_group *g);
int64_t zhi_fr_available(const struct fr_origin *o, unsigned priority);
struct fr_flight *zhi_fr_flight(const struct frontier *f, int64_t url_id);
enum zhi_code zhi_fr_take_off(struct frontier *f, const struct fr_flight *x, struct zhi_err *e);
void zhi_fr_land(struct frontier *f, int64_t url_id);
struct fr_lease *zhi_fr_find_lease(const struct frontier *f, int64_t token);
/* Its URLs are due again, the group free. */
void zhi_fr_drop_lease(struct frontier *f, struct fr_lease *l);
/* Join `from` to `into`, in memory only. */
void zhi_fr_merge(struct frontier *f, struct fr_group *from, struct fr_group *into);

/* --- the handle --------------------------------------------------------------------------------------------- */

struct zhi_store {
  sqlite3 *db;
  char *dir, *path;
  int lock_fd; /* -1 = none */
  enum zhi_store_mode mode;
  struct zhi_clock clock;
  sqlite3_stmt *stmt[ST_COUNT];
  sqlite3_stmt *add_document;
  bool durable_now; /* what PRAGMA synchronous says */
  int64_t crawl_id; /* begun on this handle; 0 = none */
  bool asked_only;  /* a capture out of turn: nothing else is leased (asked.c) */
  struct zhi_recrawl recrawl;
  char crawl_name[32];
  struct frontier fr;
  struct zhi_seen seen;
  struct zhi_map warc_ids; /* name → id as pointer */
};

static inline int64_t store_later(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t store_now(const struct zhi_store *s) { return zhi_now_ms(&s->clock); }

/* --- statements and transactions (db.c) ------------------------------------------------------------------------ */

/* Fill *e from the connection's last error: "cannot <what> 'path': <cause>". */
enum zhi_code zhi_db_fail(const struct zhi_store *s, struct zhi_err *e, const char *what);
/* The kept statement, prepared on first use; NULL on failure. */
sqlite3_stmt *zhi_db_get(struct zhi_store *s, enum zhi_statement which, struct zhi_err *e);
/* Prepare another one: the caller's to finalize. */
enum zhi_code zhi_db_prepare(struct zhi_store *s, const char *sql, sqlite3_stmt **out,
                             struct zhi_err *e);
/* Run to its end and reset. */
enum zhi_code zhi_db_run(struct zhi_store *s, sqlite3_stmt *st, struct zhi_err *e);
/* Run a statement whose parameters are one or two whole numbers; `b` is passed over where there is one. */
enum zhi_code zhi_db_run_ints(struct zhi_store *s, enum zhi_statement which, int64_t a, int64_t b,
                              struct zhi_err *e);
/* The same with a statement that is not kept; either is passed over where there are fewer. */
enum zhi_code zhi_db_run_sql(struct zhi_store *s, const char *sql, int64_t a, int64_t b,
                             struct zhi_err *e);
/* Step once: *row says whether there is one. Resets at the end or on failure. */
enum zhi_code zhi_db_step(struct zhi_store *s, sqlite3_stmt *st, bool *row, struct zhi_err *e);
enum zhi_code zhi_db_exec(struct zhi_store *s, const char *sql, struct zhi_err *e);
/* An integer from a query of one value; NULL gives 0. */
enum zhi_code zhi_db_int(struct zhi_store *s, const char *sql, int64_t *out, struct zhi_err *e);
/* The first `n` columns of a kept statement's one row, in order. */
enum zhi_code zhi_db_ints(struct zhi_store *s, enum zhi_statement which, int64_t *out, int n,
                          struct zhi_err *e);
/* Not durable: atomic and in order, but on disk only with the next durable one. */
enum zhi_code zhi_db_begin(struct zhi_store *s, bool durable, struct zhi_err *e);
/* COMMIT when rc is ZHI_OK, else ROLLBACK; settles the frontier's deltas. Returns rc or the failure. */
enum zhi_code zhi_db_end(struct zhi_store *s, enum zhi_code rc, struct zhi_err *e);
enum zhi_code zhi_db_fact(struct zhi_store *s, const char *key, char *out, size_t cap,
                          struct zhi_err *e);
enum zhi_code zhi_db_set_fact(struct zhi_store *s, const char *key, const char *value,
                              struct zhi_err *e);

/* "" binds NULL. The bytes must live until the statement has run. */
void zhi_bind_str(sqlite3_stmt *st, int i, struct zhi_str v);
void zhi_bind_text(sqlite3_stmt *st, int i, struct zhi_str v); /* "" stays "" */
void zhi_bind_int(sqlite3_stmt *st, int i, int64_t v);
/* NULL gives the empty view. */
struct zhi_str zhi_col_str(sqlite3_stmt *st, int i);
/* NULL gives "". */
const char *zhi_col_text(sqlite3_stmt *st, int i);
int64_t zhi_col_int(sqlite3_stmt *st, int i);
/* ORIGINAL_COLUMNS from column i on, copied; without a record there is no original. */
enum zhi_code zhi_col_original(sqlite3_stmt *st, int i, struct zhi_arena *a,
                               struct zhi_original *out, struct zhi_err *e);

/* --- the rest ---------------------------------------------------------------------------------------------------- */

/* open.c: does a crawl hold the archive? Without a lock file nobody does. */
bool zhi_somebody_writes(const struct zhi_store *s);
/* Does it say that it waits for room on the disk? */
bool zhi_somebody_waits_for_room(const struct zhi_store *s);
/* schema.c */
enum zhi_code zhi_schema_open(struct zhi_store *s, bool create, struct zhi_err *e);
/* urls.c: inside a transaction */
void zhi_url_hash(struct zhi_str url, unsigned char out[STORE_KEY_BYTES]);
enum zhi_code zhi_urls_add(struct zhi_store *s, const struct zhi_found *found, size_t n,
                           size_t *added, struct zhi_err *e);
/* The id of the row of a URL, or of a POST by its identity (request.h); 0 when there is none. */
enum zhi_code zhi_urls_find(struct zhi_store *s, struct zhi_str url, int64_t *id,
                            struct zhi_err *e);
/* The id of the URL row, made (as the crawl's own, done) when new. */
enum zhi_code zhi_urls_own(struct zhi_store *s, struct zhi_str url, int64_t *id, struct zhi_err *e);
/* asked.c: inside a transaction. A capture out of turn is asked for these URLs; this URL was found meanwhile. */
enum zhi_code zhi_asked_begin(struct zhi_store *s, const struct zhi_found *found, size_t n,
                              struct zhi_err *e);
enum zhi_code zhi_asked_found(struct zhi_store *s, const struct zhi_found *f, int64_t id,
                              struct zhi_err *e);
/* Asked URLs by state, those in flight as due, and the time of their next retry (INT64_MAX: none). */
enum zhi_code zhi_asked_stats(struct zhi_store *s, int64_t sum[US_COUNT], int64_t *next,
                              struct zhi_err *e);
/* lists.c: inside a transaction. The list that a capture of the URL showed; NULL: it shows none any more. */
enum zhi_code zhi_lists_put(struct zhi_store *s, int64_t url_id, int64_t capture_id,
                            const struct zhi_list_row *l, struct zhi_err *e);
/* hosts.c: inside a transaction */
enum zhi_code zhi_hosts_put(struct zhi_store *s, const struct zhi_host_row *r, struct zhi_err *e);
/* ledger.c: inside a transaction */
struct ledger_capture {
  int64_t id, url_id, crawl_id, fetched_ms;
  struct zhi_str url_key, payload_digest, text_digest, redirect_to;
  enum zhi_verdict verdict;
  int status;
  bool has_original, has_doc, is_list, redirect_gone;
};
/* The URL's ledger and version after this capture. */
enum zhi_code zhi_ledger_take(struct zhi_store *s, const struct ledger_capture *c,
                              struct zhi_err *e);
/* A URL was given up, or robots.txt said no (`excluded`): that is no deletion. */
enum zhi_code zhi_ledger_refused(struct zhi_store *s, int64_t url_id, enum zhi_verdict v,
                                 bool excluded, struct zhi_err *e);
/* A body that later captures may refer to. */
enum zhi_code zhi_payload_add(struct zhi_store *s, int64_t capture_id, struct zhi_str digest,
                              struct zhi_err *e);
/* All versions anew from captures and documents; with `all` the ledger and the bodies too. Its own transaction. */
enum zhi_code zhi_ledger_rebuild(struct zhi_store *s, bool all, struct zhi_err *e);
/* closing.c: delisted documents and hosts that moved. Inside a transaction. */
enum zhi_code zhi_crawl_closing(struct zhi_store *s, int64_t crawl_id, struct zhi_err *e);
/* groups.c: inside a transaction */
enum zhi_code zhi_fr_write_group(struct zhi_store *s, const struct fr_group *g, struct zhi_err *e);
/* catalog.c: inside a transaction */
enum zhi_code zhi_doc_insert(struct zhi_store *s, int64_t capture_id, const struct zhi_doc_row *d,
                             struct zhi_err *e);
/* annual.c: inside a transaction; its document is there */
enum zhi_code zhi_annual_put(struct zhi_store *s, int64_t capture_id, const struct zhi_annual *a,
                             struct zhi_err *e);

/* columns.c: the one table of documents.csv, the view `documents` and datapackage.json */
struct zhi_column {
  const char *name;
  const char *sql;     /* over v (version) c (its capture) d (document) u (url) w (warc_file) */
  const char *type;    /* Table Schema type */
  const char *zh, *en; /* titles */
  const char *about_zh, *about_en;
};
enum { ZHI_COLUMN_MAX = 96 };
/* Fill `out`, return how many. */
size_t zhi_columns(struct zhi_column out[ZHI_COLUMN_MAX]);
#define STORE_DOCUMENT_STATES "current superseded removed moved"
/* Is the capture `c` of the URL `u` taken down? Every query that shows captures or documents to somebody says NOT. */
#define ZHI_SUPPRESSED_SQL                                                                         \
  "EXISTS (SELECT 1 FROM suppression x WHERE x.url_key = c.url_key OR u.url GLOB x.pattern)"
extern const char zhi_versions_sql[]; /* FROM … WHERE: the versions of documents */
/* Of a column that is a time: the milliseconds it is made of (strftime is slow); NULL otherwise. */
const char *zhi_column_ms(const struct zhi_column *c);
/* CREATE VIEW documents … */
void zhi_columns_view(struct zhi_buf *sql);
/* rows.c: the versions of documents in order of URL key and number. */
struct zhi_rows_query {
  const bool *wanted; /* by column of zhi_columns; the others are left empty. NULL = all */
  bool latest;        /* no superseded versions */
  /* `cells` by column, valid during the call; `capture` is the row id of the version's first one */
  enum zhi_code (*row)(void *ctx, const struct zhi_str *cells, int64_t capture, struct zhi_err *e);
  void *ctx;
};
enum zhi_code zhi_rows_each(struct zhi_store *s, const struct zhi_rows_query *q, struct zhi_err *e);
/* The same a piece at a time: the rows whose key is at least `from` and less than `until`; empty = no bound. The store
 * outlives it. */
struct zhi_rows;
enum zhi_code zhi_rows_open(struct zhi_store *s, const struct zhi_rows_query *q,
                            struct zhi_rows **out, struct zhi_err *e);
enum zhi_code zhi_rows_between(struct zhi_rows *r, struct zhi_str from, struct zhi_str until,
                               struct zhi_err *e);
void zhi_rows_close(struct zhi_rows *r);
/* csv.c: the file's bytes to `write`; *rows and the digest of what was written. */
struct zhi_csv_sink {
  enum zhi_code (*write)(void *ctx, struct zhi_str bytes, struct zhi_err *e);
  void *ctx;
  int64_t rows, bytes;
  char digest[ZHI_DIGEST_TEXT_SIZE];
};
enum zhi_code zhi_csv_produce(struct zhi_store *s, struct zhi_csv_sink *sink, struct zhi_err *e);
/* shared_dates.c: the finding `date_shared` of every document, as it should be by all that is known of its host */
enum zhi_code zhi_mark_shared_dates(struct zhi_store *s, struct zhi_err *e);
/* tables.c: NAME.csv beside documents.csv, from the view NAME; ends with a NULL name */
struct zhi_table {
  const char *name, *en, *zh;
  const struct zhi_column *columns;
  size_t count;
  const char *order;
  const char *states; /* what its column `state` may say, spaces between */
};
extern const struct zhi_table zhi_tables[];
enum zhi_code zhi_table_produce(struct zhi_store *s, const struct zhi_table *t,
                                struct zhi_csv_sink *sink, struct zhi_err *e);

/* package.c: pieces of a Data Package description. New references. */
/* `states`: what a column `state` may say. */
json_t *zhi_package_field(const struct zhi_column *c, const char *states);
json_t *zhi_package_dialect(void);
/* `package` NULL: out of memory. */
enum zhi_code zhi_package_write(const char *path, const json_t *package, struct zhi_err *e);

#endif
