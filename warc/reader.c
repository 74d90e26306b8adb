/* Reader: one record after the other out of whatever the file holds.
 *
 * A record is looked for at a line's start; bytes before it are told as garbage and read over.
 * Header, block and trailer are read from the stream of source.c, so that gzip members, plain text
 * and members of several records take one path. What ends a record, and where to go on, is reader_end.c's. */
#include <stdlib.h>

#include "warc/reader.h"
#include "warc/record.h"
#include "warc/rules.h"
#include "zhi/file.h"
#include "zhi/grow.h"
#include "zhi/limits.h"

enum {
  HEAD_MAX = 512 * 1024,
  FIELDS_MAX = 2048,
  NEWLINES_MAX = 64 /* blank lines before a record that are merely odd */
};
#define BLOCK_MEM_BYTES ZHI_MIB(4)
#define BLOCK_MAX       ((uint64_t)1 << 30)

/* --- open ------------------------------------------------------------------------------------- */

static enum zhi_code reader_new(const struct zhi_warc_reader_options *o, struct source *src,
                                struct zhi_warc_reader **out, struct zhi_err *e) {
  struct zhi_warc_reader *r = calloc(1, sizeof *r);
  if (!r) {
    zhi_source_close(src);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a WARC reader");
  }
  r->o = *o;
  r->src = *src;
  if (!r->o.block_max)
    r->o.block_max = BLOCK_MAX;
  if (!r->o.spool_dir)
    r->o.spool_dir = zhi_tmp_dir();
  zhi_stream_init(&r->st, &r->src);
  zhi_buf_init(&r->head, HEAD_MAX);
  zhi_spool_init(&r->block, r->o.spool_dir, BLOCK_MEM_BYTES, r->o.block_max);
  *out = r;
  return ZHI_OK;
}

enum zhi_code zhi_warc_open(const char *path, const struct zhi_warc_reader_options *o,
                            struct zhi_warc_reader **out, struct zhi_err *e) {
  struct source src;
  enum zhi_code rc = zhi_source_open(path, &src, e);
  return rc ? rc : reader_new(o, &src, out, e);
}

enum zhi_code zhi_warc_open_bytes(struct zhi_str bytes, const struct zhi_warc_reader_options *o,
                                  struct zhi_warc_reader **out, struct zhi_err *e) {
  struct source src;
  zhi_source_memory(bytes, &src);
  return reader_new(o, &src, out, e);
}

enum zhi_code zhi_warc_seek(struct zhi_warc_reader *r, uint64_t offset, struct zhi_err *e) {
  (void)e;
  r->at = offset;
  r->under_way = false;
  return ZHI_OK;
}

void zhi_warc_reader_free(struct zhi_warc_reader *r) {
  if (!r)
    return;
  zhi_stream_release(&r->st);
  zhi_source_close(&r->src);
  zhi_buf_release(&r->head);
  zhi_spool_release(&r->block);
  free(r->fields);
  free(r);
}

/* --- finding a record ------------------------------------------------------------------------- */

struct skipped {
  uint64_t bytes, from;
  bool newlines_only;
};

/* Leave `head` = "WARC/" with the stream just behind it, and what was read over in *s. *found =
 * false: the stream has ended. `*at` is the stream position of the "W". */
static enum zhi_code seek_magic(struct zhi_warc_reader *r, struct skipped *s, bool *found,
                                uint64_t *at, struct zhi_err *e) {
  static const char magic[] = "WARC/";
  size_t match = 0;
  enum zhi_code rc;
  *found = false;
  *s = (struct skipped){.from = r->st.pos, .newlines_only = true};
  while (!(rc = zhi_stream_more(&r->st, e)) && r->st.n) {
    if (*r->st.p == magic[match]) {
      zhi_stream_take(&r->st, 1);
      if (++match < 5)
        continue;
      *found = true;
      *at = r->st.pos - 5;
      zhi_buf_clear(&r->head);
      zhi_buf_adds(&r->head, magic);
      return ZHI_OK;
    }
    s->newlines_only &= match == 0 && (*r->st.p == '\r' || *r->st.p == '\n');
    s->bytes += match;
    match = 0;
    if (*r->st.p == '\r' && s->newlines_only) {
      zhi_stream_take(&r->st, 1);
      s->bytes++;
      continue;
    }
    for (bool line = true; line;) { /* over the rest of this line, across pieces */
      const char *nl = memchr(r->st.p, '\n', r->st.n);
      size_t n = nl ? (size_t)(nl - r->st.p) + 1 : r->st.n;
      zhi_stream_take(&r->st, n);
      s->bytes += n;
      line = !nl;
      if (line && ((rc = zhi_stream_more(&r->st, e)) || !r->st.n))
        return rc;
    }
  }
  s->bytes += match;
  return rc;
}

