/* An answer of the search is given again while nothing has changed, and not a moment longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/server.h"

enum { MORE_THAN_KEPT = 80, MORE_THAN_A_PAGE = 21 };

struct world {
  char dir[64], file[80];
  struct zhi_server server;
};

static void write_index(const struct world *w, const char *text) {
  FILE *f = fopen(w->file, "w");
  assert_non_null(f);
  assert_true(fputs(text, f) >= 0);
  assert_int_equal(fclose(f), 0);
}

static void setup(struct world *w) {
  struct zhi_err e = {0};
  *w = (struct world){.dir = "/tmp/t_serve_answers-XXXXXX"};
  assert_non_null(mkdtemp(w->dir));
  snprintf(w->file, sizeof w->file, "%s/search.db", w->dir);
  w->server.dir = w->dir;
  write_index(w, "one");
  assert_int_equal(serve_answers_new(&w->server.answers, &e), ZHI_OK);
}

static void teardown(struct world *w) {
  serve_answers_free(w->server.answers);
  unlink(w->file);
  rmdir(w->dir);
}

/* What the server keeps under the key; 0: nothing. */
static int known(struct world *w, int64_t generation, const char *key) {
  json_t *answer = serve_answers_get(&w->server, generation, key);
  int n = (int)json_integer_value(json_object_get(answer, "total"));
  json_decref(answer);
  return n;
}

static void put(struct world *w, int64_t generation, const char *key, int n, size_t rows) {
  json_t *answer = json_pack("{s:i, s:[]}", "total", n, "results");
  for (size_t i = 0; i < rows; i++)
    json_array_append_new(json_object_get(answer, "results"), json_true());
  serve_answers_put(&w->server, generation, key, answer);
  json_decref(answer);
}

static void the_same_question_has_the_same_answer(void **state) {
  struct world w;
  (void)state;
  setup(&w);
  assert_int_equal(known(&w, 1, "a"), 0);
  put(&w, 1, "a", 7, 1);
  put(&w, 1, "b", 8, 0);
  assert_int_equal(known(&w, 1, "a"), 7);
  assert_int_equal(known(&w, 1, "b"), 8);
  assert_int_equal(known(&w, 1, "c"), 0);
  teardown(&w);
}

static void a_change_of_the_catalogue_or_the_index_ends_all(void **state) {
  struct world w;
  (void)state;
  setup(&w);
  assert_int_equal(known(&w, 1, "a"), 0);
  put(&w, 1, "a", 7, 1);
  assert_int_equal(known(&w, 2, "a"), 0);
  put(&w, 1, "a", 7, 1); /* made before the change, put behind it */
  assert_int_equal(known(&w, 2, "a"), 0);
  put(&w, 2, "a", 8, 1);
  assert_int_equal(known(&w, 2, "a"), 8);
  write_index(&w, "another");
  assert_int_equal(known(&w, 2, "a"), 0);
  teardown(&w);
}

static void what_was_not_asked_for_longest_makes_room(void **state) {
  struct world w;
  char key[16];
  (void)state;
  setup(&w);
  assert_int_equal(known(&w, 1, "first"), 0);
  put(&w, 1, "first", 1, 1);
  for (int i = 0; i < MORE_THAN_KEPT; i++) {
    snprintf(key, sizeof key, "%d", i);
    put(&w, 1, key, i + 1, 1);
    assert_int_equal(known(&w, 1, "first"), 1);
  }
  assert_int_equal(known(&w, 1, "0"), 0);
  assert_int_equal(known(&w, 1, key), MORE_THAN_KEPT);
  put(&w, 1, "long", 5, MORE_THAN_A_PAGE);
  assert_int_equal(known(&w, 1, "long"), 0);
  teardown(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_question_has_the_same_answer),
      cmocka_unit_test(a_change_of_the_catalogue_or_the_index_ends_all),
      cmocka_unit_test(what_was_not_asked_for_longest_makes_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
