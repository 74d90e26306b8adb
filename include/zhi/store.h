/* Store: the archive's catalogue and frontier in one database (SQLite, archive/xianzhi.db).
 *
 * One handle belongs to one thread. The crawl's commit thread owns the writing handle: it leases work,
 * commits batches (one transaction each, durable on return) and answers questions of the net loop through
 * the crawl's queues. Readers open their own read-only handles. Time is UTC milliseconds from the clock
 * given at open. Strings are copied in; strings handed out live until the next call on the handle unless
 * said otherwise. Only store/ sees SQL. */
#ifndef ZHI_STORE_H
#define ZHI_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "zhi/annual.h"
#include "zhi/clock.h"
#include "zhi/digest.h"
#include "zhi/fields.h"
#include "zhi/request.h"
#include "zhi/str.h"
#include "zhi/verdict.h"

struct zhi_store;

/* Once in a process, before any store is opened and before other threads are: SQLite counts its memory no more, which
 * costs every allocation of every connection one lock. Without it all works the same. */
void zhi_store_begin(void);

enum zhi_store_mode {
  ZHI_STORE_CREATE, /* read-write; makes the folder and schema when missing; migrates */
  ZHI_STORE_WRITE,  /* read-write; must exist */
  ZHI_STORE_READ    /* read-only; works on a read-only folder when no crawl holds the lock */
};
/* `dir` is the archive. ZHI_EIO: cannot open; ZHI_EPARSE: not an archive, or a newer schema; ZHI_ECONFLICT:
 * another process holds the archive's lock (CREATE and WRITE take `dir`/lock, flock). */
ZHI_NODISCARD enum zhi_code zhi_store_open(const char *dir, enum zhi_store_mode mode,
                                           const struct zhi_clock *clock, struct zhi_store **out,
                                           struct zhi_err *e);
/* How much of the file the handle may keep in memory from now on; what it keeps beyond goes at once. */
void zhi_store_set_cache(struct zhi_store *s, int kib);
/* Checkpoints (TRUNCATE) when writing, releases the lock. */
void zhi_store_close(struct zhi_store *s);

/* --- crawls ------------------------------------------------------------------------------------------ */

struct zhi_crawl_info {
  int64_t id;                      /* 1, 2, … within the archive */
  char name[32];                   /* "20261124T035000Z-1": used in WARC names and reports */
  int64_t started_ms, finished_ms; /* finished 0 = paused, killed or running */
  bool resumed;                    /* an unfinished crawl was taken up again */
  uint32_t next_warc_serial;
  bool
      config_changed; /* config_json differs from the crawl before (or from this one's earlier run) */
};
/* After how long URLs are looked at again, counted from the start of the crawl that looked last; 0 = in every crawl.
 * A document's own interval doubles while it is unchanged and is quartered when it changed. */
struct zhi_recrawl {
  int64_t lists_ms;         /* seeds, sitemaps, portals, lists */
  int64_t documents_min_ms; /* everything else: no sooner, */
  int64_t documents_max_ms; /* and no later */
};
/* Before begin_crawl; until then all zero. */
void zhi_store_set_recrawl(struct zhi_store *s, const struct zhi_recrawl *r);

/* Continue the unfinished crawl, or begin a new one (always new when `fresh`: the unfinished one is marked
 * abandoned and its leased URLs go back). Beginning a new crawl makes due again: every URL whose time has come, what
 * was gone once, everything that failed, and what robots.txt denied. Documents seen before come after new ones.
 * What is not due stays done and is counted. Every origin is in a group of its own again, which keeps the
 * block and back-off of its old one. All leases are void. `config_json` is kept. Must be called once on a writing
 * handle before the frontier is leased. */
ZHI_NODISCARD enum zhi_code zhi_store_begin_crawl(struct zhi_store *s, bool fresh,
                                                  struct zhi_str config_json,
                                                  struct zhi_crawl_info *out, struct zhi_err *e);
/* The config (JSON) of the latest crawl, appended; nothing when there was none. */
ZHI_NODISCARD enum zhi_code zhi_store_last_config(struct zhi_store *s, struct zhi_buf *out,
                                                  struct zhi_err *e);
/* A crawl to which imported captures belong: finished from the start, with the config of the one before, if any; the
 * frontier is left alone. The last one is used again when it was an import. ZHI_ECONFLICT: a crawl is unfinished. */
