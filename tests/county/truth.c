/* The ground truth, one JSON object a line, and a crawl config to match. README.md has the format.
 *
 * Written from the same functions that answer requests, before the first request comes. */
#include <stdlib.h>
#include <unistd.h>

#include "tests/county/county.h"

static void url_line(FILE *f, const struct host *h, const char *path, const char *kind) {
  fprintf(f, "{\"url\":\"http://%s%s\",\"must\":true,\"kind\":\"%s\"}\n", h->name, path, kind);
}

static const char *shut(const struct host *h) {
  return h->robots == ROBOTS_ERROR ? "false,\"why\":\"robots\"" : "true";
}

static void fields(FILE *f, const struct facts *d) {
  struct shape_rows rows = shape_rows(d->b.site->shape);
  bool on_page[F_COUNT] = {false};
  on_page[F_TITLE] = on_page[F_SITE_ID_CODE] = true;
  for (unsigned i = 0; rows.block && rows.block[i].label; i++)
    on_page[rows.block[i].field] = true;
  for (unsigned i = 0; rows.inline_ && rows.inline_[i].label; i++)
    on_page[rows.inline_[i].field] = true;
  if (rows.meta)
    on_page[F_DATE_PUBLISHED] = on_page[F_SOURCE] = on_page[F_KEYWORDS] = on_page[F_AUTHOR] =
        on_page[F_ABSTRACT] = on_page[F_SITE_NAME] = on_page[F_COLUMN_NAME] = true;
  fprintf(f, ",\"title\":");
  json_string(f, d->b.title);
  fprintf(f, ",\"fields\":{");
  const char *comma = "";
  for (unsigned i = 0; i < F_COUNT; i++) {
    if (!on_page[i])
      continue;
    fprintf(f, "%s\"%s\":", comma, field_names[i]);
    json_string(f, d->norm[i]);
    comma = ",";
  }
  fprintf(f, "},\"free\":[%s%s%s\"views\"]", on_page[F_DATE_WRITTEN] ? "" : "\"date_written\",",
          rows.meta ? "" : "\"site_name\",\"column_name\",", rows.meta ? "" : "\"keywords\",");
}

static void document(const struct county *c, FILE *f, const struct site *s, unsigned doc) {
  struct facts d;
  char path[PATH_MAX_BYTES];
  doc_facts(c, s, doc, &d);
  bool gone = d.change == CHANGE_REMOVED || d.change == CHANGE_GONE;
  bool scripted = d.b.column->scripted && doc - d.b.column->first >= s->rows;
  fprintf(f,
          "{\"url\":\"http://%s%s\",\"must\":%s,\"kind\":\"document\",\"shape\":\"%s\","
          "\"charset\":\"%s\"",
          s->host->name, d.b.path, shut(s->host), shape_names[s->shape], s->gbk ? "gbk" : "utf-8");
  if (scripted)
    fprintf(f, ",\"needs\":\"adapter:hanweb\"");
  if (d.change == CHANGE_REMOVED || d.change == CHANGE_EDITED)
    fprintf(f, ",\"change\":\"%s\"", d.change == CHANGE_EDITED ? "edited" : "removed");
  if (gone) {
    fprintf(f, ",\"status\":404}\n");
    return;
  }
  fields(f, &d);
  fprintf(f, ",\"body_head\":");
  json_string(f, d.head);
  fprintf(f, ",\"body_tail\":");
  json_string(f, d.tail);
  fprintf(f, ",\"attachments\":[");
  for (unsigned k = 0; k < d.attachments; k++) {
    doc_file_path(&d.b, k, path);
    fprintf(f, "%s\"http://%s%s\"", k ? "," : "", s->host->name, path);
  }
  fprintf(f, "]}\n");
  for (unsigned k = 0; k < d.attachments + d.images; k++) {
    unsigned n = k < d.attachments ? k : 8 + k - d.attachments;
    doc_file_path(&d.b, n, path);
    fprintf(f, "{\"url\":\"http://%s%s\",\"must\":%s,\"kind\":\"%s\"%s}\n", s->host->name, path,
            shut(s->host), n < 8 ? "attachment" : "requisite",
            scripted ? ",\"needs\":\"adapter:hanweb\"" : "");
  }
}

static void lists(FILE *f, const struct site *s) {
  char path[PATH_MAX_BYTES];
  for (unsigned i = 0; i < s->column_count; i++) {
    const struct column *col = &s->columns[i];
    unsigned pages = column_pages(s, col);
    for (unsigned k = 1; k <= pages; k++) {
      list_path(s, col, k, path);
      fprintf(f,
              "{\"url\":\"http://%s%s\",\"must\":%s,\"kind\":\"list\",\"shape\":\"%s\",\"column\":",
              s->host->name, path, shut(s->host), shape_names[s->shape]);
      json_string(f, col->name);
      fprintf(f, ",\"page\":%u,\"pages\":%u,\"declared\":%u,\"total\":%u,\"scripted\":%s}\n", k,
              pages, column_groups(s, col), col->count, col->scripted ? "true" : "false");
    }
  }
}

