/* An archive of many synthetic documents, made fast, and what its commands cost.
 *
 *   build/bench/archive [--documents N] [--seed S] [--build-only] [DIR]     default 200,000 in a new folder under /tmp
 * The documents are those of a made-up county: 60 hosts, Chinese text from a fixed vocabulary, fields, WARC records of
 * their pages; the n-th document is the same in every run of one seed. Every 1,000th has a second version, and rare
 * words (rare_words) stand at known places, for whoever wants to find them again: document n has word i when
 * n % RARE_EVERY == i. Nothing is fetched or extracted: pages and rows are made side by side and committed as a crawl
 * would. A folder that holds an archive already is measured as it is.
 * Then each command of the table runs as a process of its own; one JSON line each: seconds by the wall, documents a
 * second, CPU seconds, peak memory in MiB. After the table a sentence for each goal; the exit status is 1 where one is
 * missed. */
#include <fcntl.h>
#include <glob.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zhi/arena.h"
#include "zhi/store.h"
#include "zhi/url.h"
#include "zhi/warc.h"

enum { HOSTS = 60, BATCH = 512, RARE_EVERY = 5000, BODY_SENTENCES = 14, WORD_BYTES = 6 };

static const char vocabulary[] = "发展建设工作管理服务项目资金农业农村教育卫生健康安全生产环境保护"
                                 "生态文明乡村振兴脱贫攻坚产业结构"
                                 "经济社会改革创新监督检查落实责任组织领导部门单位人员群众企业市场"
                                 "价格质量标准规范制度办法意见通知方案"
                                 "规划计划年度重点任务目标措施推进加强完善提高促进保障支持协调配合"
                                 "实施开展进行完成要求按照根据依据规定"
                                 "土地房屋征收补偿安置公路交通水利防汛抗旱气象应急救援消防社区街道"
                                 "乡镇村民委员选举民政养老救助住房"
                                 "公积医保就业创业培训招聘考试公告公示结果名单附件下载联系电话地址"
                                 "时间上午下午电子政务公开信息网站平台";
static const char *const rare_words[] = {"鱀豚", "麒麟", "琥珀", "翡翠",
                                         "桫椤", "箜篌", "蜉蝣", "饕餮"};
enum { RARE_WORDS = sizeof rare_words / sizeof *rare_words };
static const char *const publishers[] = {
    "某某县人民政府办公室", "某某县财政局", "某某县教育体育局",     "某某县自然资源局",
    "某某县民政局",         "某某县水利局", "某某县卫生健康委员会", "某某县交通运输局"};
enum { PUBLISHERS = sizeof publishers / sizeof *publishers };

struct builder {
  struct zhi_store *s;
  struct zhi_crawl_info crawl;
  struct zhi_warc_packer *packer;
  struct zhi_warc_writer *writer;
  struct zhi_arena arena; /* strings of the batch */
  struct zhi_commit_capture captures[BATCH];
  struct zhi_doc_row docs[BATCH];
  size_t count;
  uint64_t random, seed;
  int64_t now_ms;
};

