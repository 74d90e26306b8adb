/* WARC: records out and in (ISO 28500:2017, WARC 1.1), one gzip member a record.
 *
 * Writing is split so that costly work runs on many threads and one thread owns the file:
 *   zhi_warc_pack_*   serialise and compress the records of one capture into a spool      any thread
 *   zhi_warc_writer   appends packed captures, syncs, rotates, closes                     its owner only
 * Reading never trusts the file: oddities are findings with an offset, and reading goes on. */
#ifndef ZHI_WARC_H
#define ZHI_WARC_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/clock.h"
#include "zhi/digest.h"
#include "zhi/file.h"
#include "zhi/spool.h"
#include "zhi/str.h"
#include "zhi/verdict.h"

/* --- pack ------------------------------------------------------------------------------------------ */

/* One exchange, ready to be written. All views are borrowed for the call. */
struct zhi_warc_exchange {
  struct zhi_str url;          /* WARC-Target-URI; RFC 3986 */
  int64_t date_ms;             /* UTC; every record of the capture has it */
  struct zhi_str ip;           /* "" when unknown */
  struct zhi_str protocol;     /* WARC-Protocol, "http/1.1"; "" when unknown */
  struct zhi_str tls_version;  /* WARC-Protocol too: "tls/1.3"; "" without TLS */
  struct zhi_str cipher_suite; /* WARC-Cipher-Suite; "" when unknown */
  struct zhi_str
      request_head; /* request line and headers as sent, with the blank line; "" = no record */
  struct zhi_str request_body;  /* of a POST, behind its head in the record; may be empty */
  struct zhi_str response_head; /* status line and headers as received, with the blank line */
  const struct zhi_spool
      *body;             /* entity as received: content coding kept, transfer coding removed */
  bool was_chunked;      /* transfer coding was removed: the head is adjusted (see below) */
  const char *truncated; /* "length" "time" "disconnect", NULL when whole */
  /* metadata record (application/warc-fields): "name: value\r\n" lines beyond via, hopsFromSeed and
   * fetchTimeMs, already formatted; may be empty */
  struct zhi_str via, hops;
  int64_t fetch_time_ms; /* < 0: unknown */
  struct zhi_str metadata_fields;
  /* revisit: profile NULL = an ordinary response. Then body is not written. */
  const char *revisit_profile; /* ZHI_WARC_IDENTICAL or ZHI_WARC_NOT_MODIFIED */
  struct zhi_str refers_to_id,
      refers_to_uri; /* the original's record id (with <>) and target URI */
  int64_t refers_to_date_ms;
  struct zhi_str payload_digest; /* "sha256:…" when already known (revisits), else computed */
};
#define ZHI_WARC_IDENTICAL    "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
#define ZHI_WARC_NOT_MODIFIED "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

/* A packed capture: compressed records one behind the other; the response (or revisit) comes first. */
struct zhi_warc_packed {
  struct zhi_spool bytes;                    /* gzip members */
  uint64_t response_length;                  /* compressed bytes of the first member */
  char record_id[48];                        /* "<urn:uuid:…>" of the response or revisit */
  char payload_digest[ZHI_DIGEST_TEXT_SIZE]; /* of the stored entity; "" when there is none */
  char block_digest[ZHI_DIGEST_TEXT_SIZE];
};

struct zhi_warc_packer;
/* `level`: libdeflate 1–12. `dir`: where large captures spill. `warcinfo_id` goes on every record; it is
 * copied at each pack from the writer's current file (zhi_warc_writer_info_id). */
ZHI_NODISCARD enum zhi_code zhi_warc_packer_new(int level, const char *dir, struct zhi_ids *ids,
                                                struct zhi_warc_packer **out, struct zhi_err *e);
void zhi_warc_packer_free(struct zhi_warc_packer *p);
/* Serialise response|revisit, request, metadata. The stored head: if was_chunked, Transfer-Encoding is
 * renamed X-Archive-Orig-Transfer-Encoding and a Content-Length of the stored entity is set; a wrong
 * Content-Length of a body that is whole is renamed X-Archive-Orig-Content-Length and set right (a
 * truncated capture keeps the server's own); raw CR/LF/NUL oddities are made a parseable head. Each changed header is
 * named in the metadata record ("headersChanged: …"). On ZHI_OK *out owns its spool: release it. */
ZHI_NODISCARD enum zhi_code zhi_warc_pack(struct zhi_warc_packer *p,
                                          const struct zhi_warc_exchange *x,
                                          struct zhi_str warcinfo_id, struct zhi_warc_packed *out,
                                          struct zhi_err *e);
