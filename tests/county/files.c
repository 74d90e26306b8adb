/* What is not a page: robots.txt sitemaps, style sheets, scripts, images, attachments. */
#define ZLIB_CONST
#include <zlib.h>

#include "tests/county/county.h"

void gzip_add(struct zhi_buf *to, struct zhi_str data) {
  z_stream z = {0};
  if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return;
  size_t bound = deflateBound(&z, data.len);
  if (zhi_buf_reserve(to, bound)) {
    z.next_in = (const Bytef *)data.p;
    z.avail_in = (uInt)data.len;
    z.next_out = (Bytef *)to->p + to->len;
    z.avail_out = (uInt)bound;
    deflate(&z, Z_FINISH);
    to->len += z.total_out;
  }
  deflateEnd(&z);
}

bool host_has_sitemap(const struct county *c, const struct host *h) {
  return h->kind == HOST_SITE && h->robots == ROBOTS_ALLOW && c->o.scenario != SCENARIO_BENCH;
}

bool host_closes_private(const struct host *h) {
  return h->robots == ROBOTS_DISALLOW || h->robots == ROBOTS_GROUPS || h->robots == ROBOTS_HUGE ||
         h->robots == ROBOTS_REDIRECT;
}

/* --- robots.txt -------------------------------------------------------------------------------- */

static void robots_rules(const struct county *c, const struct host *h, struct zhi_buf *b) {
  static const char rules[] = "Disallow: /private/\nAllow: /private/public.html\n"
                              "Disallow: /*.bak$\n";
  if (h->robots == ROBOTS_GROUPS)
    zhi_buf_addf(b, "User-agent: *\nDisallow: /\n\nUser-agent: xianzhi\n%s", rules);
  else if (host_closes_private(h))
    zhi_buf_addf(b, "# %s\nUser-agent: *\n%s", h->name, rules);
  else
    zhi_buf_addf(b, "User-agent: *\nDisallow:%s\n",
                 county_has_traps(c) && h->first_site == 0 ? " /closed/" : "");
  if (h->robots == ROBOTS_SLOW)
    zhi_buf_adds(b, "Crawl-delay: 1\n");
  if (host_has_sitemap(c, h))
    zhi_buf_addf(b, "\nSitemap: http://%s/sitemap.xml\n", h->name);
  while (h->robots == ROBOTS_HUGE && b->len < 700 * 1024)
    zhi_buf_adds(b, "# 本文件由系统自动生成，请勿手工修改；下列目录由各单位自行维护\n");
}

static bool robots_answer(struct county *c, const struct host *h, const struct request *q,
                          struct reply *r) {
  bool moved = h->robots == ROBOTS_REDIRECT && zhi_str_is(q->path, "/site/robots-real.txt");
  if (!moved && !zhi_str_is(q->path, "/robots.txt"))
    return false;
  if (h->robots == ROBOTS_NONE) {
    reply_not_found(r, q);
  } else if (h->robots == ROBOTS_ERROR) {
    reply_send(r, q, 500, "text/plain", NULL, ZHI_STR("error\n"));
  } else if (h->robots == ROBOTS_REDIRECT && !moved) {
    reply_redirect(r, q, 301, "/site/robots-real.txt");
  } else {
    robots_rules(c, h, &c->body);
    reply_send(r, q, 200, "text/plain; charset=utf-8", NULL, zhi_buf_view(&c->body));
  }
  return true;
}

/* --- sitemaps ---------------------------------------------------------------------------------- */

