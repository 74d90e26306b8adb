/* A page of text in, its document out: for tests of extraction. */
#ifndef TESTS_SUPPORT_EXTRACTED_H
#define TESTS_SUPPORT_EXTRACTED_H

#include "zhi/doc.h"

/* Valid until the next call. `url` NULL: http://www.example.gov.cn/zwgk/t20200102_77.html */
const struct zhi_doc *extracted(const char *html, const char *url);
/* The same of an answer with this status and first Set-Cookie. */
const struct zhi_doc *extracted_answer(const char *html, const char *url, int status,
                                       const char *cookie);
/* An answer to a script, asked for as `ask` says. */
const struct zhi_doc *extracted_asked(const char *body, const char *type, const char *url,
                                      const struct zhi_ask *ask);
void extracted_release(void);
/* Fail the test unless the field is there with this value, is empty, is absent. */
void assert_field(const struct zhi_doc *d, enum zhi_field f, const char *value);
void assert_field_raw(const struct zhi_doc *d, enum zhi_field f, const char *raw);
void assert_field_empty(const struct zhi_doc *d, enum zhi_field f);
void assert_field_absent(const struct zhi_doc *d, enum zhi_field f);

#endif
