/* The truth of the scenario: documents, list requests, columns, hosts. The README has the format. */
#include "tests/county/families/families.h"

static void string(FILE *f, const char *name, const char *value) {
  fprintf(f, ",\"%s\":", name);
  json_string(f, value);
}

/* --- documents --------------------------------------------------------------------------------- */

static void field_values(FILE *f, const struct fdoc *d, const struct ffields *v) {
  static const enum field labelled[] = {F_INDEX_NO, F_PUBLISHER, F_DATE_WRITTEN, F_TOPIC_CLASS,
                                        F_VALIDITY};
  fprintf(f, ",\"fields\":{\"title\":");
  json_string(f, d->title);
  string(f, "date_published", v->norm[F_DATE_PUBLISHED]);
  string(f, "source", v->norm[F_SOURCE]);
  string(f, "doc_no", v->norm[F_DOC_NO]);
  for (unsigned i = 0; v->labelled && i < sizeof labelled / sizeof *labelled; i++)
    string(f, field_names[labelled[i]], v->norm[labelled[i]]);
  fprintf(f, "}");
}

static void line_if(FILE *f, const struct fsite *s, const char *path, const char *kind,
                    const char *must) {
  fprintf(f, "{\"url\":\"http://%s%s\",\"must\":%s,\"kind\":\"%s\",\"family\":\"%s\"",
          s->host->name, path, must, kind, s->family->name);
}

static void line(FILE *f, const struct fsite *s, const char *path, const char *kind) {
  line_if(f, s, path, kind, "true");
}

static void document_files(FILE *f, const struct fdoc *d) {
  char path[PATH_MAX_BYTES];
  for (unsigned k = 1; k < d->parts; k++) {
    doc_part_path(d, k, path);
    line(f, d->site, path, "part");
    fprintf(f, ",\"of\":\"http://%s%s\"}\n", d->site->host->name, d->path);
  }
  if (doc_has_attachment(d)) {
    doc_attachment(d, path);
    line(f, d->site, path, "attachment");
    fprintf(f, "}\n");
  }
}

static void document(const struct county *c, FILE *f, const struct fdoc *d) {
  static const char *const changes[] = {"none", "added", "edited", "moved"};
  struct ffields v;
  char path[PATH_MAX_BYTES];
  bool now = c->o.generation && d->changed == c->o.generation;
  unsigned change = !now                                      ? 0
                    : d->from && d->from->ended == d->changed ? 3
                    : d->born == d->changed                   ? 1
                                                              : 2;
  fam_fields(d, &v);
  line_if(f, d->site, d->path, "document", d->column->delisted ? "null" : "true");
  fprintf(f, ",\"column\":\"%s\",\"listed\":%s,\"idiom\":\"%s\",\"born\":%u,\"changed\":%u",
          d->column->name, d->column->delisted ? "false" : "true", v.idiom, d->born, d->changed);
  if (now)
    fprintf(f, ",\"change\":\"%s\"", changes[change]);
  if (d->from)
    fprintf(f, ",\"moved_from\":\"http://%s%s\"", d->site->host->name, d->from->path);
  string(f, "title", d->title);
  field_values(f, d, &v);
  fprintf(
      f,
      ",\"body_head\":\"为落实%d年第%u号工作安排，现就有关事项公布如下。\",\"body_tail\":\"%.4s年"
      "%.2s月%.2s日\",\"parts\":%u,\"attachments\":[",
      d->y, d->serial % 10000, v.norm[F_DATE_WRITTEN], v.norm[F_DATE_WRITTEN] + 5,
      v.norm[F_DATE_WRITTEN] + 8, d->parts);
  if (doc_has_attachment(d)) {
    doc_attachment(d, path);
    fprintf(f, "\"http://%s%s\"", d->site->host->name, path);
  }
  fprintf(f, "]}\n");
  if (!d->column->delisted)
    document_files(f, d);
}

/* An address that was a document's. */
static void former(const struct county *c, FILE *f, const struct fdoc *d) {
  bool redirect = d->state == DOC_MOVED && d->redirects && d->to->state == DOC_LIVE;
  line_if(f, d->site, d->path, "former", "null");
  fprintf(f, ",\"ended\":%u", d->ended);
  if (d->ended == c->o.generation)
    fprintf(f, ",\"change\":\"%s\"", d->state == DOC_REMOVED ? "removed" : "moved");
  if (d->to)
    fprintf(f, ",\"moved_to\":\"http://%s%s\"", d->site->host->name, d->to->path);
  if (redirect)
    fprintf(f, ",\"status\":301");
  fprintf(f, "}\n");
}

