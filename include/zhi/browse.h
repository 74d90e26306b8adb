/* Browse: what a reader of an archive asks, as JSON. Every question is one query of a table; its rows come as an array
 * of objects whose members are named in docs/serve.md. What is taken down is in no answer. Thread: the handle's. */
#ifndef ZHI_BROWSE_H
#define ZHI_BROWSE_H

#include <jansson.h>

#include "zhi/store.h"

enum zhi_browse {
  ZHI_BROWSE_ROWS,     /* documents of a list. ?1 JSON array of version ids: in that order */
  ZHI_BROWSE_LATEST,   /* ?1 URL key: version ids of its document, the latest first */
  ZHI_BROWSE_DOCUMENT, /* ?1 version id: everything about one version but its text */
  ZHI_BROWSE_TEXT,     /* ?1 version id */
  ZHI_BROWSE_URL,      /* ?1 URL key: the ledger of its URLs */
  ZHI_BROWSE_CAPTURES, /* ?1 URL key: every attempt, oldest first */
  ZHI_BROWSE_VERSIONS, /* ?1 URL key: oldest first */
  ZHI_BROWSE_LISTED,   /* ?1 URL key: the columns that name it */
  ZHI_BROWSE_POSTS,    /* ?1 URL key: pages of its list that were asked for by POST */
  ZHI_BROWSE_COLUMNS,
  ZHI_BROWSE_CRAWLS,  /* latest first */
  ZHI_BROWSE_HOSTS,   /* by number of documents */
  ZHI_BROWSE_GONE,    /* removed, moved, delisted: latest first */
  ZHI_BROWSE_ALIASES, /* hosts that moved */
  ZHI_BROWSE_MONTHS,  /* captures and new versions by month */
  ZHI_BROWSE_RECENT,  /* latest versions: new and edited */
  ZHI_BROWSE_COUNT
};

/* Up to `limit` rows after `offset`, a new reference. Arguments are bound as text; "" may stand for those not given. */
ZHI_NODISCARD enum zhi_code zhi_browse(struct zhi_store *s, enum zhi_browse what,
                                       const struct zhi_str *args, size_t arg_count, int64_t limit,
                                       int64_t offset, json_t **rows, struct zhi_err *e);

/* The latest version of every document, as `export` has them, in order of URL keys. Views live during the call. */
struct zhi_browse_row {
  int64_t version_id; /* row id of its first capture */
  int64_t version, attachments;
  struct zhi_str url, host, column, publisher, topic, validity, kind, state, captured_at;
  struct zhi_str day; /* the date that export's --from and --to look at; empty: none */
};
ZHI_NODISCARD enum zhi_code
zhi_browse_each(struct zhi_store *s,
                enum zhi_code (*fn)(void *ctx, const struct zhi_browse_row *r, struct zhi_err *e),
                void *ctx, struct zhi_err *e);
/* A number that grows with every change of what is shown. */
ZHI_NODISCARD enum zhi_code zhi_browse_generation(struct zhi_store *s, int64_t *out,
                                                  struct zhi_err *e);
/* The name that the crawl's config gives the archive, else the folder's; appended. */
ZHI_NODISCARD enum zhi_code zhi_browse_name(struct zhi_store *s, struct zhi_buf *out,
                                            struct zhi_err *e);

#endif
