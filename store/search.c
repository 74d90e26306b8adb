/* Search: what matches, and the best of it (search_show.c: how it is shown).
 *
 * All that matches is walked once: rows of `grams`, and for each what search_rows.c says of it. Versions of one URL
 * become one hit (its best, or of equal ones its latest), with the time over which the versions that match were seen.
 * A heap keeps the best of all archives; only for those the catalogue is asked for titles and text. Counting needs no
 * text at all. */
#include "store/search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "zhi/browse.h"
#include "zhi/file.h"

enum { BROAD = 20000, SQL_MAX = 256 * 1024, FACET_ROWS = 50, LIMIT_MAX = 10000 };
/* A word in the title says more than one in the fields, and that more than one in the text. */
#define RANK "bm25(grams, 10.0, 1.0, 4.0, 0.8)"

struct zhi_search {
  struct search_archive *archive;
  size_t count;
};

/* All hits of one archive. Keys are numbers from 1 on that mostly grow from row to row: an array by key is near at hand
 * where a hash table would be all over memory. */
struct hits {
  struct search_hit *v;
  size_t count, cap, rows; /* rows: versions */
  uint32_t *place;         /* by key: index + 1 */
  int64_t places;
};

static void hits_release(struct hits *h) {
  free(h->v);
  free(h->place);
  *h = (struct hits){0};
}

/* --- opening --------------------------------------------------------------------------------------------------- */

static void warn(const struct zhi_search_options *o, const struct zhi_err *e, const char *then) {
  char text[640];
  snprintf(text, sizeof text, "%s%s", e->msg, then);
  if (o->warn)
    o->warn(o->ctx, text);
}

/* An index in a temporary file, which has no name any more once it is open. */
static enum zhi_code attach_temporary(struct zhi_store *s, const char *dir, struct zhi_err *e) {
  char path[4096];
  struct zhi_search_done done;
  struct zhi_store *from = NULL;
  snprintf(path, sizeof path, "%s/xianzhi-search-XXXXXX", zhi_tmp_dir());
  int fd = mkstemp(path);
  if (fd < 0)
    return zhi_fail_errno(e, "cannot make a temporary index");
  close(fd);
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &from, e);
  if (!rc)
    rc = search_build(from, path, &done, e);
  zhi_store_close(from);
  if (!rc)
    rc = search_attach(s, path, e);
  unlink(path);
  return rc;
}

static enum zhi_code no_index(const char *dir, struct zhi_err *e) {
  return zhi_fail(e, ZHI_EUSAGE, "archive '%s' has no search index: run xianzhi search on it", dir);
}

static enum zhi_code attach(struct search_archive *a, const struct zhi_search_options *o,
                            struct zhi_err *e) {
  struct zhi_buf path;
  struct zhi_search_done done;
  struct zhi_err why = {0};
  zhi_buf_init(&path, 8192);
  zhi_buf_addf(&path, "%s/" SEARCH_FILE, a->dir);
  enum zhi_code rc = zhi_buf_check(&path, "a path", e), update = ZHI_OK;
  if (!rc && o->may_update)
    update = zhi_search_update(a->dir, false, &done, &why);
  if (!rc)
    rc = access(path.p, R_OK) == 0 ? search_attach(a->s, path.p, e) : no_index(a->dir, e);
  if (update)
    warn(o, &why, rc ? ": a temporary index is made" : ": the index is used as it is");
  if (update && rc)
    rc = attach_temporary(a->s, a->dir, e);
  zhi_buf_release(&path);
  return rc;
}

static enum zhi_code open_archive(struct search_archive *a, const char *dir,
                                  const struct zhi_search_options *o, struct zhi_err *e) {
  struct zhi_buf name;
  bool fresh = false;
  zhi_buf_init(&name, 4096);
  if (!(a->dir = strdup(dir)))
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an archive's name");
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &a->s, e);
  if (!rc)
    rc = attach(a, o, e);
  if (!rc)
    rc = search_texts_attach(a->s, &a->texts, e);
  if (!rc)
    rc = search_is_fresh(a->s, &a->texts, &fresh, e);
  a->stale = !fresh;
  if (!rc)
    rc = zhi_fold_new(false, &a->fold, e);
  if (!rc)
    rc = search_load_fold(a->s, a->fold, e);
  if (!rc)
    rc = zhi_browse_name(a->s, &name, e);
  if (!rc && !(a->name = zhi_buf_take(&name)))
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for an archive's name");
  zhi_buf_release(&name);
  return rc;
}

