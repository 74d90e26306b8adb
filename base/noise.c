/* Noise by tables of the words that Chinese government sites use for it. A counter needs its number, a time of reading
 * runs to the end of its line, a line is noise as a whole only when nothing but the tables' words is left of it. */
#include "zhi/noise.h"

enum {
  DIGITS_MAX = 12,
  NOW_MAX_BYTES = 96,
  HEADING_MAX_BYTES = 45,
  LINK_MAX_BYTES = 180,
  LINE_MAX_BYTES = 600
};
#define COUNT(words) (sizeof(words) / sizeof *(words))

const struct zhi_noise_info zhi_noise_table[ZHI_NOISE_COUNT] = {
    {"none", "", ""},
    {"counter", "浏览计数", "counter of readers"},
    {"now", "读取当时的日期时间", "time of reading"},
    {"toolbar", "页面工具栏", "toolbar"},
    {"path", "当前位置导航", "place in the site"},
    {"neighbour", "上一篇、下一篇", "neighbouring pages"},
    {"related", "相关信息列表", "list of related pages"},
    {"layout", "仅换行不同", "other line breaks"},
    {"number", "正文之外的数字", "number beside the text"},
    {"generated", "系统自动生成的日期", "date written by the site's system"},
    {"elsewhere", "正文之外的链接", "link outside the text"},
    {"address", "网址中自行变化的部分", "part of an address that changes by itself"},
    {"moved", "在页面内移到别处", "moved within the page"}};

json_t *zhi_noise_json(enum zhi_noise_kind kind) {
  const struct zhi_noise_info *n = &zhi_noise_table[kind];
  return json_pack("{s:s, s:s, s:s}", "kind", n->name, "zh", n->zh, "en", n->en);
}

/* Labels of counters, before ("浏览次数：12") or behind ("12 次浏览") their number. */
static const char *const counters[] = {
    "浏览次数", "浏览量", "浏览数", "浏览人数", "点击次数", "点击量", "点击数",   "点击率",
    "阅读次数", "阅读量", "阅读数", "阅读人数", "访问次数", "访问量", "访问人数", "下载次数",
    "下载量",   "点赞数", "评论数", "播放次数", "播放量",   "人气",   "浏览",     "点击",
    "阅读",     "访问",   "次浏览", "次阅读",   "次点击",   "次访问", "次下载",   "人浏览"};
/* What follows is the time of reading. */
static const char *const nows[] = {"今天是",   "现在是",   "当前时间",
                                   "当前日期", "现在时间", "您好，今天是"};
static const char *const between[] = {"：", ":", "（", "(", "【", "[", " ", "\xc2\xa0", "　"};
/* A line of nothing but these is a toolbar. */
static const char *const tools[] = {
    "字体",     "字号",     "大",     "中",       "小",         "特大",     "打印本页", "打印",
    "关闭窗口", "关闭本页", "关闭",   "收藏",     "分享到",     "分享",     "扫一扫",   "手机查看",
    "手机",     "语音播报", "语音",   "朗读",     "视力保护色", "纠错",     "复制链接", "保存",
    "返回顶部", "返回列表", "返回",   "我要纠错", "微信",       "微博",     "QQ空间",   "下载",
    "繁体",     "简体",     "无障碍", "默认",     "字体大小",   "加入收藏", "发送邮件", "推荐"};
static const char *const marks[] = {"：", ":", "【", "】",       "[",  "]",  "（", "）",
                                    "(",  ")", "|",  "｜",       "/",  "、", "+",  "-",
                                    "·",  " ", "　", "\xc2\xa0", "\t", "A",  ">",  "》"};
static const char *const places[] = {"您的位置",   "您现在的位置", "当前位置",
                                     "现在的位置", "所在位置",     "您当前的位置",
                                     "首页 >",     "首页>",        "首页 ＞"};
static const char *const neighbours[] = {"上一篇", "下一篇", "上一条",
                                         "下一条", "前一篇", "后一篇"};
static const char *const related[] = {
    "相关文章", "相关阅读", "相关信息", "相关新闻", "相关链接", "相关报道", "相关推荐", "相关内容",
    "相关稿件", "相关文档", "推荐阅读", "延伸阅读", "热点新闻", "热门文章", "热点推荐", "最新信息",
    "最新文章", "最新更新", "最新发布", "猜你喜欢", "点击排行", "热门信息", "图片新闻", "推荐信息"};

/* Bytes of the longest of `words` at the start of `s`; 0 when none stands there. */
static size_t word_at(struct zhi_str s, const char *const *words, size_t n) {
  size_t best = 0;
  for (size_t i = 0; i < n && s.len; i++) {
    size_t k = 0;
    while (k < s.len && words[i][k] && words[i][k] == s.p[k])
      k++;
    if (!words[i][k] && k > best)
      best = k;
  }
  return best;
}