/* Payload digest of a stored entity, as the records have it. */
ZHI_NODISCARD enum zhi_code zhi_warc_payload_digest(struct zhi_warc_packer *p,
                                                    const struct zhi_spool *body,
                                                    char out[ZHI_DIGEST_TEXT_SIZE],
                                                    struct zhi_err *e);
/* A resource record (the crawl's own config or log): one member. */
ZHI_NODISCARD enum zhi_code zhi_warc_pack_resource(struct zhi_warc_packer *p, struct zhi_str url,
                                                   struct zhi_str content_type, struct zhi_str data,
                                                   int64_t date_ms, struct zhi_str warcinfo_id,
                                                   struct zhi_warc_packed *out, struct zhi_err *e);
void zhi_warc_packed_release(struct zhi_warc_packed *p);

/* --- write ----------------------------------------------------------------------------------------- */

struct zhi_warc_writer_options {
  const char *dir;            /* archive's warc folder; files go to DIR/<year>/ */
  const char *crawl_id;       /* in the file's name */
  const char *host_label;     /* in the file's name: safe characters only */
  uint64_t max_bytes;         /* a file that has reached this is full */
  struct zhi_str info_fields; /* warcinfo lines beyond software and format, formatted; copied */
  const struct zhi_clock *clock;
  struct zhi_ids *ids;
  uint32_t first_serial; /* serial of the first file */
};

/* Where a capture landed. `file` is relative to the warc folder: "2026/xianzhi-….warc.gz". */
struct zhi_recref {
  char file[192];
  uint64_t offset; /* of the response/revisit record */
  uint64_t length; /* compressed, response/revisit record only */
};

struct zhi_warc_writer;
ZHI_NODISCARD enum zhi_code zhi_warc_writer_new(const struct zhi_warc_writer_options *o,
                                                struct zhi_warc_writer **out, struct zhi_err *e);
/* Append one packed capture. Opens a file ("NAME.open", O_EXCL, folder fsynced, warcinfo record first) when
 * there is none. ZHI_EIO: the file is cut back to where it was before this call (errnum says ENOSPC…);
 * if even that failed the file is failed and must be abandoned (see sync). */
ZHI_NODISCARD enum zhi_code zhi_warc_append(struct zhi_warc_writer *w,
                                            const struct zhi_warc_packed *p, struct zhi_recref *ref,
                                            struct zhi_err *e);
/* fdatasync the current file. ZHI_EIO: never write to it again; call zhi_warc_abandon. */
ZHI_NODISCARD enum zhi_code zhi_warc_sync(struct zhi_warc_writer *w, struct zhi_err *e);
/* The current file's final name and length; length 0 and an empty name when none is open. */
uint64_t zhi_warc_position(const struct zhi_warc_writer *w, char name[192]);
/* Warcinfo record id ("<urn:uuid:…>") of the file that the next append goes to. Stable between rotations;
 * captures packed with an older id are still valid (they name the warcinfo of the crawl's earlier file). */
struct zhi_str zhi_warc_writer_info_id(const struct zhi_warc_writer *w);
bool zhi_warc_full(const struct zhi_warc_writer *w);
/* Close the current file: rename ".open" away, fsync the folder. Call after its length was committed. */
ZHI_NODISCARD enum zhi_code zhi_warc_close(struct zhi_warc_writer *w, struct zhi_err *e);
/* Cut the current file to `committed` bytes and close it as above; the next append opens another. A file
 * cut to nothing is removed. */
ZHI_NODISCARD enum zhi_code zhi_warc_abandon(struct zhi_warc_writer *w, uint64_t committed,
                                             struct zhi_err *e);
/* Releases; an open file stays ".open" on disk (a crash would do no other). */
void zhi_warc_writer_free(struct zhi_warc_writer *w);

/* Recovery at start: bring DIR/<file>[.open] to its committed length: longer = cut, tail moved to NAME.tail;
 * shorter or missing = ZHI_EPARSE (left alone). An ".open" file is renamed to its final name. */
ZHI_NODISCARD enum zhi_code zhi_warc_recover(const char *dir, const char *file, uint64_t committed,
                                             struct zhi_err *e);

/* --- read ------------------------------------------------------------------------------------------ */