/* Read on to the blank line; *blank = false when the stream ended or the cap was reached first. */
static enum zhi_code read_head(struct zhi_warc_reader *r, bool *blank, struct zhi_err *e) {
  enum zhi_code rc;
  size_t line = 0; /* where the current line starts */
  *blank = false;
  while (!(rc = zhi_stream_more(&r->st, e)) && r->st.n && !r->head.failed) {
    const char *nl = memchr(r->st.p, '\n', r->st.n);
    size_t n = nl ? (size_t)(nl - r->st.p) + 1 : r->st.n;
    zhi_buf_add(&r->head, r->st.p, n);
    zhi_stream_take(&r->st, n);
    if (!nl || r->head.failed)
      continue;
    bool empty = true;
    for (size_t i = line; i + 1 < r->head.len && empty; i++)
      empty = r->head.p[i] == '\r';
    if (empty) {
      *blank = true;
      return ZHI_OK;
    }
    line = r->head.len;
  }
  return rc || !r->head.starved ? rc : zhi_buf_check(&r->head, "a WARC header", e);
}

/* --- the header ------------------------------------------------------------------------------- */

static struct zhi_str chomp(struct zhi_str line, bool *odd) {
  size_t n = line.len;
  while (line.len && line.p[line.len - 1] == '\r')
    line.len--;
  *odd |= n - line.len != 1;
  return line;
}

/* Folded lines become one: the fold's line end turns into spaces. */
static void unfold(char *p, size_t n) {
  for (size_t i = 1; i < n; i++)
    if ((p[i] == ' ' || p[i] == '\t') && p[i - 1] == '\n')
      for (size_t k = i; k-- > 0 && (p[k] == '\n' || p[k] == '\r');)
        p[k] = ' ';
}