enum zhi_code zhi_search_open(const char *const *dirs, size_t count,
                              const struct zhi_search_options *o, struct zhi_search **out,
                              struct zhi_err *e) {
  struct zhi_search *s = calloc(1, sizeof *s);
  enum zhi_code rc = ZHI_OK;
  if (!s || !(s->archive = calloc(count, sizeof *s->archive))) {
    free(s);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a search");
  }
  s->count = count;
  for (size_t i = 0; i < count && !rc; i++)
    rc = open_archive(&s->archive[i], dirs[i], o, e);
  if (rc)
    zhi_search_close(s);
  else
    *out = s;
  return rc;
}

void zhi_search_close(struct zhi_search *s) {
  for (size_t i = 0; s && i < s->count; i++) {
    search_texts_release(&s->archive[i].texts);
    zhi_store_close(s->archive[i].s);
    zhi_fold_free(s->archive[i].fold);
    free(s->archive[i].name);
    free(s->archive[i].dir);
  }
  if (s)
    free(s->archive);
  free(s);
}

/* --- what matches ------------------------------------------------------------------------------------------------ */

/* NULL: there is none yet. */
static struct search_hit *known_hit(const struct hits *h, int64_t key) {
  return key >= 0 && key < h->places && h->place[key] ? &h->v[h->place[key] - 1] : NULL;
}

/* Room for one more, whose key this is. */
static enum zhi_code make_room(struct hits *h, int64_t key, struct zhi_err *e) {
  if (key < 0 || key > UINT32_MAX)
    return zhi_fail(e, ZHI_EPARSE, "the search index is damaged: no document has the number %lld",
                    (long long)key);
  if (key >= h->places) {
    int64_t n = key + key / 4 + 1024;
    uint32_t *place = realloc(h->place, (size_t)n * sizeof *place);
    if (!place)
      return zhi_fail(e, ZHI_ENOMEM, "out of memory for what was found");
    memset(place + h->places, 0, (size_t)(n - h->places) * sizeof *place);
    h->place = place;
    h->places = n;
  }
  if (h->count == h->cap) {
    size_t n = h->count + h->count / 4 + 64;
    struct search_hit *v = realloc(h->v, n * sizeof *v);
    if (!v)
      return zhi_fail(e, ZHI_ENOMEM, "out of memory for what was found");
    h->v = v;
    h->cap = n;
  }
  return ZHI_OK;
}

static bool better(const struct search_hit *a, const struct search_hit *b) {
  if (a->score != b->score)
    return a->score > b->score;
  if (a->captured_ms != b->captured_ms)
    return a->captured_ms > b->captured_ms;
  return a->version_id > b->version_id;
}

/* What is best: by FTS5, the newest, or, where very many match, roughly the newest. */
enum order { BY_RANK, BY_DAY, BY_YEAR };

static enum zhi_code take_row(struct hits *h, const struct search_row *r, double score,
                              const struct zhi_search_ask *ask, size_t archive, struct zhi_err *e) {
  struct search_hit row = {.key = ask->all_versions ? r->id : r->url_id,
                           .version_id = r->version_id,
                           .captured_ms = r->captured_ms,
                           .last_ms = r->last_ms,
                           .latest = r->latest,
                           .score = score,
                           .archive = archive};
  row.first_ms = row.captured_ms;
  h->rows++;
  if (ask->facets)
    memcpy(row.facet, r->facet, sizeof row.facet);
  struct search_hit *known = known_hit(h, row.key);
  if (!known) {
    enum zhi_code rc = make_room(h, row.key, e);
    if (!rc) {
      row.versions = 1;
      h->v[h->count] = row;
      h->place[row.key] = (uint32_t)++h->count;
    }
    return rc;
  }
  struct search_hit old = *known;
  if (old.latest < row.latest || (old.latest == row.latest && old.captured_ms <= row.captured_ms))
    *known = row;
  known->first_ms = old.first_ms < row.first_ms ? old.first_ms : row.first_ms;
  known->last_ms = store_later(old.last_ms, row.last_ms);
  known->score = fmax(old.score, row.score);
  known->latest = old.latest || row.latest;
  known->versions = old.versions + 1;
  return ZHI_OK;
}

