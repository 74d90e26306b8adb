/* Where a record ends, and where reading goes on.
 *
 * A block is as long as its header says, and CRLF CRLF follows; where that is not so, a plain file is looked through for
 * the record that the block swallowed. After damage the next record is searched for from just behind the damaged one's
 * start, which reads bytes again: a hostile file could make that quadratic, so what may be read again is bounded by what
 * has been passed for good (may_rewind). */
#include "warc/reader.h"
#include "warc/rules.h"

enum { REWINDS_FREE = 8 /* however far they go */ };
#define REWIND_FREE ((uint64_t)64 << 20)

/* --- the trailer ------------------------------------------------------------------------------ */

enum trailer { TRAILER_OK, TRAILER_ODD, TRAILER_MISSING };

/* Up to two line ends behind the block. CRLF CRLF is right; other line ends, or a single one before
 * the next record or the end (some writers gave empty blocks but one), are odd. */
static enum zhi_code read_trailer(struct zhi_warc_reader *r, enum trailer *how, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  int newlines = 0, returns = 0;
  char c = '\0';
  while (newlines < 2 && returns < 16 && !(rc = zhi_stream_more(&r->st, e)) && r->st.n) {
    c = *r->st.p;
    if (c != '\r' && c != '\n')
      break;
    zhi_stream_take(&r->st, 1);
    newlines += c == '\n';
    returns += c == '\r';
  }
  bool next = !r->st.n || (r->st.n >= 5 && memcmp(r->st.p, "WARC/", 5) == 0);
  *how = newlines == 2           ? (returns == 2 ? TRAILER_OK : TRAILER_ODD)
         : newlines == 1 && next ? TRAILER_ODD
                                 : TRAILER_MISSING;
  return rc;
}

/* A block that swallowed the next record (its Content-Length is too large): where does that one
 * start? Plain files only. UINT64_MAX: nowhere. */
static enum zhi_code find_swallowed(struct zhi_warc_reader *r, uint64_t block_at, uint64_t *start,
                                    struct zhi_err *e) {
  static const char mark[] = "\r\n\r\nWARC/";
  char piece[65536];
  size_t got;
  *start = UINT64_MAX;
  for (uint64_t at = 0;; at += got - (sizeof mark - 2)) {
    enum zhi_code rc = zhi_spool_read(&r->block, at, piece, sizeof piece, &got, e);
    if (rc || got < sizeof mark)
      return rc;
    const char *hit = zhi_str_find(zhi_str_n(piece, got), ZHI_STR("\r\n\r\nWARC/"));
    if (hit) {
      *start = block_at + at + (uint64_t)(hit - piece) + 4;
      return ZHI_OK;
    }
  }
}

static void cut_block(struct zhi_warc_reader *r, uint64_t len) {
  if (len >= r->block.len)
    return;
  r->block.len = len;
  if (r->block.fd < 0)
    zhi_buf_truncate(&r->block.mem, (size_t)len);
}

/* --- after a record --------------------------------------------------------------------------- */

/* May reading go back from `at` to `to`? A few times however far, then within a share of the way made. */
static bool may_rewind(struct zhi_warc_reader *r, uint64_t at, uint64_t to) {
  uint64_t bytes = at > to ? at - to : 0;
  bool yes = r->rewinds < REWINDS_FREE || r->rewound + bytes <= REWIND_FREE + 8 * to;
  if (yes && bytes) {
    r->rewinds++;
    r->rewound += bytes;
  }
  return yes;
}

/* Where to look for the next record after the stream broke at `damage`. */
static enum zhi_code after_damage(struct zhi_warc_reader *r, struct zhi_err *e) {
  uint64_t from = r->st.start + 3;
  if (strcmp(r->st.damage, "bad_crc") ==
      0) /* what was taken for the trailer may be the next member */
    from = r->st.next > from + 8 ? r->st.next - 8 : from;
  else if (!may_rewind(r, r->st.next, from))
    from = r->st.next;
  r->under_way = false;
  enum zhi_code rc = zhi_source_find_record(&r->src, from, &r->at, e);
  return rc;
}

