/* What is no content: pages that are gone and say so with 200, and products that refuse. */
#include "tests/county/families/families.h"

/* --- soft 404: what a department answers to an address it does not know -------------------------- */

enum missing { MISSING_404, MISSING_TEXT, MISSING_HOME, MISSING_BUILDING, MISSING_REDIRECT, WAYS };

static enum missing way(const struct fsite *s) { return (enum missing)(s->no % WAYS); }

const char *odd_gone_path(const struct fsite *s) {
  return way(s) == MISSING_404 ? NULL : "/zt/2019/index.html";
}

void odd_site_link(const struct fsite *s, struct page *p) {
  if (odd_gone_path(s))
    page_textf(p, "<p><a href=\"%s\">专题专栏</a></p>\n", odd_gone_path(s));
}

void odd_missing(struct county *c, const struct fsite *s, const struct request *q,
                 struct reply *r) {
  zhi_buf_clear(&c->body);
  struct page p = {&c->body, &c->pool, s->family->gbk};
  switch (way(s)) {
  case MISSING_TEXT:
    small_page(&c->body, "提示信息", "<p>对不起，您访问的页面不存在或已被删除！</p>");
    reply_send(r, q, 200, "text/html; charset=utf-8", NULL, zhi_buf_view(&c->body));
    return;
  case MISSING_BUILDING:
    small_page(&c->body, s->name, "<p>该栏目正在建设中，敬请期待……</p>");
    reply_send(r, q, 200, "text/html; charset=utf-8", NULL, zhi_buf_view(&c->body));
    return;
  case MISSING_HOME:
    fam_home(s, &p);
    reply_send(r, q, 200, s->family->gbk ? "text/html" : "text/html; charset=utf-8", NULL,
               zhi_buf_view(&c->body));
    return;
  case MISSING_REDIRECT: reply_redirect(r, q, 302, "/"); return;
  default: reply_not_found(r, q);
  }
}

/* --- refusals ---------------------------------------------------------------------------------- */

static const struct refusal {
  const char *label, *product, *headers, *body;
  int status;
} refusals[] = {
    {"gxs", "ruishu", "Set-Cookie: kQ2xWvT9sYzAS=60abc; path=/; HttpOnly\r\n",
     "<!DOCTYPE html><html><head><meta id=\"9DhefwqGPrzGxEp9hPaoag\" content=\"{qqc1kq_Zl3WvN8hTq7"
     "rYbF0m4sXaU6dE2oPnLgKjHiCwB5tR9yVzMxQeSuDf\" "
     "r=\"m\"><script>$_ts=window['$_ts'];if(!$_ts)$_ts="
     "{};$_ts.nsd=50321;$_ts.cd=\"qEAxrrqcc\";if($_ts.lcd)$_ts.lcd();</script><script "
     "charset=\"iso-"
     "8859-1\" src=\"/rs4Qk2/c8XtZ.9d37a.js\"></script></head><body></body></html>",
     412},
    {"lyfj", "jiasule",
     "Set-Cookie: __jsluid_h=1f0c2d3e4b5a69788796a5b4c3d2e1f0; path=/; HttpOnly\r\n",
     "<script>document.cookie=('_')+('_')+('j')+('s')+('l')+('_')+'clearance=1606.1|-1|abc;max-age="
     "3600;path=/';location.href=location.pathname+location.search</script>",
     521},
    {"qxj", "wzws", "Set-Cookie: wzws_sessionid=gDQxNDk5OQ==; path=/; HttpOnly\r\n",
     "<html><head><noscript><title>请开启JavaScript并刷新该页.</title></"
     "noscript><script>eval(function"
     "(p,a,c,k,e,d){return p}('0 1=2',3,3,'var|wzws_confirm|cid'.split('|'),0,{}));</script></head>"
     "<body></body></html>",
     200},
    {"nyzx", "yundun", "Set-Cookie: acw_tc=2f624a;path=/;HttpOnly\r\n",
     "<html><script>var arg1='8A1D0C5B7E4F2A3960B1C2D3E4F50617';function "
     "setCookie(name,value){document"
     ".cookie=name+'='+value;}function "
     "reload(x){setCookie('acw_sc__v2',x);document.location.reload();}"
     "</script></html>",
     200},
    {"yzj", "safedog", "", /* a firewall that counts visits */
     "<!DOCTYPE html><html><head><meta "
     "charset=\"utf-8\"><title>访问拦截</title></head><body><p>您的访问"
     "被阻断，可能是您的访问行为异常。</p><p>事件编号：20201230-41</p></body></html>",
     200},
    {"dzj", "baota", "",
     "<!doctype html><html><head><meta "
     "charset=\"utf-8\"><title>宝塔网站防火墙</title></head><body><h1>"
     "您的请求带有不合法参数，已被网站管理员设置拦截！</h1></body></html>",
     403},
};
enum { REFUSALS = sizeof refusals / sizeof *refusals, ODD_BASE = 2000 };

