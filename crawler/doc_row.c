/* What the catalogue keeps of a document: extraction's own structures copied into a row. */
#include "crawler/doc_row.h"

#include <stdlib.h>

static struct zhi_str dump_json(struct zhi_arena *a, json_t *j) {
  char *s = j ? json_dumps(j, JSON_COMPACT) : NULL;
  struct zhi_str out = s ? zhi_arena_str(a, zhi_str_of(s)) : ZHI_STR_NONE;
  free(s);
  json_decref(j);
  return out;
}

static const struct zhi_annual *annual_copy(struct zhi_arena *a, const struct zhi_annual *from) {
  if (!from)
    return NULL;
  struct zhi_annual *to = zhi_arena_alloc(a, sizeof *to);
  *to = *from;
  to->organ = zhi_arena_str(a, from->organ);
  to->cells = zhi_arena_alloc(a, (from->cell_count + 1) * sizeof *to->cells);
  for (size_t i = 0; i < from->cell_count; i++) {
    struct zhi_annual_cell *x = &to->cells[i];
    *x = from->cells[i];
    struct zhi_str *texts[] = {&x->item,          &x->item_label, &x->measure,
                               &x->measure_label, &x->raw,        &x->number};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
      *texts[k] = zhi_arena_str(a, *texts[k]);
  }
  return to;
}

void zhi_doc_to_row(struct zhi_arena *a, const struct zhi_doc *d, struct zhi_doc_row *row) {
  *row = (struct zhi_doc_row){.kind = zhi_kind_name(d->kind),
                              .extractor_version = zhi_extractor_version};
  for (size_t i = 0; i < ZHI_FIELD_COUNT; i++) {
    const struct zhi_field_value *f = &d->fields[i];
    if (f->state == ZHI_FIELD_PRESENT)
      row->field[i] = zhi_arena_str(a, f->value.p ? f->value : f->raw);
  }
  row->fields_json = dump_json(a, zhi_doc_fields_json(d));
  row->text = zhi_arena_str(a, d->text);
  row->text_digest = zhi_arena_str(a, d->text_digest);
  row->body_chars = (int64_t)zhi_utf8_count(d->text);
  row->attachment_count = (int64_t)d->attachment_count;
  row->attachments_json = dump_json(a, zhi_doc_attachments_json(d));
  row->findings_json = dump_json(a, zhi_doc_findings_json(d));
  row->annual = annual_copy(a, d->annual);
  if (d->part_of.len) {
    row->kind = "part";
    row->part_of = zhi_arena_str(a, d->part_of);
    row->part = d->part;
  }
  row->masked_json = d->masked_count ? dump_json(a, zhi_doc_masked_json(d)) : ZHI_STR_NONE;
  if (d->list.adapter)
    row->list_json =
        dump_json(a, json_pack("{s:s,s:i,s:i,s:i,s:I}", "adapter", d->list.adapter, "page",
                               d->list.page, "pages", d->list.pages, "total", d->list.total,
                               "items", (json_int_t)d->list.item_count));
}

bool zhi_keeps_document(const struct zhi_doc *d, const struct zhi_config *config) {
  return d && !d->blocked && d->kind != ZHI_KIND_SOFT_404 && d->kind != ZHI_KIND_BLOCKED &&
         d->charset.len && !(d->noindex && config && config->robots.noindex);
}
