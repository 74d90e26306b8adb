/* A document as JSON: the one form for extract, inspect and tests. */
#include "zhi/doc.h"

#include "extract/ctx.h"
#include "zhi/json.h"

static void set(json_t *o, const char *key, json_t *v) { json_object_set_new_nocheck(o, key, v); }

static json_t *confidence_json(float c) {
  return json_real((double)(long)(c * 1000 + 0.5F) / 1000);
}

static json_t *field_json(const struct zhi_field_value *v) {
  json_t *o = json_object();
  bool present = v->state == ZHI_FIELD_PRESENT;
  set(o, "value", present ? zhi_json_str(v->value) : json_null());
  set(o, "raw", zhi_json_str(v->raw.p ? v->raw : ZHI_STR("")));
  set(o, "state", json_string(present ? "present" : "empty"));
  set(o, "source", json_string(v->source ? v->source : ""));
  if (present)
    set(o, "confidence", confidence_json(v->confidence));
  if (v->precision != ZHI_PRECISION_NONE)
    set(o, "precision", json_string(zhi_precision_name(v->precision)));
  if (v->suspect)
    set(o, "suspect", json_true());
  return o;
}

json_t *zhi_doc_fields_json(const struct zhi_doc *d) {
  json_t *o = json_object();
  for (unsigned f = 0; o && f < ZHI_FIELD_COUNT; f++)
    if (d->fields[f].state != ZHI_FIELD_ABSENT)
      set(o, zhi_field_table[f].name, field_json(&d->fields[f]));
  return o;
}

static json_t *request_json(const struct zhi_list_page *p) {
  struct zhi_buf b;
  zhi_buf_init(&b, (size_t)1 << 20);
  zhi_ask_url(p->url, &p->ask, &b);
  json_t *s = zhi_json_str(zhi_buf_view(&b));
  zhi_buf_release(&b);
  return s;
}

static json_t *list_json(const struct zhi_list *l) {
  json_t *o = json_object(), *items = json_array(), *urls = json_array();
  for (size_t i = 0; i < l->item_count; i++) {
    json_t *it = json_object();
    set(it, "url", zhi_json_str(l->items[i].url));
    set(it, "title", zhi_json_str(l->items[i].title));
    set(it, "date", zhi_json_str(l->items[i].date));
    json_array_append_new(items, it);
  }
  for (size_t i = 0; i < l->request_count; i++)
    json_array_append_new(urls, request_json(&l->requests[i]));
  set(o, "adapter", json_string(l->adapter));
  set(o, "items", items);
  set(o, "page", json_integer(l->page));
  set(o, "pages", l->pages ? json_integer(l->pages) : json_null());
  set(o, "total", l->total ? json_integer(l->total) : json_null());
  set(o, "page_urls", urls);
  return o;
}

static json_t *annual_cell_json(const struct zhi_annual_cell *x) {
  json_t *o = json_object();
  set(o, "table", json_integer(x->table));
  set(o, "item", zhi_json_str(x->item));
  set(o, "item_label", zhi_json_str(x->item_label));
  set(o, "measure", zhi_json_str(x->measure));
  set(o, "measure_label", zhi_json_str(x->measure_label));
  set(o, "raw", zhi_json_str(x->raw));
  set(o, "number", x->number.len ? zhi_json_str(x->number) : json_null());
  set(o, "check", json_string(zhi_annual_check_name(x->check)));
  return o;
}

static json_t *annual_json(const struct zhi_annual *a) {
  json_t *o = json_object(), *cells = json_array();
  for (size_t i = 0; i < a->cell_count; i++)
    json_array_append_new(cells, annual_cell_json(&a->cells[i]));
  set(o, "year", a->year ? json_integer(a->year) : json_null());
  set(o, "organ", zhi_json_str(a->organ));
  set(o, "form", json_string(zhi_annual_form_name(a->form)));
  set(o, "cells", cells);
  return o;
}

json_t *zhi_doc_attachments_json(const struct zhi_doc *d) {
  json_t *a = json_array();
  for (size_t i = 0; i < d->attachment_count; i++) {
    json_t *o = json_object();
    set(o, "url", zhi_json_str(d->attachments[i].url));
    set(o, "name", zhi_json_str(d->attachments[i].name));
    set(o, "type", zhi_json_str(d->attachments[i].type));
    json_array_append_new(a, o);
  }
  return a;
}

json_t *zhi_doc_findings_json(const struct zhi_doc *d) {
  json_t *a = json_array();
  for (size_t i = 0; i < d->finding_count; i++) {
    json_t *o = json_object();
    set(o, "code", json_string(d->findings[i].code));
    set(o, "text", zhi_json_str(d->findings[i].text));
    json_array_append_new(a, o);
  }
  return a;
}

json_t *zhi_doc_masked_json(const struct zhi_doc *d) {
  json_t *a = json_array();
  for (uint32_t i = 0; i < d->masked_count; i++)
    json_array_append_new(a, zhi_json_str(d->masked[i]));
  return a;
}

static json_t *candidate_json(const struct zhi_doc_candidate *k) {
  json_t *o = json_object();
  set(o, "value", k->value.p ? zhi_json_str(k->value) : json_null());
  set(o, "raw", zhi_json_str(k->raw));
  set(o, "source", json_string(k->source));
  set(o, "confidence", confidence_json(k->confidence));
  set(o, "line", k->line ? json_integer(k->line) : json_null());
  set(o, "path", zhi_json_str(k->path));
  set(o, "won", json_boolean(k->won));
  set(o, "why", json_string(k->why));
  return o;
}

json_t *zhi_doc_explain_json(const struct zhi_doc *d) {
  json_t *o = json_object(), *fields = json_object(), *list = NULL;
  set(o, "url", zhi_json_str(d->url));
  set(o, "kind", json_string(zhi_kind_name(d->kind)));
  for (size_t i = 0; i < d->candidate_count; i++) {
    const struct zhi_doc_candidate *k = &d->candidates[i];
    if (i == 0 || k->field != k[-1].field)
      set(fields, zhi_field_table[k->field].name, list = json_array());
    json_array_append_new(list, candidate_json(k));
  }
  set(o, "fields", fields);
  return o;
}

json_t *zhi_doc_json(const struct zhi_doc *d, bool with_text) {
  json_t *o = json_object();
  if (!o)
    return NULL;
  set(o, "url", zhi_json_str(d->url));
  set(o, "kind", json_string(zhi_kind_name(d->kind)));
  set(o, "charset", zhi_json_str(d->charset));
  if (d->blocked_by)
    set(o, "blocked_by", json_string(d->blocked_by));
  set(o, "fields", zhi_doc_fields_json(d));
  if (with_text)
    set(o, "text", zhi_json_str(d->text));
  set(o, "text_digest", zhi_json_str(d->text_digest));
  set(o, "attachments", zhi_doc_attachments_json(d));
  if (d->list.adapter)
    set(o, "list", list_json(&d->list));
  if (d->part_of.len)
    set(o, "part_of", zhi_json_str(d->part_of));
  if (d->annual)
    set(o, "annual", annual_json(d->annual));
  set(o, "findings", zhi_doc_findings_json(d));
  return o;
}