static void ok(enum zhi_code rc, const struct zhi_err *e) {
  if (rc) {
    fprintf(stderr, "bench/archive: %s\n", e->msg);
    exit(1);
  }
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- one document ------------------------------------------------------------------------------------------ */

static uint64_t next_random(struct builder *b) {
  b->random ^= b->random << 13;
  b->random ^= b->random >> 7;
  b->random ^= b->random << 17;
  return b->random;
}

static void add_words(struct builder *b, struct zhi_buf *out, unsigned n) {
  enum { WORDS = (sizeof vocabulary - 1) / WORD_BYTES };
  for (unsigned i = 0; i < n; i++)
    zhi_buf_add(out, vocabulary + next_random(b) % WORDS * WORD_BYTES, WORD_BYTES);
}

/* A document as text in all its places; strings live in the batch's arena. */
struct made {
  struct zhi_str url, title, index_no, doc_no, date, text, html;
  const char *publisher;
  int64_t chars;
};

static void add_body(struct builder *b, struct zhi_buf *out, int64_t n, int version) {
  for (int i = 0; i < BODY_SENTENCES; i++) {
    add_words(b, out, 4 + (unsigned)(next_random(b) % 5));
    zhi_buf_adds(out, ",");
    add_words(b, out, 4 + (unsigned)(next_random(b) % 5));
    zhi_buf_adds(out, i % 3 == 2 ? "。\n" : "。");
    if (i == BODY_SENTENCES / 2 && n % RARE_EVERY < RARE_WORDS)
      zhi_buf_addf(out, "其中%s一节。", rare_words[n % RARE_EVERY]);
  }
  if (version > 1)
    zhi_buf_adds(out, "本文已修订。");
}

static struct zhi_str page(struct builder *b, const struct made *m) {
  struct zhi_buf html;
  struct zhi_str rest = m->text;
  zhi_buf_init(&html, 1 << 20);
  zhi_buf_addf(&html,
               "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>%s</title>\n"
               "<meta name=\"ArticleTitle\" content=\"%s\"><meta name=\"PubDate\" content=\"%s\">"
               "<meta name=\"ContentSource\" content=\"%s\"></head>\n<body><table class=\"xxgk\">"
               "<tr><td>索引号:</td><td>%s</td><td>文号:</td><td>%s</td></tr><tr><td>发布机构:</td>"
               "<td>%s</td><td>发布日期:</td><td>%s</td></tr></table><h1>%s</h1>"
               "<div class=\"TRS_Editor\">",
               m->title.p, m->title.p, m->date.p, m->publisher, m->index_no.p, m->doc_no.p,
               m->publisher, m->date.p, m->title.p);
  while (rest.p) {
    struct zhi_str line = zhi_str_cut(&rest, '\n');
    if (line.len)
      zhi_buf_addf(&html, "<p>%.*s</p>\n", ZHI_STR_ARGS(line));
  }
  zhi_buf_adds(&html, "</div></body></html>\n");
  struct zhi_str out = zhi_arena_str(&b->arena, zhi_buf_view(&html));
  zhi_buf_release(&html);
  return out;
}

static void make(struct builder *b, int64_t n, int version, struct made *m) {
  struct zhi_buf t;
  struct zhi_arena *a = &b->arena;
  int64_t host = n % HOSTS;
  int year = 2010 + (int)(n / 61 % 15);
  zhi_buf_init(&t, 1 << 20);
  b->random = (b->seed + (uint64_t)n * 2654435761u) * 0x9E3779B97F4A7C15u | 1;
  for (int i = 0; i < 4; i++)
    next_random(b);
  m->publisher = publishers[host % PUBLISHERS];
  m->date = zhi_arena_printf(a, "%04d-%02d-%02d", year, (int)(n / 7 % 12) + 1, (int)(n % 28) + 1);
  m->url = zhi_arena_printf(a, "http://dept%02lld.mouxian.gov.cn/zwgk/%04d/%02lld/t%d_%lld.html",
                            (long long)host, year, (long long)(n / 7 % 12) + 1, year, (long long)n);
  m->index_no = zhi_arena_printf(a, "4199%06lld/%d-%05lld", (long long)(host + 10) * 15, year,
                                 (long long)(n % 100000));
  m->doc_no = zhi_arena_printf(a, "某政办〔%d〕%lld号", year, (long long)(n % 1000) + 1);
  zhi_buf_adds(&t, "关于");
  add_words(b, &t, 3 + (unsigned)(next_random(b) % 6));
  zhi_buf_adds(&t, "的通知");
  m->title = zhi_arena_str(a, zhi_buf_view(&t));
  zhi_buf_clear(&t);
  add_body(b, &t, n, version);
  m->text = zhi_arena_str(a, zhi_buf_view(&t));
  m->chars = 0;
  for (size_t i = 0; i < m->text.len; i++)
    m->chars += ((unsigned char)m->text.p[i] & 0xC0) != 0x80;
  zhi_buf_release(&t);
  m->html = page(b, m);
}

/* --- its rows and records --------------------------------------------------------------------------------- */

static void add_field(struct builder *b, struct zhi_doc_row *d, struct zhi_buf *json,
                      enum zhi_field f, struct zhi_str value, const char *source) {
  (void)b;
  d->field[f] = value;
  zhi_buf_addf(json,
               "%s\"%s\":{\"value\":\"%s\",\"raw\":\"%s\",\"state\":\"present\",\"source\":"
               "\"%s\",\"confidence\":0.98}",
               json->len ? "," : "{", zhi_field_table[f].name, value.p, value.p, source);
}

static void doc_row(struct builder *b, const struct made *m, struct zhi_doc_row *d) {
  struct zhi_buf json;
  char digest[ZHI_DIGEST_TEXT_SIZE];
  struct zhi_err e = {0};
  zhi_buf_init(&json, 1 << 20);
  *d = (struct zhi_doc_row){
      .kind = "document", .extractor_version = "1", .text = m->text, .body_chars = m->chars};
  add_field(b, d, &json, ZHI_F_TITLE, m->title, "meta");
  add_field(b, d, &json, ZHI_F_INDEX_NO, m->index_no, "table");
  add_field(b, d, &json, ZHI_F_PUBLISHER, zhi_str_of(m->publisher), "table");
  add_field(b, d, &json, ZHI_F_DOC_NO, m->doc_no, "table");
  add_field(b, d, &json, ZHI_F_DATE_PUBLISHED, m->date, "meta");
  add_field(b, d, &json, ZHI_F_SOURCE, zhi_str_of(m->publisher), "meta");
  zhi_buf_addc(&json, '}');
  d->fields_json = zhi_arena_str(&b->arena, zhi_buf_view(&json));
  zhi_buf_release(&json);
  ok(zhi_sha256_text(m->text, digest, &e), &e);
  d->text_digest = zhi_arena_str(&b->arena, zhi_str_of(digest));
}

static void store_record(struct builder *b, const struct made *m, struct zhi_capture_row *c) {
  struct zhi_spool body;
  struct zhi_warc_packed p;
  struct zhi_recref ref;
  struct zhi_err e = {0};
  zhi_spool_init(&body, NULL, m->html.len + 1, m->html.len + 1);
  ok(zhi_spool_add(&body, m->html.p, m->html.len, &e), &e);
  struct zhi_str head =
      zhi_arena_printf(&b->arena,
                       "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
                       "%zu\r\n\r\n",
                       m->html.len);
  struct zhi_warc_exchange x = {.url = m->url,
                                .date_ms = c->fetched_ms,
                                .ip = ZHI_STR("192.0.2.1"),
                                .request_head = ZHI_STR("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
                                .response_head = head,
                                .body = &body,
                                .fetch_time_ms = 20};
  ok(zhi_warc_pack(b->packer, &x, zhi_warc_writer_info_id(b->writer), &p, &e), &e);
  ok(zhi_warc_append(b->writer, &p, &ref, &e), &e);
  c->payload_digest = zhi_arena_str(&b->arena, zhi_str_of(p.payload_digest));
  c->record_id = zhi_arena_str(&b->arena, zhi_str_of(p.record_id));
  c->warc_file = zhi_arena_str(&b->arena, zhi_str_of(ref.file));
  c->warc_offset = (int64_t)ref.offset;
  c->warc_length = (int64_t)ref.length;
  zhi_warc_packed_release(&p);
  zhi_spool_release(&body);
}

static void commit(struct builder *b, bool close) {
  char name[192];
  size_t added, stale;
  struct zhi_err e = {0};
  uint64_t end = zhi_warc_position(b->writer, name);
  struct zhi_warc_state w = {name, (int64_t)end, close};
  struct zhi_batch batch = {.crawl_id = b->crawl.id,
                            .captures = b->captures,
                            .capture_count = b->count,
                            .warcs = &w,
                            .warc_count = name[0] != '\0'};
  ok(zhi_store_commit(b->s, &batch, &added, &stale, &e), &e);
  if (close && name[0])
    ok(zhi_warc_close(b->writer, &e), &e);
  zhi_arena_reset(&b->arena);
  b->count = 0;
}

static void add(struct builder *b, int64_t n, int version) {
  struct made m;
  struct zhi_buf key;
  struct zhi_commit_capture *x = &b->captures[b->count];
  make(b, n, version, &m);
  zhi_buf_init(&key, 1 << 16);
  zhi_surt(m.url, &key);
  *x = (struct zhi_commit_capture){
      .capture = {.url = m.url,
                  .url_key = zhi_arena_str(&b->arena, zhi_buf_view(&key)),
                  .fetched_ms = b->now_ms += 50,
                  .verdict = ZHI_V_OK,
                  .status = 200,
                  .mime = ZHI_STR("text/html"),
                  .charset = ZHI_STR("utf-8"),
                  .charset_source = ZHI_STR("meta"),
                  .ip = ZHI_STR("192.0.2.1"),
                  .body_bytes = (int64_t)m.html.len,
                  .duration_ms = 20},
      .doc = &b->docs[b->count]};
  zhi_buf_release(&key);
  zhi_uuid(NULL, x->capture.capture_id);
  store_record(b, &m, &x->capture);
  doc_row(b, &m, &b->docs[b->count]);
  if (++b->count == BATCH)
    commit(b, zhi_warc_full(b->writer));
}

static void build(const char *dir, int64_t documents, uint64_t seed) {
  static struct builder b;
  char warc[4096];
  struct zhi_err e = {0};
  b = (struct builder){.seed = seed};
  zhi_arena_init(&b.arena, (size_t)1 << 30);
  ok(zhi_store_open(dir, ZHI_STORE_CREATE, &zhi_clock_system, &b.s, &e), &e);
  ok(zhi_store_begin_crawl(
         b.s, true,
         ZHI_STR("{\"cluster\":\"mouxian\",\"name\":\"某某县\",\"division_code\":\"419999\"}"),
         &b.crawl, &e),
     &e);
  b.now_ms = b.crawl.started_ms;
  snprintf(warc, sizeof warc, "%s/warc", dir);
  if (mkdir(warc, 0777) != 0)
    fprintf(stderr, "bench/archive: adding to '%s'\n", dir);
  struct zhi_warc_writer_options w = {.dir = warc,
                                      .crawl_id = b.crawl.name,
                                      .host_label = "mouxian",
                                      .max_bytes = (uint64_t)256 << 20,
                                      .clock = &zhi_clock_system,
                                      .first_serial = b.crawl.next_warc_serial};
  ok(zhi_warc_packer_new(1, "/tmp", NULL, &b.packer, &e), &e);
  ok(zhi_warc_writer_new(&w, &b.writer, &e), &e);
  for (int64_t n = 0; n < documents; n++)
    add(&b, n, 1);
  for (int64_t n = 0; n < documents; n += 1000)
    add(&b, n, 2);
  commit(&b, true);
  ok(zhi_store_finish_crawl(b.s, b.crawl.id, &e), &e);
  ok(zhi_store_write_csv(b.s, &e), &e);
  zhi_store_close(b.s);
  zhi_warc_writer_free(b.writer);
  zhi_warc_packer_free(b.packer);
  zhi_arena_release(&b.arena);
}

/* --- measuring --------------------------------------------------------------------------------------------- */

enum { ARGS_MAX = 12, ARGV_MAX = 256 };
struct measure {
  const char *name;
  const char *args
      [ARGS_MAX]; /* DIR and OUT stand for the archive and a file to write, ! begins another program */
};

/* The 1,000th document. */
#define TWO_VERSIONS "http://dept40.mouxian.gov.cn/zwgk/2011/11/t2011_1000.html"

static const struct measure measures[] = {
    {"export csv", {"export", "DIR", "--format", "csv", "-o", "OUT", NULL}},
    {"export csv of four fields",
     {"export", "DIR", "--fields", "url,title,date_published,publisher", "-o", "OUT", NULL}},
    {"export jsonl", {"export", "DIR", "--format", "jsonl", "-o", "OUT", NULL}},
    {"export xlsx", {"export", "DIR", "--format", "xlsx", "-o", "OUT", NULL}},
    {"export wacz", {"export", "DIR", "--format", "wacz", "-o", "OUT", NULL}},
    {"versions", {"versions", "DIR", TWO_VERSIONS, NULL}},
    {"diff", {"diff", "DIR", TWO_VERSIONS, NULL}},
    {"index", {"index", "WARC", NULL}},
    {"gunzip", {"!gzip", "-dc", "WARC", NULL}},
    {"extract", {"extract", "WARC", NULL}},
    {"import", {"import", "WARC", "-a", "OUT", NULL}},
    {"verify", {"verify", "DIR", NULL}},
    {"gunzip and sha256", {"!sh", "-c", "gzip -dc \"$@\" | sha256sum", "sh", "WARC", NULL}},
    {"changes, all new", {"changes", "DIR", "--since", "2000", NULL}},
    {"search index", {"search", "--rebuild", "DIR", NULL}},
    {"search of a rare word", {"search", "DIR", "麒麟", NULL}},
    {"search of another rare word", {"search", "DIR", "饕餮", NULL}},
    {"search of a word of no document", {"search", "DIR", "貔貅", NULL}},
    {"search of a phrase", {"search", "DIR", "发展建设", NULL}},
    {"search of a quoted phrase", {"search", "DIR", "\"乡村振兴\"", NULL}},
    {"search of a word of most documents", {"search", "DIR", "发展", NULL}},
    {"search of another common word", {"search", "DIR", "工作", NULL}},
    {"search of one character", {"search", "DIR", "展", NULL}},
    {"search of two words", {"search", "DIR", "发展 麒麟", NULL}},
    {"search of two common words", {"search", "DIR", "发展 农业", NULL}},
    {"search of either word", {"search", "DIR", "麒麟 OR 琥珀", NULL}},
    {"search of either common word", {"search", "DIR", "发展 OR 农业", NULL}},
    {"search of a word without another", {"search", "DIR", "发展 NOT 农业", NULL}},
    {"search of a rare word without another", {"search", "DIR", "麒麟 NOT 发展", NULL}},
    {"search of a word by publisher and year",
     {"search", "DIR", "发展 publisher:财政局 date:2018", NULL}},
    {"search of a publisher", {"search", "DIR", "publisher:财政局", NULL}},
    {"search of a source", {"search", "DIR", "source:民政局", NULL}},
    {"search of a source that most have", {"search", "DIR", "source:局", NULL}},
    {"search of a word by source", {"search", "DIR", "发展 source:教育体育局", NULL}},
    {"search of a part of document numbers", {"search", "DIR", "doc_no:〔2018〕", NULL}},
    {"search of an index number", {"search", "DIR", "index_no:00001", NULL}},
    {"search of a date alone", {"search", "DIR", "date:2018", NULL}},
    {"search of a document number", {"search", "DIR", "doc_no:某政办〔2011〕1号", NULL}},
    {"search of a title", {"search", "DIR", "title:发展", NULL}},
    {"search of a word, newest first", {"search", "DIR", "发展", "--newest", NULL}},
    {"search of a word in all versions", {"search", "DIR", "麒麟", "--all-versions", NULL}},
};

/* Where the program and its arguments stand in `argv`; WARC is every WARC file. */
static void command(const struct measure *m, const char *dir, const char *out,
                    const char *argv[ARGV_MAX]) {
  static glob_t warcs;
  const char *program = getenv("XIANZHI");
  char pattern[4096];
  int n = 0;
  snprintf(pattern, sizeof pattern, "%s/warc/*/*.warc.gz", dir);
  argv[n++] = program ? program : "build/xianzhi";
  for (int i = 0; m->args[i]; i++) {
    const char *a = m->args[i];
    if (a[0] == '!')
      argv[0] = a + 1, n = 1;
    else if (strcmp(a, "WARC") != 0)
      argv[n++] = strcmp(a, "DIR") == 0 ? dir : strcmp(a, "OUT") == 0 ? out : a;
    else if (warcs.gl_pathc || glob(pattern, 0, NULL, &warcs) == 0)
      for (size_t k = 0; k < warcs.gl_pathc && n < ARGV_MAX - ARGS_MAX; k++)
        argv[n++] = warcs.gl_pathv[k];
  }
  argv[n] = NULL;
}

struct cost {
  bool failed;
  double wall, cpu, rss_mib;
};

static void run(const struct measure *m, const char *dir, int64_t documents, struct cost *c) {
  const char *argv[ARGV_MAX];
  char out[4096], clean[4200];
  struct rusage ru;
  int status = 0;
  snprintf(out, sizeof out, "%s/bench/out", dir);
  command(m, dir, out, argv);
  double t = seconds();
  pid_t pid = fork();
  if (pid == 0) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    execvp(argv[0], (char *const *)argv);
    _exit(127);
  }
  if (pid < 0 || wait4(pid, &status, 0, &ru) < 0)
    exit(1);
  *c = (struct cost){.failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0,
                     .wall = seconds() - t,
                     .cpu = (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
                            (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6,
                     .rss_mib = (double)ru.ru_maxrss / 1024.0};
  printf("{\"what\": \"%s\", \"exit\": %d, \"seconds\": %.3f, \"per_second\": %.0f, \"cpu\": %.2f, "
         "\"rss_mib\": %.1f}\n",
         m->name, WIFEXITED(status) ? WEXITSTATUS(status) : -1, c->wall,
         (double)documents / c->wall, c->cpu, c->rss_mib);
  fflush(stdout);
  snprintf(clean, sizeof clean, "rm -rf '%s'", out);
  if (system(clean) != 0)
    exit(1);
}

/* --- the goals --------------------------------------------------------------------------------------------- */

enum { MEASURES = sizeof measures / sizeof *measures };
static const double memory_goal_mib = 200, search_median_goal = 0.05, search_p95_goal = 0.2;
enum { RECORDS_PER_CAPTURE = 3 }; /* request, response, metadata */

enum goal_kind { ROWS_A_SECOND, RECORDS_A_CORE_SECOND, WALL, CPU_TIMES };
static const struct goal {
  const char *name;
  enum goal_kind kind;
  double bound;
  const char *beside; /* of CPU_TIMES: what it is compared with */
} goals[] = {
    {"export csv", ROWS_A_SECOND, 100000, NULL},
    {"export xlsx", ROWS_A_SECOND, 10000, NULL},
    {"versions", WALL, 0.1, NULL},
    {"diff", WALL, 0.1, NULL},
    {"index", CPU_TIMES, 1.5, "gunzip"},
    {"verify", CPU_TIMES, 1.5, "gunzip and sha256"},
    {"extract", RECORDS_A_CORE_SECOND, 8000, NULL},
    {"import", RECORDS_A_CORE_SECOND, 8000, NULL},
    {"index", RECORDS_A_CORE_SECOND, 8000, NULL},
};

static const struct cost *cost_of(const struct cost *costs, const char *name) {
  size_t i = 0;
  while (strcmp(measures[i].name, name) != 0)
    i++;
  return &costs[i];
}

static bool tell_goal(const struct goal *g, const struct cost *costs, double captures) {
  const struct cost *c = cost_of(costs, g->name);
  double x;
  switch (g->kind) {
  case ROWS_A_SECOND:
    x = captures / c->wall;
    printf("%s: %.0f rows a second (goal: %.0f)\n", g->name, x, g->bound);
    return x >= g->bound;
  case RECORDS_A_CORE_SECOND:
    x = captures / c->cpu * RECORDS_PER_CAPTURE;
    printf("%s: %.0f captures, %.0f records a second and core (goal: %.0f records)\n", g->name,
           captures / c->cpu, x, g->bound);
    return x >= g->bound;
  case WALL:
    printf("%s: %.0f ms (goal: %.0f ms)\n", g->name, c->wall * 1e3, g->bound * 1e3);
    return c->wall < g->bound;
  case CPU_TIMES:
    x = c->cpu / cost_of(costs, g->beside)->cpu;
    printf("%s: %.2f times the CPU time of %s (goal: %.1f)\n", g->name, x, g->beside, g->bound);
    return x <= g->bound;
  }
  return false;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static bool tell_searches(const struct cost *costs) {
  double wall[MEASURES];
  size_t n = 0;
  for (size_t i = 0; i < MEASURES; i++)
    if (strncmp(measures[i].name, "search of", 9) == 0)
      wall[n++] = costs[i].wall;
  qsort(wall, n, sizeof *wall, by_size);
  double median = wall[n / 2], p95 = wall[(n * 95 + 99) / 100 - 1];
  printf("search: median %.0f ms (goal: %.0f ms), p95 %.0f ms (goal: %.0f ms), %zu queries\n",
         median * 1e3, search_median_goal * 1e3, p95 * 1e3, search_p95_goal * 1e3, n);
  return median < search_median_goal && p95 < search_p95_goal;
}

static bool tell_goals(const struct cost *costs, int64_t documents) {
  size_t most = 0;
  bool met = true;
  for (size_t i = 0; i < sizeof goals / sizeof *goals; i++)
    met &= tell_goal(&goals[i], costs, (double)documents);
  met &= tell_searches(costs);
  for (size_t i = 0; i < MEASURES; i++) {
    if (costs[i].rss_mib > costs[most].rss_mib)
      most = i;
    if (costs[i].failed)
      printf("%s: failed\n", measures[i].name);
    met &= !costs[i].failed;
  }
  printf("memory: at most %.0f MiB, by %s (goal: %.0f MiB)\n", costs[most].rss_mib,
         measures[most].name, memory_goal_mib);
  return met && costs[most].rss_mib < memory_goal_mib;
}

static int64_t count_documents(const char *dir) {
  struct zhi_store *s;
  struct zhi_err e = {0};
  json_t *status = NULL;
  ok(zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &s, &e), &e);
  ok(zhi_store_status(s, false, &status, &e), &e);
  int64_t n = json_integer_value(json_object_get(json_object_get(status, "documents"), "document"));
  json_decref(status);
  zhi_store_close(s);
  malloc_trim(0); /* a child's peak begins with what its parent holds */
  return n;
}

int main(int argc, char **argv) {
  int64_t documents = 200000;
  uint64_t seed = 1;
  bool build_only = false;
  char made[] = "/tmp/zhi-bench-archive-XXXXXX", db[4096];
  const char *dir = NULL;
  struct cost costs[MEASURES];
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--documents") == 0 && i + 1 < argc)
      documents = strtoll(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
      seed = strtoull(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--build-only") == 0)
      build_only = true;
    else
      dir = argv[i];
  }
  bool temporary = !dir;
  if (temporary && !(dir = mkdtemp(made)))
    return 1;
  snprintf(db, sizeof db, "%s/xianzhi.db", dir);
  if (access(db, F_OK) != 0) {
    double t = seconds();
    build(dir, documents, seed);
    t = seconds() - t;
    printf("{\"what\": \"build\", \"documents\": %lld, \"seconds\": %.2f, \"per_second\": %.0f}\n",
           (long long)documents, t, (double)documents / t);
    fflush(stdout);
  }
  documents = count_documents(dir);
  snprintf(db, sizeof db, "%s/bench", dir);
  if (mkdir(db, 0777) != 0 && access(db, F_OK) != 0)
    return 1;
  for (size_t i = 0; !build_only && i < MEASURES; i++)
    run(&measures[i], dir, documents, &costs[i]);
  bool met = build_only || tell_goals(costs, documents);
  if (temporary) {
    char cmd[128];
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
    return system(cmd) == 0 && met ? 0 : 1;
  }
  return met ? 0 : 1;
}
