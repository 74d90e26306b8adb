/* The model of the county: its hosts and sites, of which shape, with how many documents.
 *
 * A site is a host or a folder of the portal's host (departments live in both ways). Documents are
 * numbered through a site; a column is a range of them. All else is computed from numbers. */
#include <arpa/inet.h>
#include <stdlib.h>

#include "tests/county/county.h"

const char *const shape_names[SHAPE_COUNT] = {"seed", "trs",    "hanweb", "vsb",
                                              "ucap", "lonsun", "yunnan", "siteserver"};
const char *const robots_names[ROBOTS_COUNT] = {"none", "allow",    "disallow", "groups",
                                                "huge", "redirect", "slow",     "error"};

static const struct {
  const char *slug, *name;
} departments[] = {
    {"czj", "财政局"},       {"jyj", "教育局"},        {"nyncj", "农业农村局"}, {"slj", "水利局"},
    {"mzj", "民政局"},       {"rsj", "人社局"},        {"zjj", "住建局"},       {"wjw", "卫健委"},
    {"zrzyj", "自然资源局"}, {"sthjj", "生态环境局"},  {"jtj", "交通运输局"},   {"fgw", "发改委"},
    {"sjj", "审计局"},       {"tjj", "统计局"},        {"yjj", "应急管理局"},   {"wgl", "文广旅局"},
    {"scjgj", "市场监管局"}, {"xzspj", "行政审批局"},  {"ybj", "医疗保障局"},   {"lyj", "林业局"},
    {"gajtz", "公路管理站"}, {"dszyjs", "地方史志办"},
};
enum { DEPARTMENTS = sizeof departments / sizeof *departments };

static const struct {
  const char *slug, *name;
} column_table[COLUMNS_MAX] = {{"zcwj", "政策文件"}, {"tzgg", "通知公告"}, {"gzdt", "工作动态"},
                               {"czxx", "财政信息"}, {"rsxx", "人事信息"}, {"ghjh", "规划计划"}};

static const char *const outside_hosts[] = {
    "www.bu-wei.gov.cn",         "www.sheng-zhengfu.gov.cn",   "jt.sheng-zhengfu.gov.cn",
    "www.linxian.gov.cn",        "www.qinglan-xinwen.example", "weibo.share.example",
    "files.sheng-zhengfu.gov.cn"};
enum { OUTSIDE = sizeof outside_hosts / sizeof *outside_hosts };

bool county_has_traps(const struct county *c) {
  return c->o.scenario == SCENARIO_PLAIN || c->o.scenario == SCENARIO_FAULTS;
}

bool site_has_gbk_query(const struct county *c, const struct site *s) {
  return s->gbk && c->o.scenario != SCENARIO_BENCH;
}

const struct site *county_portal(const struct county *c) { return &c->sites[0]; }

void host_address_text(const struct host *h, char out[16]) {
  text_set(out, 16, "127.0.%u.%u", h->address / 256, h->address % 256);
}

unsigned column_groups(const struct site *s, const struct column *c) {
  unsigned rows = s->rows ? s->rows : 1;
  return c->count ? (c->count - 1) / rows + 1 : 1;
}

unsigned column_pages(const struct site *s, const struct column *c) {
  return c->scripted ? 1 : column_groups(s, c);
}

/* Give `s` this many documents; returns its HTML pages: home, lists, documents. */
static unsigned split_columns(const struct county *c, struct site *s, unsigned docs) {
  static const unsigned weight[COLUMNS_MAX] = {30, 24, 18, 12, 9, 7};
  unsigned n = docs < 8 ? 1 : docs < 30 ? 2 : docs < 100 ? 4 : COLUMNS_MAX, total = 0, first = 0;
  for (unsigned i = 0; i < n; i++)
    total += weight[i];
  s->docs = docs;
  s->column_count = n;
  unsigned pages = 1 + docs;
  for (unsigned i = 0; i < n; i++) {
    struct column *col = &s->columns[i];
    *col = (struct column){.name = column_table[i].name, .slug = column_table[i].slug};
    col->first = first;
    col->count = i + 1 == n ? docs - first : docs * weight[i] / total;
    first += col->count;
    col->id = s->shape == SHAPE_UCAP     ? 100186 + i
              : s->shape == SHAPE_LONSUN ? 6718101 + i
              : s->shape == SHAPE_HANWEB ? 14000 + s->no * 10 + i
                                         : 1001 + i;
    col->scripted = s->shape == SHAPE_HANWEB && n > 2 && i == 1 && c->o.scenario != SCENARIO_BENCH;
    pages += column_pages(s, col);
  }
  return pages;
}

