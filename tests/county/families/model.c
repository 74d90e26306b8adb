/* The departments, their columns and documents, and what each generation does to them. */
#include <stdlib.h>

#include "tests/county/families/families.h"
#include "zhi/clock.h"

static const struct {
  const char *slug, *name;
} columns[FAM_COLUMNS] = {{"zcwj", "政策文件"}, {"tzgg", "通知公告"}, {"ghjh", "规划计划"}};

static const char *const works[] = {"农村公路养护", "义务教育招生", "小麦病虫害防治",
                                    "困难群众救助", "水库除险加固", "校车安全检查",
                                    "林地征占审核", "招标投标监管", "地方志资料征集"};
static const char *const forms[] = {"通知", "意见", "公告", "方案", "批复"};

enum { FIRST_ID = 2001 };

unsigned fam_pages(const struct fcolumn *c) {
  const struct family *f = c->site->family;
  unsigned rows = f->perpage ? f->perpage : f->rows;
  return c->declared ? (c->declared - 1) / rows + 1 : 1;
}

static unsigned first_rows(const struct fcolumn *c) {
  const struct family *f = c->site->family;
  return f->first_empty ? 0 : f->first_rows ? f->first_rows : f->rows;
}

unsigned column_requests(const struct fcolumn *c) {
  const struct family *f = c->site->family;
  unsigned first = first_rows(c);
  return 1 + (c->declared > first ? (c->declared - first - 1) / f->rows + 1 : 0);
}

struct slice column_slice(const struct fcolumn *c, unsigned request) {
  unsigned rows = c->site->family->rows, first = first_rows(c);
  struct slice s = {.column = c, .pages = fam_pages(c), .count = first};
  s.request = request;
  if (request) {
    s.from = first + (request - 1) * rows;
    s.count = rows;
  }
  s.page = request || first ? s.from / rows + 1 : 0;
  if (s.from + s.count > c->count)
    s.count = s.from < c->count ? c->count - s.from : 0;
  return s;
}

unsigned request_id(const struct fcolumn *c, unsigned request) {
  return (c->site->no * FAM_COLUMNS + c->no) * 1000 + request + 1;
}

/* --- documents --------------------------------------------------------------------------------- */

bool doc_has_attachment(const struct fdoc *d) { return d->key % 9 == 0; }

void doc_attachment(const struct fdoc *d, char out[PATH_MAX_BYTES]) {
  text_set(out, PATH_MAX_BYTES, "/upload/%04d%02d/%u.pdf", d->y, d->m, d->no);
}

void doc_part_path(const struct fdoc *d, unsigned part, char out[PATH_MAX_BYTES]) {
  struct expand x = {.site = d->site, .column = d->column, .doc = d, .part = part};
  fam_expand(part && d->site->family->part ? d->site->family->part : d->site->family->doc, &x, out,
             PATH_MAX_BYTES);
}

static struct fdoc *add_doc(struct fcolumn *c, int64_t day, uint64_t key, unsigned born) {
  struct fsite *s = c->site;
  struct fdoc *d = &s->docs[s->doc_count];
  *d = (struct fdoc){.site = s, .column = c, .born = born, .changed = born, .key = key};
  d->no = d->serial = 70000 + (unsigned)(s->key % 9000) + s->doc_count++;
  zhi_civil_from_days(day, &d->y, &d->m, &d->d);
  d->parts = s->family->part && key % 8 == 3 ? 3 : 1;
  text_set(d->title, sizeof d->title, "%s关于%d年第%u号%s工作安排的%s", s->name, d->y,
           d->serial % 10000, works[(key >> 16) % 9], forms[(key >> 24) % 5]);
  doc_part_path(d, 0, d->path);
  return d;
}

static int newest_first(const void *a, const void *b) {
  const struct fdoc *x = *(struct fdoc *const *)a, *y = *(struct fdoc *const *)b;
  int64_t dx = zhi_days_from_civil(x->y, x->m, x->d), dy = zhi_days_from_civil(y->y, y->m, y->d);
  return dx != dy ? (dx < dy ? 1 : -1) : x->no < y->no ? -1 : x->no > y->no;
}

/* Gather a column's live documents. */
static bool list_docs(struct fcolumn *c) {
  struct fsite *s = c->site;
  c->docs = calloc(s->doc_count + 1, sizeof(struct fdoc *));
  if (!c->docs)
    return false;
  for (unsigned i = 0; i < s->doc_count; i++)
    if (s->docs[i].column == c && s->docs[i].state == DOC_LIVE)
      c->docs[c->count++] = &s->docs[i];
  qsort(c->docs, c->count, sizeof(struct fdoc *), newest_first);
  /* one department's pager counts documents that its list does not show */
  c->declared = c->count + (s->no % 16 == 5 && c->no == 1 ? 2 : 0);
  return true;
}

/* --- generations ------------------------------------------------------------------------------- */

static void move_doc(struct fdoc *d, unsigned generation) {
  struct fdoc *to = add_doc(d->column, zhi_days_from_civil(d->y, d->m, d->d), d->key, d->born);
  memcpy(to->title, d->title, sizeof to->title);
  to->serial = d->serial;
  to->edits = d->edits;
  to->changed = generation;
  to->from = d;
  d->state = DOC_MOVED;
  d->to = to;
  d->ended = generation;
  d->redirects = d->no % 2 == 0;
}

