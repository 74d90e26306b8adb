/* Changes for people and for programs. The ids of the feed are UUIDs made of a hash (version 8, RFC 9562). */
#include "zhi/changes_view.h"

#include "zhi/csv.h"
#include "zhi/digest.h"
#include "zhi/json.h"
#include "zhi/markup.h"

enum { PART_MAX = 1 << 16 };

struct zhi_str zhi_change_time(const struct zhi_change *c) {
  return c->to.len ? c->to : c->from;
}

/* --- json ---------------------------------------------------------------------------------------------------------- */

/* A part that is missing is null, or left out. */
enum missing { IS_NULL, IS_LEFT_OUT };
static const struct part {
  const char *name;
  size_t at;
  enum missing missing;
} parts[] = {
#define PART(name, missing)                                                                        \
  { #name, offsetof(struct zhi_change, name), missing }
    PART(change, IS_NULL),
    PART(from, IS_NULL),
    PART(url, IS_NULL),
    PART(title, IS_NULL),
    PART(host, IS_NULL),
    PART(column, IS_NULL),
    PART(to, IS_NULL),
    PART(page, IS_LEFT_OUT),
    PART(detail, IS_NULL),
    PART(detail_zh, IS_LEFT_OUT),
    PART(watched, IS_LEFT_OUT),
    PART(archive, IS_LEFT_OUT)
#undef PART
};
enum { PARTS = sizeof parts / sizeof *parts };

static struct zhi_str part_of(const struct zhi_change *c, const struct part *p) {
  return *(const struct zhi_str *)(const void *)((const char *)c + p->at);
}

json_t *zhi_change_json(const struct zhi_change *c) {
  json_t *o = json_pack("{s:I, s:I}", "id", (json_int_t)c->id, "weight", (json_int_t)c->weight);
  for (size_t i = 0; i < PARTS; i++) {
    struct zhi_str s = part_of(c, &parts[i]);
    if (s.p || parts[i].missing == IS_NULL)
      json_object_set_new(o, parts[i].name, zhi_json_str(s));
  }
  return o;
}

struct zhi_change zhi_change_of_json(const json_t *o) {
  struct zhi_change c = {.id = json_integer_value(json_object_get(o, "id")),
                         .weight = json_integer_value(json_object_get(o, "weight"))};
  for (size_t i = 0; i < PARTS; i++) {
    const char *s = json_string_value(json_object_get(o, parts[i].name));
    if (s)
      *(struct zhi_str *)(void *)((char *)&c + parts[i].at) = zhi_str_of(s);
  }
  return c;
}

static void json_member(struct zhi_buf *out, const char *name, struct zhi_str s) {
  zhi_buf_addf(out, "   \"%s\": ", name);
  if (s.p)
    zhi_json_add_string(out, s);
  else
    zhi_buf_adds(out, "null");
  zhi_buf_adds(out, ",\n");
}

static void put_json(struct zhi_changes_view *v, const struct zhi_change *c) {
  zhi_buf_adds(v->out, v->some ? ",\n  {\n" : "\n  {\n");
  for (size_t i = 0; i < PARTS; i++) {
    struct zhi_str s = part_of(c, &parts[i]);
    if (s.p || parts[i].missing == IS_NULL)
      json_member(v->out, parts[i].name, s);
  }
  zhi_buf_addf(v->out, "   \"id\": %lld,\n   \"weight\": %lld\n  }", (long long)c->id,
               (long long)c->weight);
}

/* --- text ---------------------------------------------------------------------------------------------------------- */

static void add_group(struct zhi_changes_view *v, const struct zhi_change *c) {
  struct zhi_buf *out = v->out;
  if (v->some && zhi_str_eq(zhi_buf_view(&v->host), c->host) &&
      zhi_str_eq(zhi_buf_view(&v->column), c->column))
    return;
  zhi_buf_clear(&v->host);
  zhi_buf_addstr(&v->host, c->host);
  zhi_buf_clear(&v->column);
  zhi_buf_addstr(&v->column, c->column);
  if (v->some)
    zhi_buf_addc(out, '\n');
  zhi_plain_text(out, c->host);
  if (c->column.len) {
    zhi_buf_adds(out, " / ");
    zhi_plain_text(out, c->column);
  }
  zhi_buf_addc(out, '\n');
}

static void put_text(struct zhi_changes_view *v, const struct zhi_change *c) {
  struct zhi_buf *out = v->out;
  add_group(v, c);
  zhi_buf_addf(out, "%4lld  %-10.*s ", (long long)c->weight, ZHI_STR_ARGS(c->change));
  zhi_plain_text(out, c->title.len ? c->title : ZHI_STR("-"));
  if (c->detail.len) {
    zhi_buf_adds(out, "\n      ");
    zhi_plain_text(out, c->detail);
  }
  zhi_buf_adds(out, "\n      ");
  if (c->from.len)
    zhi_buf_addf(out, "between %.*s and ", ZHI_STR_ARGS(c->from));
  else
    zhi_buf_adds(out, "first seen ");
  zhi_buf_addf(out, "%.*s\n      ", ZHI_STR_ARGS(c->to));
  zhi_plain_text(out, c->url);
  zhi_buf_addc(out, '\n');
}

/* --- csv ----------------------------------------------------------------------------------------------------------- */

static void put_csv(struct zhi_changes_view *v, const struct zhi_change *c) {
  const struct zhi_str cells[] = {c->url, c->change, c->from, c->to, c->title, c->host, c->column};
  for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
    zhi_csv_cell(v->out, cells[i], ZHI_CSV_PLAIN);
    zhi_buf_addc(v->out, ',');
  }
  zhi_buf_addf(v->out, "%lld,", (long long)c->weight);
  zhi_csv_cell(v->out, c->detail, ZHI_CSV_PLAIN);
  zhi_buf_adds(v->out, "\r\n");
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

static const char *zh_of(struct zhi_str change) {
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
    if (zhi_str_is(change, words[i].change))
      return words[i].zh;
  return "";
}

/* In Chinese and English: a feed is one for all its readers. */
static void add_summary(const struct zhi_change *c, struct zhi_buf *out) {
  const struct zhi_str details[] = {c->detail_zh, c->detail};
  zhi_buf_adds(out, "<summary>");
  for (int i = 0; i < 2; i++)
    if (details[i].len) {
      zhi_markup_text(out, details[i]);
      zhi_buf_adds(out, " · ");
    }
  if (c->from.len)
    zhi_buf_addf(out, "介于 %.*s 与 %.*s 的抓取之间 · Between captures of %.*s and %.*s",
                 ZHI_STR_ARGS(c->from), ZHI_STR_ARGS(c->to), ZHI_STR_ARGS(c->from),
                 ZHI_STR_ARGS(c->to));
  else
    zhi_buf_addf(out, "首次见于 %.*s · First seen %.*s", ZHI_STR_ARGS(c->to), ZHI_STR_ARGS(c->to));
  zhi_buf_adds(out, "</summary>");
}

static void put_atom(struct zhi_changes_view *v, const struct zhi_change *c) {
  struct zhi_buf id, title, *out = v->out;
  struct zhi_str time = zhi_change_time(c);
  zhi_buf_init(&id, PART_MAX);
  zhi_buf_init(&title, PART_MAX);
  zhi_buf_addf(&id, "%.*s %.*s %.*s %.*s", ZHI_STR_ARGS(v->name), ZHI_STR_ARGS(c->change),
               ZHI_STR_ARGS(time), ZHI_STR_ARGS(c->url));
  const char *zh = zh_of(c->change);
  zhi_buf_addf(&title, "[%s%s%.*s] %.*s", zh, zh[0] ? " " : "", ZHI_STR_ARGS(c->change),
               ZHI_STR_ARGS(c->title.len ? c->title : c->url));
  zhi_buf_adds(out, "<entry>");
  add_id(out, zhi_buf_view(&id));
  add_element(out, "title", zhi_buf_view(&title));
  add_element(out, "updated", time);
  zhi_buf_adds(out, "<link rel=\"alternate\" href=\"");
  zhi_markup_text(out, c->url);
  zhi_buf_addf(out, "\"/><category term=\"%.*s\"/>", ZHI_STR_ARGS(c->change));
  add_summary(c, out);
  zhi_buf_adds(out, "</entry>\n");
  zhi_buf_release(&id);
  zhi_buf_release(&title);
}

static void begin_atom(struct zhi_changes_view *v, struct zhi_str updated) {
  zhi_buf_adds(v->out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                       "<feed xmlns=\"http://www.w3.org/2005/Atom\">");
  add_id(v->out, v->name);
  add_element(v->out, "title", v->name);
  add_element(v->out, "updated", updated);
  zhi_buf_adds(v->out, "<author><name>xianzhi</name></author><generator>xianzhi</generator>\n");
}

/* --- any ------------------------------------------------------------------------------------------------------------ */

void zhi_changes_begin(struct zhi_changes_view *v, struct zhi_str updated) {
  v->some = false;
  zhi_buf_init(&v->host, PART_MAX);
  zhi_buf_init(&v->column, PART_MAX);
  switch (v->format) {
  case ZHI_CHANGES_CSV:
    zhi_buf_adds(v->out, "url,change,from,to,title,host,column,weight,detail\r\n");
    break;
  case ZHI_CHANGES_ATOM: begin_atom(v, updated); break;
  case ZHI_CHANGES_JSON: zhi_buf_adds(v->out, "{\n \"changes\": ["); break;
  case ZHI_CHANGES_TEXT: break;
  }
}

void zhi_changes_put(struct zhi_changes_view *v, const struct zhi_change *c) {
  static void (*const put[])(struct zhi_changes_view *,
                             const struct zhi_change *) = {[ZHI_CHANGES_TEXT] = put_text,
                                                           [ZHI_CHANGES_CSV] = put_csv,
                                                           [ZHI_CHANGES_ATOM] = put_atom,
                                                           [ZHI_CHANGES_JSON] = put_json};
  put[v->format](v, c);
  v->some = true;
}

void zhi_changes_end(struct zhi_changes_view *v) {
  if (v->format == ZHI_CHANGES_ATOM)
    zhi_buf_adds(v->out, "</feed>\n");
  if (v->format == ZHI_CHANGES_JSON)
    zhi_buf_adds(v->out, v->some ? "\n ]\n}\n" : "]\n}\n");
  zhi_buf_release(&v->host);
  zhi_buf_release(&v->column);
}
