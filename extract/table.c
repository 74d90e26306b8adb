/* Data tables, read with libyaml's events: only the keys on the way down are kept. */
#include "extract/table.h"

#include <string.h>
#include <yaml.h>

struct reader {
  struct zhi_table_row row;
  int open; /* mappings open */
  bool in_list;
  enum zhi_code (*fn)(void *ctx, const struct zhi_table_row *r, struct zhi_err *e);
  void *ctx;
};

static enum zhi_code scalar(struct reader *r, struct zhi_str s, struct zhi_err *e) {
  struct zhi_table_row *row = &r->row;
  if (r->in_list) {
    row->word = s;
    enum zhi_code rc = r->fn(r->ctx, row, e);
    row->rank++;
    return rc;
  }
  if (r->open < 1 || r->open > ZHI_TABLE_DEPTH || s.len >= ZHI_TABLE_KEY_BYTES)
    return zhi_fail(e, ZHI_EPARSE, "a key too deep or too long: '%.*s'", ZHI_STR_ARGS(s));
  row->depth = r->open;
  for (int i = r->open - 1; i < ZHI_TABLE_DEPTH; i++)
    row->key[i][0] = '\0';
  memcpy(row->key[r->open - 1], s.p, s.len);
  row->key[r->open - 1][s.len] = '\0';
  return ZHI_OK;
}

static enum zhi_code event(struct reader *r, const yaml_event_t *ev, struct zhi_err *e) {
  switch (ev->type) {
  case YAML_MAPPING_START_EVENT: r->open++; break;
  case YAML_MAPPING_END_EVENT: r->open--; break;
  case YAML_SEQUENCE_START_EVENT:
    r->in_list = true;
    r->row.rank = 0;
    break;
  case YAML_SEQUENCE_END_EVENT: r->in_list = false; break;
  case YAML_SCALAR_EVENT:
    return scalar(r, zhi_str_n((const char *)ev->data.scalar.value, ev->data.scalar.length), e);
  default: break;
  }
  return ZHI_OK;
}

enum zhi_code zhi_table_read(struct zhi_str yaml, const char *name,
                             enum zhi_code (*row)(void *ctx, const struct zhi_table_row *r,
                                                  struct zhi_err *e),
                             void *ctx, struct zhi_err *e) {
  struct reader r = {.fn = row, .ctx = ctx};
  yaml_parser_t p;
  enum zhi_code rc = ZHI_OK;
  if (!yaml_parser_initialize(&p))
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for %s", name);
  yaml_parser_set_input_string(&p, (const unsigned char *)yaml.p, yaml.len);
  for (bool done = false; !done && rc == ZHI_OK;) {
    yaml_event_t ev;
    if (!yaml_parser_parse(&p, &ev)) {
      rc = zhi_fail(e, ZHI_EPARSE, "%s:%zu: %s", name, p.problem_mark.line + 1,
                    p.problem ? p.problem : "malformed");
      break;
    }
    done = ev.type == YAML_STREAM_END_EVENT;
    rc = event(&r, &ev, e);
    if (rc)
      zhi_err_prefix(e, "%s:%zu", name, ev.start_mark.line + 1);
    yaml_event_delete(&ev);
  }
  yaml_parser_delete(&p);
  return rc;
}
