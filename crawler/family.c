/* The tables of CMS families, a row each of config/adapters.yaml, and of the addresses that are only theirs. */
#include "crawler/family.h"

#include <stddef.h>
#include <string.h>

static const struct zhi_family_facts families[] = {
    {"gkmlpt", "gkmlpt (NFCMS, Guangdong)", "JSON of /gkmlpt/api, a hundred rows a page", true,
     "/gkmlpt/index"},
    {"jpaas", "JPAAS (newer Hanweb)", "JSON of jpaas-publish-server", true, NULL},
    {"hanweb", "Hanweb 大汉 JCMS", "records of jpage/dataproxy.jsp, group by group", true, NULL},
    {"ucap", "UCAP 开普云", "static pages, or JSON of /common/search", true, NULL},
    {"lonsun", "Lonsun 龙讯", "fragments of /site/label", true, NULL},
    {"epoint", "Epoint 新点", "JSON of lightfrontaction, by POST", true, NULL},
    {"henan", "the old Henan portal", "fragments of getHtmlInDivNormal.do, by POST", true, NULL},
    {"truecms", "TrueCMS", "JSON of messageController", true, NULL},
    {"intertid", "Intertid", "answers of /intertidwebapp", true, NULL},
    {"aspnet", "ASP.NET forms", "postbacks, one page behind the other", true, NULL},
    {"form", "a form with the page's number", "answers to the form", true, NULL},
    {"ajax", "a script with the page's number", "answers to the script", true, NULL},
    {"ilist", "iList.jsp", "pages of a program", true, NULL},
    {"was5", "TRS WAS", "a search for the column's articles", true, NULL},
    {"jeaf", "JEAF 远略", "a static page, the others of a program", true, NULL},
    {"trs", "TRS WCM 拓尔思", "static pages", false, NULL},
    {"vsb", "VSB 博达", "static pages, counted from the end", false, NULL},
    {"siteserver", "SiteServer CMS", "static pages", false, NULL},
    {"empire", "EmpireCMS 帝国", "static pages", false, NULL},
    {"powereasy", "PowerEasy 动易", "pages of a program", true, NULL},
    {"jeecms", "JEECMS", "static pages", false, NULL},
    {"kaifeng", "the portal of Kaifeng", "static pages", false, NULL},
    {"phpcms", "PHPCMS", "pages of a program", true, NULL},
    {"pageadmin", "PageAdmin", "pages of a program", true, NULL},
};

const struct zhi_family_facts *zhi_family_of(const char *adapter) {
  for (size_t i = 0; i < sizeof families / sizeof *families; i++)
    if (strcmp(families[i].adapter, adapter) == 0)
      return &families[i];
  return NULL;
}

/* Anywhere in path and query. '#' is a digit, '#+' a run of digits, '@' 32 hexadecimal digits, '$' the path's end. */
static const struct {
  const char *adapter, *address;
} marks[] = {
    {"gkmlpt", "/gkmlpt/"},
    {"jpaas", "/jpaas-publish-server/"},
    {"jpaas", "/art/####/art_@."},
    {"hanweb", "/art/####/#+/#+/art_#"},
    {"hanweb", "/module/xxgk/"},
    {"ucap", "/c#####+/######/@."},
    {"ucap", "/c#####+/list."},
    {"ucap", "/common/search/@"},
    {"lonsun", "/public/column/#"},
    {"epoint", "/lightfrontaction/"},
    {"henan", "/viewCmsCac.do"},
    {"intertid", "/intertidwebapp/"},
    {"ilist", "/info/iList.jsp"},
    {"was5", "/was5/web/search"},
    {"jeaf", "/cms/sitemanage/"},
    {"jeaf", "/cms/infopublic/"},
    {"trs", "/t20######_#+."},
    {"vsb", "/info/#+/#+.htm$"},
    {"vsb", "urltype=tree.TreeTempUrl"},
    {"vsb", "urltype=news.NewsContentUrl"},
    {"siteserver", "/channels/#+.html$"},
    {"siteserver", "/contents/#+/#+.html$"},
    {"powereasy", "/Category_#"},
    {"powereasy", "/Item/#+.aspx"},
    {"phpcms", "m=content&c=index&a="},
    {"pageadmin", "lanmuid=#"},
};

static size_t run_of(struct zhi_str s, size_t at, const char *set) {
  size_t n = 0;
  while (at + n < s.len && strchr(set, s.p[at + n]) && s.p[at + n])
    n++;
  return n;
}

static bool matches(struct zhi_str s, const char *mark) {
  static const char digits[] = "0123456789", hex[] = "0123456789abcdefABCDEF";
  enum { HEX_DIGITS = 32 };
  size_t at = 0;
  for (; *mark; mark++) {
    if (*mark == '+') {
      at += run_of(s, at, digits);
    } else if (*mark == '@') {
      if (run_of(s, at, hex) != HEX_DIGITS)
        return false;
      at += HEX_DIGITS;
    } else if (*mark == '$') {
      if (at < s.len && s.p[at] != '?')
        return false;
    } else if (at == s.len || (*mark == '#' ? s.p[at] < '0' || s.p[at] > '9' : s.p[at] != *mark)) {
      return false;
    } else {
      at++;
    }
  }
  return true;
}

const char *zhi_family_at(const struct zhi_url *u) {
  struct zhi_str s = zhi_url_without_fragment(u);
  size_t from = (size_t)(u->path.p - s.p);
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    for (size_t at = from; at < s.len; at++)
      if (matches(zhi_str_sub(s, at, s.len), marks[i].address))
        return marks[i].adapter;
  return NULL;
}