static enum zhi_code add_field(struct zhi_warc_reader *r, size_t *count, struct zhi_str name,
                               struct zhi_str value, struct zhi_err *e) {
  if (*count == FIELDS_MAX)
    return ZHI_OK;
  void *p = zhi_grown(r->fields, &r->field_cap, *count, sizeof *r->fields);
  if (!p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a WARC header");
  r->fields = p;
  r->fields[(*count)++] = (struct zhi_warc_header){name, value};
  return ZHI_OK;
}

static enum zhi_code parse_head(struct zhi_warc_reader *r, struct zhi_warc_record *rec,
                                struct zhi_err *e) {
  bool odd = false;
  size_t count = 0;
  unfold(r->head.p, r->head.len);
  struct zhi_str rest = zhi_buf_view(&r->head);
  rec->version = zhi_str_trim(chomp(zhi_str_cut(&rest, '\n'), &odd));
  enum zhi_code rc = ZHI_OK;
  while (!rc && rest.p && rest.len) {
    struct zhi_str line = chomp(zhi_str_cut(&rest, '\n'), &odd);
    struct zhi_str value = line, name = zhi_str_trim(zhi_str_cut(&value, ':'));
    if (!line.len)
      continue;
    if (!value.p || !name.len)
      zhi_warc_tell(&r->o, rec->offset, "bad_header", false, "header line without a name: %.*s",
                    line.len > 80 ? 80 : (int)line.len, line.p);
    else
      rc = add_field(r, &count, name, zhi_str_trim(value), e);
  }
  if (odd)
    zhi_warc_tell(&r->o, rec->offset, "line_ends", true, "header lines do not end in CRLF");
  if (count == FIELDS_MAX)
    zhi_warc_tell(&r->o, rec->offset, "header_too_large", false, "more than %d header fields",
                  (int)FIELDS_MAX);
  rec->headers = r->fields;
  rec->header_count = count;
  struct zhi_str type = zhi_warc_record_header(rec, "WARC-Type");
  rec->type = zhi_warc_type_of(type);
  return rc;
}

struct zhi_str zhi_warc_record_header(const struct zhi_warc_record *r, const char *name) {
  size_t n = strlen(name);
  for (size_t i = 0; i < r->header_count; i++)
    if (r->headers[i].name.len == n && zhi_str_iis(r->headers[i].name, name))
      return r->headers[i].value.p ? r->headers[i].value : ZHI_STR("");
  return ZHI_STR_NONE;
}

static uint64_t declared_length(struct zhi_warc_reader *r, const struct zhi_warc_record *rec) {
  struct zhi_str text = zhi_warc_record_header(rec, "Content-Length");
  unsigned long long n = 0;
  if (!text.len)
    return 0; /* told by the header rules */
  if (zhi_str_u64(text, INT64_MAX, &n))
    return n;
  zhi_warc_tell(&r->o, rec->offset, "bad_length", false, "Content-Length is not a number: %.*s",
                text.len > 40 ? 40 : (int)text.len, text.p);
  return 0;
}

/* --- the block -------------------------------------------------------------------------------- */

/* *missing: bytes that the stream did not have; *lost: bytes over block_max, read but not kept. */
static enum zhi_code read_block(struct zhi_warc_reader *r, uint64_t length, uint64_t *missing,
                                uint64_t *lost, struct zhi_err *e) {
  enum zhi_code rc;
  zhi_spool_clear(&r->block);
  *lost = 0;
  for (*missing = length; *missing;) {
    if ((rc = zhi_stream_more(&r->st, e)))
      return rc;
    if (!r->st.n)
      return ZHI_OK;
    size_t n = r->st.n < *missing ? r->st.n : (size_t)*missing;
    rc = *lost ? ZHI_ELIMIT : zhi_spool_add(&r->block, r->st.p, n, e);
    if (rc == ZHI_ELIMIT)
      *lost += n;
    else if (rc)
      return rc;
    zhi_stream_take(&r->st, n);
    *missing -= n;
  }
  if (*lost)
    *lost = length - r->block.len;
  return ZHI_OK;
}

/* --- next ------------------------------------------------------------------------------------- */

static enum zhi_code read_record(struct zhi_warc_reader *r, uint64_t at,
                                 struct zhi_warc_record *rec, bool *whole_head, struct zhi_err *e) {
  uint64_t missing, lost;
  rec->offset = r->st.kind == STREAM_PLAIN ? at : r->st.start;
  enum zhi_code rc = read_head(r, whole_head, e);
  if (rc || !*whole_head)
    return rc;
  if ((rc = parse_head(r, rec, e)))
    return rc;
  rec->block_length = declared_length(r, rec);
  uint64_t block_at = r->st.pos;
  if ((rc = read_block(r, rec->block_length, &missing, &lost, e)))
    return rc;
  if (lost)
    zhi_warc_tell(&r->o, rec->offset, "block_too_large", false,
                  "%llu bytes of the block were not kept", (unsigned long long)lost);
  rec->block = &r->block;
  if ((rc = zhi_reader_end_block(r, rec, block_at, missing, e)))
    return rc;
  if ((rc = zhi_reader_end_record(r, rec, e)) || !r->o.verify)
    return rc;
  zhi_warc_check_header(rec, &r->o);
  return lost ? ZHI_OK : zhi_warc_check_digests(rec, &r->o, e);
}

/* Begin at r->at. *end: nothing is left. */
static enum zhi_code begin_stream(struct zhi_warc_reader *r, bool *end, struct zhi_err *e) {
  enum zhi_code rc = zhi_stream_begin(&r->st, r->at, e);
  *end = r->at == UINT64_MAX || r->st.kind == STREAM_NONE;
  r->under_way = true;
  r->in_member = 0;
  return rc;
}

static void tell_junk(struct zhi_warc_reader *r, uint64_t at, uint64_t bytes, bool blank) {
  if (blank && bytes <= NEWLINES_MAX)
    zhi_warc_tell(&r->o, at, "line_ends", true, "%llu bytes of blank lines between records",
                  (unsigned long long)bytes);
  else
    zhi_warc_tell(&r->o, at, "garbage", false, "%llu bytes that are no record",
                  (unsigned long long)bytes);
}

/* Is it nothing but a few line ends? */
static bool is_blank(struct zhi_str s) {
  if (s.len > NEWLINES_MAX)
    return false;
  for (size_t i = 0; i < s.len; i++)
    if (s.p[i] != '\r' && s.p[i] != '\n')
      return false;
  return true;
}

static enum zhi_code not_warc(struct zhi_warc_reader *r, struct zhi_str here, struct zhi_err *e) {
  bool arc = zhi_str_starts(here, "filedesc:");
  const char *why =
      arc ? "this is an ARC file, not a WARC" : "there is no WARC record in this file";
  zhi_warc_tell(&r->o, r->at, "not_warc", false, "%s", why);
  return zhi_fail(e, ZHI_EPARSE, "%s", why);
}

/* Junk where a record should be: jump to the next one of either kind without decoding in between.
 */
static enum zhi_code jump_junk(struct zhi_warc_reader *r, bool *end, struct zhi_err *e) {
  struct zhi_str here;
  uint64_t found, bytes = 0;
  enum zhi_code rc = zhi_source_at(&r->src, r->at, 16, &here, e);
  if (rc || !here.len || zhi_is_gzip(here) || zhi_str_starts(here, "WARC/"))
    return rc;
  if ((rc = zhi_source_find_record(&r->src, r->at, &found, e)))
    return rc;
  if ((rc = zhi_source_at(&r->src, r->at, NEWLINES_MAX + 1, &here, e)))
    return rc;
  if (found == UINT64_MAX && r->seen == 0)
    return not_warc(r, here, e);
  bytes = found == UINT64_MAX ? here.len : found - r->at;
  tell_junk(r, r->at, bytes, is_blank(zhi_str_sub(here, 0, (size_t)bytes)));
  r->at = found;
  *end = found == UINT64_MAX;
  return ZHI_OK;
}

/* Plain text is under way: is there another plain record right here? Else look at the file anew,
 * since a gzip member or junk may follow. */
static enum zhi_code look_ahead(struct zhi_warc_reader *r, struct zhi_err *e) {
  enum zhi_code rc = zhi_stream_more(&r->st, e);
  if (!rc && (r->st.n < 5 || memcmp(r->st.p, "WARC/", 5) != 0)) {
    r->at = r->st.pos;
    r->under_way = false;
  }
  return rc;
}

/* The header did not end: say why, and look for the next record. */
static enum zhi_code bad_head(struct zhi_warc_reader *r, uint64_t offset, struct zhi_err *e) {
  bool large = r->head.failed;
  zhi_warc_tell(&r->o, offset, large ? "header_too_large" : "truncated", false,
                large ? "the header has no end" : "the data ends within a header");
  if (!large || r->st.kind != STREAM_PLAIN)
    return ZHI_OK;
  r->under_way = false;
  return zhi_source_find_record(&r->src, r->st.pos, &r->at, e);
}

/* One try: *got says that *rec was filled, *end that there is nothing more. Neither: go on. */
static enum zhi_code try_next(struct zhi_warc_reader *r, struct zhi_warc_record *rec, bool *got,
                              bool *end, struct zhi_err *e) {
  struct skipped s;
  bool found;
  uint64_t at = 0;
  enum zhi_code rc = ZHI_OK;
  if (r->under_way && r->st.kind == STREAM_PLAIN)
    rc = look_ahead(r, e);
  if (!rc && !r->under_way) {
    *end = r->at == UINT64_MAX;
    if (*end || (rc = jump_junk(r, end, e)) || *end || (rc = begin_stream(r, end, e)) || *end)
      return rc;
  }
  if (rc || (rc = seek_magic(r, &s, &found, &at, e)))
    return rc;
  if (s.bytes)
    tell_junk(r, r->st.kind == STREAM_PLAIN ? s.from : r->st.start, s.bytes, s.newlines_only);
  if (!found)
    return zhi_reader_end_stream(r, e);
  if (r->st.kind == STREAM_GZIP && r->in_member && !r->told_many) {
    zhi_warc_tell(&r->o, r->st.start, "not_record_at_a_time", false,
                  "a gzip member holds more than one record");
    r->told_many = true;
  }
  *rec = (struct zhi_warc_record){0};
  rc = read_record(r, at, rec, got, e);
  if (rc)
    return rc;
  if (!*got)
    return bad_head(r, rec->offset, e);
  r->seen++;
  return ZHI_OK;
}

enum zhi_code zhi_warc_next(struct zhi_warc_reader *r, struct zhi_warc_record *out,
                            struct zhi_err *e) {
  bool got = false, end = false;
  enum zhi_code rc = ZHI_OK;
  struct zhi_warc_record rec;
  while (!rc && !got && !end)
    rc = try_next(r, &rec, &got, &end, e);
  if (rc)
    return rc;
  if (!got)
    return ZHI_EOF;
  *out = rec;
  return ZHI_OK;
}