enum zhi_warc_type {
  ZHI_WARC_WARCINFO,
  ZHI_WARC_RESPONSE,
  ZHI_WARC_REQUEST,
  ZHI_WARC_METADATA,
  ZHI_WARC_REVISIT,
  ZHI_WARC_RESOURCE,
  ZHI_WARC_CONVERSION,
  ZHI_WARC_CONTINUATION,
  ZHI_WARC_UNKNOWN
};

struct zhi_warc_header {
  struct zhi_str name, value;
};

/* One record, valid until the next call on its reader. */
struct zhi_warc_record {
  enum zhi_warc_type type;
  uint64_t offset; /* of the gzip member or record in the file */
  uint64_t length; /* compressed bytes of the member (record bytes when not compressed); 0 in a
                            * member that holds several records: it cannot be read by its place alone */
  const struct zhi_warc_header *headers;
  size_t header_count;
  uint64_t block_length;         /* Content-Length as declared; 0 when missing or malformed */
  const struct zhi_spool *block; /* the block as found: shorter than declared when damaged */
  struct zhi_str version;        /* "WARC/1.1" */
};
struct zhi_str zhi_warc_record_header(const struct zhi_warc_record *r, const char *name);
/* WARC-Target-URI, without the <> that WARC 1.0 writers put around it. */
struct zhi_str zhi_warc_record_target(const struct zhi_warc_record *r);

/* Something wrong in a file. Codes:
 *   not_warc garbage truncated bad_crc corrupt not_record_at_a_time bad_version bad_header header_too_large
 *   missing_header repeated_header forbidden_header bad_value bad_length bad_trailer block_too_large
 *   bad_digest                        (block or payload; only when verifying)
 *   http_length line_ends unknown_type unknown_digest no_content_type odd_uri no_compression   (minor) */
struct zhi_warc_problem {
  uint64_t offset;
  const char *code;
  bool minor; /* odd, but the file is still valid */
  char text[256];
};

