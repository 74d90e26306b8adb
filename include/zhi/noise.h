/* Noise: what a page says of itself rather than of its subject, and what changes by itself between two readings.
 *
 * Two readings that differ in nothing else show the same thing. Noise is never thrown away: whoever compares says
 * that it was left out, and why. Pure functions of UTF-8 text. Thread: any. */
#ifndef ZHI_NOISE_H
#define ZHI_NOISE_H

#include <jansson.h>
#include <stdbool.h>

#include "zhi/str.h"

enum zhi_noise_kind {
  ZHI_NOISE_NONE,
  ZHI_NOISE_COUNTER,   /* how often it was read: 浏览次数：12 */
  ZHI_NOISE_NOW,       /* the time of reading: 今天是2018年3月29日 */
  ZHI_NOISE_TOOLBAR,   /* 字体：大 中 小 打印 关闭 */
  ZHI_NOISE_PATH,      /* where one is: 当前位置：首页 > 政务公开 */
  ZHI_NOISE_NEIGHBOUR, /* 上一篇, 下一篇 */
  ZHI_NOISE_RELATED,   /* links to other pages under 相关信息 */
  ZHI_NOISE_LAYOUT,    /* the same words broken into other lines */
  ZHI_NOISE_NUMBER, /* in a remark beside the text, where numbers count visitors more often than not */
  ZHI_NOISE_GENERATED, /* a date that the site's system writes anew by itself */
  ZHI_NOISE_ELSEWHERE, /* a link outside the text: menus, lists of news, footers */
  ZHI_NOISE_ADDRESS,   /* another spelling of a link's address: session, tracking, time, scheme */
  ZHI_NOISE_MOVED,     /* a link that stands elsewhere on the page, with the same text */
  ZHI_NOISE_COUNT
};
struct zhi_noise_info {
  const char *name, *zh, *en; /* code for programs; the reason for people */
};
extern const struct zhi_noise_info zhi_noise_table[ZHI_NOISE_COUNT];
/* {kind, zh, en}, as comparisons give a reason; a new reference. */
json_t *zhi_noise_json(enum zhi_noise_kind kind);

/* Where noise of a few words may begin, so that long texts are asked about at few places. */
struct zhi_noise_firsts {
  bool han[256];
};
void zhi_noise_firsts(struct zhi_noise_firsts *out);
/* The first place at or behind `from` where zhi_noise_at may find something; s.len: nowhere. */
size_t zhi_noise_next(const struct zhi_noise_firsts *f, struct zhi_str s, size_t from);
/* Noise of a few words (COUNTER, NOW) at the start of `s`: its bytes, 0 when there is none. What changes by itself is
 * [*from, *to); the rest is its label. Not to be asked within a number. */
size_t zhi_noise_at(struct zhi_str s, enum zhi_noise_kind *kind, size_t *from, size_t *to);
/* The noise that a whole line is (TOOLBAR, PATH, NEIGHBOUR), or NONE. */
enum zhi_noise_kind zhi_noise_line(struct zhi_str line);
/* Does a list of links to other pages begin here: 相关阅读 and the like, and nothing else? */
bool zhi_noise_heads_related(struct zhi_str line);
/* May this line of such a list be the title of another page: short, no sentence, no attachment? */
bool zhi_noise_may_be_link(struct zhi_str line);

#endif
