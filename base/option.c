/* Options: the YAML reader. libyaml's document API keeps the start mark of every node, so each message
 * names file, line and column. The walk follows the table, not the file: its depth is the number of dots in
 * a name, whatever anchors and aliases a file holds. */
#include "zhi/option.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/option_value.h"

enum { NAME_MAX_BYTES = 96, MAX_TEXT_BYTES = 1 << 20, MAX_NAMES = 256 };

struct reader {
  const struct zhi_option *rows;
  const char *file;
  void *target;
  struct zhi_mark *marks;
  yaml_document_t *doc;
  struct zhi_err *e;
};

static struct zhi_mark mark_of(const yaml_mark_t *m) {
  return (struct zhi_mark){(int)m->line + 1, (int)m->column + 1};
}

/* Put the place and the key before a cause that a value parser gave. */
static enum zhi_code at_key(struct reader *r, const yaml_node_t *n, const char *name,
                            enum zhi_code rc) {
  struct zhi_mark m = mark_of(&n->start_mark);
  zhi_err_prefix(r->e, "%s:%d:%d: key '%.80s'", r->file, m.line, m.column, name);
  return rc;
}

static size_t row_count(const struct zhi_option *rows) {
  size_t n = 0;
  while (rows[n].name)
    n++;
  return n;
}

static const struct zhi_option *row_of(const struct zhi_option *rows, const char *name) {
  for (; rows->name; rows++)
    if (strcmp(rows->name, name) == 0)
      return rows;
  return NULL;
}

static bool is_group(const struct zhi_option *rows, const char *name) {
  size_t len = strlen(name);
  for (; rows->name; rows++)
    if (strncmp(rows->name, name, len) == 0 && rows->name[len] == '.')
      return true;
  return false;
}

static struct zhi_str scalar_of(const yaml_node_t *n) {
  return zhi_str_n((const char *)n->data.scalar.value, n->data.scalar.length);
}

static bool is_null(const yaml_node_t *n) {
  struct zhi_str s = scalar_of(n);
  return n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
         (s.len == 0 || zhi_str_is(s, "~") || zhi_str_is(s, "null"));
}

static const char *kind_of(const yaml_node_t *n) {
  switch (n->type) {
  case YAML_SEQUENCE_NODE: return "a list";
  case YAML_MAPPING_NODE: return "a mapping";
  case YAML_SCALAR_NODE: return is_null(n) ? "nothing" : "a single value";
  case YAML_NO_NODE: break;
  }
  return "nothing";
}

static enum zhi_code wrong_type(struct reader *r, const yaml_node_t *n, const char *name,
                                const char *want) {
  return at_key(r, n, name, zhi_fail(r->e, ZHI_EUSAGE, "expected %s, found %s", want, kind_of(n)));
}

static enum zhi_code add_string(struct zhi_strings *l, const struct zhi_str *key,
                                struct zhi_str value, struct zhi_mark at, struct zhi_err *e) {
  size_t n = l->n + 1;
  char **v = realloc(l->v, n * sizeof *v);
  l->v = v ? v : l->v;
  struct zhi_mark *marks = realloc(l->at, n * sizeof *marks);
  l->at = marks ? marks : l->at;
  char **keys = key ? realloc(l->key, n * sizeof *keys) : NULL;
  l->key = keys ? keys : l->key;
  char *copy = strndup(value.len ? value.p : "", value.len);
  char *key_copy = key ? strndup(key->p, key->len) : NULL;
  if (!v || !marks || !copy || (key && (!keys || !key_copy))) {
    free(copy);
    free(key_copy);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an option");
  }
  l->v[l->n] = copy;
  l->at[l->n] = at;
  if (key)
    l->key[l->n] = key_copy;
  l->n = n;
  return ZHI_OK;
}

static enum zhi_code check_entry(struct reader *r, const yaml_node_t *n, const char *name) {
  if (n->type != YAML_SCALAR_NODE || is_null(n))
    return wrong_type(r, n, name, "text as entry");
  struct zhi_str s = scalar_of(n);
  for (size_t i = 0; i < s.len; i++)
    if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
      return at_key(r, n, name, zhi_fail(r->e, ZHI_EUSAGE, "contains a control character"));
  if (s.len == 0)
    return at_key(r, n, name, zhi_fail(r->e, ZHI_EUSAGE, "an entry is empty"));
  return ZHI_OK;
}

