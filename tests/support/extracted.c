#include "tests/support/extracted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct zhi_extractor *extractor;

static const struct zhi_doc *extract(const struct zhi_page *page) {
  struct zhi_err e = {0};
  const struct zhi_doc *d = NULL;
  if (!extractor && zhi_extractor_new(&extractor, &e))
    fail_msg("%s", e.msg);
  if (zhi_extract(extractor, page, &d, &e))
    fail_msg("%s", e.msg);
  return d;
}

const struct zhi_doc *extracted(const char *html, const char *url) {
  return extracted_answer(html, url, 200, "");
}

const struct zhi_doc *extracted_answer(const char *html, const char *url, int status,
                                       const char *cookie) {
  return extract(&(struct zhi_page){
      .url = zhi_str_of(url ? url : "http://www.example.gov.cn/zwgk/t20200102_77.html"),
      .body = zhi_str_of(html),
      .content_type = ZHI_STR("text/html; charset=utf-8"),
      .http_charset = ZHI_STR("utf-8"),
      .cookie = zhi_str_of(cookie),
      .status = status});
}

const struct zhi_doc *extracted_asked(const char *body, const char *type, const char *url,
                                      const struct zhi_ask *ask) {
  return extract(&(struct zhi_page){.url = zhi_str_of(url),
                                    .body = zhi_str_of(body),
                                    .content_type = zhi_str_of(type),
                                    .http_charset = ZHI_STR("utf-8"),
                                    .status = 200,
                                    .ask = *ask});
}

void extracted_release(void) {
  zhi_extractor_free(extractor);
  extractor = NULL;
}

static void must(const struct zhi_doc *d, enum zhi_field f, enum zhi_field_state state) {
  static const char *const names[] = {"absent", "present", "empty"};
  const struct zhi_field_value *v = &d->fields[f];
  if (v->state != state)
    fail_msg("%s is %s ('%.*s'), want %s", zhi_field_table[f].name, names[v->state],
             ZHI_STR_ARGS(v->raw), names[state]);
}

void assert_field(const struct zhi_doc *d, enum zhi_field f, const char *value) {
  must(d, f, ZHI_FIELD_PRESENT);
  if (!zhi_str_is(d->fields[f].value, value))
    fail_msg("%s is '%.*s', want '%s'", zhi_field_table[f].name, ZHI_STR_ARGS(d->fields[f].value),
             value);
}

void assert_field_raw(const struct zhi_doc *d, enum zhi_field f, const char *raw) {
  if (!zhi_str_is(d->fields[f].raw, raw))
    fail_msg("%s raw is '%.*s', want '%s'", zhi_field_table[f].name, ZHI_STR_ARGS(d->fields[f].raw),
             raw);
}

void assert_field_empty(const struct zhi_doc *d, enum zhi_field f) { must(d, f, ZHI_FIELD_EMPTY); }
void assert_field_absent(const struct zhi_doc *d, enum zhi_field f) {
  must(d, f, ZHI_FIELD_ABSENT);
}
