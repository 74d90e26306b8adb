/* Changes for people and for programs. The ids of the feed are UUIDs made of a hash (version 8, RFC 9562). */
#include "zhi/changes_view.h"

#include <stdlib.h>

#include "zhi/csv.h"
#include "zhi/digest.h"
#include "zhi/markup.h"

static const char *text_of(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

static long long weight_of(const json_t *o) {
  return (long long)json_integer_value(json_object_get(o, "weight"));
}

/* When it was seen to be so. */
static const char *time_of(const json_t *o) {
  const char *to = text_of(o, "to");
  return to[0] ? to : text_of(o, "from");
}

/* --- order ------------------------------------------------------------------------------------------------------- */

struct ranked {
  json_t *change;
  long long group_weight;
};

static int by_group(const struct ranked *p, const struct ranked *q) {
  int d = strcmp(text_of(p->change, "host"), text_of(q->change, "host"));
  return d ? d : strcmp(text_of(p->change, "column"), text_of(q->change, "column"));
}

static int within(const struct ranked *p, const struct ranked *q) {
  long long x = weight_of(p->change), y = weight_of(q->change);
  int later = strcmp(time_of(q->change), time_of(p->change));
  return x != y ? (x < y) - (x > y)
                : (later ? later : strcmp(text_of(p->change, "url"), text_of(q->change, "url")));
}

static int by_place(const void *a, const void *b) {
  int d = by_group(a, b);
  return d ? d : within(a, b);
}

static int by_weight(const void *a, const void *b) {
  const struct ranked *p = a, *q = b;
  if (p->group_weight != q->group_weight)
    return (p->group_weight < q->group_weight) - (p->group_weight > q->group_weight);
  return by_place(a, b);
}

enum zhi_code zhi_changes_rank(json_t *changes, struct zhi_err *e) {
  size_t n = json_array_size(changes), i;
  struct ranked *r = calloc(n + 1, sizeof *r);
  if (!r)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for %zu changes", n);
  for (i = 0; i < n; i++)
    r[i].change = json_incref(json_array_get(changes, i));
  qsort(r, n, sizeof *r, by_place);
  for (i = 0; i < n; i++)
    r[i].group_weight =
        i && by_group(&r[i - 1], &r[i]) == 0 ? r[i - 1].group_weight : weight_of(r[i].change);
  qsort(r, n, sizeof *r, by_weight);
  for (i = 0; i < n; i++)
    json_array_set_new(changes, i, r[i].change);
  free(r);
  return ZHI_OK;
}

/* --- text ---------------------------------------------------------------------------------------------------------- */

static void add_group(const json_t *o, struct zhi_buf *out) {
  if (out->len)
    zhi_buf_addc(out, '\n');
  zhi_plain_text(out, zhi_str_of(text_of(o, "host")));
  if (text_of(o, "column")[0]) {
    zhi_buf_adds(out, " / ");
    zhi_plain_text(out, zhi_str_of(text_of(o, "column")));
  }
  zhi_buf_addc(out, '\n');
}

static void add_change(const json_t *o, struct zhi_buf *out) {
  const char *title = text_of(o, "title");
  zhi_buf_addf(out, "%4lld  %-10s ", weight_of(o), text_of(o, "change"));
  zhi_plain_text(out, zhi_str_of(title[0] ? title : "-"));
  if (text_of(o, "detail")[0]) {
    zhi_buf_adds(out, "\n      ");
    zhi_plain_text(out, zhi_str_of(text_of(o, "detail")));
  }
  zhi_buf_adds(out, "\n      ");
  if (text_of(o, "from")[0])
    zhi_buf_addf(out, "between %s and ", text_of(o, "from"));
  else
    zhi_buf_adds(out, "first seen ");
  zhi_buf_addf(out, "%s\n      ", text_of(o, "to"));
  zhi_plain_text(out, zhi_str_of(text_of(o, "url")));
  zhi_buf_addc(out, '\n');
}

void zhi_changes_text(const json_t *changes, struct zhi_buf *out) {
  struct ranked last = {0}, here = {0};
  size_t i;
  json_t *o;
  json_array_foreach((json_t *)changes, i, o) {
    here.change = o;
    if (!last.change || by_group(&last, &here) != 0)
      add_group(o, out);
    add_change(o, out);
    last = here;
  }
}

/* --- csv ----------------------------------------------------------------------------------------------------------- */

void zhi_changes_csv(const json_t *changes, struct zhi_buf *out) {
  static const char *const columns[] = {"url",  "change", "from",   "to",    "title",
                                        "host", "column", "weight", "detail"};
  size_t i;
  json_t *o;
  zhi_buf_adds(out, "url,change,from,to,title,host,column,weight,detail\r\n");
  json_array_foreach((json_t *)changes, i, o) {
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
      if (k)
        zhi_buf_addc(out, ',');
      if (strcmp(columns[k], "weight") == 0)
        zhi_buf_addf(out, "%lld", weight_of(o));
      else
        zhi_csv_cell(out, zhi_str_of(text_of(o, columns[k])), ZHI_CSV_PLAIN);
    }
    zhi_buf_adds(out, "\r\n");
  }
}