static enum zhi_code check_count(struct reader *r, const yaml_node_t *n,
                                 const struct zhi_option *row, size_t count) {
  if (count < (size_t)row->min)
    return at_key(r, n, row->name,
                  zhi_fail(r->e, ZHI_EUSAGE, "needs at least %lld entr%s", (long long)row->min,
                           row->min == 1 ? "y" : "ies"));
  if (row->max && count > (size_t)row->max)
    return at_key(r, n, row->name,
                  zhi_fail(r->e, ZHI_EUSAGE, "has more than %lld entries", (long long)row->max));
  return ZHI_OK;
}

static void strings_release(struct zhi_strings *l) {
  for (size_t i = 0; i < l->n; i++) {
    free(l->v[i]);
    if (l->key)
      free(l->key[i]);
  }
  free(l->v);
  free(l->key);
  free(l->at);
  *l = (struct zhi_strings){0};
}

static struct zhi_strings *strings_of(const struct zhi_option *row, void *target) {
  return (struct zhi_strings *)(void *)((char *)target + row->offset);
}

static enum zhi_code read_list(struct reader *r, const struct zhi_option *row,
                               const yaml_node_t *n) {
  if (n->type != YAML_SEQUENCE_NODE)
    return wrong_type(r, n, row->name, "a list: [a, b]");
  size_t count = (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
  enum zhi_code rc = check_count(r, n, row, count);
  struct zhi_strings *l = strings_of(row, r->target);
  strings_release(l);
  for (size_t i = 0; !rc && i < count; i++) {
    const yaml_node_t *item = yaml_document_get_node(r->doc, n->data.sequence.items.start[i]);
    if ((rc = check_entry(r, item, row->name)) == ZHI_OK)
      rc = add_string(l, NULL, scalar_of(item), mark_of(&item->start_mark), r->e);
  }
  return rc;
}

static enum zhi_code read_map(struct reader *r, const struct zhi_option *row,
                              const yaml_node_t *n) {
  if (n->type != YAML_MAPPING_NODE)
    return wrong_type(r, n, row->name, "a mapping: {a: b}");
  size_t count = (size_t)(n->data.mapping.pairs.top - n->data.mapping.pairs.start);
  enum zhi_code rc = check_count(r, n, row, count);
  struct zhi_strings *l = strings_of(row, r->target);
  strings_release(l);
  for (size_t i = 0; !rc && i < count; i++) {
    const yaml_node_pair_t *p = &n->data.mapping.pairs.start[i];
    const yaml_node_t *key = yaml_document_get_node(r->doc, p->key);
    const yaml_node_t *value = yaml_document_get_node(r->doc, p->value);
    if ((rc = check_entry(r, key, row->name)) || (rc = check_entry(r, value, row->name)))
      return rc;
    struct zhi_str k = scalar_of(key);
    for (size_t j = 0; j < l->n; j++)
      if (zhi_str_is(k, l->key[j]))
        return at_key(r, key, row->name,
                      zhi_fail(r->e, ZHI_EUSAGE, "entry '%.60s' is given twice", l->key[j]));
    rc = add_string(l, &k, scalar_of(value), mark_of(&value->start_mark), r->e);
  }
  return rc;
}

static enum zhi_code read_value(struct reader *r, const struct zhi_option *row,
                                const yaml_node_t *n) {
  if (row->type == ZHI_OPT_LIST)
    return read_list(r, row, n);
  if (row->type == ZHI_OPT_MAP)
    return read_map(r, row, n);
  if (n->type != YAML_SCALAR_NODE)
    return wrong_type(r, n, row->name, zhi_option_type_name(row->type));
  if (is_null(n))
    return at_key(r, n, row->name,
                  zhi_fail(r->e, ZHI_EUSAGE, "has no value; leave the line out for the default"));
  enum zhi_code rc = zhi_option_set(row, scalar_of(n), r->target, r->e);
  return rc == ZHI_EUSAGE ? at_key(r, n, row->name, rc) : rc;
}

/* The key that was probably meant: a sibling by whole name, or the same last part in another group. */
static const char *suggestion(const struct zhi_option *rows, const char *name) {
  const char *names[MAX_NAMES], *last = strrchr(name, '.');
  size_t n = 0;
  for (const struct zhi_option *o = rows; o->name && n < MAX_NAMES; o++)
    names[n++] = o->name;
  const char *near = zhi_nearest(zhi_str_of(name), names, n);
  if (near)
    return near;
  last = last ? last + 1 : name;
  for (size_t i = 0; i < n; i++) {
    const char *own = strrchr(names[i], '.');
    if (strcmp(own ? own + 1 : names[i], last) == 0)
      return names[i];
  }
  return NULL;
}

static enum zhi_code unknown_key(struct reader *r, const yaml_node_t *key, const char *name) {
  const char *near = suggestion(r->rows, name);
  enum zhi_code rc = near ? zhi_fail(r->e, ZHI_EUSAGE, "unknown key; did you mean '%s'?", near)
                          : zhi_fail(r->e, ZHI_EUSAGE, "unknown key");
  return at_key(r, key, name, rc);
}

static bool same_key(struct reader *r, const yaml_node_t *map, size_t before, struct zhi_str key) {
  for (size_t i = 0; i < before; i++) {
    const yaml_node_t *k = yaml_document_get_node(r->doc, map->data.mapping.pairs.start[i].key);
    if (k->type == YAML_SCALAR_NODE && zhi_str_eq(scalar_of(k), key))
      return true;
  }
  return false;
}

/* The keys of one mapping; `prefix` is "" or "group.". Recursion ends with the dots of the table's names. */
static enum zhi_code read_group(struct reader *r, const yaml_node_t *n, const char *prefix) {
  size_t count = (size_t)(n->data.mapping.pairs.top - n->data.mapping.pairs.start);
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; !rc && i < count; i++) {
    const yaml_node_pair_t *p = &n->data.mapping.pairs.start[i];
    const yaml_node_t *key = yaml_document_get_node(r->doc, p->key);
    const yaml_node_t *value = yaml_document_get_node(r->doc, p->value);
    char name[NAME_MAX_BYTES + 2];
    if (key->type != YAML_SCALAR_NODE)
      return wrong_type(r, key, prefix, "a name as key");
    struct zhi_str k = scalar_of(key);
    snprintf(name, NAME_MAX_BYTES, "%s%.*s", prefix, (int)(k.len > 64 ? 64 : k.len), k.p);
    if (same_key(r, n, i, k))
      return at_key(r, key, name, zhi_fail(r->e, ZHI_EUSAGE, "is given twice"));
    const struct zhi_option *row = row_of(r->rows, name);
    if (row && r->marks[row - r->rows].line)
      return at_key(r, key, name, zhi_fail(r->e, ZHI_EUSAGE, "is given twice"));
    if (row) {
      r->marks[row - r->rows] = mark_of(&value->start_mark);
      rc = read_value(r, row, value);
    } else if (!is_group(r->rows, name)) {
      return unknown_key(r, key, name);
    } else if (value->type != YAML_MAPPING_NODE) {
      return wrong_type(r, value, name, "a mapping: {key: value}");
    } else {
      size_t len = strlen(name);
      memcpy(name + len, ".", 2);
      rc = read_group(r, value, name);
    }
  }
  return rc;
}

