/* Sitemaps: libxml2's SAX parser in recovery mode over text we have decoded ourselves, with no entity but the
 * predefined ones, no DTD and no network; what it gives up on is read by a plain scan for <loc> and <link>.
 *
 * Names are compared without their prefix, but an entry's parts must have the entry's own prefix: image:loc and
 * video:thumbnail_loc are not pages. Callbacks append to capped buffers and never allocate otherwise. */
#include "zhi/sitemap.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <zlib.h>

#include "zhi/charset.h"
#include "zhi/limits.h"
#include "zhi/links.h"
#include "zhi/url.h"

enum { LASTMOD_BYTES = 64, DEPTH_MAX = 200, CLEAN_BYTES = 1024 * 1024 };

/* One entry: offsets into the pool. */
struct place {
  size_t url, url_len, lastmod, lastmod_len;
};

enum part { PART_NONE, PART_URL, PART_DATE, PART_FALLBACK };

/* What has been read so far. */
struct found {
  enum zhi_sitemap_kind kind;
  struct zhi_buf pool;   /* the text of URLs and dates */
  struct zhi_buf places; /* struct place, count of them */
  size_t count;
  bool capped;
};

struct reader {
  struct found *out;
  struct zhi_url base, url;
  bool has_base;
  struct zhi_arena arena;                     /* for mending, emptied after each URL */
  struct zhi_buf loc, date, fallback, direct; /* of the entry being read */
  size_t added;                               /* URLs of this entry, Atom has several */
  int depth, entry_depth, part_depth;
  enum part part;
  char entry_prefix[16];
  bool out_of_memory;
};

const char *zhi_sitemap_kind_name(enum zhi_sitemap_kind k) {
  static const char *const names[] = {"unknown", "urlset", "index", "rss", "atom", "text"};
  return (unsigned)k < sizeof names / sizeof *names ? names[k] : "unknown";
}

/* --- collecting ------------------------------------------------------------------------------------ */

static void add(struct reader *r, struct zhi_str raw, struct zhi_str lastmod) {
  struct found *s = r->out;
  raw = zhi_str_trim(raw);
  if (!raw.len || raw.len > ZHI_URL_MAX_BYTES)
    return;
  if (s->count >= ZHI_SITEMAP_MAX_URLS || s->pool.failed || s->places.failed) {
    s->capped = true;
    return;
  }
  struct zhi_str clean = zhi_link_clean(&r->arena, raw), url = ZHI_STR_NONE;
  if (clean.len &&
      zhi_url_parse_into(clean, r->has_base ? &r->base : NULL, NULL, &r->url, NULL) == ZHI_OK &&
      zhi_url_is_http(&r->url) && r->url.host.len)
    url = zhi_url_without_fragment(&r->url);
  if (url.len && url.len <= ZHI_URL_MAX_BYTES) {
    lastmod = zhi_str_sub(zhi_str_trim(lastmod), 0, LASTMOD_BYTES);
    struct place p = {s->pool.len, url.len, s->pool.len + url.len, lastmod.len};
    zhi_buf_addstr(&s->pool, url);
    zhi_buf_addstr(&s->pool, lastmod);
    zhi_buf_add(&s->places, &p, sizeof p);
    if (s->pool.failed || s->places.failed)
      s->capped = true;
    else
      s->count++;
  }
  zhi_arena_reset(&r->arena);
}

static void entry_begin(struct reader *r) {
  zhi_buf_clear(&r->loc);
  zhi_buf_clear(&r->date);
  zhi_buf_clear(&r->fallback);
  zhi_buf_clear(&r->direct);
  r->added = 0;
  r->part = PART_NONE;
}

static void entry_end(struct reader *r) {
  struct zhi_str date = zhi_buf_view(&r->date);
  if (r->loc.len)
    add(r, zhi_buf_view(&r->loc), date);
  else if (!r->added && r->fallback.len)
    add(r, zhi_buf_view(&r->fallback), date);
  else if (!r->added && r->out->kind != ZHI_SITEMAP_ATOM)
    add(r, zhi_buf_view(&r->direct), date);
  r->entry_depth = 0;
  r->part = PART_NONE;
}

/* --- SAX ------------------------------------------------------------------------------------------- */

static bool name_is(const xmlChar *name, const char *want) {
  return zhi_str_iis(zhi_str_of((const char *)name), want);
}

