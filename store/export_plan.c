/* The plan of an export: which columns, under which conditions; and whether a row meets them. */
#include <stdio.h>
#include <stdlib.h>

#include "store/export.h"

static const struct zhi_column before[EXPORT_ROW] = {
    {"county", NULL, "string", "县区", "County", "所属县区(爬取配置中的名称)",
     "Name of the county, from the crawl's config"},
    {"archive", NULL, "string", "存档", "Archive", "存档文件夹;WARC 文件在其 warc/ 之下",
     "The archive's folder as given; its WARC files are under warc/"},
    {"host", NULL, "string", "主机", "Host", "网址中的主机名", "Host name of the URL"},
};
static const struct zhi_column body = {
    "text", NULL, "string", "正文", "Body text", "正文,每段一行", "Body text, one line a block"};

static enum export_kind kind_of(const struct zhi_column *c) {
  static const char *const json[] = {"raw_fields", "attachments", "findings"};
  enum zhi_field f = zhi_field_of(zhi_str_of(c->name));
  for (size_t i = 0; i < sizeof json / sizeof *json; i++)
    if (strcmp(c->name, json[i]) == 0)
      return EXPORT_JSON;
  if (strcmp(c->type, "integer") == 0)
    return EXPORT_INTEGER;
  if (strcmp(c->type, "datetime") == 0)
    return EXPORT_TIME;
  if (f != ZHI_FIELD_COUNT &&
      (zhi_field_table[f].type == ZHI_FT_DATE || zhi_field_table[f].type == ZHI_FT_DATETIME))
    return EXPORT_DATE;
  return EXPORT_TEXT;
}

static void all_columns(struct export_plan *p) {
  struct zhi_column rows[ZHI_COLUMN_MAX];
  size_t n = zhi_columns(rows);
  for (size_t i = 0; i < EXPORT_ROW; i++)
    p->column[i] = before[i];
  for (size_t i = 0; i < n; i++)
    p->column[EXPORT_ROW + i] = rows[i];
  p->text_column = EXPORT_ROW + n;
  p->column[p->text_column] = body;
  p->column_count = p->text_column + 1;
  for (size_t i = 0; i < p->column_count; i++)
    p->kind[i] = kind_of(&p->column[i]);
}

/* --- fields ------------------------------------------------------------------------------------------------- */

static const char *suggestion(const struct export_plan *p, struct zhi_str name) {
  const char *names[EXPORT_COLUMN_MAX];
  for (size_t i = 0; i < p->column_count; i++) {
    names[i] = p->column[i].name;
    if (zhi_str_is(name, p->column[i].zh) || zhi_str_iis(name, p->column[i].en))
      return names[i];
  }
  return zhi_nearest(name, names, p->column_count);
}

static enum zhi_code find_column(const struct export_plan *p, struct zhi_str name, size_t *out,
                                 struct zhi_err *e) {
  for (size_t i = 0; i < p->column_count; i++)
    if (zhi_str_is(name, p->column[i].name)) {
      *out = i;
      return ZHI_OK;
    }
  const char *near = suggestion(p, name);
  return zhi_fail(e, ZHI_EUSAGE, "no field '%.*s'%s%s%s", ZHI_STR_ARGS(zhi_str_clip(name, 60)),
                  near ? ": did you mean '" : "", near ? near : ": docs/formats.md lists them",
                  near ? "'?" : "");
}

static void need(struct export_plan *p, size_t column) {
  if (column >= EXPORT_ROW && column < p->text_column)
    p->row[column - EXPORT_ROW] = true;
  p->needs_text |= column == p->text_column;
  p->needs_host |= column == EXPORT_HOST;
}

static enum zhi_code choose(struct export_plan *p, struct zhi_err *e) {
  struct zhi_str rest = zhi_str_of(p->o->fields);
  if (!p->o->fields) {
    bool text = p->o->format == ZHI_EXPORT_JSONL;
    for (size_t i = 0; i < p->column_count - !text; i++)
      p->out[p->out_count++] = i;
  }
  while (rest.p && rest.len) {
    size_t column = 0;
    struct zhi_str name = zhi_str_trim(zhi_str_cut(&rest, ','));
    enum zhi_code rc = find_column(p, name, &column, e);
    if (rc)
      return rc;
    for (size_t i = 0; i < p->out_count; i++)
      if (p->out[i] == column)
        return zhi_fail(e, ZHI_EUSAGE, "field '%.*s' is named twice", ZHI_STR_ARGS(name));
    p->out[p->out_count++] = column;
  }
  return p->out_count ? ZHI_OK : zhi_fail(e, ZHI_EUSAGE, "--fields names no field");
}

