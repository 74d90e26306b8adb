/* XLSX by libxlsxwriter in constant memory: each row goes to a temporary file as it is written.
 *
 * Sheet "documents" (and "documents 2", … when there are more rows than a sheet holds): dates and numbers typed, the
 * header frozen and filtered. Sheet "字段 Fields" tells what each column means. Cells longer than Excel's limit are cut
 * and counted; nothing is ever a formula, because every text is written as a string. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "store/export.h"
#include "zhi/csv.h"
#include "zhi/file.h"

enum { SHEET_ROWS = LXW_ROW_MAX - 1, DAY_MS = 24 * 3600 * 1000, EPOCH_SERIAL = 25569 };

struct book {
  const struct export_plan *p;
  struct zhi_export_done *done;
  lxw_workbook *book;
  lxw_worksheet *sheet;
  lxw_format *head, *date, *time, *wrap;
  uint32_t row; /* last one written on the sheet; 0 = the header */
  unsigned sheets;
  struct zhi_buf text;
  char *temporary;
};

static enum zhi_code fail(struct book *b, lxw_error why, struct zhi_err *e) {
  return zhi_fail(e, why == LXW_ERROR_MEMORY_MALLOC_FAILED ? ZHI_ENOMEM : ZHI_EIO,
                  "cannot write '%s': %s", b->p->o->out, lxw_strerror(why));
}

/* Text as XML 1.0 can hold it: no NUL, no U+FFFE and U+FFFF; libxlsxwriter escapes the other controls. */
static const char *clean(struct book *b, struct zhi_str s) {
  zhi_buf_clear(&b->text);
  if (zhi_utf8_valid(s, NULL) && !memchr(s.p, '\0', s.len) &&
      !zhi_str_find(s, ZHI_STR("\xEF\xBF\xBE")) && !zhi_str_find(s, ZHI_STR("\xEF\xBF\xBF"))) {
    zhi_buf_addstr(&b->text, s);
    return b->text.p;
  }
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    i += zhi_utf8_next(s.p + i, s.len - i, &cp);
    if (cp)
      zhi_buf_add_utf8(&b->text, cp == 0xFFFE || cp == 0xFFFF ? 0xFFFD : cp);
  }
  return b->text.p ? b->text.p : "";
}

static lxw_error write_text(struct book *b, lxw_col_t column, struct zhi_str cell) {
  bool cut;
  cell = zhi_cell_fit(cell, &cut);
  b->done->cut += cut;
  const char *text = clean(b, cell);
  return b->text.failed ? LXW_ERROR_MEMORY_MALLOC_FAILED
                        : worksheet_write_string(b->sheet, b->row, column, text, NULL);
}

/* Excel's serial number of a time text; false when it is not one, or not exact to the day. */
static bool serial_of(struct zhi_str s, double *serial, bool *has_time) {
  int64_t ms;
  struct zhi_buf whole;
  *has_time = s.len > 10;
  if (s.len < 10 || s.p[4] != '-' || s.p[7] != '-')
    return false;
  zhi_buf_init(&whole, 64);
  zhi_buf_addstr(&whole, s);
  if (s.len == 10)
    zhi_buf_adds(&whole, "T00:00:00Z");
  else if (s.p[s.len - 1] != 'Z')
    zhi_buf_adds(&whole, s.len == 16 ? ":00Z" : "Z");
  bool good = !whole.failed && zhi_time_parse(zhi_buf_view(&whole), &ms);
  zhi_buf_release(&whole);
  if (good)
    *serial = (double)ms / DAY_MS + EPOCH_SERIAL;
  return good && *serial >= 61; /* before March 1900 Excel counts a day that never was */
}

static lxw_error write_cell(struct book *b, lxw_col_t column, enum export_kind kind,
                            struct zhi_str cell) {
  unsigned long long n;
  double serial;
  bool has_time;
  if (!cell.len)
    return LXW_NO_ERROR;
  if (kind == EXPORT_INTEGER && zhi_str_u64(cell, UINT64_C(999999999999999), &n))
    return worksheet_write_number(b->sheet, b->row, column, (double)n, NULL);
  if ((kind == EXPORT_TIME || kind == EXPORT_DATE) && serial_of(cell, &serial, &has_time))
    return worksheet_write_number(b->sheet, b->row, column, serial, has_time ? b->time : b->date);
  return write_text(b, column, cell);
}

/* --- sheets --------------------------------------------------------------------------------------------------- */

static double width_of(enum export_kind kind, const char *name) {
  if (strcmp(name, "title") == 0 || strcmp(name, "url") == 0)
    return 48;
  return kind == EXPORT_TIME ? 19 : kind == EXPORT_INTEGER ? 10 : 14;
}

static lxw_error end_sheet(struct book *b) {
  return b->sheet ? worksheet_autofilter(b->sheet, 0, 0, b->row, (lxw_col_t)(b->p->out_count - 1))
                  : LXW_NO_ERROR;
}

static lxw_error begin_sheet(struct book *b) {
  char name[32];
  lxw_error why = end_sheet(b);
  snprintf(name, sizeof name, b->sheets ? "documents %u" : "documents", b->sheets + 1);
  b->sheets++;
  b->row = 0;
  if (!(b->sheet = workbook_add_worksheet(b->book, name)))
    return LXW_ERROR_MEMORY_MALLOC_FAILED;
  worksheet_freeze_panes(b->sheet, 1, 0);
  for (size_t i = 0; i < b->p->out_count && !why; i++) {
    const struct zhi_column *c = &b->p->column[b->p->out[i]];
    why = worksheet_set_column(b->sheet, (lxw_col_t)i, (lxw_col_t)i,
                               width_of(b->p->kind[b->p->out[i]], c->name), NULL);
  }
  for (size_t i = 0; i < b->p->out_count && !why; i++)
    why =
        worksheet_write_string(b->sheet, 0, (lxw_col_t)i, b->p->column[b->p->out[i]].name, b->head);
  return why;
}