static void site_init(const struct county *c, struct site *s, unsigned no, struct host *h) {
  static const unsigned meta_shapes = 1u << SHAPE_TRS | 1u << SHAPE_HANWEB | 1u << SHAPE_UCAP;
  s->no = no;
  s->host = h;
  s->key = mix64(c->o.seed * 1000003 + no);
  s->gbk = s->shape != SHAPE_UCAP && (s->key % 3 == 0 || s->shape == SHAPE_VSB);
  s->conditional = s->shape != SHAPE_VSB;
  s->meta_style = meta_shapes >> s->shape & 1 ? (unsigned)(s->key >> 8) % 4 : 0;
  s->rows = s->shape == SHAPE_TRS ? 15 : s->shape == SHAPE_HANWEB ? 10 : 20;
  s->id_base = 10000 + (unsigned)(s->key >> 20) % 40000;
  text_set(s->organ, sizeof s->organ, s->shape == SHAPE_LONSUN ? "6595%03u" : "01527%03uX",
           no % 1000);
  zhi_buf_init(&s->head, 1u << 20);
  zhi_buf_init(&s->top, 1u << 20);
  zhi_buf_init(&s->foot, 1u << 20);
}

static enum shape nth_shape(const struct options *o, unsigned n) {
  unsigned have = 0, want;
  for (unsigned i = 0; i < SHAPE_COUNT; i++)
    have += o->shapes >> i & 1;
  want = n % have;
  for (unsigned i = 0; i < SHAPE_COUNT; i++)
    if (o->shapes >> i & 1 && want-- == 0)
      return (enum shape)i;
  return SHAPE_SEED;
}

const char *name_department(unsigned n, char name[48], char host[HOST_MAX]) {
  if (n < DEPARTMENTS) {
    text_set(name, 48, COUNTY_NAME "%s", departments[n].name);
    text_set(host, HOST_MAX, "%s." COUNTY_DOMAIN, departments[n].slug);
    return departments[n].slug;
  }
  text_set(name, 48, COUNTY_NAME "第%u乡镇", n - DEPARTMENTS + 1);
  text_set(host, HOST_MAX, "xz%03u." COUNTY_DOMAIN, n - DEPARTMENTS + 1);
  return "xz";
}

static enum robots_kind pick_robots(const struct county *c, unsigned i) {
  static const enum robots_kind cycle[] = {ROBOTS_DISALLOW, ROBOTS_NONE,     ROBOTS_GROUPS,
                                           ROBOTS_HUGE,     ROBOTS_REDIRECT, ROBOTS_ALLOW};
  if (i == 0)
    return ROBOTS_ALLOW;
  return c->o.scenario == SCENARIO_BENCH ? ROBOTS_NONE : cycle[(i - 1) % 6];
}

/* The portal and its folders, then one host a department. */
static void make_sites(struct county *c, unsigned folders, unsigned addresses) {
  unsigned hosts = c->o.hosts, no = 0;
  for (unsigned i = 0; i < hosts; i++) {
    struct host *h = &c->hosts[c->host_count++];
    *h = (struct host){.kind = HOST_SITE, .robots = pick_robots(c, i), .first_site = no};
    h->address = 1 + i % addresses;
    h->site_count = i == 0 ? 1 + folders : 1;
    for (unsigned k = 0; k < h->site_count; k++, no++) {
      struct site *s = &c->sites[no];
      /* shapes go round hosts first, then folders, so that few hosts still show all of them */
      s->shape = nth_shape(&c->o, k == 0 ? i : hosts + k - 1);
      if (i == 0 && k == 0) {
        text_set(s->name, sizeof s->name, COUNTY_NAME "人民政府");
        text_set(h->name, HOST_MAX, "www." COUNTY_DOMAIN);
        s->slug = "zfbgs";
      } else {
        char own[HOST_MAX];
        s->slug = name_department(k ? DEPARTMENTS - k : i - 1, s->name, own);
        if (k)
          text_set(s->prefix, sizeof s->prefix, "/zfbm/%s", s->slug);
        else
          text_set(h->name, HOST_MAX, "%s", own);
      }
      site_init(c, s, no, h);
      s->soft404 = county_has_traps(c) && i == 2;
    }
  }
  c->site_count = no;
}

/* One more site on a host of its own, outside the page budget. */
static void add_special(struct county *c, const char *label, const char *name,
                        enum robots_kind robots, unsigned docs) {
  struct host *h = &c->hosts[c->host_count++];
  struct site *s = &c->sites[c->site_count];
  *h = (struct host){.kind = HOST_SITE, .robots = robots, .first_site = c->site_count};
  h->site_count = 1;
  h->address = c->o.addresses;
  text_set(h->name, HOST_MAX, "%s." COUNTY_DOMAIN, label);
  s->shape = nth_shape(&c->o, c->site_count);
  s->slug = "ts";
  text_set(s->name, sizeof s->name, "%s", name);
  site_init(c, s, c->site_count++, h);
  split_columns(c, s, docs);
}