static enum zhi_code conditions(struct export_plan *p, struct zhi_err *e) {
  for (size_t i = 0; i < p->o->where_count; i++) {
    struct export_where *w = &p->where[p->where_count];
    struct zhi_str value = zhi_str_of(p->o->where[i]);
    if (!memchr(value.p, '=', value.len))
      return zhi_fail(e, ZHI_EUSAGE, "--where is FIELD=VALUE, not '%s'", p->o->where[i]);
    if (p->where_count == EXPORT_WHERE_MAX)
      return zhi_fail(e, ZHI_EUSAGE, "more than %d conditions", EXPORT_WHERE_MAX);
    struct zhi_str name = zhi_str_trim(zhi_str_cut(&value, '='));
    enum zhi_code rc = find_column(p, name, &w->column, e);
    if (rc)
      return rc;
    w->value = value;
    p->where_count++;
  }
  return ZHI_OK;
}

/* --- dates --------------------------------------------------------------------------------------------------- */

static const enum zhi_field date_fields[EXPORT_DATES] = {ZHI_F_DATE_PUBLISHED, ZHI_F_DATE_WRITTEN,
                                                         ZHI_F_DATE_PRINTED, ZHI_F_DATE_GENERATED,
                                                         ZHI_F_DATE_UPDATED};

/* Up to three numbers, whatever stands between them; "20180329" is three, too. */
static int numbers_of(struct zhi_str s, int n[3]) {
  int count = 0;
  for (size_t i = 0; i < s.len && count < 3;) {
    size_t from = i;
    while (i < s.len && s.p[i] >= '0' && s.p[i] <= '9')
      i++;
    size_t len = i - from;
    unsigned long long v = 0;
    if (len && !zhi_str_u64(zhi_str_sub(s, from, i), 99991231, &v))
      return 0;
    if (len == 8 && count == 0) {
      n[0] = (int)(v / 10000), n[1] = (int)(v / 100 % 100), n[2] = (int)(v % 100);
      return 3;
    }
    if (len)
      n[count++] = (int)v;
    i += len == 0;
  }
  return count;
}

static bool write_date(const int n[3], int count, char out[11]) {
  bool good = count > 0 && n[0] >= 1 && n[0] <= 9999 && (count < 2 || (n[1] >= 1 && n[1] <= 12)) &&
              (count < 3 || zhi_date_valid(n[0], n[1], n[2]));
  if (good)
    snprintf(out, 11,
             count == 1   ? "%04u"
             : count == 2 ? "%04u-%02u"
                          : "%04u-%02u-%02u",
             (unsigned)n[0] % 10000u, count > 1 ? (unsigned)n[1] % 100u : 0,
             count > 2 ? (unsigned)n[2] % 100u : 0);
  return good;
}

enum zhi_code export_read_date(const char *flag, const char *text, char out[11],
                               struct zhi_err *e) {
  int n[3];
  char near[11];
  if (!text)
    return ZHI_OK;
  bool good = write_date(n, numbers_of(zhi_str_of(text), n), near);
  if (good && strcmp(text, near) == 0) {
    memcpy(out, near, sizeof near);
    return ZHI_OK;
  }
  return zhi_fail(e, ZHI_EUSAGE, "%s: '%.60s' is no date%s%s%s", flag, text,
                  good ? ": did you mean '" : ": write 2018, 2018-03 or 2018-03-29",
                  good ? near : "", good ? "'?" : "");
}

struct zhi_str export_first_day(const struct zhi_str *dates, size_t count) {
  for (size_t k = 0; k < count; k++) {
    int n[3];
    char day[11];
    struct zhi_str d = zhi_str_sub(dates[k], 0, 10);
    if (d.len && write_date(n, numbers_of(d, n), day) && zhi_str_is(d, day))
      return d;
  }
  return ZHI_STR_NONE;
}

/* The day, month or year the row is of; the NULL view when it has none. */
static struct zhi_str date_of(const struct export_plan *p, const struct zhi_str *cells) {
  struct zhi_str dates[EXPORT_DATES];
  for (size_t k = 0; k < p->date_count; k++)
    dates[k] = cells[p->date[k]];
  return export_first_day(dates, p->date_count);
}