static void tell_damage(struct zhi_warc_reader *r) {
  const char *d = r->st.damage;
  zhi_warc_tell(&r->o, r->st.start, d, false,
                strcmp(d, "truncated") == 0 ? "the gzip member is cut off"
                : strcmp(d, "bad_crc") == 0 ? "the gzip member's checksum or length is wrong"
                                            : "the gzip data is damaged");
}

/* Does anything but line ends follow in this gzip member? */
static enum zhi_code member_has_more(struct zhi_warc_reader *r, bool *more, struct zhi_err *e) {
  enum zhi_code rc;
  *more = false;
  while (!(rc = zhi_stream_more(&r->st, e)) && r->st.n) {
    if (*r->st.p != '\r' && *r->st.p != '\n') {
      *more = true;
      return ZHI_OK;
    }
    zhi_stream_take(&r->st, 1);
  }
  return rc;
}

enum zhi_code zhi_reader_end_record(struct zhi_warc_reader *r, struct zhi_warc_record *rec,
                                    struct zhi_err *e) {
  if (r->st.kind == STREAM_PLAIN) {
    rec->length = r->st.pos - rec->offset;
    r->at = r->st.pos;
    return ZHI_OK; /* under_way stays: reading goes on where it is */
  }
  bool more;
  enum zhi_code rc = member_has_more(r, &more, e);
  if (rc)
    return rc;
  r->in_member++;
  if (more)
    return ZHI_OK;
  rec->length = r->in_member == 1 ? r->st.next - r->st.start : 0;
  if (r->st.damage) {
    tell_damage(r);
    return after_damage(r, e);
  }
  r->under_way = false;
  r->at = r->st.next;
  return ZHI_OK;
}

/* Some writers counted the record's end as part of the block: odd, but nothing is lost. */
static bool ends_blank(const struct zhi_spool *block) {
  char end[4];
  size_t got;
  return block->len >= 4 && !zhi_spool_read(block, block->len - 4, end, 4, &got, NULL) &&
         got == 4 && memcmp(end, "\r\n\r\n", 4) == 0;
}

enum zhi_code zhi_reader_end_block(struct zhi_warc_reader *r, struct zhi_warc_record *rec,
                                   uint64_t block_at, uint64_t missing, struct zhi_err *e) {
  enum trailer how = TRAILER_OK;
  enum zhi_code rc = missing ? ZHI_OK : read_trailer(r, &how, e);
  if (rc)
    return rc;
  if (how == TRAILER_ODD)
    zhi_warc_tell(&r->o, rec->offset, "line_ends", true, "the record does not end in CRLF CRLF");
  if (!missing && how != TRAILER_MISSING)
    return ZHI_OK;
  if (r->st.kind == STREAM_PLAIN) {
    uint64_t start;
    if ((rc = find_swallowed(r, block_at, &start, e)))
      return rc;
    if (start != UINT64_MAX && may_rewind(r, r->st.pos, start)) {
      zhi_warc_tell(&r->o, rec->offset, "bad_length", false,
                    "Content-Length reaches into the next record");
      cut_block(r, start - 4 - block_at);
      return zhi_stream_begin(&r->st, start, e);
    }
  }
  if (missing && !r->st.damage)
    zhi_warc_tell(&r->o, rec->offset, "truncated", false,
                  "the block is %llu bytes shorter than its Content-Length",
                  (unsigned long long)missing);
  else if (!missing && !r->st.damage)
    zhi_warc_tell(&r->o, rec->offset, "bad_trailer",
                  r->st.ended && !r->st.n && ends_blank(&r->block),
                  "no CRLF CRLF behind the block: Content-Length may be wrong");
  return ZHI_OK;
}

enum zhi_code zhi_reader_end_stream(struct zhi_warc_reader *r, struct zhi_err *e) {
  if (r->st.damage) {
    tell_damage(r);
    return after_damage(r, e);
  }
  r->under_way = false;
  r->at = r->st.kind == STREAM_PLAIN ? r->st.pos : r->st.next;
  return ZHI_OK;
}
