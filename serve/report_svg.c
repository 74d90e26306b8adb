/* Pictures of a report: rectangles with words. Colours are classes of the style sheet. */
#include "serve/report.h"

enum { BAR_W = 1000, BAR_H = 14, GROWTH_W = 960, GROWTH_H = 180, GROWTH_MAX = 60 };

const char *const report_classes[REPORT_CLASSES] = {"new",  "changed", "unchanged", "redirected",
                                                    "gone", "blocked", "failed",    "excluded",
                                                    "due",  "not_due"};

static void rect(struct html *h, const char *class, int64_t x, int64_t y, int64_t w,
                 int64_t height) {
  html(h, "<rect class=c_%s x=%d y=%d width=%d height=%d />", class, x, y, w, height);
}

void report_bar(struct html *h, const json_t *counts) {
  int64_t sum = 0, at = 0;
  for (int i = 0; i < REPORT_CLASSES - 1; i++)
    sum += row_int(counts, report_classes[i]);
  if (!sum)
    return;
  html(h,
       "<svg class=bar_svg viewBox=\"0 0 %d %d\" preserveAspectRatio=none role=img "
       "aria-label=\"{report_share}\">",
       (int64_t)BAR_W, (int64_t)BAR_H);
  for (int i = 0; i < REPORT_CLASSES - 1; i++) {
    int64_t n = row_int(counts, report_classes[i]), from = at * BAR_W / sum;
    at += n;
    if (!n)
      continue;
    char key[48];
    snprintf(key, sizeof key, "report_class_%s", report_classes[i]);
    int64_t w = at * BAR_W / sum - from;
    html(h, "<g><title>%t: %N</title>", key, n);
    rect(h, report_classes[i], from, 0, w > 0 ? w : 1, BAR_H);
    html(h, "</g>");
  }
  html(h, "</svg>");
}

static const char *const drawn[] = {"new", "changed", "same", "gone", "blocked", "failed"};
enum { DRAWN = sizeof drawn / sizeof *drawn };

/* "same": content that came and began no version. */
static int64_t value(const json_t *crawl, int i) {
  if (i != 2)
    return row_int(crawl, drawn[i]);
  int64_t n = row_int(crawl, "captured") - row_int(crawl, "new") - row_int(crawl, "changed");
  return n > 0 ? n : 0;
}

static void one_crawl(struct html *h, const json_t *crawl, int64_t x, int64_t w, int64_t most) {
  int64_t y = GROWTH_H;
  html(h, "<g><title>%s", zhi_json_text(crawl, "crawl"));
  for (int i = 0; i < DRAWN; i++) {
    char key[48];
    snprintf(key, sizeof key, "report_drawn_%s", drawn[i]);
    html(h, " · %t %N", key, value(crawl, i));
  }
  html(h, "</title>");
  for (int i = 0; i < DRAWN; i++) {
    int64_t n = value(crawl, i), height = n * (GROWTH_H - 4) / most;
    if (n && !height)
      height = 1;
    y -= height;
    if (height)
      rect(h, i == 2 ? "unchanged" : drawn[i], x, y, w, height);
  }
  html(h, "</g>");
}

void report_growth(struct html *h, const json_t *growth) {
  size_t n = json_array_size(growth), from = n > GROWTH_MAX ? n - GROWTH_MAX : 0;
  int64_t most = 1, step = GROWTH_W / (int64_t)(n - from > 8 ? n - from : 8);
  for (size_t i = from; i < n; i++) {
    int64_t sum = 0;
    for (int k = 0; k < DRAWN; k++)
      sum += value(json_array_get(growth, i), k);
    most = sum > most ? sum : most;
  }
  html(h,
       "<figure class=growth><svg viewBox=\"0 0 %d %d\" role=img aria-label=\"{report_growth}\">"
       "<line class=axis x1=0 y1=%d x2=%d y2=%d />",
       (int64_t)GROWTH_W, (int64_t)GROWTH_H + 2, (int64_t)GROWTH_H + 1, (int64_t)GROWTH_W,
       (int64_t)GROWTH_H + 1);
  for (size_t i = from; i < n; i++)
    one_crawl(h, json_array_get(growth, i), (int64_t)(i - from) * step, step - step / 4, most);
  html(h, "</svg><figcaption class=legend>");
  for (int i = 0; i < DRAWN; i++) {
    char key[48];
    snprintf(key, sizeof key, "report_drawn_%s", drawn[i]);
    html(h, "<span class=\"dot b_%s\"></span>%t ", i == 2 ? "unchanged" : drawn[i], key);
  }
  html(h, "</figcaption></figure>");
}