static enum zhi_sitemap_kind kind_of_root(const xmlChar *name) {
  return name_is(name, "urlset")         ? ZHI_SITEMAP_URLSET
         : name_is(name, "sitemapindex") ? ZHI_SITEMAP_INDEX
         : name_is(name, "rss") || name_is(name, "rdf") || name_is(name, "channel")
             ? ZHI_SITEMAP_RSS
         : name_is(name, "feed") ? ZHI_SITEMAP_ATOM
                                 : ZHI_SITEMAP_UNKNOWN;
}

static struct zhi_str attribute(const xmlChar **attrs, int count, const char *want) {
  for (int i = 0; i < count; i++)
    if (name_is(attrs[i * 5], want))
      return zhi_str_n((const char *)attrs[i * 5 + 3],
                       (size_t)(attrs[i * 5 + 4] - attrs[i * 5 + 3]));
  return ZHI_STR_NONE;
}

static bool same_prefix(const struct reader *r, const xmlChar *prefix) {
  return strncmp(prefix ? (const char *)prefix : "", r->entry_prefix, sizeof r->entry_prefix - 1) ==
         0;
}

static bool begins_entry(struct reader *r, const xmlChar *name) {
  return !r->entry_depth && (name_is(name, "url") || name_is(name, "sitemap") ||
                             name_is(name, "item") || name_is(name, "entry"));
}

static enum part part_of(const xmlChar *name, bool own) {
  if (own && (name_is(name, "loc") || name_is(name, "link")))
    return PART_URL;
  if (own && (name_is(name, "guid") || name_is(name, "id")))
    return PART_FALLBACK;
  if ((own && (name_is(name, "lastmod") || name_is(name, "pubdate") || name_is(name, "updated"))) ||
      name_is(name, "date"))
    return PART_DATE;
  return PART_NONE;
}

/* <link rel= href=> of Atom, also met inside RSS. */
static void atom_link(struct reader *r, const xmlChar **attrs, int count) {
  struct zhi_str href = attribute(attrs, count, "href"), rel = attribute(attrs, count, "rel");
  if (href.len && (!rel.p || zhi_str_iis(rel, "alternate"))) {
    r->added++;
    add(r, href, zhi_buf_view(&r->date));
  }
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int ns_count, const xmlChar **ns, int attr_count, int defaulted,
                     const xmlChar **attrs) {
  (void)uri, (void)ns_count, (void)ns, (void)defaulted;
  struct reader *r = ctx;
  if (++r->depth == 1)
    r->out->kind = kind_of_root(name);
  if (begins_entry(r, name)) {
    if (r->out->kind == ZHI_SITEMAP_UNKNOWN) /* a fragment without its root */
      r->out->kind = name_is(name, "entry") ? ZHI_SITEMAP_ATOM : ZHI_SITEMAP_URLSET;
    entry_begin(r);
    r->entry_depth = r->depth;
    size_t n = prefix ? strlen((const char *)prefix) : 0;
    n = n < sizeof r->entry_prefix ? n : sizeof r->entry_prefix - 1;
    memcpy(r->entry_prefix, prefix ? (const char *)prefix : "", n);
    r->entry_prefix[n] = '\0';
    zhi_buf_addstr(&r->fallback, attribute(attrs, attr_count, "about")); /* RDF */
    return;
  }
  if (!r->entry_depth || r->part != PART_NONE)
    return;
  bool own = same_prefix(r, prefix);
  if (name_is(name, "link") && attr_count && (own || r->out->kind == ZHI_SITEMAP_ATOM))
    atom_link(r, attrs, attr_count);
  r->part = part_of(name, own);
  r->part_depth = r->depth;
  struct zhi_str permalink = attribute(attrs, attr_count, "isPermaLink");
  if (r->part == PART_FALLBACK && zhi_str_iis(permalink, "false"))
    r->part = PART_NONE;
  if (r->part == PART_FALLBACK)
    zhi_buf_clear(&r->fallback);
  if (r->part == PART_DATE)
    zhi_buf_clear(&r->date);
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
  (void)name, (void)prefix, (void)uri;
  struct reader *r = ctx;
  if (r->part != PART_NONE && r->depth == r->part_depth)
    r->part = PART_NONE;
  if (r->entry_depth && r->depth == r->entry_depth)
    entry_end(r);
  r->depth--;
}

