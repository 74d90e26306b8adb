/* Config: the table of every key, and the checks that span keys or need to understand a value. */
#include "crawler/config.h"

#include <stdio.h>
#include <stdlib.h>

#include "zhi/file.h"
#include "zhi/limits.h"

enum { CONFIG_MAX_BYTES = 1 << 20, LEAST_POLITE_DELAY_MS = 500 };

#define S_    1000LL
#define MIN_  (60 * S_)
#define HOUR_ (60 * MIN_)
#define DAY_  (24 * HOUR_)
#define MB_   1000000LL
#define GB_   (1000 * MB_)
#define TB_   (1000 * GB_)

static const char *const discover_names[] = {"off", "propose", "follow", NULL};
static const char *const tls_names[] = {"verify", "record", NULL};

#define AT(member) offsetof(struct zhi_config, member)
#define TEXT(key, member, def, least, most, needed, help)                                          \
  { key, ZHI_OPT_STRING, AT(member), def, least, most, NULL, needed, help }
#define LIST(key, member, least, needed, help)                                                     \
  { key, ZHI_OPT_LIST, AT(member), NULL, least, 10000, NULL, needed, help }
#define BOOL(key, member, def, help)                                                               \
  { key, ZHI_OPT_BOOL, AT(member), def, 0, 0, NULL, false, help }
