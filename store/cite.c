/* Cite: what to write under a quotation: the document, the capture, and where its record is.
 *
 * The PWID (draft-pwid-urn-specification, Zierau) names an archive, a UTC time, what of the web is meant ("page" or
 * "part", a single file) and the URL. */
#include "zhi/cite.h"

#include <stdio.h>

#include "zhi/arena.h"
#include "zhi/browse.h"
#include "zhi/compare.h"
#include "zhi/json.h"

enum { NAME_MAX_BYTES = 4096, ARENA_MAX = 1 << 22, YEAR_DIGITS = 4 };

struct cited {
  const char *dir;
  struct zhi_shown c;
  json_t *document; /* NULL: none was made of it */
  struct zhi_buf name;
  char iso[ZHI_ISO_SIZE];
};

static const char *or_dash(const char *s) { return s && s[0] ? s : "-"; }

static enum zhi_code ask(struct zhi_store *s, struct zhi_str url, struct zhi_str time,
                         struct zhi_arena *a, struct cited *x, struct zhi_err *e) {
  char id[24];
  json_t *rows = NULL;
  enum zhi_code rc = zhi_shown_at(s, url, time, a, &x->c, e);
  if (rc)
    return rc;
  int n = snprintf(id, sizeof id, "%lld", (long long)x->c.version_id);
  struct zhi_str arg = zhi_str_n(id, (size_t)n);
  zhi_time_iso(x->c.fetched_ms, x->iso);
  rc = zhi_browse(s, ZHI_BROWSE_DOCUMENT, &arg, 1, 1, 0, &rows, e);
  if (!rc) {
    x->document = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    rc = zhi_browse_name(s, &x->name, e);
  }
  return rc;
}

static void add_if(struct zhi_buf *b, const char *before, const char *s, const char *behind) {
  if (s[0])
    zhi_buf_addf(b, "%s%s%s", before, s, behind);
}

static void add_plain(const struct cited *x, struct zhi_buf *b) {
  const json_t *d = x->document;
  add_if(b, "", zhi_json_text(d, "publisher"), ". ");
  add_if(b, "", zhi_json_text(d, "title"), ". ");
  add_if(b, "", zhi_json_text(d, "doc_no"), ". ");
  add_if(b, "", zhi_json_text(d, "date"), ". ");
  zhi_buf_addf(b, "%s. Captured %s", x->c.url, x->iso);
  add_if(b, " (archive ", x->name.len ? x->name.p : "", ")");
  zhi_buf_addf(b, ". %s. WARC %s, offset %lld, %lld bytes, record %s.\n",
               or_dash(x->c.payload_digest), or_dash(x->c.warc_file), (long long)x->c.warc_offset,
               (long long)x->c.warc_length, or_dash(x->c.record_id));
}

/* Text within braces; what TeX would run is escaped. */
static void add_tex(struct zhi_buf *b, const char *s) {
  for (; *s; s++) {
    if (*s == '\\')
      zhi_buf_adds(b, "\\textbackslash{}");
    else if (*s == '~')
      zhi_buf_adds(b, "\\textasciitilde{}");
    else if (*s == '^')
      zhi_buf_adds(b, "\\textasciicircum{}");
    else if (strchr("{}%#&$_", *s))
      zhi_buf_addf(b, "\\%c", *s);
    else
      zhi_buf_addc(b, *s);
  }
}

static void add_tex_field(struct zhi_buf *b, const char *name, const char *s) {
  if (!s[0])
    return;
  zhi_buf_addf(b, "  %s = {{", name);
  add_tex(b, s);
  zhi_buf_adds(b, "}},\n");
}

/* A URL as it stands, but for braces, which would end the field. */
static void add_tex_url(struct zhi_buf *b, const char *url) {
  zhi_buf_adds(b, "  url = {");
  for (; *url; url++) {
    if (*url == '{' || *url == '}' || *url == '\\')
      zhi_buf_addf(b, "%%%02X", (unsigned)*url);
    else
      zhi_buf_addc(b, *url);
  }
  zhi_buf_adds(b, "},\n");
}

static void add_bibtex(const struct cited *x, struct zhi_buf *b) {
  const json_t *d = x->document;
  const char *date = zhi_json_text(d, "date");
  char key[ZHI_TS14_SIZE], note[512];
  zhi_time_ts14(x->c.fetched_ms, key);
  zhi_buf_addf(b, "@misc{xianzhi-%s-%lld,\n", key, (long long)x->c.capture_id);
  add_tex_field(b, "author", zhi_json_text(d, "publisher"));
  add_tex_field(b, "title", zhi_json_text(d, "title"));
  add_tex_field(b, "number", zhi_json_text(d, "doc_no"));
  if (strlen(date) >= YEAR_DIGITS)
    zhi_buf_addf(b, "  year = {%.4s},\n", date);
  add_tex_url(b, x->c.url);
  zhi_buf_addf(b, "  urldate = {%.10s},\n", x->iso);
  snprintf(note, sizeof note, "Captured %s, %s, WARC %s, offset %lld", x->iso,
           or_dash(x->c.payload_digest), or_dash(x->c.warc_file), (long long)x->c.warc_offset);
  zhi_buf_adds(b, "  note = {");
  add_tex(b, note);
  zhi_buf_adds(b, "}\n}\n");
}

static bool add_slug(struct zhi_buf *b, struct zhi_str name) {
  for (size_t i = 0; i < name.len; i++)
    if ((name.p[i] | 0x20) >= 'a' && (name.p[i] | 0x20) <= 'z') {
      zhi_buf_add_slug(b, name);
      return true;
    }
  return false;
}

/* A PWID is ASCII: an archive with a Chinese name goes by its folder's. */
static void add_pwid(const struct cited *x, struct zhi_buf *b) {
  bool is_page = !x->c.mime || strstr(x->c.mime, "html");
  struct zhi_str folder = zhi_str_of(x->dir);
  while (folder.len && folder.p[folder.len - 1] == '/')
    folder.len--;
  const char *slash = folder.len ? memrchr(folder.p, '/', folder.len) : NULL;
  if (slash)
    folder = zhi_str_sub(folder, (size_t)(slash - folder.p) + 1, folder.len);
  zhi_buf_adds(b, "urn:pwid:");
  if (!add_slug(b, zhi_buf_view(&x->name)) && !add_slug(b, folder))
    zhi_buf_adds(b, "xianzhi");
  zhi_buf_addf(b, ":%s:%s:%s\n", x->iso, is_page ? "page" : "part", x->c.url);
}

enum zhi_code zhi_cite(struct zhi_store *s, const char *dir, struct zhi_str url,
                       struct zhi_str time, struct zhi_buf *out, struct zhi_err *e) {
  struct cited x = {.dir = dir};
  struct zhi_arena arena;
  zhi_arena_init(&arena, ARENA_MAX);
  zhi_buf_init(&x.name, NAME_MAX_BYTES);
  enum zhi_code rc = ask(s, url, time, &arena, &x, e);
  if (!rc) {
    add_plain(&x, out);
    zhi_buf_addc(out, '\n');
    add_bibtex(&x, out);
    zhi_buf_addc(out, '\n');
    add_pwid(&x, out);
    rc = zhi_buf_check(out, "the citation", e);
  }
  json_decref(x.document);
  zhi_buf_release(&x.name);
  zhi_arena_release(&arena);
  return rc;
}
