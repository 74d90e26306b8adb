/* Search finds a phrase wherever it stands and nowhere else: all pairs of a small set of characters, and longer phrases,
 * in documents made of these characters at random, against a plain comparison of what was put in. Few characters make
 * many near misses: pairs that stand apart, over a break, or as parts of other pairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/archive.h"
#include "zhi/search.h"
#include "zhi/texts.h"

enum { DOCUMENTS = 60, PLACE_MAX = 80, BREAK = -1, LONGEST = 5, LONGER_PHRASES = 600 };

/* Two spellings each: traditional, of compatibility, or the same; of all planes and blocks. */
static const char *const letters[][2] = {
    {"县", "縣"},
    {"发", "發"},
    {"财", "財"},
    {"政", "政"},
    {"六", "\xEF\xA7\x91"}, /* U+F9D1 */
    {"〇", "〇"},
    {"々", "々"},
    {"公", "公"},
    {"㐂", "㐂"},
    {"\xF0\xA0\xAE\xB7", "\xF0\xA0\xAE\xB7"}, /* U+20BB7 */
    {"\xEE\x80\x80", "\xEE\x80\x80"},         /* of private use */
};
enum { LETTERS = sizeof letters / sizeof *letters };
static const char *const breaks[] = {"。", ",", "\n", " ",  "\xE3\x80\x80",
                                     "·",  "a", "7",  "《", "%"};
enum { BREAKS = sizeof breaks / sizeof *breaks };

/* Where a document has text. */
enum { TITLE, BODY, PUBLISHER, ATTACHMENT, PLACES };
static const size_t place_len[PLACES] = {6, 60, 5, 20};

struct place {
  int letter[PLACE_MAX];
  size_t count;
  char text[PLACE_MAX * 4 + 1];
};

struct county {
  struct test_archive t;
  struct place place[DOCUMENTS][PLACES];
  uint64_t random;
};

static unsigned below(struct county *c, unsigned n) {
  c->random ^= c->random << 13;
  c->random ^= c->random >> 7;
  c->random ^= c->random << 17;
  return (unsigned)(c->random % n);
}

static void write_place(struct county *c, struct place *p, size_t count) {
  size_t len = 0;
  p->count = count;
  for (size_t i = 0; i < count; i++) {
    bool ends = i > 0 && i + 1 < count && below(c, 8) == 0;
    p->letter[i] = ends ? BREAK : (int)below(c, LETTERS);
    const char *s = ends ? breaks[below(c, BREAKS)] : letters[p->letter[i]][below(c, 2)];
    len += (size_t)snprintf(p->text + len, sizeof p->text - len, "%s", s);
  }
}

static void put(struct county *c, int n, struct zhi_texts *texts) {
  char url[64], key[64], digest[32], file[64], file_key[64], attached[96];
  const struct place *p = c->place[n];
  struct zhi_err e = {0};
  struct zhi_doc_row d = {
      .kind = "document", .extractor_version = "1", .text = zhi_str_of(p[BODY].text)};
  snprintf(url, sizeof url, "http://a.gov.cn/%d", n);
  snprintf(key, sizeof key, "cn,gov,a)/%d", n);
  snprintf(file, sizeof file, "http://a.gov.cn/%d.pdf", n);
  snprintf(file_key, sizeof file_key, "cn,gov,a)/%d.pdf", n);
  snprintf(attached, sizeof attached, "[{\"url\":\"%s\"}]", file);
  snprintf(digest, sizeof digest, "file%d", n);
  archive_capture(&c->t, file, file_key, ZHI_V_OK, digest, NULL);
  assert_int_equal(
      zhi_texts_put(texts, zhi_str_of(digest), "pdf", zhi_str_of(p[ATTACHMENT].text), NULL, &e),
      ZHI_OK);
  snprintf(digest, sizeof digest, "page%d", n);
  d.text_digest = zhi_str_of(digest);
  d.field[ZHI_F_TITLE] = zhi_str_of(p[TITLE].text);
  d.field[ZHI_F_PUBLISHER] = zhi_str_of(p[PUBLISHER].text);
  d.attachments_json = zhi_str_of(attached);
  d.attachment_count = 1;
  archive_capture(&c->t, url, key, ZHI_V_OK, digest, &d);
}