#define COOKIE_LABEL "gaj"

unsigned odd_hosts(struct county *c) {
  for (unsigned i = 0; i <= REFUSALS; i++) {
    struct host *h = &c->hosts[c->host_count++];
    *h = (struct host){.kind = HOST_FAMILY, .address = 256 + i + 1, .first_site = ODD_BASE + i};
    text_set(h->name, HOST_MAX, "%s." COUNTY_DOMAIN,
             i < REFUSALS ? refusals[i].label : COOKIE_LABEL);
  }
  return REFUSALS + 1;
}

bool odd_answer(struct county *c, const struct host *h, const struct request *q, struct reply *r) {
  if (h->first_site < ODD_BASE)
    return false;
  if (zhi_str_is(q->path, "/robots.txt")) {
    reply_not_found(r, q);
    return true;
  }
  if (h->first_site < ODD_BASE + REFUSALS) {
    const struct refusal *f = &refusals[h->first_site - ODD_BASE];
    reply_send(r, q, f->status, "text/html; charset=utf-8", f->headers, zhi_str_of(f->body));
    return true;
  }
  if (!q->cookie.p || !zhi_str_find(q->cookie, ZHI_STR("C3VK=a1b2c3"))) {
    char extra[200];
    text_set(extra, sizeof extra, "Location: %.*s\r\nSet-Cookie: C3VK=a1b2c3; path=/; HttpOnly\r\n",
             (int)(q->target.len < 100 ? q->target.len : 100), q->target.p);
    reply_send(r, q, 302, "text/html", extra, ZHI_STR(""));
    return true;
  }
  if (!zhi_str_is(q->target, "/")) {
    reply_not_found(r, q);
    return true;
  }
  small_page(&c->body, COUNTY_NAME "公安局", "<p>带回 Cookie 才能打开的首页。</p>");
  reply_send(r, q, 200, "text/html; charset=utf-8", NULL, zhi_buf_view(&c->body));
  return true;
}

void odd_links(const struct county *c, struct page *p) {
  for (unsigned i = 0; i < c->host_count; i++)
    if (c->hosts[i].first_site >= ODD_BASE)
      page_textf(p, "<a href=\"http://%s/\">直属单位%u</a>\n", c->hosts[i].name, i);
}

void odd_truth(const struct county *c, FILE *f) {
  static const char *const ways[WAYS] = {"404", "text", "home", "building", "redirect"};
  for (unsigned i = 0; i < c->families->site_count; i++) {
    const struct fsite *s = &c->families->sites[i];
    bool redirect = way(s) == MISSING_REDIRECT;
    if (!odd_gone_path(s))
      continue;
    fprintf(f, "{\"url\":\"http://%s%s\",\"must\":true,\"kind\":\"%s\",\"way\":\"%s\"",
            s->host->name, odd_gone_path(s), redirect ? "redirect" : "soft404", ways[way(s)]);
    fprintf(f, ",\"verdict\":[%s]%s}\n", redirect ? "\"redirect\",\"soft_404\"" : "\"soft_404\"",
            redirect ? ",\"status\":302" : "");
  }
  for (unsigned i = 0; i < REFUSALS; i++)
    fprintf(f,
            "{\"url\":\"http://%s." COUNTY_DOMAIN "/\",\"must\":true,\"kind\":\"blocked\",\"way\":"
            "\"%s\",\"status\":%d,\"verdict\":[\"blocked\"]}\n",
            refusals[i].label, refusals[i].product, refusals[i].status);
  for (unsigned i = 0; i < c->host_count; i++)
    if (c->hosts[i].first_site >= ODD_BASE)
      fprintf(
          f,
          "{\"url\":\"http://%s/robots.txt\",\"must\":true,\"kind\":\"robots\",\"status\":404}\n",
          c->hosts[i].name);
  fprintf(f, "{\"url\":\"http://" COOKIE_LABEL "." COUNTY_DOMAIN "/\",\"must\":true,\"kind\":"
             "\"blocked\",\"way\":\"cookie\",\"status\":302,\"verdict\":[\"ok\",\"redirect\"]}\n");
}
