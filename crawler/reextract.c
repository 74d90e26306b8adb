/* Reextract: the catalogue's documents made again from the WARC records. */
#include <stdio.h>
#include <stdlib.h>

#include "crawler/archive.h"
#include "crawler/doc_row.h"
#include "crawler/page.h"
#include "zhi/json.h"
#include "zhi/limits.h"
#include "zhi/log.h"
#include "zhi/warc.h"

enum { BATCH = 128 };

struct job {
  struct zhi_store *store;
  struct zhi_extractor *extractor;
  struct zhi_record_source source;
  struct zhi_record_page page;
  struct zhi_buf url;
  struct zhi_arena arena; /* rows of the batch */
  struct zhi_doc_row rows[BATCH];
  const struct zhi_doc_row *row_ptr[BATCH];
  int64_t rowids[BATCH];
  size_t count;
  int64_t documents;
};

static enum zhi_code flush(struct job *j, struct zhi_err *e) {
  enum zhi_code rc =
      j->count ? zhi_store_put_docs(j->store, j->rowids, j->row_ptr, j->count, e) : ZHI_OK;
  j->count = 0;
  zhi_arena_reset(&j->arena);
  return rc;
}

static enum zhi_code keep(struct job *j, const struct zhi_doc *d, int64_t rowid,
                          struct zhi_err *e) {
  jmp_buf escape;
  j->arena.escape = &escape;
  j->row_ptr[j->count] = NULL;
  if (setjmp(escape) == 0) {
    if (zhi_keeps_document(d, NULL)) {
      zhi_doc_to_row(&j->arena, d, &j->rows[j->count]);
      j->rows[j->count].list = zhi_list_to_row(&j->arena, d, &j->url);
      j->row_ptr[j->count] = &j->rows[j->count];
    }
  }
  j->arena.escape = NULL;
  if (j->arena.why == ZHI_ARENA_NOMEM)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a document");
  j->rowids[j->count++] = rowid;
  return ZHI_OK;
}

static enum zhi_code on_capture(void *ctx, const struct zhi_capture_ref *c, struct zhi_err *e) {
  struct job *j = ctx;
  struct zhi_warc_record r;
  const struct zhi_doc *d = NULL;
  if (!c->has_doc && (strcmp(c->verdict, "ok") != 0 || c->is_revisit))
    return ZHI_OK;
  if (c->is_revisit && c->body_offset == c->warc_offset && strcmp(c->body_file, c->warc_file) == 0)
    return ZHI_OK; /* the record with its body is lost */
  enum zhi_code rc = zhi_record_source_read(&j->source, c, &r, e);
  if (rc == ZHI_EOF || rc == ZHI_EPARSE) {
    ZHI_LOG(WARC, ERROR, "cannot read %s at %lld: left as it is", c->body_file,
            (long long)c->body_offset);
    return ZHI_OK;
  }
  if (rc)
    return rc;
  if (zhi_record_page_read(&j->page, &r, c->ask.asker.len != 0, NULL) || !j->page.is_textual)
    return ZHI_OK;
  j->page.page.url = zhi_str_of(c->url);
  j->page.page.status = c->status;
  j->page.page.fetched_ms = c->fetched_ms;
  j->page.page.ask = c->ask;
  const unsigned long lost = zhi_json_lost();
  if ((rc = zhi_extract(j->extractor, &j->page.page, &d, e)))
    return rc;
  if ((rc = keep(j, d, c->capture_rowid, e)) || (rc = zhi_json_whole(lost, "a document", e)))
    return rc;
  j->documents += j->row_ptr[j->count - 1] != NULL;
  return j->count == BATCH ? flush(j, e) : ZHI_OK;
}

enum zhi_code zhi_archive_extractor(struct zhi_store *store, struct zhi_extractor **out,
                                    struct zhi_err *e) {
  struct zhi_buf config;
  zhi_buf_init(&config, ZHI_MIB(16));
  enum zhi_code rc = zhi_extractor_new(out, e);
  if (!rc && (rc = zhi_store_last_config(store, &config, e)) == ZHI_OK)
    rc = zhi_config_extractor_json(zhi_buf_view(&config), *out, e);
  zhi_buf_release(&config);
  return rc;
}

static struct job *job_new(const char *archive) {
  struct job *j = calloc(1, sizeof *j);
  if (!j)
    return NULL;
  j->source.archive = archive;
  zhi_record_page_init(&j->page);
  zhi_buf_init(&j->url, 4 * ZHI_URL_MAX_BYTES);
  zhi_arena_init(&j->arena, (size_t)256 << 20);
  return j;
}

static void job_free(struct job *j) {
  zhi_extractor_free(j->extractor);
  zhi_record_source_release(&j->source);
  zhi_record_page_release(&j->page);
  zhi_buf_release(&j->url);
  zhi_arena_release(&j->arena);
  free(j);
}

enum zhi_code zhi_archive_reextract(const char *archive, int64_t *documents, struct zhi_err *e) {
  struct job *j = job_new(archive);
  if (!j)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory");
  enum zhi_code rc = zhi_store_open(archive, ZHI_STORE_WRITE, &zhi_clock_system, &j->store, e);
  if (!rc)
    rc = zhi_archive_recover(j->store, archive, e);
  if (!rc)
    rc = zhi_archive_extractor(j->store, &j->extractor, e);
  if (!rc)
    rc = zhi_store_each_capture(j->store, on_capture, j, e);
  if (!rc)
    rc = flush(j, e);
  if (!rc)
    rc = zhi_store_number_versions(j->store, e);
  if (!rc)
    rc = zhi_store_write_csv(j->store, e);
  *documents = j->documents;
  zhi_store_close(j->store);
  job_free(j);
  return rc;
}

enum zhi_code zhi_archive_compare_again(struct zhi_store *store, const char *archive,
                                        struct zhi_err *e) {
  struct job *j = job_new(archive);
  size_t count = 0;
  if (!j)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory");
  j->store = store;
  enum zhi_code rc = zhi_archive_extractor(j->store, &j->extractor, e);
  if (!rc)
    rc = zhi_store_each_outdated(store, on_capture, j, &count, e);
  if (!rc)
    rc = flush(j, e);
  if (!rc && count)
    rc = zhi_store_number_versions(store, e);
  job_free(j);
  return rc;
}