static void add_hosts(struct county *c) {
  if (county_has_traps(c)) {
    struct host *m = &c->hosts[c->host_count++];
    *m = (struct host){.kind = HOST_MOBILE, .address = 1};
    text_set(m->name, HOST_MAX, "m." COUNTY_DOMAIN);
  }
  for (unsigned i = 0; i < OUTSIDE; i++) {
    struct host *h = &c->hosts[c->host_count++];
    *h = (struct host){.kind = HOST_OUTSIDE, .address = 1};
    text_set(h->name, HOST_MAX, "%s", outside_hosts[i]);
  }
  for (unsigned i = 0; c->o.scenario == SCENARIO_FAULTS && i < fault_count(); i++) {
    struct host *h = &c->hosts[c->host_count++];
    *h = (struct host){.kind = HOST_FAULT, .fault = i};
    h->address = c->o.addresses > 1 ? 256 + i + 1 : 1;
    text_set(h->name, HOST_MAX, "%s.fault." COUNTY_DOMAIN, fault_name(i));
  }
}

/* Share the page budget out: the portal counts double. */
static void share_pages(struct county *c, unsigned sites) {
  unsigned left = c->o.pages, shares = sites + 1;
  for (unsigned i = 0; i < sites; i++) {
    struct site *s = &c->sites[i];
    unsigned share = i == 0 ? 2 : 1, budget = left * share / shares, docs = budget;
    while (docs > 1 && split_columns(c, s, docs) > budget)
      docs--;
    unsigned used = split_columns(c, s, docs ? docs : 1);
    left = left > used ? left - used : 0;
    shares -= share;
  }
}

static int by_name(const void *a, const void *b) {
  return strcmp((*(struct host *const *)a)->name, (*(struct host *const *)b)->name);
}

const struct host *county_host(const struct county *c, struct zhi_str name) {
  char text[HOST_MAX];
  size_t n = 0;
  while (n < name.len && n + 1 < HOST_MAX && name.p[n] != ':') {
    char ch = name.p[n];
    text[n++] = ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
  }
  text[n] = '\0';
  size_t low = 0, high = c->host_count;
  while (low < high) {
    size_t mid = (low + high) / 2;
    int cmp = strcmp(text, c->by_name[mid]->name);
    if (cmp == 0)
      return c->by_name[mid];
    if (cmp < 0)
      high = mid;
    else
      low = mid + 1;
  }
  return NULL;
}

static bool index_hosts(struct county *c) {
  c->by_name = calloc(c->host_count, sizeof(struct host *));
  for (unsigned i = 0; c->by_name && i < c->host_count; i++)
    c->by_name[i] = &c->hosts[i];
  if (c->by_name)
    qsort(c->by_name, c->host_count, sizeof(struct host *), by_name);
  return c->by_name;
}

static void count_pages(struct county *c) {
  c->page_count = c->doc_count = 0;
  for (unsigned i = 0; i < c->site_count; i++) {
    const struct site *s = &c->sites[i];
    c->doc_count += s->docs;
    c->page_count += s->docs + 1;
    for (unsigned k = 0; k < s->column_count; k++)
      c->page_count += column_pages(s, &s->columns[k]);
  }
}

bool county_build(struct county *c, const struct options *o) {
  *c = (struct county){.o = *o};
  zhi_buf_init(&c->body, REPLY_MAX_BYTES);
  zhi_buf_init(&c->scratch, REPLY_MAX_BYTES);
  zhi_buf_init(&c->bomb, REPLY_MAX_BYTES);
  if (o->scenario == SCENARIO_FAMILIES)
    return pool_build(&c->pool, o->seed) && families_build(c) && index_hosts(c);
  bool special = county_has_traps(c) && o->addresses > 1;
  unsigned folders = o->hosts + 2 < SHAPE_COUNT ? SHAPE_COUNT - o->hosts : 2;
  size_t hosts = o->hosts + 4 + OUTSIDE + fault_count(), sites = o->hosts + folders + 4;
  c->hosts = calloc(hosts, sizeof *c->hosts);
  c->sites = calloc(sites, sizeof *c->sites);
  c->fault_hits = calloc(fault_count() + 1, sizeof *c->fault_hits);
  if (!c->hosts || !c->sites || !c->fault_hits || !pool_build(&c->pool, o->seed))
    return false;
  make_sites(c, folders, special ? o->addresses - 1 : o->addresses);
  share_pages(c, c->site_count);
  if (special) {
    add_special(c, "slow", COUNTY_NAME "档案馆", ROBOTS_SLOW, 3);
    add_special(c, "down", COUNTY_NAME "供销社", ROBOTS_ERROR, 3);
  }
  add_hosts(c);
  if (!index_hosts(c))
    return false;
  for (unsigned i = 0; i < c->site_count; i++)
    chrome_build(c, &c->sites[i]);
  count_pages(c);
  return true;
}

void county_release(struct county *c) {
  families_release(c);
  for (unsigned i = 0; i < c->site_count; i++) {
    zhi_buf_release(&c->sites[i].head);
    zhi_buf_release(&c->sites[i].top);
    zhi_buf_release(&c->sites[i].foot);
  }
  free(c->hosts);
  free(c->sites);
  free(c->by_name);
  free(c->fault_hits);
  pool_release(&c->pool);
  zhi_buf_release(&c->body);
  zhi_buf_release(&c->scratch);
  zhi_buf_release(&c->bomb);
}