/* robots.txt, sitemaps, requisites and closed pages of a host. */
static void host_files(const struct county *c, FILE *f, const struct host *h) {
  static const char *const files[] = {"/css/main.css",         "/js/common.js",
                                      "/images/logo.png",      "/css/extra.css",
                                      "/images/top-bg.png",    "/images/foot-bg.png",
                                      "/images/banner-bg.png", "/images/banner-1x.jpg",
                                      "/images/banner-2x.jpg", "/favicon.ico"};
  fprintf(f,
          "{\"url\":\"http://%s/robots.txt\",\"must\":true,\"kind\":\"robots\",\"robots\":\"%s\","
          "\"status\":%d}\n",
          h->name, robots_names[h->robots],
          h->robots == ROBOTS_NONE       ? 404
          : h->robots == ROBOTS_ERROR    ? 500
          : h->robots == ROBOTS_REDIRECT ? 301
                                         : 200);
  unsigned n = c->o.scenario == SCENARIO_BENCH ? 3 : sizeof files / sizeof *files;
  for (unsigned i = 0; i < n; i++)
    fprintf(f, "{\"url\":\"http://%s%s\",\"must\":%s,\"kind\":\"requisite\"}\n", h->name, files[i],
            shut(h));
  if (host_has_sitemap(c, h)) {
    url_line(f, h, "/sitemap.xml", "sitemap");
    url_line(f, h, "/sitemap_1.xml", "sitemap");
    url_line(f, h, "/sitemap_2.xml.gz", "sitemap");
    fprintf(f,
            "{\"url\":\"http://%s/"
            "orphan.html\",\"must\":true,\"kind\":\"page\",\"needs\":\"sitemap\"}\n",
            h->name);
  }
  if (host_closes_private(h) && c->o.scenario != SCENARIO_BENCH) {
    fprintf(f, "{\"url\":\"http://%s/private/1.html\",\"must\":false,\"why\":\"robots\"}\n",
            h->name);
    url_line(f, h, "/private/public.html", "page");
  }
}

static void hosts(const struct county *c, FILE *f) {
  for (unsigned i = 0; i < c->host_count; i++) {
    const struct host *h = &c->hosts[i];
    if (h->kind == HOST_SITE) {
      host_files(c, f, h);
      if (county_has_traps(c))
        for (unsigned k = 0; h->first_site && k < 4; k++)
          fprintf(f, "{\"prefix\":\"http://%s%s\",\"must\":false,\"why\":\"%s\",\"max\":0}\n",
                  h->name, (const char *[]){"/search", "/login", "/user/", "/print"}[k],
                  (const char *[]){"search", "login", "login", "print"}[k]);
    } else if (h->kind == HOST_MOBILE) {
      fprintf(f, "{\"prefix\":\"http://%s/\",\"must\":false,\"why\":\"mobile\",\"max\":0}\n",
              h->name);
    } else if (h->kind == HOST_OUTSIDE && strncmp(h->name, "files.", 6) != 0) {
      fprintf(f, "{\"prefix\":\"http://%s/\",\"must\":false,\"why\":\"off_scope\",\"max\":0}\n",
              h->name);
    }
  }
}

static void write_all(const struct county *c, FILE *f) {
  if (c->families) {
    families_truth(c, f);
    return;
  }
  hosts(c, f);
  for (unsigned i = 0; i < c->site_count; i++) {
    const struct site *s = &c->sites[i];
    char home[64];
    text_set(home, sizeof home, "%s/", s->prefix);
    fprintf(f, "{\"url\":\"http://%s%s\",\"must\":%s,\"kind\":\"home\",\"shape\":\"%s\"}\n",
            s->host->name, home, shut(s->host), shape_names[s->shape]);
    if (site_has_gbk_query(c, s))
      fprintf(f, "{\"url\":\"http://%s%s%s\",\"must\":%s,\"kind\":\"page\"}\n", s->host->name,
              s->prefix, GBK_QUERY, shut(s->host));
    if (s->shape == SHAPE_HANWEB)
      fprintf(f,
              "{\"prefix\":\"http://%s%s" DATAPROXY "\",\"must\":null,\"why\":\"list_script\"}\n",
              s->host->name, s->prefix);
    lists(f, s);
    for (unsigned k = 0; k < s->docs; k++)
      document(c, f, s, k);
  }
  if (county_has_traps(c))
    trap_truth(c, f);
  if (c->o.scenario == SCENARIO_FAULTS)
    fault_truth(c, f);
}

bool truth_write(const struct county *c, const char *path) {
  FILE *f = fopen(path, "w");
  if (!f)
    return false;
  write_all(c, f);
  bool ok = !ferror(f);
  return fclose(f) == 0 && ok;
}

bool config_write(const struct county *c, const char *path) {
  FILE *f = fopen(path, "w");
  if (!f)
    return false;
  fprintf(f,
          "# The simulated county, as a crawl config\ncluster: qinglan\nname: " COUNTY_NAME "\n"
          "division_code: \"" COUNTY_DIVISION "\"\n"
          "operator: { name: \"County test\", contact: \"https://example.org/bot\" }\n"
          "seeds: [ \"http://www." COUNTY_DOMAIN "/\" ]\n"
          "scope:\n  domains: [ " COUNTY_DOMAIN " ]\n"
          "politeness: { min_delay: 0s, factor: 0, connections_per_server: %u }\n",
          c->o.connections);
  if (c->o.scenario == SCENARIO_FAULTS)
    fprintf(f, "budget: { body_max: %uKB }\n", c->o.cap_kib);
  fprintf(f, "connect_to:\n");
  for (unsigned i = 0; i < c->host_count; i++) {
    char address[16];
    bool refused = strcmp(c->hosts[i].name, "refused.fault." COUNTY_DOMAIN) == 0;
    if (c->o.addresses == 1 && !c->families && !refused)
      continue;
    host_address_text(&c->hosts[i], address);
    fprintf(f, "  - \"%s::%s:%u\"\n", c->hosts[i].name, address,
            refused ? 1 : c->o.port); /* port 1: nobody listens */
  }
  fprintf(f, "  - \"::127.0.0.1:%u\"\nallow_private: true\n", c->o.port);
  if (c->o.archive)
    fprintf(f, "archive: %s\n", c->o.archive);
  bool ok = !ferror(f);
  return fclose(f) == 0 && ok;
}
