/* The table of CMS families. To add one: a row here; its lists are read by extract/adapters. */
#include "crawler/family.h"

#include <stddef.h>
#include <string.h>

static const struct zhi_family families[] = {
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
    {"trs", "TRS WCM 拓尔思", "static pages", false, NULL},
    {"vsb", "VSB 博达", "static pages, counted from the end", false, NULL},
    {"siteserver", "SiteServer CMS", "static pages", false, NULL},
};

const struct zhi_family *zhi_family_of(const char *adapter) {
  for (size_t i = 0; i < sizeof families / sizeof *families; i++)
    if (strcmp(families[i].adapter, adapter) == 0)
      return &families[i];
  return NULL;
}
