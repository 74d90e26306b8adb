/* Cost of extraction beside the tree alone: zhi_extract against a bare gumbo_parse of the same pages, one thread.
 *
 *   build/bench/extract [-n PAGES] [-r ROUNDS] FOLDER|FILE|WARC...      default: all pages, 5 rounds
 * Pages are HTML files (of a folder: every *.htm*, not of folders below) or the HTML answers in WARC files. They are
 * read beforehand. A round parses every page with Gumbo as it comes (default options, the tree destroyed; the page
 * already decoded to UTF-8, which Gumbo needs and which costs it nothing here), then extracts every page from the bytes
 * as served: charset, tree, links, fields, text, lists. CPU is that of the thread; of each the cheapest round counts.
 * One JSON object. */
#include <dirent.h>
#include <gumbo.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "zhi/charset.h"
#include "zhi/doc.h"
#include "zhi/file.h"
#include "zhi/limits.h"
#include "zhi/warc.h"

struct page {
  char *url, *bytes, *text, *charset;
  size_t len, text_len;
};

struct pages {
  struct page *items;
  size_t count, cap, max;
  unsigned long long bytes;
};

static void ok(enum zhi_code rc, const struct zhi_err *e) {
  if (rc) {
    fprintf(stderr, "bench/extract: %s\n", e->msg);
    exit(1);
  }
}

static char *copy(struct zhi_str s) {
  char *p = malloc(s.len + 1);
  if (!p)
    exit(1);
  memcpy(p, s.p ? s.p : "", s.len);
  p[s.len] = '\0';
  return p;
}

static void add(struct pages *ps, struct zhi_str url, struct zhi_str bytes,
                struct zhi_str charset) {
  struct zhi_err e = {0};
  struct zhi_charset cs = zhi_charset_decide(bytes, charset);
  struct zhi_buf decoded;
  struct zhi_str text = ZHI_STR_NONE;
  if (ps->count == ps->max)
    return;
  if (ps->count == ps->cap) {
    ps->cap = ps->cap ? ps->cap * 2 : 256;
    ps->items = realloc(ps->items, ps->cap * sizeof *ps->items);
    if (!ps->items)
      exit(1);
  }
  zhi_buf_init(&decoded, ZHI_DECODED_MAX_BYTES);
  ok(zhi_charset_text(&cs, bytes, &decoded, &text, &e), &e);
  ps->items[ps->count++] = (struct page){.url = copy(url),
                                         .bytes = copy(bytes),
                                         .text = copy(text),
                                         .charset = copy(charset),
                                         .len = bytes.len,
                                         .text_len = text.len};
  ps->bytes += bytes.len;
  zhi_buf_release(&decoded);
}

/* --- where pages come from ------------------------------------------------------------------------------- */

static void add_response(struct pages *ps, const struct zhi_warc_record *rec,
                         struct zhi_str block) {
  struct zhi_http_head head;
  struct zhi_str charset;
  char mime[128];
  if (zhi_http_parse(block, &head, NULL))
    return;
  zhi_http_content_type(zhi_http_header(&head, "Content-Type"), mime, sizeof mime, &charset);
  if (head.status == 200 && strstr(mime, "html") && !zhi_http_header(&head, "Content-Encoding").len)
    add(ps, zhi_warc_record_header(rec, "WARC-Target-URI"),
        zhi_str_sub(block, head.bytes, block.len), charset);
  zhi_http_head_release(&head);
}

static void add_warc(struct pages *ps, const char *path) {
  struct zhi_warc_reader *reader;
  struct zhi_warc_reader_options o = {0};
  struct zhi_warc_record rec;
  struct zhi_err e = {0};
  ok(zhi_warc_open(path, &o, &reader, &e), &e);
  while (ps->count < ps->max && zhi_warc_next(reader, &rec, &e) == ZHI_OK) {
    struct zhi_buf block;
    if (rec.type != ZHI_WARC_RESPONSE)
      continue;
    zhi_buf_init(&block, ZHI_DECODED_MAX_BYTES + ZHI_HEADER_MAX_BYTES);
    ok(zhi_spool_slurp(rec.block, block.max, &block, &e), &e);
    add_response(ps, &rec, zhi_buf_view(&block));
    zhi_buf_release(&block);
  }
  zhi_warc_reader_free(reader);
}