static void url_set(const struct county *c, const struct host *h, unsigned from,
                    struct zhi_buf *b) {
  const struct site *s = &c->sites[h->first_site];
  struct page p = {b, &c->pool, false};
  zhi_buf_adds(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
  if (from == 0)
    zhi_buf_addf(b, "<url><loc>http://%s/orphan.html</loc></url>\n", h->name);
  for (unsigned i = from; i < s->docs && i < from + SITEMAP_DOCS; i++) {
    struct brief d;
    doc_brief(s, i, &d);
    zhi_buf_addf(b, "<url><loc>http://%s", h->name);
    page_escaped(&p, d.path);
    zhi_buf_addf(b, "</loc><lastmod>%04d-%02d-%02d</lastmod></url>\n", d.y, d.m, d.d);
  }
  zhi_buf_adds(b, "</urlset>\n");
}

static bool sitemap_answer(struct county *c, const struct host *h, const struct request *q,
                           struct reply *r) {
  if (!host_has_sitemap(c, h))
    return false;
  if (zhi_str_is(q->path, "/sitemap.xml")) {
    zhi_buf_addf(&c->body,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex xmlns=\""
                 "http://www.sitemaps.org/schemas/sitemap/0.9\">\n<sitemap><loc>http://%s/"
                 "sitemap_1.xml</loc></sitemap>\n<sitemap><loc>http://%s/sitemap_2.xml.gz</loc>"
                 "</sitemap>\n</sitemapindex>\n",
                 h->name, h->name);
    reply_send(r, q, 200, "application/xml", NULL, zhi_buf_view(&c->body));
  } else if (zhi_str_is(q->path, "/sitemap_1.xml")) {
    url_set(c, h, 0, &c->body);
    reply_send(r, q, 200, "text/xml", NULL, zhi_buf_view(&c->body));
  } else if (zhi_str_is(q->path, "/sitemap_2.xml.gz")) {
    zhi_buf_clear(&c->scratch);
    url_set(c, h, SITEMAP_DOCS, &c->scratch);
    gzip_add(&c->body, zhi_buf_view(&c->scratch));
    reply_send(r, q, 200, "application/x-gzip", NULL, zhi_buf_view(&c->body));
  } else if (zhi_str_is(q->path, "/orphan.html")) {
    small_page(&c->body, "只在网站地图里的页面", "<p>没有任何网页链接到这里。</p>");
    reply_send(r, q, 200, "text/html; charset=utf-8", NULL, zhi_buf_view(&c->body));
  } else {
    return false;
  }
  return true;
}

/* --- requisites -------------------------------------------------------------------------------- */

static void noise(struct zhi_buf *b, uint64_t key, size_t bytes) {
  struct rng r = {key};
  while (bytes >= 8) {
    uint64_t v = rng_next(&r);
    zhi_buf_add(b, &v, sizeof v);
    bytes -= 8;
  }
}

static bool requisite_answer(struct county *c, const struct host *h, const struct request *q,
                             struct reply *r) {
  static const struct {
    const char *path, *type, *body;
    unsigned noise;
  } table[] = {
      {"/css/main.css", "text/css",
       "@charset \"utf-8\";\n@import url(\"extra.css\");\n"
       ".top{background:url(../images/top-bg.png) no-repeat}\n.menu li{float:left}\n",
       0},
      {"/css/extra.css", "text/css", ".foot{background-image:url('../images/foot-bg.png')}\n", 0},
      {"/js/common.js", "application/javascript",
       "function addFavorite(){return false;}\nfunction doZoom(n){return n;}\n", 0},
      {"/images/logo.png", "image/png", "\x89PNG\r\n\x1a\n", 3000},
      {"/images/top-bg.png", "image/png", "\x89PNG\r\n\x1a\n", 800},
      {"/images/foot-bg.png", "image/png", "\x89PNG\r\n\x1a\n", 800},
      {"/images/banner-bg.png", "image/png", "\x89PNG\r\n\x1a\n", 800},
      {"/images/banner-1x.jpg", "image/jpeg", "\xFF\xD8\xFF\xE0", 4000},
      {"/images/banner-2x.jpg", "image/jpeg", "\xFF\xD8\xFF\xE0", 9000},
      {"/favicon.ico", "image/x-icon", "", 600},
  };
  for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
    if (!zhi_str_is(q->path, table[i].path))
      continue;
    bool plain = i == 0 && c->o.scenario == SCENARIO_BENCH;
    zhi_buf_adds(&c->body, plain ? ".menu li{float:left}\n" : table[i].body);
    noise(&c->body, mix64(c->sites[h->first_site].key + i), table[i].noise);
    reply_send(r, q, 200, table[i].type, NULL, zhi_buf_view(&c->body));
    return true;
  }
  return false;
}

bool files_answer(struct county *c, const struct host *h, const struct request *q,
                  struct reply *r) {
  return robots_answer(c, h, q, r) || sitemap_answer(c, h, q, r) || requisite_answer(c, h, q, r);
}

/* --- attachments ------------------------------------------------------------------------------- */

void attachment_answer(struct county *c, const struct brief *b, unsigned k, const struct request *q,
                       struct reply *r) {
  static const struct {
    const char *type, *mime, *magic;
    size_t magic_len;
  } kinds[] = {{"pdf", "application/pdf", "%PDF-1.4\n", 9},
               {"doc", "application/msword", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8},
               {"xls", "application/vnd.ms-excel", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8},
               {"zip", "application/zip", "PK\x03\x04\x14\x00", 6},
               {"docx", "application/octet-stream", "PK\x03\x04\x14\x00", 6},
               {"xlsx", "application/octet-stream", "PK\x03\x04\x14\x00", 6},
               {"jpg", "image/jpeg", "\xFF\xD8\xFF\xE0", 4}};
  const char *type = doc_file_type(b, k);
  unsigned i = 0;
  while (i + 1 < sizeof kinds / sizeof *kinds && strcmp(kinds[i].type, type) != 0)
    i++;
  char extra[128] = "";
  if (zhi_str_find(q->target, ZHI_STR("downfile.jsp")))
    text_set(extra, sizeof extra, "Content-Disposition: attachment; filename=\"%u_%u.%s\"\r\n",
             b->id, k, type);
  zhi_buf_add(&c->body, kinds[i].magic, kinds[i].magic_len);
  noise(&c->body, mix64(b->key + k), 2000 + (size_t)(b->key >> 40) % 18000);
  if (i == 0)
    zhi_buf_adds(&c->body, "\n%%EOF\n");
  reply_send(r, q, 200, kinds[i].mime, extra[0] ? extra : NULL, zhi_buf_view(&c->body));
}