static enum zhi_code row(void *ctx, const struct zhi_str *cells, struct zhi_err *e) {
  struct book *b = ctx;
  lxw_error why = b->row == SHEET_ROWS ? begin_sheet(b) : LXW_NO_ERROR;
  b->row++;
  for (size_t i = 0; i < b->p->out_count && !why; i++)
    why = write_cell(b, (lxw_col_t)i, b->p->kind[b->p->out[i]], cells[b->p->out[i]]);
  return why ? fail(b, why, e) : ZHI_OK;
}

static lxw_error dictionary(struct book *b) {
  static const char *const heads[] = {"field", "字段", "title", "type", "说明", "description"};
  static const char *const kinds[] = {"text", "integer", "date and time, UTC", "date", "JSON"};
  lxw_worksheet *s = workbook_add_worksheet(b->book, "字段 Fields");
  lxw_error why = s ? LXW_NO_ERROR : LXW_ERROR_MEMORY_MALLOC_FAILED;
  if (s) {
    worksheet_freeze_panes(s, 1, 0);
    why = worksheet_set_column(s, 0, 3, 20, NULL);
    if (!why)
      why = worksheet_set_column(s, 4, 5, 70, NULL);
  }
  for (lxw_col_t i = 0; i < 6 && !why; i++)
    why = worksheet_write_string(s, 0, i, heads[i], b->head);
  for (size_t i = 0; i < b->p->out_count && !why; i++) {
    const struct zhi_column *c = &b->p->column[b->p->out[i]];
    const char *cells[] = {c->name,     c->zh,      c->en, kinds[b->p->kind[b->p->out[i]]],
                           c->about_zh, c->about_en};
    for (lxw_col_t k = 0; k < 6 && !why; k++)
      why = worksheet_write_string(s, (lxw_row_t)i + 1, k, cells[k] ? cells[k] : "", b->wrap);
  }
  return why;
}

/* --- life ------------------------------------------------------------------------------------------------------ */

static enum zhi_code end(void *ctx, enum zhi_code rc, struct zhi_err *e) {
  struct book *b = ctx;
  lxw_error why = LXW_NO_ERROR;
  if (!rc && ((why = end_sheet(b)) || (why = dictionary(b))))
    rc = fail(b, why, e);
  why = workbook_close(b->book); /* frees it in any case */
  if (!rc && why)
    rc = fail(b, why, e);
  if (!rc)
    rc = zhi_file_digest(b->temporary, b->done->digest, &b->done->bytes, e);
  if (!rc)
    rc = zhi_file_settle(b->temporary, b->p->o->out, e);
  if (rc)
    unlink(b->temporary);
  zhi_buf_release(&b->text);
  free(b->temporary);
  free(b);
  return rc;
}

static lxw_format *format(lxw_workbook *w, const char *number) {
  lxw_format *f = workbook_add_format(w);
  if (f && number)
    format_set_num_format(f, number);
  return f;
}

static enum zhi_code start(struct book *b, struct zhi_err *e) {
  char room[4096];
  snprintf(room, sizeof room, "%s", zhi_tmp_dir());
  lxw_workbook_options o = {.constant_memory = LXW_TRUE, .tmpdir = room, .use_zip64 = LXW_TRUE};
  if (asprintf(&b->temporary, "%s.tmp", b->p->o->out) < 0)
    b->temporary = NULL;
  if (!b->temporary || !(b->book = workbook_new_opt(b->temporary, &o)))
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  b->head = format(b->book, NULL);
  b->date = format(b->book, "yyyy-mm-dd");
  b->time = format(b->book, "yyyy-mm-dd hh:mm:ss");
  b->wrap = format(b->book, NULL);
  if (!b->head || !b->date || !b->time || !b->wrap)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  format_set_bold(b->head);
  format_set_text_wrap(b->wrap);
  lxw_error why = begin_sheet(b);
  return why ? fail(b, why, e) : ZHI_OK;
}

enum zhi_code export_xlsx_open(const struct export_plan *p, struct zhi_export_done *done,
                               struct export_sink *out, struct zhi_err *e) {
  if (!p->o->out || strcmp(p->o->out, "-") == 0)
    return zhi_fail(e, ZHI_EUSAGE, "an XLSX file cannot go to standard output: name it with -o");
  struct zhi_out probe; /* a place where nothing can be written is told before the work */
  enum zhi_code rc = zhi_out_open(&probe, p->o->out, e);
  if (rc || (rc = zhi_out_finish(&probe, ZHI_EOF, e)) != ZHI_EOF)
    return rc;
  struct book *b = calloc(1, sizeof *b);
  if (!b)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  b->p = p;
  b->done = done;
  zhi_buf_init(&b->text, 4 * ZHI_CELL_MAX_UNITS);
  if ((rc = start(b, e))) {
    if (b->book)
      workbook_close(b->book);
    if (b->temporary)
      unlink(b->temporary);
    free(b->temporary);
    free(b);
    return rc;
  }
  *out = (struct export_sink){row, end, b};
  return ZHI_OK;
}