/* White space, colons and opening brackets. */
static size_t skip_between(struct zhi_str s) {
  size_t i = 0;
  for (int n = 0; n < 4 && i < s.len; n++) {
    size_t k = word_at(zhi_str_sub(s, i, s.len), between, COUNT(between));
    if (!k)
      break;
    i += k;
  }
  return i;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static size_t digits_at(struct zhi_str s) {
  size_t i = 0;
  while (i < s.len && i < DIGITS_MAX && is_digit(s.p[i]))
    i++;
  return i;
}

static size_t counter_at(struct zhi_str s, size_t *from, size_t *to) {
  size_t n = digits_at(s);
  if (n) { /* the number first */
    struct zhi_str rest = zhi_str_sub(s, n, s.len);
    size_t gap = skip_between(rest);
    rest = zhi_str_sub(rest, gap, rest.len);
    bool behind = zhi_str_starts(rest, "次") || zhi_str_starts(rest, "人");
    size_t word = behind ? word_at(rest, counters, COUNT(counters)) : 0;
    *from = 0;
    *to = n;
    return word ? n + gap + word : 0;
  }
  size_t word = word_at(s, counters, COUNT(counters));
  struct zhi_str rest = zhi_str_sub(s, word, s.len);
  size_t gap = word ? skip_between(rest) : 0;
  n = gap ? digits_at(zhi_str_sub(rest, gap, rest.len)) : 0;
  *from = word + gap;
  *to = word + gap + n;
  return n ? word + gap + n : 0;
}

/* A key of the Han character at p, of three bytes. */
static uint8_t key_of(const char *p) { return (uint8_t)((uint8_t)p[1] * 31u + (uint8_t)p[2]); }

void zhi_noise_firsts(struct zhi_noise_firsts *out) {
  *out = (struct zhi_noise_firsts){{false}};
  for (size_t i = 0; i < COUNT(counters); i++)
    out->han[key_of(counters[i])] = true;
  for (size_t i = 0; i < COUNT(nows); i++)
    out->han[key_of(nows[i])] = true;
}

size_t zhi_noise_next(const struct zhi_noise_firsts *f, struct zhi_str s, size_t from) {
  size_t i = from;
  while (i < s.len) {
    unsigned char c = (unsigned char)s.p[i];
    if (is_digit(s.p[i]))
      break;
    if (c >= 0xe4 && c <= 0xe9 && s.len - i >= 3) {
      if (f->han[key_of(s.p + i)])
        break;
      i += zhi_utf8_is_common3(s.p + i) ? 3 : 1;
    } else {
      i++;
    }
  }
  return i;
}

size_t zhi_noise_at(struct zhi_str s, enum zhi_noise_kind *kind, size_t *from, size_t *to) {
  size_t n = counter_at(s, from, to);
  *kind = ZHI_NOISE_COUNTER;
  if (n || (unsigned char)s.p[0] < 0x80)
    return n;
  *kind = ZHI_NOISE_NOW;
  n = word_at(s, nows, COUNT(nows));
  while (n && n < s.len && n < NOW_MAX_BYTES && s.p[n] != '\n')
    n++;
  *from = 0;
  *to = n;
  return n;
}

static bool is_toolbar(struct zhi_str s) {
  size_t words = 0;
  while (s.len) {
    size_t n = word_at(s, tools, COUNT(tools));
    words += n > 0;
    if (!n)
      n = word_at(s, marks, COUNT(marks));
    if (!n)
      return false;
    s = zhi_str_sub(s, n, s.len);
  }
  return words > 0;
}

/* The line without brackets and spaces at its start. */
static struct zhi_str past_marks(struct zhi_str s) {
  size_t n;
  while ((n = word_at(s, marks, COUNT(marks))))
    s = zhi_str_sub(s, n, s.len);
  return s;
}

enum zhi_noise_kind zhi_noise_line(struct zhi_str line) {
  line = past_marks(line);
  if (!line.len || line.len > LINE_MAX_BYTES)
    return ZHI_NOISE_NONE;
  size_t n = word_at(line, neighbours, COUNT(neighbours));
  if (n && (line.len == n || skip_between(zhi_str_sub(line, n, line.len))))
    return ZHI_NOISE_NEIGHBOUR;
  if ((n = word_at(line, places, COUNT(places))) &&
      (line.p[n - 1] == '>' || skip_between(zhi_str_sub(line, n, line.len))))
    return ZHI_NOISE_PATH;
  return is_toolbar(line) ? ZHI_NOISE_TOOLBAR : ZHI_NOISE_NONE;
}

bool zhi_noise_heads_related(struct zhi_str line) {
  line = past_marks(line);
  if (line.len > HEADING_MAX_BYTES)
    return false;
  size_t n = word_at(line, related, COUNT(related));
  return n && !past_marks(zhi_str_sub(line, n, line.len)).len;
}

bool zhi_noise_may_be_link(struct zhi_str line) {
  static const char *const ends[] = {"。", "；", "！", "？"};
  line = past_marks(line);
  if (line.len > LINK_MAX_BYTES || zhi_str_starts(line, "附件"))
    return false;
  for (size_t i = 0; i < COUNT(ends); i++)
    if (zhi_str_find(line, zhi_str_of(ends[i])))
      return false;
  return true;
}
