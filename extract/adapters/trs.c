/* TRS WCM / 海云 and the many who borrowed its pager.
 *
 * createPageHTML(total, current0, "index", "html"): pages index.html, index_1.html … index_(total-1).html.
 * createPageHTML('id', total, current1, 'list', 'shtml', rows): list.shtml, list_2.shtml … list_total.shtml.
 * The first argument, quoted or not, tells them apart. A prefix tYYYYMMDD_n means parts of one article.
 * Also: var currentPage=0; var countPage=25, and Pager({size:25, current:0, prefix:'index', suffix:'html'}). */
#include "extract/adapters/adapters.h"

static bool is_article(struct zhi_str prefix) {
  return prefix.len > 9 && prefix.p[0] == 't' && prefix.p[1] == '2' && prefix.p[2] == '0';
}

/* `from_one`: the second page is _2, else _1. */
static void add_pages(struct zhi_ctx *c, int total, struct zhi_str prefix, struct zhi_str ext,
                      bool from_one) {
  int n = total < ZHI_LIST_MAX_PAGES ? total : ZHI_LIST_MAX_PAGES;
  for (int k = 1; k <= n; k++) {
    if (k == 1 && c->doc->list.page == 1) { /* a folder's own address may be without a name */
      zhi_list_page(c, c->doc->url);
      continue;
    }
    struct zhi_str url =
        k == 1 ? zhi_arena_printf(c->a, "%.*s.%.*s", ZHI_STR_ARGS(prefix), ZHI_STR_ARGS(ext))
               : zhi_arena_printf(c->a, "%.*s_%d.%.*s", ZHI_STR_ARGS(prefix), from_one ? k : k - 1,
                                  ZHI_STR_ARGS(ext));
    zhi_list_page(c, url);
  }
}

static bool fill(struct zhi_ctx *c, int total, int page, struct zhi_str prefix, struct zhi_str ext,
                 bool from_one, int records) {
  if (total < 0 || total > 1000000 || is_article(prefix))
    return false;
  struct zhi_list *l = &c->doc->list;
  l->pages = total > 0 ? total : 1;
  l->page = page > 0 ? page : 1;
  l->total = records > 0 ? records : 0;
  if (prefix.len && ext.len && prefix.len < 200 && ext.len < 12)
    add_pages(c, total, prefix, ext, from_one);
  return true;
}

/* Of the page's address; a folder's pages are html. */
static struct zhi_str own_extension(const struct zhi_ctx *c) {
  struct zhi_str path = c->url_path;
  size_t i = path.len;
  while (i && path.p[i - 1] != '.' && path.p[i - 1] != '/')
    i--;
  return i && path.p[i - 1] == '.' ? zhi_str_sub(path, i, path.len) : ZHI_STR("html");
}

bool zhi_adapter_trs(struct zhi_ctx *c) {
  struct zhi_call k;
  if (zhi_script_call(c, "createPageHTML", &k) || zhi_script_call(c, "createPageHtml", &k)) {
    if (k.count >= 5 && k.quoted[0] && zhi_str_int(k.arg[0]) < 0)
      return fill(c, zhi_str_int(k.arg[1]), zhi_str_int(k.arg[2]), k.arg[3], k.arg[4], true,
                  k.count > 5 ? zhi_str_int(k.arg[5]) : 0);
    if (k.count >= 4)
      return fill(c, zhi_str_int(k.arg[0]), zhi_str_int(k.arg[1]) + 1, k.arg[2], k.arg[3], false,
                  0);
  }
  int count = zhi_script_number(c, "var countPage");
  if (count > 0) {
    struct zhi_str name = zhi_script_word(c, "var fileName"),
                   ext = zhi_script_word(c, "var fileExt");
    return fill(c, count, zhi_script_number(c, "var currentPage") + 1,
                name.len ? name : ZHI_STR("index"), ext.len ? ext : own_extension(c), false, 0);
  }
  if (zhi_script_number(c, "Pager({size") > 0) {
    struct zhi_str name = zhi_script_word(c, "prefix"), ext = zhi_script_word(c, "suffix");
    return fill(c, zhi_script_number(c, "Pager({size"), zhi_script_number(c, "current:") + 1, name,
                ext, false, 0);
  }
  return false;
}