/* Both as far as the less exact of them goes. */
static int compare_dates(struct zhi_str a, const char *b) {
  size_t n = strlen(b) < a.len ? strlen(b) : a.len;
  return memcmp(a.p, b, n);
}

/* --- what a row belongs to ------------------------------------------------------------------------------------- */

struct zhi_str export_host(struct zhi_str url) {
  const char *at = zhi_str_find(url, ZHI_STR("://"));
  if (!at)
    return ZHI_STR_NONE;
  struct zhi_str s = zhi_str_sub(url, (size_t)(at - url.p) + 3, url.len);
  size_t n = 0;
  while (n < s.len && s.p[n] != '/' && s.p[n] != '?' && s.p[n] != '#')
    n++;
  s = zhi_str_sub(s, 0, n);
  while ((at = s.len ? memchr(s.p, '@', s.len) : NULL))
    s = zhi_str_sub(s, (size_t)(at - s.p) + 1, s.len);
  for (n = s.len; n && s.p[n - 1] >= '0' && s.p[n - 1] <= '9'; n--)
    ;
  return n && s.p[n - 1] == ':' ? zhi_str_sub(s, 0, n - 1) : s;
}

void export_name(struct zhi_buf *out, const char *config_json, struct zhi_str folder) {
  json_t *config = json_loads(config_json, 0, NULL);
  const char *name = json_string_value(json_object_get(config, "name"));
  if (!name || !name[0])
    name = json_string_value(json_object_get(config, "cluster"));
  if (name && name[0]) {
    zhi_buf_adds(out, name);
  } else {
    size_t from = folder.len;
    while (from && folder.p[from - 1] != '/')
      from--;
    zhi_buf_addstr(out, zhi_str_sub(folder, from, folder.len));
  }
  json_decref(config);
}

/* --- the plan ------------------------------------------------------------------------------------------------ */

enum zhi_code export_plan(const struct zhi_export_options *o, struct export_plan *p,
                          struct zhi_err *e) {
  *p = (struct export_plan){.o = o};
  all_columns(p);
  enum zhi_code rc = choose(p, e);
  if (!rc)
    rc = conditions(p, e);
  if (!rc)
    rc = export_read_date("--from", o->from, p->from, e);
  if (!rc)
    rc = export_read_date("--to", o->to, p->to, e);
  if (rc)
    return rc;
  if (p->from[0] && p->to[0] && compare_dates(zhi_str_of(p->from), p->to) > 0)
    return zhi_fail(e, ZHI_EUSAGE, "--from %s is after --to %s", p->from, p->to);
  for (size_t i = 0; i < p->out_count; i++)
    need(p, p->out[i]);
  for (size_t i = 0; i < p->where_count; i++)
    need(p, p->where[i].column);
  for (int k = 0; k < EXPORT_DATES && (p->from[0] || p->to[0]) && !rc; k++) {
    rc = find_column(p, zhi_str_of(zhi_field_table[date_fields[k]].name), &p->date[k], e);
    need(p, p->date[k]);
    p->date_count++;
  }
  if (p->needs_host)
    p->row[0] = true; /* the URL */
  return rc;
}

/* Equal, or equal to one of the values that "; " joins. */
bool zhi_export_holds(struct zhi_str cell, struct zhi_str value) {
  if (zhi_str_eq(cell, value))
    return true;
  const struct zhi_str joint = ZHI_STR("; ");
  const char *at;
  while ((at = zhi_str_find(cell, joint))) {
    size_t n = (size_t)(at - cell.p);
    if (zhi_str_eq(zhi_str_sub(cell, 0, n), value))
      return true;
    cell = zhi_str_sub(cell, n + joint.len, cell.len);
    if (zhi_str_eq(cell, value))
      return true;
  }
  return false;
}

bool export_matches(const struct export_plan *p, const struct zhi_str *cells, bool *undated) {
  *undated = false;
  for (size_t i = 0; i < p->where_count; i++) {
    bool any = false;
    for (size_t k = 0; k < p->where_count && !any; k++)
      any = p->where[k].column == p->where[i].column &&
            zhi_export_holds(cells[p->where[k].column], p->where[k].value);
    if (!any)
      return false;
  }
  if (!p->from[0] && !p->to[0])
    return true;
  struct zhi_str d = date_of(p, cells);
  *undated = !d.len;
  return d.len && (!p->from[0] || compare_dates(d, p->from) >= 0) &&
         (!p->to[0] || compare_dates(d, p->to) <= 0);
}