struct zhi_warc_reader;
struct zhi_warc_reader_options {
  bool verify;           /* check header rules and compare block and payload digests */
  uint64_t block_max;    /* bytes of a block that are kept; the rest is read over. 0 = 1 GiB */
  const char *spool_dir; /* for large blocks; NULL = $TMPDIR or /tmp */
  void (*problem)(void *ctx, const struct zhi_warc_problem *p); /* may be NULL */
  void *ctx;
};
/* Open a file (.warc or .warc.gz, told by content), or bytes in memory (borrowed). */
ZHI_NODISCARD enum zhi_code zhi_warc_open(const char *path, const struct zhi_warc_reader_options *o,
                                          struct zhi_warc_reader **out, struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_warc_open_bytes(struct zhi_str bytes,
                                                const struct zhi_warc_reader_options *o,
                                                struct zhi_warc_reader **out, struct zhi_err *e);
/* Next record; ZHI_EOF at the end; ZHI_EPARSE when the file is no WARC at all (a problem was told). */
ZHI_NODISCARD enum zhi_code zhi_warc_next(struct zhi_warc_reader *r, struct zhi_warc_record *out,
                                          struct zhi_err *e);
/* Continue at a byte offset (a record's start). */
ZHI_NODISCARD enum zhi_code zhi_warc_seek(struct zhi_warc_reader *r, uint64_t offset,
                                          struct zhi_err *e);
void zhi_warc_reader_free(struct zhi_warc_reader *r);

/* --- HTTP messages ---------------------------------------------------------------------------------- */

struct zhi_http_header {
  struct zhi_str name, value;
}; /* views into the head; OWS trimmed, unfolded as is */
struct zhi_http_head {
  int status; /* responses */
  int minor;  /* HTTP/1.minor; -1 for HTTP/0.9 */
  struct zhi_str reason, method, target;
  struct zhi_http_header *headers; /* owned array */
  size_t count;
  size_t bytes; /* length of the head with its blank line */
};
/* Tolerant: LF-only lines, junk before the status line, missing blank line. ZHI_EPARSE when it is not HTTP. */
ZHI_NODISCARD enum zhi_code zhi_http_parse(struct zhi_str data, struct zhi_http_head *out,
                                           struct zhi_err *e);
void zhi_http_head_release(struct zhi_http_head *h);
/* First header of that name (case-insensitive); NULL view when missing. */
struct zhi_str zhi_http_header(const struct zhi_http_head *h, const char *name);
/* Media type in lower case into `mime` (truncated to fit), and the charset parameter (view; NULL view when
 * there is none; the first one counts; quotes removed). */
void zhi_http_content_type(struct zhi_str value, char *mime, size_t mime_size,
                           struct zhi_str *charset);
/* Undo Content-Encoding (gzip, x-gzip, deflate with or without zlib header, stacked; br and zstd are not
 * known: ZHI_EPARSE). Also bare gzip magic with no header ("forced gzip") when `sniff`. At most `max` bytes and
 * at most max(1 MiB, `ratio` × stored). Returns what could be decoded even when the end is damaged; *damage
 * (may be NULL) says "limit", "truncated", "corrupt" or NULL. */
ZHI_NODISCARD enum zhi_code zhi_http_decode(struct zhi_str content_encoding, bool sniff,
                                            const struct zhi_spool *body, size_t max,
                                            unsigned ratio, struct zhi_buf *out,
                                            const char **damage, struct zhi_err *e);

/* Undo chunked transfer coding: true, and the entity appended to `out`. A missing end is taken for the end. False, and
 * nothing appended, when the bytes are not chunks: many records say chunked and hold the plain body. */
bool zhi_http_dechunk(struct zhi_str body, struct zhi_buf *out);

/* --- index and verify -------------------------------------------------------------------------------- */

struct zhi_warc_counts {
  uint64_t records, problems; /* minor ones are not counted */
  uint64_t minor;
  uint64_t by_type[ZHI_WARC_UNKNOWN + 1];
};
/* Read a whole file: framing, gzip, header rules, digests. The file is valid when counts->problems is 0.
 * ZHI_OK also for a bad file; other codes: it could not be read. `o->verify` is taken as true. */
ZHI_NODISCARD enum zhi_code zhi_warc_verify(const char *path,
                                            const struct zhi_warc_reader_options *o,
                                            struct zhi_warc_counts *counts, struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_warc_verify_bytes(struct zhi_str bytes,
                                                  const struct zhi_warc_reader_options *o,
                                                  struct zhi_warc_counts *counts,
                                                  struct zhi_err *e);

/* One CDXJ line (without newline) for a response, revisit or resource record; nothing for other types. The
 * key is zhi_surt's. `charset` is added when it was detected rather than declared (may be empty). */
ZHI_NODISCARD enum zhi_code zhi_cdxj_line(const struct zhi_warc_record *r, struct zhi_str filename,
                                          struct zhi_str charset, struct zhi_buf *out,
                                          struct zhi_err *e);
/* `request` follows the record that `line` was made of. When it is a POST or PUT of that same URL, the line gets the
 * key of request.h and the members requestBody and method, as pywb and cdxj-indexer have them. */
ZHI_NODISCARD enum zhi_code zhi_cdxj_post(const struct zhi_warc_record *request,
                                          struct zhi_buf *line, struct zhi_err *e);
/* Where the body of a revisit is: the members orig.filename, orig.offset and orig.length that pywb reads. */
struct zhi_cdxj_original {
  char file[192];
  uint64_t offset, length;
};
void zhi_cdxj_add_original(struct zhi_buf *line, const struct zhi_cdxj_original *o);
struct zhi_cdxj_options {
  void (*problem)(void *ctx, const char *path, const struct zhi_warc_problem *p); /* may be NULL */
  /* Of the revisit at `offset` of `path`; !*found: not known. An error ends the index. NULL: lines go without. */
  enum zhi_code (*original)(void *ctx, const char *path, uint64_t offset, bool *found,
                            struct zhi_cdxj_original *out, struct zhi_err *e);
  void *ctx;
};
/* All lines of some WARC files, sorted bytewise (bounded memory: sorted runs in spool files), written to fd.
 * `o` may be NULL. */
ZHI_NODISCARD enum zhi_code zhi_cdxj_index(char *const *paths, size_t count, int out_fd,
                                           const struct zhi_cdxj_options *o, struct zhi_err *e);

/* A sorted CDXJ file as ZipNum: gzip blocks of `lines` lines and an index of each block's first line, in pywb's form
 * ("key time TAB name TAB offset TAB length TAB number") or WACZ's (JSON, behind a !meta line). `cdxj_fd` is read from
 * its start; the outs stay the caller's. */
struct zhi_zipnum {
  int lines;
  bool wacz;
  const char *name; /* of the file of blocks, as the index calls it */
  struct zhi_out *blocks, *idx;
};
ZHI_NODISCARD enum zhi_code zhi_zipnum_write(const struct zhi_zipnum *o, int cdxj_fd,
                                             struct zhi_err *e);

#endif