static enum zhi_code yaml_error(const yaml_parser_t *p, const char *file, struct zhi_err *e) {
  if (p->error == YAML_MEMORY_ERROR)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory reading '%s'", file);
  const char *why = p->problem ? p->problem : "malformed";
  if (p->error == YAML_READER_ERROR) /* no mark: only a byte offset */
    return zhi_fail(e, ZHI_EUSAGE, "%s:1:1: not YAML: %s at byte %zu", file, why,
                    p->problem_offset);
  struct zhi_mark m = mark_of(&p->problem_mark);
  return zhi_fail(e, ZHI_EUSAGE, "%s:%d:%d: not YAML: %s", file, m.line, m.column, why);
}

static enum zhi_code check_required(struct reader *r, const yaml_node_t *root) {
  for (const struct zhi_option *o = r->rows; o->name; o++)
    if (o->required && !r->marks[o - r->rows].line) {
      struct zhi_mark m = root ? mark_of(&root->start_mark) : (struct zhi_mark){1, 1};
      return zhi_fail(r->e, ZHI_EUSAGE, "%s:%d:%d: key '%s': is required: %s", r->file, m.line,
                      m.column, o->name, o->help);
    }
  return ZHI_OK;
}

static enum zhi_code read_document(struct reader *r, yaml_parser_t *parser) {
  yaml_document_t doc, more;
  if (!yaml_parser_load(parser, &doc))
    return yaml_error(parser, r->file, r->e);
  r->doc = &doc;
  enum zhi_code rc = ZHI_OK;
  const yaml_node_t *root = yaml_document_get_root_node(&doc);
  if (root && root->type == YAML_MAPPING_NODE)
    rc = read_group(r, root, "");
  else if (root && !(root->type == YAML_SCALAR_NODE && is_null(root)))
    rc = zhi_fail(r->e, ZHI_EUSAGE, "%s:%zu:%zu: expected keys and values, found %s", r->file,
                  root->start_mark.line + 1, root->start_mark.column + 1, kind_of(root));
  if (!rc)
    rc = check_required(r, root);
  if (!rc && root) {
    if (!yaml_parser_load(parser, &more)) {
      rc = yaml_error(parser, r->file, r->e);
    } else {
      const yaml_node_t *second = yaml_document_get_root_node(&more);
      if (second)
        rc = zhi_fail(r->e, ZHI_EUSAGE, "%s:%zu:%zu: a second document begins here", r->file,
                      second->start_mark.line + 1, second->start_mark.column + 1);
      yaml_document_delete(&more);
    }
  }
  yaml_document_delete(&doc);
  return rc;
}

