/* Pictures out of rectangles. Colours are classes of the style sheet, so they follow light and dark. */
#include "serve/svg.h"

#include <stdio.h>

#include "zhi/clock.h"

enum { BARS_W = 480, BARS_H = 96, BARS_MAX = 60, CELL = 12, WEEK = 7, YEARS_MAX = 40 };

/* --- bars --------------------------------------------------------------------------------------------------------- */

static void bar(struct html *h, int64_t x, int64_t w, int64_t height, const char *class) {
  html(h, "<rect class=%s x=%d y=%d width=%d height=%d rx=1 />", class, x, (int64_t)BARS_H - height,
       w, height);
}

void svg_months(struct html *h, const json_t *months) {
  size_t n = json_array_size(months), from = n > BARS_MAX ? n - BARS_MAX : 0;
  int64_t most = 1;
  for (size_t i = from; i < n; i++) {
    int64_t v = row_int(json_array_get(months, i), "captures");
    most = v > most ? v : most;
  }
  if (!n) {
    html(h, "<p class=empty>{nothing_yet}</p>");
    return;
  }
  int64_t step = BARS_W / (int64_t)(n - from > 12 ? n - from : 12);
  html(h, "<figure class=chart><svg viewBox=\"0 0 %d %d\" role=img aria-label=\"{growth}\">",
       (int64_t)BARS_W, (int64_t)BARS_H);
  for (size_t i = from; i < n; i++) {
    const json_t *m = json_array_get(months, i);
    int64_t x = (int64_t)(i - from) * step, c = row_int(m, "captures"), v = row_int(m, "versions");
    html(h, "<g><title>%s: {captures} %N, {versions} %N</title>", zhi_json_text(m, "month"), c, v);
    bar(h, x, step - 2, 2 + c * (BARS_H - 4) / most, "bar1");
    bar(h, x, step - 2, v * (BARS_H - 4) / most, "bar2");
    html(h, "</g>");
  }
  html(h,
       "</svg><figcaption><span class=key1></span>{captures} <span class=key2></span>{versions} · "
       "%s – %s</figcaption></figure>",
       zhi_json_text(json_array_get(months, from), "month"),
       zhi_json_text(json_array_get(months, n - 1), "month"));
}

/* --- calendar ------------------------------------------------------------------------------------------------------ */

/* What a capture says of its day; more telling ones win. */
enum day_mark { DAY_NONE, DAY_FAILED, DAY_BLOCKED, DAY_GONE, DAY_MOVED, DAY_SAME, DAY_VERSION };
static const char *const mark_name[] = {"none",  "failed", "blocked", "gone",
                                        "moved", "same",   "version"};

static enum day_mark mark_of(const json_t *capture) {
  struct zhi_str v = row_str(capture, "verdict");
  if (row_int(capture, "version"))
    return DAY_VERSION;
  if (zhi_str_is(v, "ok") || zhi_str_is(v, "not_modified"))
    return DAY_SAME;
  if (zhi_str_is(v, "blocked") || zhi_str_is(v, "robots_denied"))
    return DAY_BLOCKED;
  if (zhi_str_is(v, "gone") || zhi_str_is(v, "soft_404"))
    return DAY_GONE;
  if (zhi_str_is(v, "redirect"))
    return DAY_MOVED;
  return DAY_FAILED;
}

struct year {
  int year;
  int64_t first_day; /* since 1970 */
  unsigned char mark[366];
  unsigned short count[366];
};

static int64_t day_of(const json_t *capture) {
  int64_t ms = 0;
  zhi_time_parse(row_str(capture, "captured"), &ms);
  return (ms + ZHI_TZ_CHINA_MS) / 86400000;
}

static void draw_year(struct html *h, const struct year *y) {
  int64_t lead = (y->first_day + 3) % WEEK; /* Monday is 0: the epoch was a Thursday */
  html(h,
       "<figure class=calendar><figcaption>%d</figcaption><svg viewBox=\"0 0 %d %d\" role=group "
       "aria-label=\"{calendar} %d\">",
       (int64_t)y->year, (int64_t)54 * CELL, (int64_t)WEEK * CELL, (int64_t)y->year);
  int64_t days = zhi_days_from_civil(y->year + 1, 1, 1) - y->first_day;
  for (int64_t d = 0; d < days; d++) {
    int64_t at = d + lead;
    char day[ZHI_ISO_SIZE];
    zhi_time_iso((y->first_day + d) * 86400000, day);
    day[10] = '\0';
    bool some = y->mark[d] != DAY_NONE;
    if (some)
      html(h, "<a href=\"#d%s\"><title>%s: %d</title>", day, day, (int64_t)y->count[d]);
    html(h, "<rect class=\"day day_%s\" x=%d y=%d width=%d height=%d rx=2 />",
         mark_name[y->mark[d]], at / WEEK * CELL, at % WEEK * CELL, (int64_t)CELL - 2,
         (int64_t)CELL - 2);
    if (some)
      html(h, "</a>");
  }
  html(h, "</svg></figure>");
}

void svg_calendar(struct html *h, const json_t *captures) {
  size_t n = json_array_size(captures), i = 0;
  for (int years = 0; i < n && years < YEARS_MAX; years++) {
    int y0, m, d;
    zhi_civil_from_days(day_of(json_array_get(captures, i)), &y0, &m, &d);
    struct year y = {.year = y0, .first_day = zhi_days_from_civil(y0, 1, 1)};
    int64_t end = zhi_days_from_civil(y0 + 1, 1, 1);
    for (; i < n; i++) {
      const json_t *c = json_array_get(captures, i);
      int64_t day = day_of(c) - y.first_day;
      if (day_of(c) >= end || day < 0)
        break;
      enum day_mark mark = mark_of(c);
      if (mark > y.mark[day])
        y.mark[day] = (unsigned char)mark;
      y.count[day]++;
    }
    draw_year(h, &y);
  }
  html(h, "<p class=legend><span class=\"dot day_version\"></span>{mark_version} "
          "<span class=\"dot day_same\"></span>{mark_same} <span class=\"dot "
          "day_moved\"></span>{mark_moved} "
          "<span class=\"dot day_gone\"></span>"
          "{mark_gone} <span class=\"dot day_blocked\"></span>{mark_blocked} "
          "<span class=\"dot day_failed\"></span>{mark_failed}</p>");
}