static void on_text(void *ctx, const xmlChar *text, int len) {
  struct reader *r = ctx;
  struct zhi_buf *to = r->part == PART_URL                            ? &r->loc
                       : r->part == PART_DATE                         ? &r->date
                       : r->part == PART_FALLBACK                     ? &r->fallback
                       : r->entry_depth && r->depth == r->entry_depth ? &r->direct
                                                                      : NULL;
  if (to && len > 0)
    zhi_buf_add(to, text, (size_t)len);
}

static xmlEntityPtr on_entity(void *ctx, const xmlChar *name) {
  (void)ctx;
  return xmlGetPredefinedEntity(name);
}

static void on_error(void *ctx, const xmlError *why) { (void)ctx, (void)why; }

/* false when libxml2 gave up before the end. */
static bool parse_xml(struct reader *r, struct zhi_str text) {
  xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                       .startElementNs = on_start,
                       .endElementNs = on_end,
                       .characters = on_text,
                       .ignorableWhitespace = on_text,
                       .cdataBlock = on_text,
                       .getEntity = on_entity,
                       .serror = (xmlStructuredErrorFunc)on_error};
  xmlParserCtxtPtr x = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
  if (!x) {
    r->out_of_memory = true;
    return true;
  }
  xmlCtxtUseOptions(x, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR |
                           XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC | XML_PARSE_NOCDATA);
  xmlSwitchEncoding(x, XML_CHAR_ENCODING_UTF8);
  for (size_t i = 0; i < text.len && !r->out->capped && r->depth < DEPTH_MAX; i += 65536) {
    size_t n = text.len - i < 65536 ? text.len - i : 65536;
    xmlParseChunk(x, text.p + i, (int)n, i + n == text.len);
    if (x->disableSAX || x->instate == XML_PARSER_EOF)
      break;
  }
  if (r->entry_depth) /* cut short */
    entry_end(r);
  bool whole = x->wellFormed || r->out->capped;
  if (x->myDoc) /* the parser keeps declared entities in one of its own */
    xmlFreeDoc(x->myDoc);
  x->myDoc = NULL;
  xmlFreeParserCtxt(x);
  return whole;
}

/* --- without a parser ------------------------------------------------------------------------------ */

static void unescape_amp(struct zhi_str raw, struct zhi_buf *out) {
  zhi_buf_clear(out);
  for (size_t i = 0; i < raw.len; i++) {
    zhi_buf_addc(out, raw.p[i]);
    if (zhi_str_starts(zhi_str_sub(raw, i, raw.len), "&amp;"))
      i += 4;
  }
}

/* <loc>u</loc> (or <link>), whatever stands around it. */
static void scan_for(struct reader *r, struct zhi_str text, const char *open, const char *close) {
  const char *at;
  while (!r->out->capped && (at = zhi_str_find(text, zhi_str_of(open)))) {
    text = zhi_str_sub(text, (size_t)(at - text.p) + strlen(open), text.len);
    const char *end = zhi_str_find(zhi_str_sub(text, 0, ZHI_URL_MAX_BYTES * 2), zhi_str_of(close));
    if (!end)
      continue;
    struct zhi_str raw = zhi_str_trim(zhi_str_n(text.p, (size_t)(end - text.p)));
    if (zhi_str_starts(raw, "<![CDATA[") && zhi_str_ends(raw, "]]>"))
      raw = zhi_str_sub(raw, 9, raw.len - 3);
    unescape_amp(raw, &r->loc);
    if (zhi_str_istarts(zhi_buf_view(&r->loc), "http"))
      add(r, zhi_buf_view(&r->loc), ZHI_STR_NONE);
  }
}

static void restart(struct reader *r) {
  zhi_buf_clear(&r->out->pool);
  zhi_buf_clear(&r->out->places);
  r->out->count = 0;
  entry_begin(r);
}

/* Malformed: what does a plain scan find? The better of the two counts. */
static void second_chance(struct reader *r, struct zhi_str text) {
  struct found kept = *r->out;
  zhi_buf_init(&r->out->pool, kept.pool.max);
  zhi_buf_init(&r->out->places, kept.places.max);
  restart(r);
  scan_for(r, text, "<loc>", "</loc>");
  if (r->out->count == 0)
    scan_for(r, text, "<link>", "</link>");
  if (r->out->count > kept.count) {
    zhi_buf_release(&kept.pool);
    zhi_buf_release(&kept.places);
    if (r->out->kind == ZHI_SITEMAP_UNKNOWN)
      r->out->kind = ZHI_SITEMAP_URLSET;
    return;
  }
  zhi_buf_release(&r->out->pool);
  zhi_buf_release(&r->out->places);
  *r->out = kept;
}

