/* Random numbers, invented sentences and encodings of the simulated county.
 *
 * Body text is copied from sentences made at start in UTF-8 and in GBK, so that a page of 30 KB
 * costs some memcpy and no conversion; only the short varying parts (titles, dates, names) are
 * converted, by a table of 65,536 entries. */
#include <iconv.h>
#include <stdarg.h>
#include <stdlib.h>

#include "tests/county/county.h"

uint64_t mix64(uint64_t x) {
  x += UINT64_C(0x9E3779B97F4A7C15);
  x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
  return x ^ (x >> 31);
}

uint64_t rng_next(struct rng *r) {
  r->s += UINT64_C(0x9E3779B97F4A7C15);
  return mix64(r->s);
}

unsigned rng_n(struct rng *r, unsigned n) { return (unsigned)((rng_next(r) >> 32) * n >> 32); }

bool rng_chance(struct rng *r, unsigned percent) { return rng_n(r, 100) < percent; }

/* --- encodings --------------------------------------------------------------------------------- */

static bool gbk_table(uint16_t *table) {
  iconv_t cd = iconv_open("GBK", "UTF-16LE");
  if ((intptr_t)cd == -1)
    return false;
  for (unsigned cp = 0x80; cp < 0x10000; cp++) {
    if (cp >= 0xD800 && cp < 0xE000)
      continue;
    char in[2] = {(char)(cp & 0xFF), (char)(cp >> 8)}, out[4];
    char *ip = in, *op = out;
    size_t in_left = 2, out_left = sizeof out;
    iconv(cd, NULL, NULL, NULL, NULL);
    if (iconv(cd, &ip, &in_left, &op, &out_left) == 0 && op - out == 2)
      table[cp] = (uint16_t)((unsigned char)out[0] << 8 | (unsigned char)out[1]);
  }
  iconv_close(cd);
  return true;
}

static void add_gbk(const uint16_t *table, struct zhi_buf *b, const char *s, size_t len) {
  if (!zhi_buf_reserve(b, len))
    return;
  size_t i = 0;
  while (i < len) {
    size_t run = i;
    while (run < len && (unsigned char)s[run] < 0x80)
      run++;
    zhi_buf_add(b, s + i, run - i);
    i = run;
    while (i < len && (unsigned char)s[i] >= 0x80) {
      unsigned cp;
      i += zhi_utf8_next(s + i, len - i, &cp);
      uint16_t v = cp < 0x10000 ? table[cp] : 0;
      if (!v)
        v = 0xA1F5; /* □ */
      char two[2] = {(char)(v >> 8), (char)(v & 0xFF)};
      zhi_buf_add(b, two, 2);
    }
  }
}

void page_text(struct page *p, const char *utf8) {
  if (p->gbk)
    add_gbk(p->pool->gbk, p->b, utf8, strlen(utf8));
  else
    zhi_buf_adds(p->b, utf8);
}

void page_textf(struct page *p, const char *fmt, ...) {
  char text[4096];
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  if (n > 0)
    page_text(p, text);
}

void page_raw(struct page *p, const struct zhi_buf *encoded) {
  zhi_buf_add(p->b, encoded->p, encoded->len);
}

void page_escaped(struct page *p, const char *utf8) {
  while (*utf8) {
    char piece[512];
    size_t n = strcspn(utf8, "&<>\"");
    if (n >= sizeof piece)
      n = sizeof piece - 1;
    memcpy(piece, utf8, n);
    piece[n] = '\0';
    page_text(p, piece);
    utf8 += n;
    if (n == sizeof piece - 1 || !*utf8)
      continue;
    const char *as = *utf8 == '&'   ? "&amp;"
                     : *utf8 == '<' ? "&lt;"
                     : *utf8 == '>' ? "&gt;"
                                    : "&quot;";
    page_text(p, as);
    utf8++;
  }
}

void text_set(char *to, size_t size, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(to, size, fmt, ap);
  va_end(ap);
  if (n < 0)
    to[0] = '\0';
}

void text_cut(const char *text, unsigned chars, char *out, size_t size) {
  size_t n = 0;
  while (text[n] && chars) {
    n++;
    while (((unsigned char)text[n] & 0xC0) == 0x80)
      n++;
    chars--;
  }
  text_set(out, size, "%.*s%s", (int)n, text, text[n] ? "…" : "");
}

/* --- sentences --------------------------------------------------------------------------------- */

static const char *const openings[] = {"要进一步", "各单位要", "我县将",       "有关部门应当",
                                       "各乡镇要", "下一步将", "县直各单位要", "全县上下要",
                                       "坚持",     "持续",     "严格按照规定", "结合本地实际"};
static const char *const verbs[] = {"加强", "推进", "完善", "落实", "规范", "健全",
                                    "优化", "提升", "统筹", "深化", "细化", "巩固"};
