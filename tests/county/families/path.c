/* Templates of addresses and scripts, and reading parameters.
 *
 * {name} stands for a value of the site, column, document or list request; a brace that no name
 * follows stays as it is, so that scripts can be written plainly. */
#include <stdlib.h>

#include "tests/county/families/families.h"

struct name {
  const char *name;
  void (*value)(const struct expand *x, char *out, size_t size);
};

#define VALUE(f, fmt, ...)                                                                         \
  static void v_##f(const struct expand *x, char *out, size_t size) {                              \
    text_set(out, size, fmt, __VA_ARGS__);                                                         \
  }
VALUE(host, "%s", x->site->host->name)
VALUE(site, "%s", x->site->name)
VALUE(siteslug, "%s", x->site->slug)
VALUE(guid, "%s", x->site->guid)
VALUE(organ, "%s", x->site->organ)
VALUE(siteno, "%u", x->site->no + 1)
VALUE(slug, "%s", x->column->slug)
VALUE(name, "%s", x->column->name)
VALUE(id, "%u", x->column->id)
VALUE(cguid, "%s", x->column->guid)
VALUE(class, "%03u", x->column->no + 1)
VALUE(total, "%u", x->column->declared)
VALUE(rows, "%u", x->site->family->rows)
VALUE(no, "%u", x->doc->no)
VALUE(y, "%d", x->doc->y)
VALUE(m, "%d", x->doc->m)
VALUE(d, "%d", x->doc->d)
VALUE(ym, "%04d%02d", x->doc->y, x->doc->m)
VALUE(ymd, "%04d%02d%02d", x->doc->y, x->doc->m, x->doc->d)
VALUE(hex, "%016llx%016llx", (unsigned long long)mix64(x->doc->key ^ x->doc->no),
      (unsigned long long)mix64(x->doc->key + x->doc->no))
VALUE(page, "%u", x->slice.page)
VALUE(page0, "%u", x->slice.page - 1)
VALUE(pages, "%u", x->slice.pages)
VALUE(rev, "%u", x->slice.pages - x->slice.page + 1)
VALUE(from0, "%u", x->slice.from)
VALUE(from, "%u", x->slice.from + 1)
VALUE(to, "%u", x->slice.from + x->slice.count)
VALUE(part, "%u", x->part)

static const struct name names[] = {
    {"host", v_host},    {"site", v_site},   {"siteslug", v_siteslug},
    {"guid", v_guid},    {"organ", v_organ}, {"slug", v_slug},
    {"name", v_name},    {"id", v_id},       {"class", v_class},
    {"total", v_total},  {"cguid", v_cguid}, {"rows", v_rows},
    {"no", v_no},        {"y", v_y},         {"m", v_m},
    {"d", v_d},          {"ym", v_ym},       {"ymd", v_ymd},
    {"hex", v_hex},      {"page", v_page},   {"page0", v_page0},
    {"pages", v_pages},  {"rev", v_rev},     {"from", v_from},
    {"from0", v_from0},  {"to", v_to},       {"part", v_part},
    {"siteno", v_siteno}};

static const struct name *name_at(const char *brace, size_t *len) {
  const char *end = strchr(brace, '}');
  *len = end ? (size_t)(end - brace) - 1 : 0;
  for (size_t i = 0; *len && i < sizeof names / sizeof *names; i++)
    if (strlen(names[i].name) == *len && memcmp(brace + 1, names[i].name, *len) == 0)
      return &names[i];
  return NULL;
}

void fam_expand(const char *text, const struct expand *x, char *out, size_t size) {
  size_t n = 0, len;
  while (*text && n + 1 < size) {
    const struct name *v = *text == '{' ? name_at(text, &len) : NULL;
    if (!v) {
      out[n++] = *text++;
      continue;
    }
    v->value(x, out + n, size - n);
    n += strlen(out + n);
    text += len + 2;
  }
  out[n] = '\0';
}

void fam_expand_page(const char *text, const struct expand *x, struct page *p) {
  char out[4096];
  fam_expand(text, x, out, sizeof out);
  page_text(p, out);
}

/* --- parameters -------------------------------------------------------------------------------- */

/* "name": value of a flat object; values are numbers or strings without escapes. */
static bool json_member(struct zhi_str text, const char *name, struct zhi_str *value) {
  char quoted[80];
  text_set(quoted, sizeof quoted, "\"%s\"", name);
  const char *at = zhi_str_find(text, zhi_str_of(quoted));
  if (!at)
    return false;
  struct zhi_str rest = zhi_str_sub(text, (size_t)(at - text.p) + strlen(quoted), text.len);
  rest = zhi_str_trim(rest);
  if (!rest.len || rest.p[0] != ':')
    return false;
  rest = zhi_str_trim(zhi_str_sub(rest, 1, rest.len));
  if (rest.len && rest.p[0] == '"') {
    rest = zhi_str_sub(rest, 1, rest.len);
    *value = zhi_str_cut(&rest, '"');
    return true;
  }
  size_t n = 0;
  while (n < rest.len && rest.p[n] != ',' && rest.p[n] != '}')
    n++;
  *value = zhi_str_trim(zhi_str_sub(rest, 0, n));
  return true;
}

bool fam_parameter(struct zhi_str text, const char *name, struct zhi_str *value) {
  struct zhi_str rest = text;
  if (text.len && text.p[0] == '{')
    return json_member(text, name, value);
  while (rest.p) {
    struct zhi_str pair = zhi_str_cut(&rest, '&'), key = zhi_str_cut(&pair, '=');
    if (zhi_str_is(key, name)) {
      *value = pair.p ? pair : ZHI_STR("");
      return true;
    }
  }
  return false;
}

unsigned fam_number(const struct request *q, const char *name, unsigned otherwise) {
  struct zhi_str v;
  unsigned long long n;
  if ((fam_parameter(q->body, name, &v) || fam_parameter(q->query, name, &v)) &&
      zhi_str_u64(v, 10000000, &n))
    return (unsigned)n;
  return otherwise;
}

/* %XX decoded and + as a blank, so that values compare however the asker wrote them. */
static size_t decoded(struct zhi_str in, char *out, size_t size) {
  size_t n = 0;
  for (size_t i = 0; i < in.len && n + 1 < size; i++) {
    char hex[3] = {0};
    if (in.p[i] == '%' && i + 2 < in.len) {
      hex[0] = in.p[i + 1];
      hex[1] = in.p[i + 2];
      out[n++] = (char)strtoul(hex, NULL, 16);
      i += 2;
    } else {
      out[n++] = in.p[i] == '+' ? ' ' : in.p[i];
    }
  }
  out[n] = '\0';
  return n;
}

bool fam_parameters_in(struct zhi_str want, struct zhi_str query, struct zhi_str body) {
  while (want.p && want.len) {
    struct zhi_str pair = zhi_str_cut(&want, '&'), name = zhi_str_cut(&pair, '='), got;
    char key[80], a[600], b[600];
    text_set(key, sizeof key, "%.*s", ZHI_STR_ARGS(name));
    if (!fam_parameter(body, key, &got) && !fam_parameter(query, key, &got))
      return false;
    decoded(pair, a, sizeof a);
    decoded(got, b, sizeof b);
    if (strcmp(a, b) != 0)
      return false;
  }
  return true;
}