static void parse_lines(struct reader *r, struct zhi_str text) {
  while (text.p && !r->out->capped) {
    struct zhi_str line = zhi_str_trim(zhi_str_cut(&text, '\n'));
    if (!line.len || memchr(line.p, ' ', line.len) || memchr(line.p, '\t', line.len))
      continue;
    if (zhi_str_istarts(line, "http") || zhi_str_istarts(line, "www."))
      add(r, line, ZHI_STR_NONE);
  }
  r->out->kind = r->out->count ? ZHI_SITEMAP_TEXT : ZHI_SITEMAP_UNKNOWN;
}

/* --- unpacking ------------------------------------------------------------------------------------- */

/* gzip, one member or more; what unpacks before damage or a cap is kept. */
static void gunzip(struct zhi_str packed, struct zhi_buf *out, bool *capped) {
  z_stream z = {.next_in = (Bytef *)(uintptr_t)packed.p, .avail_in = (uInt)packed.len};
  unsigned char chunk[16384];
  size_t ratio = (size_t)ZHI_DECODE_MAX_RATIO * packed.len + ZHI_MIB(1);
  if (inflateInit2(&z, 15 + 32) != Z_OK)
    return;
  for (;;) {
    z.next_out = chunk;
    z.avail_out = sizeof chunk;
    int rc = inflate(&z, Z_NO_FLUSH);
    zhi_buf_add(out, chunk, sizeof chunk - z.avail_out);
    *capped |= out->failed || out->len > ratio;
    if (*capped || (rc != Z_OK && rc != Z_STREAM_END))
      break;
    if (rc == Z_STREAM_END && (!z.avail_in || inflateReset(&z) != Z_OK))
      break;
  }
  inflateEnd(&z);
}

static bool is_gzip(struct zhi_str b) {
  return b.len > 2 && (unsigned char)b.p[0] == 0x1F && (unsigned char)b.p[1] == 0x8B;
}

/* --- entry ----------------------------------------------------------------------------------------- */

static void reader_init(struct reader *r, struct found *out, struct zhi_str url) {
  *r = (struct reader){.out = out};
  zhi_url_init(&r->base);
  zhi_url_init(&r->url);
  zhi_arena_init(&r->arena, CLEAN_BYTES);
  zhi_buf_init(&r->loc, ZHI_URL_MAX_BYTES * 2);
  zhi_buf_init(&r->date, LASTMOD_BYTES * 4);
  zhi_buf_init(&r->fallback, ZHI_URL_MAX_BYTES * 2);
  zhi_buf_init(&r->direct, ZHI_URL_MAX_BYTES * 2);
  r->has_base = zhi_url_parse_into(url, NULL, NULL, &r->base, NULL) == ZHI_OK;
}

static void reader_release(struct reader *r) {
  zhi_url_release(&r->base);
  zhi_url_release(&r->url);
  zhi_arena_release(&r->arena);
  zhi_buf_release(&r->loc);
  zhi_buf_release(&r->date);
  zhi_buf_release(&r->fallback);
  zhi_buf_release(&r->direct);
}

/* Is the '&' at the start of `s` the start of a reference? */
static bool is_reference(struct zhi_str s) {
  size_t i = 1;
  while (i < s.len && i < 12 && (isalnum((unsigned char)s.p[i]) || s.p[i] == '#'))
    i++;
  return i > 1 && i < s.len && s.p[i] == ';';
}

/* "?a=1&b=2" as people write it: the bare ampersand escaped, where the parser would drop it. */
static struct zhi_str escape_bare(struct zhi_str text, struct zhi_buf *room) {
  const char *at, *done = text.p, *end = text.p + text.len;
  for (const char *p = text.p; (at = memchr(p, '&', (size_t)(end - p))); p = at + 1) {
    if (is_reference(zhi_str_n(at, (size_t)(end - at))))
      continue;
    zhi_buf_add(room, done, (size_t)(at - done));
    zhi_buf_adds(room, "&amp;");
    done = at + 1;
  }
  if (done == text.p)
    return text;
  zhi_buf_add(room, done, (size_t)(end - done));
  return zhi_buf_view(room);
}