/* `alone`: no words are matched, so that a field's are what to begin with; otherwise they are only looked up. */
static void where_filter(struct zhi_buf *sql, const struct search_filter *f, int param,
                         bool alone) {
  switch (f->by) {
  case SEARCH_BY_VALUE:
    zhi_buf_addf(sql, "d.%s IN (SELECT id FROM ix.value WHERE field = '%s' AND instr(folded, ?%d))",
                 search_value_name[f->value], search_value_name[f->value], param);
    break;
  case SEARCH_BY_DATE: /* both as far as the less exact goes */
    zhi_buf_adds(sql, "d.day IS NOT NULL");
    if (f->from[0])
      zhi_buf_addf(sql, " AND substr(d.day, 1, %zu) >= substr('%s', 1, length(d.day))",
                   strlen(f->from), f->from);
    if (f->to[0])
      zhi_buf_addf(sql, " AND substr(d.day, 1, %zu) <= substr('%s', 1, length(d.day))",
                   strlen(f->to), f->to);
    break;
  case SEARCH_BY_FIELD:
    zhi_buf_addf(sql, "%sd.id IN (SELECT rowid FROM ix.field_grams WHERE field_grams MATCH ?%d)",
                 alone ? "" : "+", param);
    break;
  }
}

static bool same_subject(const struct search_filter *a, const struct search_filter *b) {
  return a->by == b->by &&
         (a->by == SEARCH_BY_DATE ||
          (a->by == SEARCH_BY_VALUE ? a->value == b->value : a->field == b->field));
}

/* Several of one field: any; of several fields: all. */
static void where(struct zhi_buf *sql, const struct search_plan *p) {
  for (size_t i = 0; i < p->filter_count; i++) {
    bool done = false;
    for (size_t k = 0; k < i; k++)
      done |= same_subject(&p->filter[k], &p->filter[i]);
    for (size_t k = i; k < p->filter_count && !done; k++)
      if (same_subject(&p->filter[k], &p->filter[i])) {
        zhi_buf_adds(sql, k == i ? " AND ((" : ") OR (");
        where_filter(sql, &p->filter[k], 3 + (int)k, !p->match.len);
      }
    if (!done)
      zhi_buf_adds(sql, "))");
  }
}

static enum zhi_code prepare(struct search_archive *a, const struct search_plan *p,
                             enum order order, sqlite3_stmt **st, struct zhi_err *e) {
  struct zhi_buf sql;
  zhi_buf_init(&sql, SQL_MAX);
  if (p->match.len)
    zhi_buf_addf(&sql, "SELECT grams.rowid%s FROM ix.grams%s WHERE grams MATCH ?1",
                 order == BY_RANK ? ", -" RANK : "",
                 p->filter_count ? " JOIN ix.doc d ON d.id = grams.rowid" : "");
  else
    zhi_buf_addf(&sql, "SELECT d.id FROM ix.doc d WHERE %s",
                 p->except.len ? "d.id NOT IN (SELECT rowid FROM ix.grams WHERE grams MATCH ?1)"
                               : "1");
  where(&sql, p);
  enum zhi_code rc = zhi_buf_check(&sql, "a query", e);
  if (!rc)
    rc = zhi_db_prepare(a->s, sql.p, st, e);
  if (!rc && (p->match.len || p->except.len))
    zhi_bind_text(*st, 1, p->match.len ? p->match : p->except);
  for (size_t i = 0; i < p->filter_count && !rc; i++)
    if (p->filter[i].by != SEARCH_BY_DATE)
      zhi_bind_text(*st, 3 + (int)i, p->filter[i].text);
  zhi_buf_release(&sql);
  return rc;
}

/* How many rows match, as far as the index alone can tell and as far as it matters: quick, for nothing else is looked
 * at. */