static void change_doc(struct fdoc *d, unsigned g) {
  uint64_t h = mix64(d->key ^ mix64(UINT64_C(0x66616D) << 32 | g));
  if (h % 30 == 1) {
    d->state = DOC_REMOVED;
    d->ended = d->column->changed = g;
  } else if (h % 20 == 2) {
    d->edits |= 1u << (g - 1);
    d->changed = g;
  } else if (h % 60 == 3 && d->site->doc_count < d->site->doc_room - 2) {
    d->column->changed = g;
    move_doc(d, g);
  }
}

static void play_generation(struct fsite *s, unsigned g) {
  struct fcolumn *last = &s->columns[s->column_count - 1];
  unsigned before = s->doc_count;
  if (s->no % 8 == g % 8 && !last->delisted)
    last->delisted = last->changed = g;
  for (unsigned i = 0; i < before; i++)
    if (s->docs[i].state == DOC_LIVE && s->docs[i].column->delisted != g)
      change_doc(&s->docs[i], g);
  if (s->no % 2 == g % 2 && s->doc_count + 2 < s->doc_room) {
    int64_t day = zhi_days_from_civil(2021, 1, 1) + g * 7;
    unsigned n = 1 + (unsigned)(mix64(s->key + g) % 2);
    s->columns[0].changed = g;
    while (n--)
      add_doc(&s->columns[0], day + n, mix64(s->key ^ mix64(g * 16 + n)), g);
  }
}

/* --- building ---------------------------------------------------------------------------------- */

static bool build_docs(const struct county *c, struct fsite *s, unsigned docs) {
  static const unsigned share[FAM_COLUMNS] = {60, 28, 12};
  unsigned g = c->o.generation, need = docs + s->family->least + FAM_COLUMNS;
  s->doc_room = (need + 2 * g) * 2;
  s->docs = calloc(s->doc_room, sizeof *s->docs);
  if (!s->docs)
    return false;
  for (unsigned i = 0; i < s->column_count; i++) {
    unsigned n = docs * share[i] / 100 + 1;
    if (i == 0 && n < s->family->least)
      n = s->family->least;
    int64_t newest = zhi_days_from_civil(2020, 12, 28) - i;
    for (unsigned k = 0; k < n; k++)
      add_doc(&s->columns[i], newest - (int64_t)k * 2500 / n, mix64(s->key ^ mix64(i << 24 | k)),
              0);
  }
  for (unsigned i = 1; i <= g; i++)
    play_generation(s, i);
  for (unsigned i = 0; i < s->column_count; i++)
    if (!list_docs(&s->columns[i]))
      return false;
  return true;
}

static bool build_site(struct county *c, struct fsite *s, const struct family *f, unsigned docs) {
  unsigned n = s->no;
  s->family = f;
  s->key = mix64(c->o.seed * 7000001 + n);
  s->column_count = FAM_COLUMNS;
  s->host = &c->hosts[c->host_count++];
  *s->host = (struct host){.kind = HOST_FAMILY, .address = 1, .first_site = n, .site_count = 1};
  s->slug = name_department(n, s->name, s->host->name);
  text_set(s->guid, sizeof s->guid, "%016llx%016llx", (unsigned long long)mix64(s->key ^ 7),
           (unsigned long long)mix64(s->key ^ 8));
  text_set(s->organ, sizeof s->organ, "11" COUNTY_DIVISION "MB%05u%cP", 10000 + n, 'A' + n % 20);
  for (unsigned i = 0; i < FAM_COLUMNS; i++) {
    struct fcolumn *col = &s->columns[i];
    *col = (struct fcolumn){.site = s, .no = i, .name = columns[i].name, .slug = columns[i].slug};
    col->id = FIRST_ID + n * 20 + i;
    text_set(col->guid, sizeof col->guid, "%016llx%016llx",
             (unsigned long long)mix64(s->key ^ (90 + i)),
             (unsigned long long)mix64(s->key ^ (190 + i)));
  }
  return build_docs(c, s, docs);
}

bool families_build(struct county *c) {
  unsigned n = 0;
  for (const struct family *const *t = family_tables; *t; t++)
    for (const struct family *f = *t; f->name; f++)
      n++;
  c->families = calloc(1, sizeof *c->families);
  c->hosts = calloc(FAM_HOSTS_MAX, sizeof *c->hosts);
  if (!n || !c->families || !c->hosts || !(c->families->sites = calloc(n, sizeof(struct fsite))))
    return false;
  portal_hosts(c);
  for (const struct family *const *t = family_tables; *t; t++)
    for (const struct family *f = *t; f->name; f++) {
      struct fsite *s = &c->families->sites[c->families->site_count];
      s->no = c->families->site_count++;
      if (!build_site(c, s, f, c->o.pages / n))
        return false;
      for (unsigned k = 0; k < FAM_COLUMNS; k++) {
        c->doc_count += s->columns[k].count;
        c->page_count += s->columns[k].count + column_requests(&s->columns[k]);
      }
    }
  odd_hosts(c);
  return true;
}

void families_release(struct county *c) {
  for (unsigned i = 0; c->families && i < c->families->site_count; i++) {
    struct fsite *s = &c->families->sites[i];
    for (unsigned k = 0; k < FAM_COLUMNS; k++)
      free(s->columns[k].docs);
    free(s->docs);
  }
  if (c->families)
    free(c->families->sites);
  free(c->families);
}