static void parse_text(struct reader *r, struct zhi_str text, struct zhi_buf *room) {
  text = zhi_str_trim(text);
  if (!text.len || *text.p != '<') {
    parse_lines(r, text);
    return;
  }
  if (!zhi_str_find(text, ZHI_STR("<![CDATA[")))
    text = escape_bare(text, room);
  if (!parse_xml(r, text))
    second_chance(r, text);
  if (r->out->count == 0 && r->out->kind == ZHI_SITEMAP_URLSET &&
      zhi_str_istarts(text, "<!doctype html"))
    r->out->kind = ZHI_SITEMAP_UNKNOWN;
}

static void found_init(struct found *f) {
  *f = (struct found){.kind = ZHI_SITEMAP_UNKNOWN};
  zhi_buf_init(&f->pool, ZHI_SITEMAP_MAX_BYTES * 2);
  zhi_buf_init(&f->places, ZHI_SITEMAP_MAX_URLS * sizeof(struct place));
}

static void found_release(struct found *f) {
  zhi_buf_release(&f->pool);
  zhi_buf_release(&f->places);
}

/* Into the arena, as views of one block. */
static enum zhi_code publish(struct zhi_arena *a, const struct found *f, struct zhi_sitemap *out,
                             struct zhi_err *e) {
  jmp_buf *escape = a->escape;
  a->escape = NULL;
  struct zhi_str pool = zhi_arena_str(a, zhi_buf_view(&f->pool));
  struct zhi_str *urls = zhi_arena_alloc(a, f->count * sizeof *urls),
                 *lastmod = zhi_arena_alloc(a, f->count * sizeof *lastmod);
  a->escape = escape;
  if (!pool.p || !urls || !lastmod)
    return zhi_fail(e, ZHI_ELIMIT, "a sitemap of %zu URLs does not fit", f->count);
  for (size_t i = 0; i < f->count; i++) {
    struct place p;
    memcpy(&p, f->places.p + i * sizeof p, sizeof p);
    urls[i] = zhi_str_n(pool.p + p.url, p.url_len);
    lastmod[i] = p.lastmod_len ? zhi_str_n(pool.p + p.lastmod, p.lastmod_len) : ZHI_STR_NONE;
  }
  *out = (struct zhi_sitemap){f->kind, urls, lastmod, f->count, f->capped};
  return ZHI_OK;
}

enum zhi_code zhi_sitemap_parse(struct zhi_arena *a, struct zhi_str bytes, struct zhi_str url,
                                struct zhi_sitemap *out, struct zhi_err *e) {
  struct found f;
  struct zhi_buf unpacked, decoded, escaped;
  struct reader r;
  found_init(&f);
  zhi_buf_init(&unpacked, ZHI_SITEMAP_MAX_BYTES);
  zhi_buf_init(&decoded, ZHI_SITEMAP_MAX_BYTES * 3);
  zhi_buf_init(&escaped, ZHI_SITEMAP_MAX_BYTES * 3);
  reader_init(&r, &f, url);
  bool capped = bytes.len > ZHI_SITEMAP_MAX_BYTES;
  bytes = zhi_str_sub(bytes, 0, ZHI_SITEMAP_MAX_BYTES);
  if (is_gzip(bytes)) {
    gunzip(bytes, &unpacked, &capped);
    bytes = zhi_buf_view(&unpacked);
  }
  struct zhi_charset cs = zhi_charset_decide(bytes, ZHI_STR_NONE);
  struct zhi_str text = ZHI_STR_NONE;
  if (zhi_charset_text(&cs, bytes, &decoded, &text, NULL) != ZHI_OK)
    capped = true;
  parse_text(&r, text, &escaped);
  f.capped |= capped;
  enum zhi_code rc = r.out_of_memory ? zhi_fail(e, ZHI_ENOMEM, "out of memory reading a sitemap")
                                     : publish(a, &f, out, e);
  reader_release(&r);
  zhi_buf_release(&unpacked);
  zhi_buf_release(&decoded);
  zhi_buf_release(&escaped);
  found_release(&f);
  return rc;
}