static struct zhi_search *setup(struct county *c) {
  static const struct zhi_search_options o = {.may_update = true};
  const char *dir = c->t.dir;
  struct zhi_texts *texts = NULL;
  struct zhi_search *s = NULL;
  struct zhi_err e = {0};
  bool fresh;
  c->random = 20181203;
  archive_setup(&c->t);
  assert_int_equal(zhi_texts_open(dir, &texts, &fresh, &e), ZHI_OK);
  for (int n = 0; n < DOCUMENTS; n++) {
    for (int k = 0; k < PLACES; k++)
      write_place(c, &c->place[n][k], place_len[k]);
    put(c, n, texts);
  }
  assert_int_equal(zhi_texts_close(texts, ZHI_OK, &e), ZHI_OK);
  if (zhi_search_open(&dir, 1, &o, &s, &e))
    fail_msg("%s", e.msg);
  return s;
}

static bool stands_in(const struct place *p, const int *phrase, size_t len) {
  for (size_t i = 0; i + len <= p->count; i++)
    if (memcmp(p->letter + i, phrase, len * sizeof *phrase) == 0)
      return true;
  return false;
}

/* The phrase, in any spelling, is in the answer for just those documents that have it. Returns how many. */
static int check(struct county *c, struct zhi_search *s, const int *phrase, size_t len) {
  char query[LONGEST * 4 + 1] = "";
  bool found[DOCUMENTS] = {false};
  struct zhi_err e = {0};
  json_t *answer = NULL, *r;
  size_t i, used = 0;
  int expected = 0;
  for (i = 0; i < len; i++)
    used +=
        (size_t)snprintf(query + used, sizeof query - used, "%s", letters[phrase[i]][below(c, 2)]);
  const struct zhi_search_ask q = {.query = zhi_str_of(query), .limit = DOCUMENTS};
  if (zhi_search_query(s, &q, &answer, &e))
    fail_msg("%s: %s", query, e.msg);
  json_array_foreach(json_object_get(answer, "results"), i, r) {
    const char *url = json_string_value(json_object_get(r, "url"));
    found[strtol(url + sizeof "http://a.gov.cn/" - 1, NULL, 10)] = true;
    assert_true(json_array_size(json_object_get(r, "found_in")) > 0);
  }
  for (int n = 0; n < DOCUMENTS; n++) {
    bool stands = false;
    for (int k = 0; k < PLACES; k++)
      stands |= stands_in(&c->place[n][k], phrase, len);
    if (stands != found[n])
      fail_msg("%s: %s in document %d: %s | %s | %s | %s", query, stands ? "missed" : "made up", n,
               c->place[n][TITLE].text, c->place[n][BODY].text, c->place[n][PUBLISHER].text,
               c->place[n][ATTACHMENT].text);
    expected += stands;
  }
  assert_int_equal(json_integer_value(json_object_get(answer, "total")), expected);
  json_decref(answer);
  return expected;
}

static void every_pair_is_found_where_it_stands_and_nowhere_else(void **state) {
  static struct county c;
  struct zhi_search *s = setup(&c);
  int hits = 0;
  (void)state;
  for (int a = 0; a < LETTERS; a++) {
    check(&c, s, &a, 1);
    for (int b = 0; b < LETTERS; b++)
      hits += check(&c, s, (const int[]){a, b}, 2);
  }
  assert_in_range(hits, DOCUMENTS * LETTERS, DOCUMENTS * LETTERS * LETTERS / 2);
  zhi_search_close(s);
  archive_teardown(&c.t);
}

/* Every other one is cut from a text. */
static void a_longer_phrase_is_found_only_in_one_piece(void **state) {
  static struct county c;
  struct zhi_search *s = setup(&c);
  int there = 0;
  (void)state;
  for (int i = 0; i < LONGER_PHRASES; i++) {
    const struct place *p = &c.place[below(&c, DOCUMENTS)][BODY];
    int phrase[LONGEST];
    size_t len = 3 + below(&c, LONGEST - 2), from = below(&c, (unsigned)(p->count - len));
    bool whole = true;
    for (size_t k = 0; k < len; k++) {
      phrase[k] = i % 2 ? (int)below(&c, LETTERS) : p->letter[from + k];
      whole &= phrase[k] != BREAK;
    }
    there += whole && check(&c, s, phrase, len) > 0;
  }
  assert_in_range(there, LONGER_PHRASES / 10, LONGER_PHRASES);
  zhi_search_close(s);
  archive_teardown(&c.t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_pair_is_found_where_it_stands_and_nowhere_else),
      cmocka_unit_test(a_longer_phrase_is_found_only_in_one_piece),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