static enum zhi_code count_matches(struct search_archive *a, struct zhi_str match, int64_t *n,
                                   struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  *n = 0;
  if (!match.len)
    return ZHI_OK;
  enum zhi_code rc = zhi_db_prepare(
      a->s, "SELECT count(*) FROM (SELECT 1 FROM ix.grams WHERE grams MATCH ?1 LIMIT ?2)", &st, e);
  if (!rc) {
    zhi_bind_text(st, 1, match);
    zhi_bind_int(st, 2, BROAD + 1);
    if ((rc = zhi_db_step(a->s, st, &row, e)) == ZHI_OK && row)
      *n = zhi_col_int(st, 0);
  }
  sqlite3_finalize(st);
  return rc;
}

static double score_of(enum order order, sqlite3_stmt *st, const struct search_row *r) {
  int year = r->day / 10000;
  return order == BY_RANK ? sqlite3_column_double(st, 1) : order == BY_DAY ? r->day : year / 1e4;
}

static enum zhi_code walk(struct search_archive *a, size_t index, const struct search_plan *p,
                          const struct zhi_search_ask *ask, enum order order, struct hits *out,
                          struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  struct search_rows rows;
  struct search_row r = {0};
  bool row = false, live = false;
  enum zhi_code rc = search_rows_open(a->s, ask->facets, &rows, e);
  if (!rc)
    rc = prepare(a, p, order, &st, e);
  while (!rc && (rc = zhi_db_step(a->s, st, &row, e)) == ZHI_OK && row) {
    rc = search_rows_get(&rows, zhi_col_int(st, 0), &r, &live, e);
    if (!rc && live)
      rc = take_row(out, &r, score_of(order, st, &r), ask, index, e);
  }
  search_rows_close(&rows);
  sqlite3_finalize(st);
  return rc;
}

/* Of hits that have no rank, those whose title matches get one, unless that is most of them, too. */
static enum zhi_code rank_titles(struct search_archive *a, const struct search_plan *p,
                                 const struct zhi_search_ask *ask, struct hits *found,
                                 struct zhi_err *e) {
  struct search_plan titles = *p;
  struct hits ranked = {0};
  struct zhi_buf match;
  int64_t n = 0;
  zhi_buf_init(&match, SQL_MAX);
  zhi_buf_addf(&match, "title : (%.*s)", ZHI_STR_ARGS(p->match));
  titles.match = zhi_buf_view(&match);
  enum zhi_code rc = zhi_buf_check(&match, "a query", e);
  if (!rc)
    rc = count_matches(a, titles.match, &n, e);
  if (!rc && n <= BROAD)
    rc = walk(a, 0, &titles, ask, BY_RANK, &ranked, e);
  for (size_t i = 0; i < ranked.count && !rc; i++) {
    struct search_hit *h = known_hit(found, ranked.v[i].key);
    if (h) /* not what NOT leaves out for its text */
      h->score = fmax(h->score, 1 + ranked.v[i].score);
  }
  hits_release(&ranked);
  zhi_buf_release(&match);
  return rc;
}

/* To rank costs ten times what finding does, and of very many matches few are looked at: there, titles that match
 * come first, and the rest by year. All are found first, then, for to count them costs as much where a character
 * stands for every word that begins with it. */
static enum zhi_code collect(struct search_archive *a, size_t index, const struct search_plan *p,
                             const struct zhi_search_ask *ask, struct hits *out,
                             struct zhi_err *e) {
  if (ask->by_date || !p->match.len)
    return walk(a, index, p, ask, BY_DAY, out, e);
  enum zhi_code rc = walk(a, index, p, ask, BY_YEAR, out, e);
  if (rc || out->rows > BROAD)
    return rc ? rc : rank_titles(a, p, ask, out, e);
  hits_release(out);
  return walk(a, index, p, ask, BY_RANK, out, e);
}

/* --- the best of it ---------------------------------------------------------------------------------------------- */

/* The worst on top. */
struct heap {
  struct search_hit *v;
  size_t count, cap;
};

static void sift(struct heap *h, size_t at) {
  for (;;) {
    size_t worst = at;
    for (size_t c = 2 * at + 1; c <= 2 * at + 2 && c < h->count; c++)
      if (better(&h->v[worst], &h->v[c]))
        worst = c;
    if (worst == at)
      return;
    struct search_hit t = h->v[at];
    h->v[at] = h->v[worst];
    h->v[worst] = t;
    at = worst;
  }
}

