/* Config of one crawl: what a YAML file says, checked, with defaults filled in.
 *
 * The option table in config.c is the one source: reader, defaults, errors, docs/config.md.
 * Thread: read-only once loaded; one owner. */
#ifndef ZHI_CRAWLER_CONFIG_H
#define ZHI_CRAWLER_CONFIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "zhi/doc.h"
#include "zhi/option.h"
#include "zhi/str.h"

enum zhi_discover { ZHI_DISCOVER_OFF, ZHI_DISCOVER_PROPOSE, ZHI_DISCOVER_FOLLOW };
enum zhi_tls_policy { ZHI_TLS_VERIFY, ZHI_TLS_RECORD };

struct zhi_config {
  char *file; /* where it came from; owned */

  char *cluster;       /* short name: [a-z0-9-]+ */
  char *name;          /* 永城市; may be "" */
  char *division_code; /* six digits or "" */
  char *division_name; /* or "" */
  char *operator_name, *operator_contact;
  struct zhi_strings seeds; /* http(s) URLs */

  struct {
    struct zhi_strings domains;       /* a registrable domain, a host, or a suffix such as gov.cn */
    struct zhi_strings include_paths; /* path prefixes; empty = all */
    struct zhi_strings exclude;   /* patterns with * and $ on path and query, or on the whole URL */
    struct zhi_strings allow;     /* the same; wins over the built-in exclusions */
    int discover_cluster;         /* enum zhi_discover */
    int64_t max_depth;            /* hops from a seed */
    bool requisites, attachments; /* fetch them (also off host) */
    bool soft_404_probe;          /* ask each host for a page that cannot exist */
  } scope;

  struct {
    int64_t min_delay_ms, factor_milli, max_delay_ms;
    int64_t connections_per_server;
    int64_t jitter_percent; /* 0–100, only ever added */
    int64_t
        backoff_ms; /* first back-off after a refusal without Retry-After, first retry of a URL */
    struct zhi_hours hours; /* Asia/Shanghai */
  } politeness;

  struct {
    int64_t pages, bytes, time_ms;  /* of the crawl; 0 = no limit */
    int64_t host_pages, host_bytes; /* of one host; 0 = no limit */
    int64_t body_max;               /* bytes of one body that are stored */
    int64_t list_pages;             /* of one list */
  } budget;

  struct {
    int64_t lists_ms, documents_min_ms, documents_max_ms;
  } recrawl;

  struct {
    int64_t connect_timeout_ms; /* TCP and TLS */
    int64_t head_timeout_ms;    /* from sending the request to the end of the response head */
    int64_t total_timeout_ms;   /* of one exchange */
    int64_t low_speed_bytes;    /* per second, over low_speed_ms: slower is a timeout */
    int64_t low_speed_ms;
    int64_t connections; /* of all servers together */
    int64_t retries;     /* further tries of a URL after timeout, 5xx, connection error */
    int64_t body_memory; /* bytes of a body kept in memory before it spills to disk */
    int tls;             /* enum zhi_tls_policy */
  } http;

  struct {
    bool nofollow, noindex; /* obey rel/meta nofollow; keep noindex pages out of the index */
  } robots;

  struct {
    int64_t max_bytes; /* rotate after this */
    int64_t level;     /* gzip level 1–12 */
  } warc;

  struct zhi_strings connect_to;
  bool allow_private;
  struct zhi_strings fields; /* "FIELD", "HOST/FIELD", "list_items" … → XPath */
  char *on_warc_closed;      /* program; "" = none */
  char *archive;             /* folder; "" = archives/<cluster> */
  char *metrics;             /* file for node-exporter; "" = none */
  int64_t workers;           /* extraction threads; 0 = one a core */
};

/* Parse and check. On ZHI_OK *out is the caller's: zhi_config_free. ZHI_EUSAGE: "FILE:LINE:COLUMN: …". */
ZHI_NODISCARD enum zhi_code zhi_config_parse(struct zhi_str text, const char *file,
                                             struct zhi_config **out, struct zhi_err *e);
/* As zhi_config_parse, of a file. ZHI_EIO when it cannot be read. */
ZHI_NODISCARD enum zhi_code zhi_config_load(const char *path, struct zhi_config **out,
                                            struct zhi_err *e);
void zhi_config_free(struct zhi_config *c);
/* All values, defaults too: what the archive keeps of a crawl's config. New reference. */
json_t *zhi_config_json(const struct zhi_config *c);
/* Give an extractor what the config says of its sites. */
ZHI_NODISCARD enum zhi_code zhi_config_extractor(const struct zhi_config *c,
                                                 struct zhi_extractor *x, struct zhi_err *e);
/* The same from zhi_config_json's text, as archives keep it; "" says nothing. */
ZHI_NODISCARD enum zhi_code zhi_config_extractor_json(struct zhi_str json, struct zhi_extractor *x,
                                                      struct zhi_err *e);
/* docs/config.md, whole. */
void zhi_config_markdown(struct zhi_buf *out);

/* "xianzhi/0.1 (+CONTACT; OPERATOR)", appended; printable ASCII (other bytes percent-encoded). */
void zhi_user_agent(const struct zhi_config *c, struct zhi_buf *out);
/* The product token that robots.txt groups are matched with. */
#define ZHI_ROBOTS_TOKEN "xianzhi"

/* connect_to, libcurl's form HOST:PORT:CONNECT-TO-HOST:CONNECT-TO-PORT; IPv6 in brackets; an empty HOST or
 * PORT matches any, an empty target keeps the original. First match wins. The views borrow from the config
 * or from `host`; brackets are kept off *to_host. Returns whether a row matched. */
bool zhi_connect_to_match(const struct zhi_config *c, struct zhi_str host, uint16_t port,
                          struct zhi_str *to_host, uint16_t *to_port);

#endif
