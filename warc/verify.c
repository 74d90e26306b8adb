/* Verify one file: read every record with all checks on and count what was told. */
#include "zhi/warc.h"

struct tally {
  const struct zhi_warc_reader_options *o;
  struct zhi_warc_counts *counts;
};

static void count_problem(void *ctx, const struct zhi_warc_problem *p) {
  struct tally *t = ctx;
  if (p->minor)
    t->counts->minor++;
  else
    t->counts->problems++;
  if (t->o->problem)
    t->o->problem(t->o->ctx, p);
}

static enum zhi_code run(struct zhi_warc_reader *r, struct zhi_warc_counts *counts,
                         struct zhi_err *e) {
  struct zhi_warc_record rec;
  enum zhi_code rc;
  while ((rc = zhi_warc_next(r, &rec, e)) == ZHI_OK) {
    counts->records++;
    counts->by_type[rec.type]++;
  }
  if (rc == ZHI_EOF && counts->records == 0) /* an empty file holds no WARC */
    counts->problems++;
  zhi_warc_reader_free(r);
  return rc == ZHI_EOF || rc == ZHI_EPARSE ? ZHI_OK : rc;
}

static struct zhi_warc_reader_options checking(const struct zhi_warc_reader_options *o,
                                               struct tally *t) {
  struct zhi_warc_reader_options checks = *o;
  checks.verify = true;
  checks.problem = count_problem;
  checks.ctx = t;
  return checks;
}

enum zhi_code zhi_warc_verify(const char *path, const struct zhi_warc_reader_options *o,
                              struct zhi_warc_counts *counts, struct zhi_err *e) {
  struct tally t = {o, counts};
  struct zhi_warc_reader_options checks = checking(o, &t);
  struct zhi_warc_reader *r;
  *counts = (struct zhi_warc_counts){0};
  enum zhi_code rc = zhi_warc_open(path, &checks, &r, e);
  return rc ? rc : run(r, counts, e);
}

enum zhi_code zhi_warc_verify_bytes(struct zhi_str bytes, const struct zhi_warc_reader_options *o,
                                    struct zhi_warc_counts *counts, struct zhi_err *e) {
  struct tally t = {o, counts};
  struct zhi_warc_reader_options checks = checking(o, &t);
  struct zhi_warc_reader *r;
  *counts = (struct zhi_warc_counts){0};
  enum zhi_code rc = zhi_warc_open_bytes(bytes, &checks, &r, e);
  return rc ? rc : run(r, counts, e);
}