static void offer(struct heap *h, const struct search_hit *x) {
  if (h->count < h->cap) {
    h->v[h->count++] = *x;
    if (h->count == h->cap)
      for (size_t i = h->cap / 2 + 1; i-- > 0;)
        sift(h, i);
  } else if (h->cap && better(x, &h->v[0])) {
    h->v[0] = *x;
    sift(h, 0);
  }
}

static int by_rank(const void *pa, const void *pb) {
  return better(pa, pb) ? -1 : better(pb, pa) ? 1 : 0;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static enum zhi_code show_all(struct zhi_search *s, const struct search_plan *plans,
                              const struct heap *best, int64_t offset, json_t *results,
                              struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  sqlite3_stmt **st = calloc(s->count, sizeof *st);
  if (!st)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for what was found");
  for (size_t i = (size_t)offset; i < best->count && !rc; i++) {
    size_t a = best->v[i].archive;
    if (!st[a])
      rc = search_show_prepare(&s->archive[a], &st[a], e);
    if (!rc)
      rc = search_show(&s->archive[a], &plans[a], st[a], &best->v[i], results, e);
  }
  for (size_t i = 0; i < s->count; i++)
    sqlite3_finalize(st[i]);
  free(st);
  return rc;
}

static enum zhi_code search_one(struct zhi_search *s, size_t index, const struct search_plan *p,
                                const struct zhi_search_ask *ask, struct heap *best,
                                struct search_facets *facets, int64_t *total, struct zhi_err *e) {
  struct hits found = {0};
  enum zhi_code rc = collect(&s->archive[index], index, p, ask, &found, e);
  for (size_t i = 0; i < found.count && !rc; i++) {
    offer(best, &found.v[i]);
    if (ask->facets)
      rc = search_facets_add(facets, found.v[i].facet, e);
  }
  if (!rc && ask->facets)
    rc = search_facets_name(facets, s->archive[index].s, e);
  *total += (int64_t)found.count;
  hits_release(&found);
  return rc;
}

static enum zhi_code answer(struct zhi_search *s, const struct search_plan *plans,
                            const struct zhi_search_ask *ask, struct heap *best, json_t *o,
                            struct zhi_err *e) {
  struct search_facets facets = {0};
  int64_t total = 0;
  bool stale = false;
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < s->count && !rc; i++) {
    rc = search_one(s, i, &plans[i], ask, best, &facets, &total, e);
    stale |= s->archive[i].stale;
  }
  json_t *results = json_array();
  qsort(best->v, best->count, sizeof *best->v, by_rank);
  if (!rc)
    rc = show_all(s, plans, best, ask->offset, results, e);
  json_object_set_new(o, "query", zhi_json_str(ask->query));
  json_object_set_new(o, "total", json_integer(total));
  json_object_set_new(o, "stale", json_boolean(stale));
  json_object_set_new(o, "results", results);
  if (ask->facets && !rc)
    json_object_set_new(o, "facets", search_facets_json(&facets));
  search_facets_release(&facets);
  return rc;
}

enum zhi_code zhi_search_query(struct zhi_search *s, const struct zhi_search_ask *ask, json_t **out,
                               struct zhi_err *e) {
  struct zhi_search_ask q = *ask;
  struct zhi_arena arena;
  struct heap best = {0};
  q.limit = q.limit < 0 ? 0 : q.limit > LIMIT_MAX ? LIMIT_MAX : q.limit;
  q.offset = q.offset < 0 ? 0 : q.offset > LIMIT_MAX ? LIMIT_MAX : q.offset;
  best.cap = (size_t)(q.limit + q.offset);
  struct search_plan *plans = calloc(s->count, sizeof *plans);
  best.v = calloc(best.cap + 1, sizeof *best.v);
  zhi_arena_init(&arena, (size_t)64 << 20);
  enum zhi_code rc =
      plans && best.v ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for a search");
  for (size_t i = 0; i < s->count && !rc; i++)
    rc = search_query_read(s->archive[i].fold, q.query, &arena, &plans[i], e);
  json_t *o = json_object();
  if (!rc)
    rc = answer(s, plans, &q, &best, o, e);
  if (rc)
    json_decref(o);
  else
    *out = o;
  zhi_arena_release(&arena);
  free(plans);
  free(best.v);
  return rc;
}