/* --- atom ---------------------------------------------------------------------------------------------------------- */

enum { UUID_BYTES = 16 };

static void add_id(struct zhi_buf *out, struct zhi_str of) {
  static const size_t dashes[] = {4, 6, 8, 10};
  unsigned char b[UUID_BYTES];
  char hex[3];
  struct zhi_hash128 h = zhi_hash128(of);
  memcpy(b, &h.hi, 8);
  memcpy(b + 8, &h.lo, 8);
  b[6] = (unsigned char)((b[6] & 0x0f) | 0x80);
  b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
  zhi_buf_adds(out, "<id>urn:uuid:");
  for (size_t i = 0, d = 0; i < UUID_BYTES; i++) {
    if (d < sizeof dashes / sizeof *dashes && dashes[d] == i) {
      zhi_buf_addc(out, '-');
      d++;
    }
    zhi_hex(b + i, 1, hex);
    zhi_buf_adds(out, hex);
  }
  zhi_buf_adds(out, "</id>");
}

static void add_element(struct zhi_buf *out, const char *name, struct zhi_str text) {
  zhi_buf_addf(out, "<%s>", name);
  zhi_markup_text(out, text);
  zhi_buf_addf(out, "</%s>", name);
}

static const char *zh_of(const char *change) {
  static const struct {
    const char *change, *zh;
  } words[] = {{"validity", "有效性变动"},
               {"removed", "已消失"},
               {"edited", "已修改"},
               {"attachment", "附件变动"},
               {"reappeared", "重新出现"},
               {"moved", "已迁移"},
               {"new", "新增"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i].change, change) == 0)
      return words[i].zh;
  return "";
}

/* In Chinese and English: a feed is one for all its readers. */
static void add_summary(const json_t *o, struct zhi_buf *out) {
  const char *from = text_of(o, "from"), *to = text_of(o, "to");
  static const char *const details[] = {"detail_zh", "detail"};
  zhi_buf_adds(out, "<summary>");
  for (int i = 0; i < 2; i++)
    if (text_of(o, details[i])[0]) {
      zhi_markup_text(out, zhi_str_of(text_of(o, details[i])));
      zhi_buf_adds(out, " · ");
    }
  if (from[0])
    zhi_buf_addf(out, "介于 %s 与 %s 的抓取之间 · Between captures of %s and %s", from, to, from,
                 to);
  else
    zhi_buf_addf(out, "首次见于 %s · First seen %s", to, to);
  zhi_buf_adds(out, "</summary>");
}

static void add_entry(const json_t *o, struct zhi_str name, struct zhi_buf *out) {
  struct zhi_buf id, title;
  const char *of = text_of(o, "title")[0] ? text_of(o, "title") : text_of(o, "url");
  zhi_buf_init(&id, 1 << 16);
  zhi_buf_init(&title, 1 << 16);
  zhi_buf_addf(&id, "%.*s %s %s %s", ZHI_STR_ARGS(name), text_of(o, "change"), time_of(o),
               text_of(o, "url"));
  const char *zh = zh_of(text_of(o, "change"));
  zhi_buf_addf(&title, "[%s%s%s] %s", zh, zh[0] ? " " : "", text_of(o, "change"), of);
  zhi_buf_adds(out, "<entry>");
  add_id(out, zhi_buf_view(&id));
  add_element(out, "title", zhi_buf_view(&title));
  add_element(out, "updated", zhi_str_of(time_of(o)));
  zhi_buf_adds(out, "<link rel=\"alternate\" href=\"");
  zhi_markup_text(out, zhi_str_of(text_of(o, "url")));
  zhi_buf_addf(out, "\"/><category term=\"%s\"/>", text_of(o, "change"));
  add_summary(o, out);
  zhi_buf_adds(out, "</entry>\n");
  zhi_buf_release(&id);
  zhi_buf_release(&title);
}

void zhi_changes_atom(const json_t *changes, struct zhi_str name, const char *updated,
                      struct zhi_buf *out) {
  size_t i;
  json_t *o;
  const char *latest = "";
  json_array_foreach((json_t *)changes, i, o) if (strcmp(time_of(o), latest) > 0) latest =
      time_of(o);
  zhi_buf_adds(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                    "<feed xmlns=\"http://www.w3.org/2005/Atom\">");
  add_id(out, name);
  add_element(out, "title", name);
  add_element(out, "updated", zhi_str_of(latest[0] ? latest : updated));
  zhi_buf_adds(out, "<author><name>xianzhi</name></author><generator>xianzhi</generator>\n");
  json_array_foreach((json_t *)changes, i, o) add_entry(o, name, out);
  zhi_buf_adds(out, "</feed>\n");
}
