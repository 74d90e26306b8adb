/* Export: the documents of one archive or several as a table for people: CSV, JSON lines, XLSX.
 *
 * Rows are the columns of documents.csv with `county`, `archive` and `host` before them and `text` (the body) after
 * them; one row a document, its latest version, or one a version. Rows stream: memory does not grow with them. An export
 * shows one moment of an archive that is written to meanwhile.
 * Thread: any; archives are opened for reading. `write` and `stop` are called on a thread of the export's, `row` and
 * `warn` on the caller's. */
#ifndef ZHI_EXPORT_H
#define ZHI_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zhi/digest.h"
#include "zhi/str.h"

enum zhi_export_format {
  ZHI_EXPORT_CSV,
  ZHI_EXPORT_JSONL,
  ZHI_EXPORT_XLSX,
  ZHI_EXPORT_ROWS /* no file: each row goes to `row` */
};

struct zhi_export_options {
  enum zhi_export_format format;
  bool excel; /* CSV for a spreadsheet: BOM, guarded cells, none longer than it holds */
  bool all_versions;
  const char *const
      *where; /* "FIELD=VALUE"; several values of one field: any; several fields: all */
  size_t where_count;
  const char *from, *to; /* YYYY, YYYY-MM or YYYY-MM-DD, inclusive; NULL = open */
  const char *fields;    /* "a,b,c" in the order wanted; NULL = all (`text` only in JSON lines) */
  const char *out;       /* NULL or "-" = standard output (not XLSX) */
  /* ROWS: the cells of `fields` in order, valid during the call; gets ctx */
  enum zhi_code (*row)(void *ctx, const struct zhi_str *cells, struct zhi_err *e);
  /* CSV and JSON lines: takes the bytes instead of `out`; NULL = a file; gets ctx */
  enum zhi_code (*write)(void *ctx, struct zhi_str bytes, struct zhi_err *e);
  bool (*stop)(void *ctx); /* asked before each row: true breaks off (ZHI_EIO); may be NULL */
  void (*warn)(void *ctx, const char *text); /* an archive that is damaged; may be NULL */
  void *ctx;
};

struct zhi_export_done {
  int64_t rows;
  int64_t undated; /* left out because --from or --to was given and they have no date */
  int64_t cut;     /* cells cut to what a spreadsheet holds */
  int damaged;     /* archives that could be read only in part */
  int64_t bytes;
  char digest[ZHI_DIGEST_TEXT_SIZE]; /* of the file; "" for standard output */
};

/* Write OPTIONS.out, and describe it in datapackage.json beside it. The date that from and to look at is the first of
 * date_published, date_written, date_printed, date_generated, date_updated that is one. ZHI_EUSAGE: no such field or
 * date (the message suggests one); ZHI_EPARSE, ZHI_EIO: not an archive, or it cannot be read or written. */
ZHI_NODISCARD enum zhi_code zhi_export(const char *const *archives, size_t count,
                                       const struct zhi_export_options *o,
                                       struct zhi_export_done *done, struct zhi_err *e);

/* Does a cell meet FIELD=VALUE: is it the value, or one of those that "; " joins? */
bool zhi_export_holds(struct zhi_str cell, struct zhi_str value);

#endif