static void add_file(struct pages *ps, const char *path) {
  struct zhi_buf bytes;
  struct zhi_err e = {0};
  if (strstr(path, ".warc")) {
    add_warc(ps, path);
    return;
  }
  ok(zhi_read_file(path, ZHI_DECODED_MAX_BYTES, &bytes, &e), &e);
  add(ps, ZHI_STR("http://www.example.gov.cn/page.html"), zhi_buf_view(&bytes), ZHI_STR_NONE);
  zhi_buf_release(&bytes);
}

static void add_path(struct pages *ps, const char *path) {
  struct dirent **names;
  int n = scandir(path, &names, NULL, alphasort);
  if (n < 0) {
    add_file(ps, path);
    return;
  }
  for (int i = 0; i < n; i++) {
    char full[4096];
    if (strstr(names[i]->d_name, ".htm")) {
      snprintf(full, sizeof full, "%s/%s", path, names[i]->d_name);
      add_file(ps, full);
    }
    free(names[i]);
  }
  free(names);
}

/* --- measuring --------------------------------------------------------------------------------------------- */

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double parse_all(const struct pages *ps) {
  double start = cpu_seconds();
  for (size_t i = 0; i < ps->count; i++) {
    const struct page *p = &ps->items[i];
    GumboOutput *g = gumbo_parse_with_options(&kGumboDefaultOptions, p->text, p->text_len);
    gumbo_destroy_output(&kGumboDefaultOptions, g);
  }
  return cpu_seconds() - start;
}

static double extract_all(const struct pages *ps, struct zhi_extractor *x) {
  double start = cpu_seconds();
  for (size_t i = 0; i < ps->count; i++) {
    const struct page *p = &ps->items[i];
    struct zhi_page page = {.url = zhi_str_of(p->url),
                            .body = zhi_str_n(p->bytes, p->len),
                            .content_type = ZHI_STR("text/html"),
                            .http_charset = zhi_str_of(p->charset),
                            .status = 200};
    const struct zhi_doc *d;
    struct zhi_err e = {0};
    ok(zhi_extract(x, &page, &d, &e), &e);
  }
  return cpu_seconds() - start;
}

static void report(const struct pages *ps, double bare, double ours) {
  double pages = (double)ps->count, mb = (double)ps->bytes / 1e6;
  printf("{\"pages\":%zu,\"bytes\":%llu,", ps->count, ps->bytes);
  printf("\"gumbo_ms_per_page\":%.4f,\"gumbo_pages_per_s\":%.0f,\"gumbo_mb_per_s\":%.1f,",
         bare * 1e3 / pages, pages / bare, mb / bare);
  printf("\"extract_ms_per_page\":%.4f,\"extract_pages_per_s\":%.0f,\"extract_mb_per_s\":%.1f,",
         ours * 1e3 / pages, pages / ours, mb / ours);
  printf("\"extract_to_gumbo\":%.3f}\n", ours / bare);
}

static size_t number(const char *s) {
  unsigned long long n;
  if (!zhi_str_u64(zhi_str_of(s), 100000000, &n) || !n) {
    fprintf(stderr, "bench/extract: not a number from 1 on: %s\n", s);
    exit(2);
  }
  return (size_t)n;
}

int main(int argc, char **argv) {
  struct pages ps = {.max = 100000000};
  size_t rounds = 5;
  double bare = 1e9, ours = 1e9;
  struct zhi_extractor *x;
  struct zhi_err e = {0};
  for (int c; (c = getopt(argc, argv, "n:r:")) != -1;) {
    if (c == '?')
      return 2;
    *(c == 'n' ? &ps.max : &rounds) = number(optarg);
  }
  for (int i = optind; i < argc; i++)
    add_path(&ps, argv[i]);
  if (!ps.count) {
    fprintf(stderr, "usage: extract [-n PAGES] [-r ROUNDS] FOLDER|FILE|WARC...: no pages\n");
    return 2;
  }
  ok(zhi_extractor_new(&x, &e), &e);
  for (size_t i = 0; i < rounds; i++) {
    double b = parse_all(&ps), o = extract_all(&ps, x);
    bare = b < bare ? b : bare;
    ours = o < ours ? o : ours;
  }
  report(&ps, bare, ours);
  zhi_extractor_free(x);
  for (size_t i = 0; i < ps.count; i++) {
    free(ps.items[i].url);
    free(ps.items[i].bytes);
    free(ps.items[i].text);
    free(ps.items[i].charset);
  }
  free(ps.items);
  return 0;
}