ZHI_NODISCARD enum zhi_code zhi_store_begin_import(struct zhi_store *s, int64_t *crawl_id,
                                                   struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_store_count_captures(struct zhi_store *s, int64_t *out,
                                                     struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_store_finish_crawl(struct zhi_store *s, int64_t crawl_id,
                                                   struct zhi_err *e);

/* --- frontier ------------------------------------------------------------------------------------------ */

/* Smaller is sooner. */
enum zhi_priority {
  ZHI_PRIO_SEED = 0,
  ZHI_PRIO_SITEMAP = 1,
  ZHI_PRIO_LIST = 2,
  ZHI_PRIO_PAGE = 3,
  ZHI_PRIO_ATTACHMENT = 4,
  ZHI_PRIO_REQUISITE = 5,
  ZHI_PRIO_REVISIT = 6, /* given by statement DUE_AGAIN */
  ZHI_PRIO_SPECULATIVE = 7
};

/* A URL that was found. Its exact text without fragment is its identity, for a POST with the body (request.h): one
 * row in the archive. A POST met again takes over the newer body: form state grows old. */
struct zhi_found {
  struct zhi_str url;
  struct zhi_ask ask;    /* what to ask beyond the URL; NULL views: a plain GET */
  struct zhi_str origin; /* "http://www.x.gov.cn[:port]": the politeness and robots unit */
  enum zhi_priority prio;
  uint16_t depth;           /* hops from a seed */
  struct zhi_str hops;      /* hop path, letters L E X R P I, ≤ 255 */
  struct zhi_str via;       /* URL it was first found on; may be empty */
  struct zhi_str text;      /* anchor text, may be empty */
  struct zhi_str list_date; /* date beside it on a list page, may be empty */
  const char *
      excluded; /* NULL = to be fetched; else the reason: "off_scope", "login", "trap_calendar" … */
};

/* The capture whose record holds a body: what a revisit refers to. Committed and whole. capture_id 0: none. */
struct zhi_original {
  int64_t capture_id;
  struct zhi_str record_id, url, payload_digest;
  int64_t date_ms;
};

/* Work: one leased group with its due URLs. Owned by the caller: zhi_lease_free. */
struct zhi_job {
  int64_t url_id;
  struct zhi_str url, origin, via, hops;
  struct zhi_ask ask;
  enum zhi_priority prio;
  uint16_t depth;
  uint16_t attempts;                  /* failures so far in this crawl */
  struct zhi_str etag, last_modified; /* of the last good capture, else empty */
  struct zhi_original original;       /* its body */
  struct zhi_str extractor_version;   /* of the document made of it; empty: none was */
};
struct zhi_lease {
  int64_t group_id;
  int64_t token;    /* lease token: results under an old one are refused */
  int64_t until_ms; /* zhi_steady_ms: renewed before this, or lost */
  struct zhi_job *jobs;
  size_t count;
  struct zhi_arena *arena; /* owns the strings */
};
void zhi_lease_free(struct zhi_lease *l);

/* Lease up to `max_groups` groups that are not blocked and not leased, each with up to `max_urls` due URLs in
 * priority order (hosts of one group take turns within a priority), for ttl_ms. `leases` is the caller's array of
 * max_groups pointers; the first *count are set, each to be freed. *count may be 0. Groups given in a lease have at
 * least one URL. Groups take turns. Leases live in the handle's memory: closing it voids them. A lease is lost when
 * it is past its time AND zhi_frontier_lease was called since; until then renew and results are still good. */
ZHI_NODISCARD enum zhi_code zhi_frontier_lease(struct zhi_store *s, size_t max_groups,
                                               size_t max_urls, int64_t ttl_ms,
                                               struct zhi_lease **leases, size_t *count,
                                               struct zhi_err *e);
/* More due URLs of a group one holds (same token); at most max_urls; *lease gets a new object of that group. */
ZHI_NODISCARD enum zhi_code zhi_frontier_more(struct zhi_store *s, int64_t group_id, int64_t token,
                                              size_t max_urls, struct zhi_lease **lease,
                                              struct zhi_err *e);
/* Extend. ZHI_ECONFLICT when the lease was lost. */
ZHI_NODISCARD enum zhi_code zhi_frontier_renew(struct zhi_store *s, int64_t group_id, int64_t token,
                                               int64_t ttl_ms, int64_t *until_ms,
                                               struct zhi_err *e);
/* Give it back; its unfinished URLs are due again. */
ZHI_NODISCARD enum zhi_code zhi_frontier_release(struct zhi_store *s, int64_t group_id,
                                                 int64_t token, struct zhi_err *e);
/* `origin` answers from `address` (text form): move its group into that address's group, merging; never splits
 * within a crawl. The merged group keeps the later next_ms and block. *group_id is where it is now. Leases move with
 * the groups: their tokens now speak for the merged group (two may, if both were leased), and the old group ids stay
 * valid in every call with a token. Not fsynced by itself: durable with the next commit. */
ZHI_NODISCARD enum zhi_code zhi_frontier_regroup(struct zhi_store *s, struct zhi_str origin,
                                                 struct zhi_str address, int64_t *group_id,
                                                 struct zhi_err *e);
/* Insert-if-new; *added counts the new ones (excluded ones too). Sorts its input. */
ZHI_NODISCARD enum zhi_code zhi_frontier_add(struct zhi_store *s, const struct zhi_found *found,
                                             size_t n, size_t *added, struct zhi_err *e);
/* Instead of begin_crawl: captures out of turn. Only these URLs (in `found`, due again whatever they were), where they
 * redirect to and what their pages need are leased and counted by this handle. They belong to the unfinished crawl
 * (out->resumed; it stays unfinished), or to one of their own that no crawl takes up again. What is not fetched is
 * left to the next crawl. */
ZHI_NODISCARD enum zhi_code zhi_store_begin_capture(struct zhi_store *s,
                                                    const struct zhi_found *found, size_t n,
                                                    struct zhi_str config_json,
                                                    struct zhi_crawl_info *out, struct zhi_err *e);
/* Decide anew about URLs excluded when they were found (not those that robots.txt denied): `decide` returns NULL to
 * fetch the URL after all, or the reason (may be the old one). For a changed config. *changed counts those that are
 * due now. The strings are valid during the call. */
ZHI_NODISCARD enum zhi_code
zhi_frontier_reconsider(struct zhi_store *s,
                        const char *(*decide)(void *ctx, const struct zhi_found *f), void *ctx,
                        size_t *changed, struct zhi_err *e);
struct zhi_frontier_stats {
  /* URLs; due does not count the leased; waiting = retry in the future; known is the sum of the others */
  int64_t known, due, leased, done, failed, excluded, waiting;
  int64_t next_due_ms; /* when the next waiting URL or blocked group becomes due; 0 = never */
};
ZHI_NODISCARD enum zhi_code zhi_frontier_stats(struct zhi_store *s, struct zhi_frontier_stats *out,
                                               struct zhi_err *e);

/* --- commit -------------------------------------------------------------------------------------------- */

enum zhi_url_outcome {
  ZHI_URL_DONE,    /* result stands for this crawl */
  ZHI_URL_RETRY,   /* again at retry_ms */
  ZHI_URL_FAILED,  /* given up in this crawl */
  ZHI_URL_EXCLUDED /* robots or scope said no: `reason` */
};
struct zhi_url_result {
  int64_t url_id;
  int64_t group_id, token; /* the lease it was fetched under */
  enum zhi_url_outcome outcome;
  enum zhi_verdict verdict;
  int64_t retry_ms;      /* RETRY */
  const char *reason;    /* EXCLUDED and FAILED: short code; may be NULL */
  struct zhi_str detail; /* human text: curl's message, robots rule; may be empty */
};

/* A stored exchange. One row in `capture`. */
struct zhi_capture_row {
  char capture_id[40]; /* uuid: idempotence key; the same id twice is stored once */
  int64_t url_id;      /* 0: unknown to the frontier (robots.txt): the URL row is made */
  struct zhi_str url, url_key;
  int64_t fetched_ms; /* WARC-Date */
  enum zhi_verdict verdict;
  int status; /* HTTP status, 0 = none */
  struct zhi_str mime, charset, charset_source, ip, payload_digest, etag, last_modified,
      redirect_to;
  struct zhi_str tls;       /* what is wrong with the server's certificate, "ok"; "" = no TLS */
  struct zhi_str truncated; /* "" or the WARC-Truncated value */
  int64_t body_bytes, duration_ms;
  struct zhi_str warc_file; /* "" = nothing stored (dns, refused) */
  int64_t warc_offset, warc_length;
  struct zhi_str record_id, revisit_of; /* revisit_of: record id of the original, "" otherwise */
  int64_t original_id;  /* of a revisit: the original's capture (zhi_original); 0 otherwise */
  bool redirect_gone;   /* the redirect leads home or to an error page: what was here is gone */
  struct zhi_str error; /* human text for verdicts without a response */
};
/* What a list page says of its list. Items are URLs as they stand in the frontier, pages what makes their requests
 * ones of their own (zhi_ask_identity). */
enum {
  ZHI_LIST_ROW_HEAD =
      -1 /* `page` of the column's own page where the others are answers to it: its items count only
                            while there are no answers */
};
struct zhi_list_row {
  const char *adapter;
  int page, pages, total; /* 0 = not told; pages count from 1; page ZHI_LIST_ROW_HEAD, see there */
  const struct zhi_str *items, *page_ids;
  size_t item_count, page_count;
};
/* Document of the capture, if it is one that gets a row (kinds document, part, list, home, and
 * attachment files). `fields` as canonical strings; fields_json holds raw, source, confidence, state. */
struct zhi_doc_row {
  const char *kind;
  const char *extractor_version;
  struct zhi_str
      field[ZHI_FIELD_COUNT]; /* normalised value or, without one, the raw text; "" = none */
  struct zhi_str fields_json; /* {"name":{"state","raw","source","confidence",…}} */
  struct zhi_str text, text_digest;
  int64_t body_chars;
  struct zhi_str attachments_json; /* [{"url","name","type"}] */
  int64_t attachment_count;
  struct zhi_str findings_json; /* [{"code","text"}] */
  struct zhi_str masked_json;   /* ["…"]: what the text digest left out */
  struct zhi_str list_json;     /* list adapter, declared totals; "" when not a list */
  const struct zhi_list_row
      *list;              /* the same with its items, for `columns`; NULL when not a list */
  struct zhi_str part_of; /* kind "part": URL of the first page of the article */
  int part;               /* its number in the page's name */
  const struct zhi_annual *annual; /* NULL: no annual report on disclosure */
};
struct zhi_commit_capture {
  struct zhi_capture_row capture;
  const struct zhi_doc_row *doc; /* NULL = none */
};
struct zhi_origin_state {
  struct zhi_str origin;
  int64_t robots_fetched_ms;  /* 0 = unchanged by this commit */
  const char *robots_state;   /* "ok" "none" "unavailable" */
  struct zhi_str robots_text; /* for state ok */
  struct zhi_str address;     /* "" unknown */
  struct zhi_str
      probe; /* its answer to the soft-404 probe in this crawl (crawler/probe.h); "" = none, unchanged */
};
/* Under a stale token next_ms, blocked_until_ms and backoff_ms can only be raised. */
struct zhi_group_state {
  int64_t group_id, token;
  int64_t next_ms, blocked_until_ms;
  int64_t backoff_ms; /* current doubling step; 0 = none */
  int64_t delay_ms;   /* last delay used */
};
/* A host that navigation names, and what was decided about it. A row replaces one of less weight at its host, or of
 * the same weight and another state. Strings of one word: columns of the table discovered_host. */
struct zhi_host_row {
  struct zhi_str host, url, name, caption, via, site_code;
  const char *group, *place, *state, *reason; /* reason may be NULL */
  int weight;
};
struct zhi_warc_state {
  const char *file;
  int64_t committed_bytes;
  bool closed;
};

struct zhi_batch {
  int64_t crawl_id; /* 0: the crawl begun on this handle */
  const struct zhi_commit_capture *captures;
  size_t capture_count;
  const struct zhi_url_result *results;
  size_t result_count;
  const struct zhi_found *found;
  size_t found_count;
  const struct zhi_origin_state *origins;
  size_t origin_count;
  const struct zhi_group_state *groups;
  size_t group_count;
  const struct zhi_host_row *hosts;
  size_t host_count;
  const struct zhi_warc_state *warcs;
  size_t warc_count;
};
/* ONE transaction, synchronous=FULL: when this returns ZHI_OK all of it is durable; on failure none of it is
 * there. Results under a stale lease are skipped (*stale counts them); captures never are. ZHI_EIO with errnum
 * ENOSPC when the disk is full; the handle stays usable and the batch may be committed again. A result takes its URL
 * out of the lease: one result per leased URL. *added counts new URLs. */
ZHI_NODISCARD enum zhi_code zhi_store_commit(struct zhi_store *s, const struct zhi_batch *b,
                                             size_t *added, size_t *stale, struct zhi_err *e);

/* A committed, whole capture with this payload ("sha256:…"), of whatever URL; capture_id 0: none. The strings are
 * the arena's. */
ZHI_NODISCARD enum zhi_code zhi_store_find_payload(struct zhi_store *s, struct zhi_str digest,
                                                   struct zhi_arena *a, struct zhi_original *out,
                                                   struct zhi_err *e);

/* WARC files the catalogue knows, for recovery: calls back for each. */
ZHI_NODISCARD enum zhi_code zhi_store_each_warc(struct zhi_store *s,
                                                enum zhi_code (*fn)(void *ctx,
                                                                    const struct zhi_warc_state *w,
                                                                    struct zhi_err *e),
                                                void *ctx, struct zhi_err *e);
/* The first closed WARC file behind `after` that the hook has not taken (crawler/ship.h); *id 0: none. */
ZHI_NODISCARD enum zhi_code zhi_store_next_unshipped(struct zhi_store *s, int64_t after,
                                                     int64_t *id, char name[192],
                                                     struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_store_shipped(struct zhi_store *s, int64_t id, struct zhi_err *e);
/* Tell readers in other processes that the writer waits for room on the disk, or no more. Nothing is written. */
void zhi_store_wait_for_room(struct zhi_store *s, bool waits);
/* Origins with cached robots and address, to start the net loop from. */
ZHI_NODISCARD enum zhi_code
zhi_store_each_origin(struct zhi_store *s,
                      enum zhi_code (*fn)(void *ctx, const struct zhi_origin_state *o,
                                          const struct zhi_group_state *g, struct zhi_err *e),
                      void *ctx, struct zhi_err *e);

/* Discovered hosts, by name. */
ZHI_NODISCARD enum zhi_code
zhi_store_each_host(struct zhi_store *s,
                    enum zhi_code (*fn)(void *ctx, const struct zhi_host_row *r, struct zhi_err *e),
                    void *ctx, struct zhi_err *e);

/* --- what came of it -------------------------------------------------------------------------------------- */

/* Write documents.csv and datapackage.json into the archive: to a temporary file, fsync, rename, fsync of the folder. */
ZHI_NODISCARD enum zhi_code zhi_store_write_csv(struct zhi_store *s, struct zhi_err *e);
/* One JSON object: the crawl, counts by verdict and state, per host, blocked groups, excluded URLs by reason
 * (with_lists: every excluded and failed URL with reason and via). New reference. */
ZHI_NODISCARD enum zhi_code zhi_store_status(struct zhi_store *s, bool with_lists, json_t **out,
                                             struct zhi_err *e);
/* One JSON object about one crawl (a name or number; "" = the latest), for machines and for report.h: docs/formats.md,
 * "Reports". New reference. ZHI_EUSAGE: there is no such crawl. */
enum { ZHI_REPORT_VERSION = 1 };
ZHI_NODISCARD enum zhi_code zhi_store_report(struct zhi_store *s, struct zhi_str crawl,
                                             json_t **out, struct zhi_err *e);
/* What the catalogue knows of one URL (docs/formats.md, "Explain"): {"known": false}, or its row, via, attempts and
 * columns. The next visit is by zhi_store_set_recrawl. New reference. */
ZHI_NODISCARD enum zhi_code zhi_store_story(struct zhi_store *s, struct zhi_str url, json_t **out,
                                            struct zhi_err *e);
/* What every capture of the latest crawl was, robots.txt too, in order. */
struct zhi_page_row {
  const char *url, *verdict, *charset, *redirect_to, *error; /* "" when there is none */
  const char *kind, *list_json;                              /* of its document */
  const char *title, *site_name, *site_id_code;
  int status;
};
ZHI_NODISCARD enum zhi_code
zhi_store_each_page(struct zhi_store *s,
                    enum zhi_code (*fn)(void *ctx, const struct zhi_page_row *p, struct zhi_err *e),
                    void *ctx, struct zhi_err *e);
/* Captures that have a WARC record, by file (in the order of the files' first commit) and offset, one short
 * transaction each, for verify, index, reextract. `fn` may call put_docs on the same handle. */
struct zhi_capture_ref {
  int64_t capture_rowid;
  const char *url, *warc_file, *record_id, *payload_digest, *mime, *verdict;
  struct zhi_ask ask; /* body left out */
  int64_t warc_offset, warc_length, fetched_ms;
  /* where the body is: the same place, or that of a revisit's original */
  const char *body_file;
  int64_t body_offset;
  bool is_revisit;
  int status;
  bool has_doc;
};
ZHI_NODISCARD enum zhi_code zhi_store_each_capture(
    struct zhi_store *s,
    enum zhi_code (*fn)(void *ctx, const struct zhi_capture_ref *c, struct zhi_err *e), void *ctx,
    struct zhi_err *e);
/* The same for captures that a version of this crawl was compared with although another extractor had read them: read
 * them again with today's, then number the versions. *count: how many there are. */
ZHI_NODISCARD enum zhi_code zhi_store_each_outdated(
    struct zhi_store *s,
    enum zhi_code (*fn)(void *ctx, const struct zhi_capture_ref *c, struct zhi_err *e), void *ctx,
    size_t *count, struct zhi_err *e);
/* The place of the original of the revisit at `offset` of `warc_file`; false in *found: not a revisit. */
struct zhi_place {
  char warc_file[192];
  int64_t offset, length;
};
ZHI_NODISCARD enum zhi_code zhi_store_original_place(struct zhi_store *s, struct zhi_str warc_file,
                                                     int64_t offset, bool *found,
                                                     struct zhi_place *out, struct zhi_err *e);
/* Replace the document of a capture (reextract). NULL removes it. */
ZHI_NODISCARD enum zhi_code zhi_store_put_docs(struct zhi_store *s, const int64_t *capture_rowids,
                                               const struct zhi_doc_row *const *docs, size_t n,
                                               struct zhi_err *e);
/* Number the versions anew: after put_docs, when what the documents say of their text has changed. */
ZHI_NODISCARD enum zhi_code zhi_store_number_versions(struct zhi_store *s, struct zhi_err *e);
/* Compare documents.csv with the catalogue, check foreign keys and integrity; one call back per problem. */
ZHI_NODISCARD enum zhi_code zhi_store_check(struct zhi_store *s,
                                            void (*problem)(void *ctx, const char *text), void *ctx,
                                            struct zhi_err *e);

/* --- repair ---------------------------------------------------------------------------------------------- */

/* Is DIR/xianzhi.db missing, no database, or damaged? */
ZHI_NODISCARD enum zhi_code zhi_store_damaged(const char *dir, bool *out, struct zhi_err *e);
/* Rename it, and its log, to xianzhi.db.damaged (.1, .2, …). `name`: what it is called now. */
ZHI_NODISCARD enum zhi_code zhi_store_set_aside(const char *dir, char name[64], struct zhi_err *e);
/* A WARC file was written again without its damaged records: it has `bytes` now (-1: it is gone), and these captures
 * have moved in it, or (offset -1) are lost: they keep row and document, and the reason in `error`; their URLs are due,
 * and those of the revisits that refer to them (*due counts them). One transaction. */
struct zhi_moved {
  int64_t capture_rowid, offset;
};
ZHI_NODISCARD enum zhi_code zhi_store_replace_warc(struct zhi_store *s, const char *file,
                                                   int64_t bytes, const struct zhi_moved *moved,
                                                   size_t n, int64_t *due, struct zhi_err *e);

/* --- take-downs ------------------------------------------------------------------------------------------ */

struct zhi_suppression {
  const char *what, *reason;
  int64_t added_ms;
};
/* Hide a URL (and what shares its key), or all URLs that a pattern matches (* stands for anything), from everything
 * that shows: documents, exports, search, serve. Captures and WARC files stay. *captures: how many it hides now.
 * ZHI_EUSAGE: none, and nothing was changed. documents.csv is to be written again. */
ZHI_NODISCARD enum zhi_code zhi_store_suppress(struct zhi_store *s, struct zhi_str what,
                                               struct zhi_str reason, int64_t *captures,
                                               struct zhi_err *e);
/* Show it again: `what` as it was given. */
ZHI_NODISCARD enum zhi_code zhi_store_lift(struct zhi_store *s, struct zhi_str what, bool *found,
                                           struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_store_each_suppression(
    struct zhi_store *s,
    enum zhi_code (*fn)(void *ctx, const struct zhi_suppression *x, struct zhi_err *e), void *ctx,
    struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_store_is_suppressed(struct zhi_store *s, struct zhi_str url,
                                                    bool *out, struct zhi_err *e);
/* "Did you mean": the captured URL whose key is nearest, of the same host; *out stays as it is when there is none. */
ZHI_NODISCARD enum zhi_code zhi_store_nearest_url(struct zhi_store *s, struct zhi_str url,
                                                  struct zhi_buf *out, struct zhi_err *e);

#endif