#define NUM(kind, key, member, def, least, most, help)                                             \
  { key, ZHI_OPT_##kind, AT(member), def, least, most, NULL, false, help }
#define WORD(key, member, def, names, help)                                                        \
  { key, ZHI_OPT_ENUM, AT(member), def, 0, 0, names, false, help }

static const struct zhi_option rows[] = {
    TEXT("cluster", cluster, NULL, 1, 64, true,
         "short name of the site cluster: lower-case letters, digits, hyphens"),
    TEXT("name", name, NULL, 0, 200, false, "its name for people, such as 永城市"),
    TEXT("division_code", division_code, NULL, 0, 6, false,
         "administrative division code (GB/T 2260), six digits; of pages that do not tell theirs"),
    TEXT("division_name", division_name, NULL, 0, 100, false,
         "that division's name, when the built-in table has none or another"),
    LIST("seeds", seeds, 1, true, "http or https addresses to start from"),
    LIST("connect_to", connect_to, 0, false,
         "HOST:PORT:TO-HOST:TO-PORT, connect elsewhere as libcurl's connect-to does; an empty HOST "
         "or PORT means any"),
    BOOL("allow_private", allow_private, "false",
         "allow private and loopback addresses, and delays under 500 ms; for one's own machine "
         "only"),
    {"fields", ZHI_OPT_MAP, AT(fields), NULL, 0, 1000, NULL, false,
     "XPath 1.0 that overrides how a field is found: FIELD, or HOST/FIELD for one host, to an "
     "expression over the page as a browser's inspector shows it; list_items finds the rows of "
     "lists"},
    TEXT("archive", archive, NULL, 0, 4096, false,
         "folder of the archive; archives/CLUSTER when left out"),
    TEXT("metrics", metrics, NULL, 0, 4096, false,
         "file for the textfile collector of Prometheus' node exporter, renewed every 15 seconds "
         "while a crawl runs and at its end; its name should end in .prom (see metrics.md)"),
    TEXT(
        "on_warc_closed", on_warc_closed, NULL, 0, 4096, false,
        "program that is run for each WARC file when it is closed, with the file's path as its one "
        "argument and no shell between; exit 0 is recorded, anything else is tried again in the "
        "next run"),
    NUM(INT, "workers", workers, "0", 0, 256, "extraction threads; 0 = one a core"),

    TEXT("operator.name", operator_name, NULL, 1, 200, true,
         "who runs this crawl; part of the user agent"),
    TEXT("operator.contact", operator_contact, NULL, 3, 300, true,
         "where the site's owner can reach the operator: an http(s) address or a mail address; "
         "part of "
         "the user agent"),

    LIST("scope.domains", scope.domains, 0, false,
         "registrable domains (x.gov.cn with all its hosts), single hosts, or a suffix such as "
         "gov.cn "
         "for all of it; the seeds' domains when left out"),
    LIST("scope.include_paths", scope.include_paths, 0, false,
         "path prefixes, for a county on its city's host; empty = all paths"),
    LIST(
        "scope.exclude", scope.exclude, 0, false,
        "patterns of URLs to leave out, with * and a final $; from the first slash of the path, or "
        "of the whole address when they begin with http"),
    LIST("scope.allow", scope.allow, 0, false,
         "patterns of the same form that the built-in exclusions must not leave out"),
    WORD("scope.discover_cluster", scope.discover_cluster, "propose", discover_names,
         "hosts of the cluster found in its navigation: ignore, list in the report, or crawl"),
    NUM(INT, "scope.max_depth", scope.max_depth, "64", 0, 200,
        "most links between a seed and a page"),
    BOOL("scope.requisites", scope.requisites, "true",
         "fetch style sheets, scripts, images and fonts of pages, also from other hosts"),
    BOOL("scope.attachments", scope.attachments, "true",
         "fetch attached files of pages, also from other hosts"),
    BOOL("scope.soft_404_probe", scope.soft_404_probe, "true",
         "ask each host once a crawl for a page that cannot exist, to know what its \"not found\" "
         "looks like when it comes with status 200"),

    NUM(MS, "politeness.min_delay", politeness.min_delay_ms, "1s", 0, HOUR_,
        "least pause between a server's answer and the next request to it; under 500ms only with "
        "allow_private"),
    NUM(MILLI, "politeness.factor", politeness.factor_milli, "2", 0, 100 * 1000,
        "the pause is at least this times the time the last answer took"),
    NUM(MS, "politeness.max_delay", politeness.max_delay_ms, "60s", 0, DAY_,
        "most pause that slow answers can cause; Crawl-delay and Retry-After go beyond it"),
    NUM(INT, "politeness.connections_per_server", politeness.connections_per_server, "1", 1, 16,
        "requests in flight to one server address"),
    NUM(INT, "politeness.jitter_percent", politeness.jitter_percent, "20", 0, 100,
        "each pause grows by a random share up to this"),
    NUM(MS, "politeness.backoff", politeness.backoff_ms, "60s", 0, DAY_,
        "first back-off of a server that refuses without a Retry-After, and first wait before a "
        "URL "
        "is tried again; doubles to a day; under 10s only with allow_private"),
    {"politeness.hours", ZHI_OPT_HOURS, AT(politeness.hours), "00:00-24:00", 0, 0, NULL, false,
     "window of the day for requests, China Standard Time; may wrap midnight: 22:00-06:00"},

    NUM(INT, "budget.pages", budget.pages, "0", 0, INT64_MAX,
        "most requests of a crawl; 0 = no limit"),
    NUM(BYTES, "budget.bytes", budget.bytes, "0", 0, 1000 * TB_,
        "most bytes of answers of a crawl; 0 = no limit"),
    NUM(MS, "budget.time", budget.time_ms, "0", 0, 3650 * DAY_,
        "most time of a crawl; 0 = no limit"),
    NUM(INT, "budget.host_pages", budget.host_pages, "0", 0, INT64_MAX,
        "most requests to one host in a crawl; 0 = no limit"),
    NUM(BYTES, "budget.host_bytes", budget.host_bytes, "0", 0, 1000 * TB_,
        "most bytes of answers of one host in a crawl; 0 = no limit"),
    NUM(INT, "budget.list_pages", budget.list_pages, "3000", 1, 3000,
        "most pages asked for of one list"),
    NUM(BYTES, "budget.body_max", budget.body_max, "64MB", 1024, 100 * GB_,
        "a longer body is stored up to this, marked as truncated"),

    NUM(MS, "recrawl.lists", recrawl.lists_ms, "1d", 0, 3650 * DAY_,
        "portals and list pages again after this; 0s = in every crawl"),
    NUM(MS, "recrawl.documents_min", recrawl.documents_min_ms, "7d", 0, 3650 * DAY_,
        "documents again no sooner than this; 0s = in every crawl"),
    NUM(MS, "recrawl.documents_max", recrawl.documents_max_ms, "180d", 0, 3650 * DAY_,
        "documents again no later than this, however long unchanged"),

    NUM(MS, "http.connect_timeout", http.connect_timeout_ms, "30s", 1, HOUR_,
        "most time for name, connection and TLS"),
    NUM(MS, "http.head_timeout", http.head_timeout_ms, "60s", 1, HOUR_,
        "most time from the request to the end of the answer's head"),
    NUM(MS, "http.total_timeout", http.total_timeout_ms, "30m", 1, DAY_,
        "most time of one exchange"),
    NUM(BYTES, "http.low_speed", http.low_speed_bytes, "100B", 0, GB_,
        "a body that comes slower than this a second over low_speed_time is a timeout"),
    NUM(MS, "http.low_speed_time", http.low_speed_ms, "60s", 1, HOUR_, "see low_speed"),
    NUM(INT, "http.connections", http.connections, "256", 1, 10000,
        "requests in flight to all servers together"),
    NUM(INT, "http.retries", http.retries, "2", 0, 20,
        "further tries of a URL after a timeout, a server error or a failed connection"),
    NUM(BYTES, "http.body_memory", http.body_memory, "1MiB", 4096, GB_,
        "a longer body goes to a temporary file while it arrives"),
    WORD("http.tls", http.tls, "verify", tls_names,
         "record: fetch also from servers with a bad certificate or an old protocol, and record "
         "with each capture "
         "what is wrong"),

    BOOL("robots.nofollow", robots.nofollow, "false",
         "do not follow links marked nofollow (robots.txt itself is always obeyed)"),
    BOOL("robots.noindex", robots.noindex, "false", "leave pages marked noindex out of the index"),

    NUM(BYTES, "warc.max_bytes", warc.max_bytes, "1GB", MB_, 1000 * GB_,
        "begin a new WARC file after this"),
    NUM(INT, "warc.level", warc.level, "1", 1, 12, "gzip level of records"),
    {NULL, ZHI_OPT_STRING, 0, NULL, 0, 0, NULL, false, NULL},
};

struct check {
  const struct zhi_config *c;
  const struct zhi_option_marks *marks;
  struct zhi_err *e;
};

#define REFUSE(k, key, at, ...) zhi_option_fail(rows, (k)->marks, key, at, (k)->e, __VA_ARGS__)

static bool all_in(const char *s, const char *set) { return s[strspn(s, set)] == '\0'; }

/* "http://host…" or "https://host…" with something that can be a host. */
static bool is_web_address(const char *s) {
  struct zhi_str u = zhi_str_of(s);
  size_t skip = zhi_str_istarts(u, "http://") ? 7 : zhi_str_istarts(u, "https://") ? 8 : 0;
  if (!skip || u.len > ZHI_URL_MAX_BYTES)
    return false;
  size_t host = strcspn(s + skip, "/?#");
  if (host == 0 || s[skip] == ':' || s[skip] == '.')
    return false;
  for (size_t i = 0; i < u.len; i++)
    if ((unsigned char)s[i] <= ' ')
      return false;
  return memchr(s + skip, '@', host) == NULL;
}

static bool is_mail_address(const char *s) {
  struct zhi_str m = zhi_str_of(s);
  if (zhi_str_istarts(m, "mailto:"))
    s += 7;
  const char *at = strchr(s, '@');
  return at && at > s && at[1] && !strchr(at + 1, '@') && strchr(at + 1, '.') &&
         !strpbrk(s, " ()<>,;\"") && s[strlen(s) - 1] != '.' && at[1] != '.';
}

static enum zhi_code check_fields(const struct check *k) {
  const struct zhi_strings *f = &k->c->fields;
  for (size_t i = 0; i < f->n; i++) {
    struct zhi_err why = {0};
    if (zhi_override_check(zhi_str_of(f->key[i]), zhi_str_of(f->v[i]), &why))
      return REFUSE(k, "fields", &f->at[i], "%s", why.msg);
  }
  return ZHI_OK;
}

static enum zhi_code check_identity(const struct check *k) {
  const struct zhi_config *c = k->c;
  if (!all_in(c->cluster, "abcdefghijklmnopqrstuvwxyz0123456789-") || c->cluster[0] == '-')
    return REFUSE(k, "cluster", NULL, "'%.60s' is not made of a-z, 0-9 and hyphens", c->cluster);
  if (c->division_code[0] &&
      (strlen(c->division_code) != 6 || !all_in(c->division_code, "0123456789")))
    return REFUSE(k, "division_code", NULL, "'%.20s' is not six digits", c->division_code);
  if (c->operator_name[strspn(c->operator_name, " ")] == '\0')
    return REFUSE(k, "operator.name", NULL, "must not be blank");
  if (!is_web_address(c->operator_contact) && !is_mail_address(c->operator_contact))
    return REFUSE(k, "operator.contact", NULL,
                  "'%.80s' is neither an http(s) address nor a mail address", c->operator_contact);
  for (size_t i = 0; i < c->seeds.n; i++)
    if (!is_web_address(c->seeds.v[i]))
      return REFUSE(k, "seeds", &c->seeds.at[i], "'%.80s' is not an http or https address",
                    c->seeds.v[i]);
  return check_fields(k);
}

static enum zhi_code check_scope(const struct check *k) {
  const struct zhi_config *c = k->c;
  for (size_t i = 0; i < c->scope.domains.n; i++) {
    const char *d = c->scope.domains.v[i];
    if (strpbrk(d, "/:?#@* ") && d[0] != '[')
      return REFUSE(k, "scope.domains", &c->scope.domains.at[i],
                    "'%.80s' is not a host name: leave out scheme, port, path and wildcards", d);
  }
  for (size_t i = 0; i < c->scope.include_paths.n; i++)
    if (c->scope.include_paths.v[i][0] != '/')
      return REFUSE(k, "scope.include_paths", &c->scope.include_paths.at[i],
                    "'%.80s' does not begin with a slash", c->scope.include_paths.v[i]);
  const struct zhi_strings *lists[] = {&c->scope.exclude, &c->scope.allow};
  const char *const names[] = {"scope.exclude", "scope.allow"};
  for (size_t l = 0; l < 2; l++)
    for (size_t i = 0; i < lists[l]->n; i++) {
      const char *p = lists[l]->v[i];
      if (p[0] != '/' && p[0] != '*' && strncmp(p, "http", 4) != 0)
        return REFUSE(k, names[l], &lists[l]->at[i], "'%.80s' begins neither with /, * nor http",
                      p);
    }
  return ZHI_OK;
}

static enum zhi_code check_limits(const struct check *k) {
  const struct zhi_config *c = k->c;
  if (c->politeness.min_delay_ms < LEAST_POLITE_DELAY_MS && !c->allow_private)
    return REFUSE(k, "politeness.min_delay", NULL,
                  "under 500ms is refused; only with allow_private: true, on one's own machine");
  if (c->politeness.backoff_ms < 10000 && !c->allow_private)
    return REFUSE(k, "politeness.backoff", NULL, "is under 10s: only with allow_private");
  if (c->politeness.max_delay_ms < c->politeness.min_delay_ms)
    return REFUSE(k, "politeness.max_delay", NULL, "is under politeness.min_delay");
  if (c->recrawl.documents_max_ms < c->recrawl.documents_min_ms)
    return REFUSE(k, "recrawl.documents_max", NULL, "is under recrawl.documents_min");
  if (c->http.total_timeout_ms < c->http.head_timeout_ms)
    return REFUSE(k, "http.total_timeout", NULL, "is under http.head_timeout");
  if (c->budget.body_max < c->http.body_memory &&
      zhi_option_given(rows, k->marks, "http.body_memory"))
    return REFUSE(k, "http.body_memory", NULL, "is over budget.body_max");
  return ZHI_OK;
}

/* One row of connect_to, cut into its four parts; views into the text. */
struct target {
  struct zhi_str host, to_host;
  uint16_t port, to_port; /* 0 = any / the same */
};

/* Up to the next colon, brackets respected; *rest moves past it (NULL view at the end). */
static bool host_part(struct zhi_str *rest, struct zhi_str *host) {
  if (rest->len && rest->p[0] == '[') {
    const char *close = memchr(rest->p, ']', rest->len);
    if (!close)
      return false;
    size_t len = (size_t)(close - rest->p) + 1;
    *host = zhi_str_n(rest->p + 1, len - 2);
    if (host->len == 0 || !memchr(host->p, ':', host->len) || len >= rest->len ||
        rest->p[len] != ':')
      return false;
    *rest = zhi_str_sub(*rest, len + 1, rest->len);
    return true;
  }
  *host = zhi_str_cut(rest, ':');
  return rest->p != NULL;
}

static bool port_part(struct zhi_str s, uint16_t *port) {
  unsigned long long v = 0;
  *port = 0;
  if (s.len == 0)
    return true;
  if (!zhi_str_u64(s, 65535, &v) || v == 0)
    return false;
  *port = (uint16_t)v;
  return true;
}

static bool parse_target(const char *text, struct target *t) {
  struct zhi_str rest = zhi_str_of(text);
  if (!host_part(&rest, &t->host) || !port_part(zhi_str_cut(&rest, ':'), &t->port) || !rest.p)
    return false;
  return host_part(&rest, &t->to_host) && port_part(rest, &t->to_port);
}

static enum zhi_code check_connect_to(const struct check *k) {
  const struct zhi_strings *l = &k->c->connect_to;
  for (size_t i = 0; i < l->n; i++) {
    struct target t;
    if (!parse_target(l->v[i], &t) || strpbrk(l->v[i], " /@"))
      return REFUSE(
          k, "connect_to", &l->at[i],
          "'%.80s' is not HOST:PORT:TO-HOST:TO-PORT (IPv6 in brackets, parts may be empty)",
          l->v[i]);
  }
  return ZHI_OK;
}

static struct zhi_str without_brackets(struct zhi_str h) {
  return h.len > 2 && h.p[0] == '[' && h.p[h.len - 1] == ']' ? zhi_str_n(h.p + 1, h.len - 2) : h;
}

bool zhi_connect_to_match(const struct zhi_config *c, struct zhi_str host, uint16_t port,
                          struct zhi_str *to_host, uint16_t *to_port) {
  struct zhi_str own = without_brackets(host);
  *to_host = own;
  *to_port = port;
  for (size_t i = 0; i < c->connect_to.n; i++) {
    struct target t;
    if (!parse_target(c->connect_to.v[i], &t))
      continue;
    if ((t.host.len && !zhi_str_ieq(t.host, own)) || (t.port && t.port != port))
      continue;
    if (t.to_host.len)
      *to_host = t.to_host;
    if (t.to_port)
      *to_port = t.to_port;
    return true;
  }
  return false;
}

static enum zhi_code finish(struct zhi_config *c, const char *file, struct zhi_err *e) {
  c->file = strdup(file);
  if (c->file && !c->archive[0]) {
    struct zhi_buf b;
    zhi_buf_init(&b, 256);
    zhi_buf_addf(&b, "archives/%s", c->cluster);
    free(c->archive);
    c->archive = zhi_buf_take(&b);
  }
  if (!c->file || !c->archive)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for the config");
  return ZHI_OK;
}

enum zhi_code zhi_config_parse(struct zhi_str text, const char *file, struct zhi_config **out,
                               struct zhi_err *e) {
  struct zhi_option_marks marks = {0};
  struct zhi_config *c = calloc(1, sizeof *c);
  if (!c)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for the config");
  enum zhi_code rc = zhi_option_load(rows, text, file, c, &marks, e);
  if (rc) {
    free(c);
    return rc;
  }
  const struct check k = {c, &marks, e};
  if (!(rc = check_identity(&k)) && !(rc = check_scope(&k)) && !(rc = check_limits(&k)) &&
      !(rc = check_connect_to(&k)))
    rc = finish(c, file, e);
  zhi_option_marks_release(&marks);
  if (rc) {
    zhi_config_free(c);
    return rc;
  }
  *out = c;
  return ZHI_OK;
}

enum zhi_code zhi_config_load(const char *path, struct zhi_config **out, struct zhi_err *e) {
  struct zhi_buf b;
  enum zhi_code rc = zhi_read_file(path, CONFIG_MAX_BYTES, &b, e);
  if (!rc)
    rc = zhi_config_parse(zhi_buf_view(&b), path, out, e);
  zhi_buf_release(&b);
  return rc;
}

void zhi_config_free(struct zhi_config *c) {
  if (!c)
    return;
  zhi_option_release(rows, c);
  free(c->file);
  free(c);
}

enum zhi_code zhi_config_extractor(const struct zhi_config *c, struct zhi_extractor *x,
                                   struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  zhi_extractor_division(x, zhi_str_of(c->division_code), zhi_str_of(c->division_name));
  for (size_t i = 0; i < c->fields.n && rc == ZHI_OK; i++)
    rc = zhi_extractor_override(x, zhi_str_of(c->fields.key[i]), zhi_str_of(c->fields.v[i]), e);
  return rc;
}

enum zhi_code zhi_config_extractor_json(struct zhi_str json, struct zhi_extractor *x,
                                        struct zhi_err *e) {
  json_error_t why;
  const char *name;
  json_t *value, *c = json_loadb(json.p ? json.p : "", json.len, 0, &why);
  enum zhi_code rc = ZHI_OK;
  if (!c && json.len)
    return zhi_fail(e, ZHI_EPARSE, "the archive's config is not JSON: %s", why.text);
  zhi_extractor_division(x, zhi_str_of(json_string_value(json_object_get(c, "division_code"))),
                         zhi_str_of(json_string_value(json_object_get(c, "division_name"))));
  json_object_foreach(json_object_get(c, "fields"), name, value) {
    if (rc == ZHI_OK && json_is_string(value))
      rc = zhi_extractor_override(x, zhi_str_of(name), zhi_str_of(json_string_value(value)), e);
  }
  json_decref(c);
  return rc;
}

json_t *zhi_config_json(const struct zhi_config *c) { return zhi_option_json(rows, c); }

void zhi_config_markdown(struct zhi_buf *out) {
  zhi_buf_adds(
      out, "# Config\n\n"
           "Generated from the option table in `crawler/config.c`; the unit tests check that it is "
           "current and say how to renew it.\n\n"
           "A config is YAML. An unknown key, a wrong type or unit, a value out of range and a "
           "missing required key are errors that name file, line and column. Durations take "
           "`ms s m h d`, sizes `B KB MB GB TB KiB MiB GiB TiB`; 0 needs no unit. A complete "
           "example with comments is `config/yongcheng.yaml`.\n");
  zhi_option_markdown(rows, out);
}

/* Printable ASCII without what would end a comment in a header. */
static void header_text(struct zhi_buf *out, const char *s) {
  for (; *s; s++) {
    unsigned char ch = (unsigned char)*s;
    if (ch < 0x20 || ch >= 0x7f || ch == '(' || ch == ')' || ch == '\\')
      zhi_buf_addf(out, "%%%02X", ch);
    else
      zhi_buf_addc(out, *s);
  }
}

void zhi_user_agent(const struct zhi_config *c, struct zhi_buf *out) {
  struct zhi_str rest = ZHI_STR(ZHI_VERSION), major = zhi_str_cut(&rest, '.');
  struct zhi_str minor = rest.p ? zhi_str_cut(&rest, '.') : ZHI_STR("0");
  zhi_buf_addf(out, ZHI_ROBOTS_TOKEN "/%.*s.%.*s (+", ZHI_STR_ARGS(major), ZHI_STR_ARGS(minor));
  header_text(out, c->operator_contact);
  zhi_buf_adds(out, "; ");
  header_text(out, c->operator_name);
  zhi_buf_addc(out, ')');
}