static const char *const objects[] = {
    "农村饮水安全工程建设", "基层政务公开标准化",   "财政专项资金监督管理", "秋粮收购和仓储安全",
    "义务教育均衡发展",     "基本公共卫生服务",     "河道综合整治",         "农村公路养护管理",
    "困难群众临时救助",     "安全生产隐患排查",     "城乡居民医疗保险经办", "高标准农田建设",
    "林地保护利用规划",     "食品小作坊登记备案",   "行政审批事项精简",     "公共文化服务体系",
    "乡村环境卫生保洁",     "农业技术推广示范基地", "防汛抗旱应急预案",     "工程建设招标投标活动",
    "就业技能培训",         "退役军人服务保障",     "水土保持监测",         "地方志资料征集"};
static const char *const results[] = {
    "，确保各项任务按期完成",        "，切实维护群众合法权益",   "，形成一级抓一级的工作格局",
    "，做到底数清、情况明",          "，并及时向社会公布结果",   "，不断提高服务水平",
    "，为全县经济社会发展提供保障",  "，建立台账并实行销号管理", "，对工作不力的予以通报",
    "，实现覆盖面达到百分之九十以上"};
#define PICK(r, list) ((list)[rng_n((r), sizeof(list) / sizeof *(list))])

static void sentence(struct rng *r, struct zhi_buf *b) {
  zhi_buf_addf(b, "%s%s%s", PICK(r, openings), PICK(r, verbs), PICK(r, objects));
  if (rng_chance(r, 50))
    zhi_buf_addf(b, "，%s%s", PICK(r, verbs), PICK(r, objects));
  if (rng_chance(r, 30))
    zhi_buf_addf(b, "，计划投入资金%u.%u万元", 10 + rng_n(r, 900), rng_n(r, 10));
  zhi_buf_addf(b, "%s。", PICK(r, results));
}

bool pool_build(struct pool *p, uint64_t seed) {
  struct rng r = {mix64(seed ^ UINT64_C(0x7465787473))};
  zhi_buf_init(&p->text[0], 8u << 20);
  zhi_buf_init(&p->text[1], 8u << 20);
  p->gbk = calloc(0x10000, sizeof *p->gbk);
  if (!p->gbk || !gbk_table(p->gbk))
    return false;
  for (unsigned i = 0; i < SENTENCES; i++) {
    size_t from = p->text[0].len;
    p->at[0][i] = (uint32_t)from;
    p->at[1][i] = (uint32_t)p->text[1].len;
    sentence(&r, &p->text[0]);
    add_gbk(p->gbk, &p->text[1], p->text[0].p + from, p->text[0].len - from);
  }
  p->at[0][SENTENCES] = (uint32_t)p->text[0].len;
  p->at[1][SENTENCES] = (uint32_t)p->text[1].len;
  return !p->text[0].failed && !p->text[1].failed;
}

void pool_release(struct pool *p) {
  zhi_buf_release(&p->text[0]);
  zhi_buf_release(&p->text[1]);
  free(p->gbk);
  p->gbk = NULL;
}

void page_sentences(struct page *p, struct rng *r, unsigned count) {
  int e = p->gbk ? 1 : 0;
  while (count--) {
    unsigned i = rng_n(r, SENTENCES);
    zhi_buf_add(p->b, p->pool->text[e].p + p->pool->at[e][i],
                p->pool->at[e][i + 1] - p->pool->at[e][i]);
  }
}

/* --- dates and JSON ---------------------------------------------------------------------------- */

static void chinese_number(char *to, size_t size, int n) {
  static const char *const digit[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  const char *tens = n >= 30 ? "三十" : n >= 20 ? "二十" : n >= 10 ? "十" : "";
  text_set(to, size, "%s%s", tens, digit[n % 10]);
}

void text_chinese_date(char *to, size_t size, int y, int m, int d, const char *zero) {
  static const char *const digit[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  char year[32] = "", month[16], day[16];
  for (int unit = 1000; unit; unit /= 10) {
    int n = y / unit % 10;
    strncat(year, n ? digit[n] : zero, sizeof year - strlen(year) - 1);
  }
  chinese_number(month, sizeof month, m);
  chinese_number(day, sizeof day, d);
  text_set(to, size, "%s年%s月%s日", year, month, day);
}

void json_string(FILE *f, const char *s) {
  fputc('"', f);
  for (; *s; s++) {
    unsigned char ch = (unsigned char)*s;
    if (ch == '"' || ch == '\\') {
      fputc('\\', f);
      fputc(ch, f);
    } else if (ch < 0x20) {
      fprintf(f, "\\u%04x", ch);
    } else {
      fputc(ch, f);
    }
  }
  fputc('"', f);
}