/* --- lists ------------------------------------------------------------------------------------- */

static void list_request(FILE *f, const struct fcolumn *c, unsigned k) {
  const struct family *y = c->site->family;
  struct expand x = {.site = c->site, .column = c, .slice = column_slice(c, k)};
  char target[PATH_MAX_BYTES * 2], body[BODY_BYTES];
  fam_expand(k ? y->next : y->first, &x, target, sizeof target);
  target[strcspn(target, "#")] = '\0';
  bool loose = k && y->loose;
  fprintf(
      f,
      "{\"url\":\"http://%s%s\",\"must\":%s,\"kind\":\"list\",\"family\":\"%s\",\"column\":\"%s\","
      "\"id\":%u,\"request\":%u,\"rows\":%u,\"loose\":%s,\"changed\":%u",
      c->site->host->name, target, loose ? "null" : "true", y->name, c->name, request_id(c, k), k,
      x.slice.count, loose ? "true" : "false", c->changed);
  if (k && y->method) {
    fam_expand(y->body, &x, body, sizeof body);
    fprintf(f, ",\"method\":\"%s\"", y->method);
    string(f, "body", body);
  }
  fprintf(f, "}\n");
}

static void column(FILE *f, const struct fcolumn *c) {
  const struct family *y = c->site->family;
  const char *host = c->site->host->name;
  struct expand x = {.site = c->site, .column = c, .slice = column_slice(c, 0)};
  char target[PATH_MAX_BYTES * 2];
  fam_expand(y->first, &x, target, sizeof target);
  bool shared = strchr(target, '#'); /* one page for all columns: its address is listed once */
  target[strcspn(target, "#")] = '\0';
  fprintf(f, "{\"kind\":\"column\",\"family\":\"%s\",\"cms\":\"%s\",\"host\":\"%s\"", y->name,
          y->cms, host);
  fprintf(f, ",\"url\":\"http://%s%s\",\"caption\":\"%s\",\"requests\":%u,\"total\":%u", host,
          target, c->name, column_requests(c), c->count);
  if (shared) {
    x.slice = column_slice(c, 1);
    fam_expand(y->next, &x, target, sizeof target);
    fprintf(f, ",\"rows_url\":\"http://%s%s\"", host, target);
  }
  if (y->declares & DECLARES_TOTAL)
    fprintf(f, ",\"declared\":%u", c->declared);
  if (y->declares & DECLARES_PAGES)
    fprintf(f, ",\"pages\":%u", fam_pages(c));
  if (c->delisted)
    fprintf(f, ",\"delisted\":%u", c->delisted);
  fprintf(f, "}\n");
  for (unsigned k = 0; !c->delisted && k < column_requests(c); k++)
    if (k || !c->no || !shared)
      list_request(f, c, k);
}

/* --- all --------------------------------------------------------------------------------------- */

void families_truth(const struct county *c, FILE *f) {
  portal_truth(c, f);
  odd_truth(c, f);
  for (unsigned i = 0; i < c->families->site_count; i++) {
    const struct fsite *s = &c->families->sites[i];
    line(f, s, "/", fam_home_path(s) ? "page" : "home");
    fprintf(f, "}\n");
    if (fam_home_path(s)) {
      line(f, s, fam_home_path(s), "home");
      fprintf(f, "}\n");
    }
    line(f, s, "/robots.txt", "robots");
    fprintf(f, ",\"status\":404}\n");
    line(f, s, "/css/site.css", "requisite");
    fprintf(f, "}\n");
    if (s->family->file) {
      line(f, s, s->family->file, "requisite");
      fprintf(f, "}\n");
    }
    for (unsigned k = 0; k < s->column_count; k++)
      column(f, &s->columns[k]);
    for (unsigned k = 0; k < s->doc_count; k++)
      if (s->docs[k].state == DOC_LIVE)
        document(c, f, &s->docs[k]);
      else
        former(c, f, &s->docs[k]);
  }
}