enum zhi_code zhi_option_defaults(const struct zhi_option *rows, void *target, struct zhi_err *e) {
  for (const struct zhi_option *o = rows; o->name; o++) {
    enum zhi_code rc = ZHI_OK;
    if (o->type == ZHI_OPT_STRING) {
      char **s = (char **)(void *)((char *)target + o->offset);
      *s = strdup(o->def ? o->def : "");
      rc = *s ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for an option");
    } else if (o->def && o->type != ZHI_OPT_LIST && o->type != ZHI_OPT_MAP) {
      rc = zhi_option_set(o, zhi_str_of(o->def), target, e);
    }
    if (rc) {
      zhi_err_prefix(e, "default of '%s'", o->name);
      zhi_option_release(rows, target);
      return rc == ZHI_EUSAGE ? ZHI_EBUG : rc;
    }
  }
  return ZHI_OK;
}

enum zhi_code zhi_option_load(const struct zhi_option *rows, struct zhi_str text, const char *file,
                              void *target, struct zhi_option_marks *marks, struct zhi_err *e) {
  struct zhi_mark *at = calloc(row_count(rows) + 1, sizeof *at);
  struct reader r = {rows, file, target, at, NULL, e};
  yaml_parser_t parser;
  if (!at || !yaml_parser_initialize(&parser)) {
    free(at);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory reading '%s'", file);
  }
  enum zhi_code rc = zhi_option_defaults(rows, target, e);
  if (!rc && text.len > MAX_TEXT_BYTES)
    rc = zhi_fail(e, ZHI_EUSAGE, "%s:1:1: larger than 1 MiB", file);
  if (!rc) {
    yaml_parser_set_input_string(&parser, (const unsigned char *)(text.len ? text.p : ""),
                                 text.len);
    rc = read_document(&r, &parser);
  }
  yaml_parser_delete(&parser);
  if (rc) {
    zhi_option_release(rows, target);
    free(at);
    return rc;
  }
  *marks = (struct zhi_option_marks){file, at};
  return ZHI_OK;
}

void zhi_option_release(const struct zhi_option *rows, void *target) {
  for (const struct zhi_option *o = rows; o->name; o++) {
    if (o->type == ZHI_OPT_LIST || o->type == ZHI_OPT_MAP) {
      strings_release(strings_of(o, target));
    } else if (o->type == ZHI_OPT_STRING) {
      char **s = (char **)(void *)((char *)target + o->offset);
      free(*s);
      *s = NULL;
    }
  }
}

void zhi_option_marks_release(struct zhi_option_marks *marks) {
  free(marks->at);
  *marks = (struct zhi_option_marks){0};
}

enum zhi_code zhi_option_fail(const struct zhi_option *rows, const struct zhi_option_marks *marks,
                              const char *name, const struct zhi_mark *at, struct zhi_err *e,
                              const char *fmt, ...) {
  char why[320];
  va_list args;
  va_start(args, fmt);
  vsnprintf(why, sizeof why, fmt, args);
  va_end(args);
  const struct zhi_option *row = row_of(rows, name);
  struct zhi_mark m = at ? *at : row ? marks->at[row - rows] : (struct zhi_mark){0, 0};
  if (m.line == 0)
    return zhi_fail(e, ZHI_EUSAGE, "%s: key '%s': %s", marks->file, name, why);
  return zhi_fail(e, ZHI_EUSAGE, "%s:%d:%d: key '%s': %s", marks->file, m.line, m.column, name,
                  why);
}

bool zhi_option_given(const struct zhi_option *rows, const struct zhi_option_marks *marks,
                      const char *name) {
  const struct zhi_option *row = row_of(rows, name);
  return row && marks->at[row - rows].line != 0;
}
