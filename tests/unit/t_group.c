/* Politeness: a hundred thousand requests under a fake clock, judged by an independent reckoning of the rule;
 * then each rule alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "crawler/group.h"
#include "zhi/clock.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
static const int64_t T0 = 1700000000000; /* 2023-11-14T22:13:20Z: 06:13:20 in China */

static const struct zhi_politeness usual = {.min_delay_ms = 1000,
                                            .factor_milli = 2000,
                                            .max_delay_ms = 60000,
                                            .connections = 1,
                                            .jitter_percent = 20,
                                            .hours = {0, 1440}};

static uint64_t random_state = 88172645463325252u;
static uint64_t draw(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  return random_state ^= random_state << 17;
}

static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

/* One exchange at the first allowed moment; returns the time it ended. */
static int64_t exchange(struct zhi_group *g, const struct zhi_politeness *p, int64_t now,
                        enum zhi_group_event event, int64_t ms, int64_t retry_after) {
  int64_t at = zhi_group_ready_at(g, p, now);
  assert_true(at < ZHI_GROUP_WAIT);
  at = most(at, now);
  assert_int_equal(zhi_group_ready_at(g, p, at), at);
  zhi_group_start(g, p, at);
  zhi_group_finish(g, p, event, ms, retry_after, at + ms);
  return at + ms;
}

static void no_gap_is_ever_under_the_rule(void **state) {
  (void)state;
  struct zhi_group g;
  zhi_group_init(&g, 7);
  int64_t now = T0, end = 0, floor_ms = 0, blocked = 0;
  for (int i = 0; i < 100000; i++) {
    now += (int64_t)(draw() % 3000); /* the loop asks at odd moments */
    int64_t at = zhi_group_ready_at(&g, &usual, now);
    assert_true(at < ZHI_GROUP_WAIT);
    if (at > now &&
        draw() % 4 == 0) { /* a crawler that asks again too early gets the same answer */
      assert_true(zhi_group_ready_at(&g, &usual, at - 1) >= at);
    }
    now = most(at, now);
    assert_true(now >= end + floor_ms);
    assert_true(now >= blocked);
    zhi_group_start(&g, &usual, now);
    assert_int_equal(zhi_group_ready_at(&g, &usual, now + HOUR), ZHI_GROUP_WAIT);
    int64_t ms = (int64_t)(draw() % 100 ? draw() % 4000 : draw() % 90000), retry = -1;
    enum zhi_group_event event = ZHI_EVENT_ANSWER;
    switch (draw() % 200) {
    case 0: event = ZHI_EVENT_REFUSED, retry = (int64_t)(draw() % 100) * SECOND; break;
    case 1: event = ZHI_EVENT_REFUSED; break;
    case 2: event = ZHI_EVENT_SERVER_ERROR; break;
    case 3: event = ZHI_EVENT_TIMEOUT; break;
    case 4: event = ZHI_EVENT_CONNECTION; break;
    default: break;
    }
    now += ms;
    zhi_group_finish(&g, &usual, event, ms, retry, now);
    end = now;
    floor_ms = most(1000, ms * 2 < 60000 ? ms * 2 : 60000);
    if (event == ZHI_EVENT_REFUSED)
      blocked = now + (retry >= 0 ? retry : 60000);
  }
  assert_int_equal(g.in_flight, 0);
}

static void several_connections_start_a_delay_apart(void **state) {
  (void)state;
  struct zhi_politeness p = usual;
  p.connections = 3;
  struct zhi_group g;
  zhi_group_init(&g, 1);
  int64_t now = T0, last = 0;
  for (int i = 0; i < 3; i++) {
    now = zhi_group_ready_at(&g, &p, now);
    assert_true(!last || now >= last + 1000);
    zhi_group_start(&g, &p, now);
    last = now;
  }
  assert_int_equal(zhi_group_ready_at(&g, &p, now), ZHI_GROUP_WAIT);
  zhi_group_finish(&g, &p, ZHI_EVENT_ANSWER, 2000, -1, now + 2000);
  assert_true(zhi_group_ready_at(&g, &p, now) >= now + 2000 + 4000);
}

static void the_pause_follows_the_rule(void **state) {
  (void)state;
  static const struct {
    int64_t min, factor, max, crawl_delay, response, want;
  } cases[] = {
      {1000, 2000, 60000, 0, 100, 1000},           /* least */
      {1000, 2000, 60000, 0, 3000, 6000},          /* factor */
      {1000, 1500, 60000, 0, 3001, 4501},          /* a fraction, rounded down */
      {1000, 2000, 60000, 0, 90000, 60000},        /* capped */
      {1000, 2000, 60000, 10000, 100, 10000},      /* Crawl-delay */
      {1000, 2000, 60000, 90000, 100, 90000},      /* beyond max_delay */
      {1000, 2000, 60000, 86400000, 100, 300000},  /* but not for ever */
      {1000, 2000, 900000, 86400000, 100, 900000}, /* unless the config goes further */
      {0, 0, 60000, 0, 5000, 0},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct zhi_politeness p = {cases[i].min, cases[i].factor, cases[i].max, 1, 0, 0, {0, 1440}};
    struct zhi_group g;
    zhi_group_init(&g, 1);
    zhi_group_crawl_delay(&g, cases[i].crawl_delay);
    int64_t end = exchange(&g, &p, T0, ZHI_EVENT_ANSWER, cases[i].response, -1);
    int64_t gap = zhi_group_ready_at(&g, &p, end) - end;
    if (gap != cases[i].want)
      fail_msg("case %zu: gap %lld", i, (long long)gap);
  }
}

static void jitter_only_adds_and_repeats_with_its_seed(void **state) {
  (void)state;
  int64_t seen[2][50], different = 0;
  for (int round = 0; round < 2; round++) {
    struct zhi_group g;
    zhi_group_init(&g, 42);
    int64_t now = T0;
    for (int i = 0; i < 50; i++) {
      now = exchange(&g, &usual, now, ZHI_EVENT_ANSWER, 10, -1);
      seen[round][i] = zhi_group_ready_at(&g, &usual, now) - now;
      assert_in_range(seen[round][i], 1000, 1200);
      different += seen[round][i] != seen[round][0];
      assert_int_equal(seen[round][i], seen[0][i]);
    }
  }
  assert_true(different > 50);
}

static void retry_after_blocks_the_whole_group(void **state) {
  (void)state;
  struct zhi_group g;
  zhi_group_init(&g, 1);
  int64_t end = exchange(&g, &usual, T0, ZHI_EVENT_REFUSED, 50, 7000);
  assert_int_equal(zhi_group_ready_at(&g, &usual, end), end + 7000);
  assert_int_equal(g.status, ZHI_GROUP_BLOCKED);
  assert_int_equal(zhi_group_ready_at(&g, &usual, end + 7000), end + 7000);
  assert_int_equal(g.status, ZHI_GROUP_PROBE);
  exchange(&g, &usual, end + 7000, ZHI_EVENT_ANSWER, 50, -1);
  assert_int_equal(g.status, ZHI_GROUP_OPEN);
}

static void refusals_double_to_a_day(void **state) {
  (void)state;
  struct zhi_group g;
  zhi_group_init(&g, 1);
  int64_t now = T0, want = MINUTE;
  for (int i = 0; i < 20; i++) {
    now = exchange(&g, &usual, now, ZHI_EVENT_REFUSED, 50, -1);
    assert_int_equal(zhi_group_ready_at(&g, &usual, now) - now, want);
    want = want * 2 < 24LL * HOUR ? want * 2 : 24LL * HOUR;
  }
  assert_int_equal(want, 24LL * HOUR);
}

static void a_short_retry_after_is_believed_twice(void **state) {
  (void)state;
  struct zhi_group g;
  zhi_group_init(&g, 1);
  int64_t now = T0, gap[4];
  for (int i = 0; i < 4; i++) {
    now = exchange(&g, &usual, now, ZHI_EVENT_REFUSED, 50, 2000);
    gap[i] = zhi_group_ready_at(&g, &usual, now) - now;
  }
  assert_int_equal(gap[0], 2000);
  assert_int_equal(gap[1], 2000);
  assert_int_equal(gap[2], 4 * MINUTE);
  assert_int_equal(gap[3], 8 * MINUTE);
}

static void refusals_in_flight_count_once(void **state) {
  (void)state;
  struct zhi_politeness p = usual;
  p.connections = 4;
  p.min_delay_ms = 0;
  struct zhi_group g;
  zhi_group_init(&g, 1);
  for (int i = 0; i < 4; i++)
    zhi_group_start(&g, &p, T0);
  for (int i = 0; i < 4; i++)
    zhi_group_finish(&g, &p, ZHI_EVENT_REFUSED, 10, -1, T0 + 10 + i);
  assert_int_equal(g.backoff_ms, MINUTE);
  assert_int_equal(g.refusals, 1);
}

static void trouble_is_forgiven(void **state) {
  (void)state;
  struct zhi_group g;
  zhi_group_init(&g, 1);
  int64_t now = T0;
  for (int i = 0; i < 4; i++)
    now = exchange(&g, &usual, now, ZHI_EVENT_REFUSED, 50, -1);
  assert_int_equal(g.backoff_ms, 8 * MINUTE);
  for (int i = 0; i < ZHI_FORGIVE_SUCCESSES; i++)
    now = exchange(&g, &usual, now, ZHI_EVENT_ANSWER, 50, -1);
  assert_int_equal(g.backoff_ms, 4 * MINUTE);
  /* half an hour after the block's end a refusal begins at the first step again */
  now = g.blocked_until_ms + 30 * MINUTE;
  exchange(&g, &usual, now, ZHI_EVENT_REFUSED, 50, -1);
  assert_int_equal(g.backoff_ms, MINUTE);
}

static void timeouts_and_server_errors_slow_the_group(void **state) {
  (void)state;
  struct zhi_politeness p = usual;
  p.jitter_percent = 0;
  static const enum zhi_group_event events[] = {ZHI_EVENT_SERVER_ERROR, ZHI_EVENT_TIMEOUT,
                                                ZHI_EVENT_CONNECTION};
  for (size_t e = 0; e < COUNT(events); e++) {
    struct zhi_group g;
    zhi_group_init(&g, 1);
    int64_t now = exchange(&g, &p, T0, events[e], 10, -1);
    assert_int_equal(zhi_group_ready_at(&g, &p, now) - now, 2000);
    assert_int_equal(g.status, ZHI_GROUP_SLOW);
    now = exchange(&g, &p, now, events[e], 10, -1);
    assert_int_equal(zhi_group_ready_at(&g, &p, now) - now, 4000);
    now = exchange(&g, &p, now, ZHI_EVENT_ANSWER, 10, -1);
    assert_int_equal(zhi_group_ready_at(&g, &p, now) - now, 2000);
    now = exchange(&g, &p, now, ZHI_EVENT_ANSWER, 10, -1);
    assert_int_equal(zhi_group_ready_at(&g, &p, now) - now, 1000);
    assert_int_equal(g.status, ZHI_GROUP_OPEN);
  }
}

static void dead_servers_are_left_alone(void **state) {
  (void)state;
  struct zhi_group g;
  zhi_group_init(&g, 1);
  int64_t now = T0;
  for (int i = 0; i < 3; i++)
    now = exchange(&g, &usual, now, ZHI_EVENT_CONNECTION, 10, -1);
  assert_int_equal(g.status, ZHI_GROUP_BLOCKED);
  assert_int_equal(zhi_group_ready_at(&g, &usual, now), now + MINUTE);
}

static void after_a_block_one_request_goes_first(void **state) {
  (void)state;
  struct zhi_politeness p = usual;
  p.connections = 4;
  p.min_delay_ms = 0;
  p.factor_milli = 0;
  struct zhi_group g;
  zhi_group_init(&g, 1);
  int64_t now = exchange(&g, &p, T0, ZHI_EVENT_REFUSED, 10, 1000) + 1000;
  assert_int_equal(zhi_group_ready_at(&g, &p, now), now);
  zhi_group_start(&g, &p, now);
  assert_int_equal(zhi_group_ready_at(&g, &p, now), ZHI_GROUP_WAIT);
  zhi_group_finish(&g, &p, ZHI_EVENT_ANSWER, 10, -1, now + 10);
  for (int i = 0; i < 4; i++) {
    assert_true(zhi_group_ready_at(&g, &p, now + 500) < ZHI_GROUP_WAIT);
    zhi_group_start(&g, &p, now + 500);
  }
  assert_int_equal(zhi_group_ready_at(&g, &p, now + 500), ZHI_GROUP_WAIT);
}

static void a_block_page_seen_late_blocks(void **state) {
  (void)state;
  struct zhi_group g;
  zhi_group_init(&g, 1);
  int64_t now = exchange(&g, &usual, T0, ZHI_EVENT_ANSWER, 10, -1);
  zhi_group_block_page(&g, &usual, now + 300);
  assert_int_equal(zhi_group_ready_at(&g, &usual, now + 300), now + 300 + MINUTE);
}

static void cancelled_requests_say_nothing(void **state) {
  (void)state;
  struct zhi_group g;
  zhi_group_init(&g, 1);
  exchange(&g, &usual, T0, ZHI_EVENT_CANCELLED, 50000, -1);
  assert_int_equal(g.status, ZHI_GROUP_OPEN);
  assert_in_range(g.delay_ms, 1000, 1200);
}

static void what_was_saved_holds_after_a_restart(void **state) {
  (void)state;
  struct zhi_group a, b;
  zhi_group_init(&a, 1);
  int64_t now = exchange(&a, &usual, T0, ZHI_EVENT_REFUSED, 50, -1);
  now = exchange(&a, &usual, now, ZHI_EVENT_REFUSED, 50, -1);
  struct zhi_group_state saved = {.group_id = 5};
  zhi_group_save(&a, &saved);
  assert_int_equal(saved.group_id, 5);

  zhi_group_init(&b, 9);
  zhi_group_restore(&b, &saved, now + 10);
  assert_int_equal(b.status, ZHI_GROUP_BLOCKED);
  assert_int_equal(zhi_group_ready_at(&b, &usual, now + 10), now + 2 * MINUTE);
  exchange(&b, &usual, now + 10, ZHI_EVENT_REFUSED, 50, -1);
  assert_int_equal(b.backoff_ms, 4 * MINUTE);

  /* an idle one waits one delay: somebody else may have asked a moment ago */
  struct zhi_group_state idle = {.next_ms = T0 - HOUR, .delay_ms = 1500};
  zhi_group_init(&b, 9);
  zhi_group_restore(&b, &idle, T0);
  assert_int_equal(zhi_group_ready_at(&b, &usual, T0), T0 + 1500);
}

static void a_clock_that_goes_back_does_not_stop_the_crawl(void **state) {
  (void)state;
  struct zhi_group g;
  zhi_group_init(&g, 1);
  exchange(&g, &usual, T0, ZHI_EVENT_REFUSED, 10, 5000);
  int64_t earlier = T0 - 400LL * 24 * HOUR;
  assert_true(zhi_group_ready_at(&g, &usual, earlier) <= earlier + 2 * MINUTE);
}

static void hours_are_chinas(void **state) {
  (void)state;
  static const struct {
    int from, to;
    const char *now, *next;
  } cases[] = {
      {0, 1440, "2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z"},
      {0, 0, "2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z"},
      {1320, 360, "2024-05-01T14:00:00Z", "2024-05-01T14:00:00Z"}, /* 22:00 in China */
      {1320, 360, "2024-05-01T21:59:59Z", "2024-05-01T21:59:59Z"}, /* 05:59:59 */
      {1320, 360, "2024-05-01T22:00:00Z", "2024-05-02T14:00:00Z"}, /* 06:00 */
      {1320, 360, "2024-05-01T13:59:59Z", "2024-05-01T14:00:00Z"},
      {480, 1020, "2024-05-01T08:59:00Z", "2024-05-01T08:59:00Z"}, /* 16:59 */
      {480, 1020, "2024-05-01T09:00:00Z", "2024-05-02T00:00:00Z"}, /* 17:00 → 08:00 */
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    int64_t now, next;
    assert_true(zhi_time_parse(zhi_str_of(cases[i].now), &now));
    assert_true(zhi_time_parse(zhi_str_of(cases[i].next), &next));
    struct zhi_hours h = {cases[i].from, cases[i].to};
    if (zhi_hours_next(h, now) != next)
      fail_msg("case %zu: off by %lld", i, (long long)(zhi_hours_next(h, now) - next));
  }
  /* a delay that ends outside the window waits for the window */
  struct zhi_politeness p = usual;
  p.hours = (struct zhi_hours){1320, 360};
  struct zhi_group g;
  zhi_group_init(&g, 1);
  int64_t now, open;
  assert_true(zhi_time_parse(ZHI_STR("2024-05-01T21:59:58Z"), &now));
  assert_true(zhi_time_parse(ZHI_STR("2024-05-02T14:00:00Z"), &open));
  now = exchange(&g, &p, now, ZHI_EVENT_ANSWER, 1500, -1);
  assert_int_equal(zhi_group_ready_at(&g, &p, now), open);
}

static void retry_after_is_seconds_or_a_date(void **state) {
  (void)state;
  int64_t now;
  assert_true(zhi_time_parse(ZHI_STR("1994-11-06T08:49:37Z"), &now));
  static const struct {
    const char *text;
    int64_t want;
  } cases[] = {
      {"7", 7000},
      {" 120 ", 120000},
      {"0", 0},
      {"Sun, 06 Nov 1994 08:50:37 GMT", 60000},
      {"Sunday, 06-Nov-94 08:50:37 GMT", 60000},
      {"Sun Nov  6 08:50:37 1994", 60000},
      {"Sun, 06 Nov 1994 08:00:00 GMT", 0}, /* past */
      {"99999999999999999999999", ZHI_RETRY_AFTER_CAP_MS},
      {"Fri, 31 Dec 9999 23:59:59 GMT", ZHI_RETRY_AFTER_CAP_MS},
      {"", -1},
      {"soon", -1},
      {"-5", -1},
      {"1.5", -1},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    if (zhi_retry_after_ms(zhi_str_of(cases[i].text), now) != cases[i].want)
      fail_msg("'%s': %lld", cases[i].text,
               (long long)zhi_retry_after_ms(zhi_str_of(cases[i].text), now));
}

static void verdicts_are_events(void **state) {
  (void)state;
  static const struct {
    enum zhi_verdict v;
    int status;
    enum zhi_group_event want;
  } cases[] = {
      {ZHI_V_OK, 200, ZHI_EVENT_ANSWER},
      {ZHI_V_GONE, 404, ZHI_EVENT_ANSWER},
      {ZHI_V_CLIENT_ERROR, 429, ZHI_EVENT_REFUSED},
      {ZHI_V_SERVER_ERROR, 503, ZHI_EVENT_REFUSED},
      {ZHI_V_SERVER_ERROR, 500, ZHI_EVENT_SERVER_ERROR},
      {ZHI_V_BLOCKED, 412, ZHI_EVENT_REFUSED},
      {ZHI_V_BLOCKED, 200, ZHI_EVENT_REFUSED},
      {ZHI_V_TIMEOUT, 200, ZHI_EVENT_TIMEOUT},
      {ZHI_V_DNS, 0, ZHI_EVENT_CONNECTION},
      {ZHI_V_INVALID, 0, ZHI_EVENT_CONNECTION},
      {ZHI_V_TRUNCATED, 200, ZHI_EVENT_SERVER_ERROR},
      {ZHI_V_TOO_LARGE, 200, ZHI_EVENT_ANSWER},
      {ZHI_V_ROBOTS_DENIED, 0, ZHI_EVENT_CANCELLED},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    assert_int_equal(zhi_group_event_of(cases[i].v, cases[i].status), cases[i].want);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_gap_is_ever_under_the_rule),
      cmocka_unit_test(several_connections_start_a_delay_apart),
      cmocka_unit_test(the_pause_follows_the_rule),
      cmocka_unit_test(jitter_only_adds_and_repeats_with_its_seed),
      cmocka_unit_test(retry_after_blocks_the_whole_group),
      cmocka_unit_test(refusals_double_to_a_day),
      cmocka_unit_test(a_short_retry_after_is_believed_twice),
      cmocka_unit_test(refusals_in_flight_count_once),
      cmocka_unit_test(trouble_is_forgiven),
      cmocka_unit_test(timeouts_and_server_errors_slow_the_group),
      cmocka_unit_test(dead_servers_are_left_alone),
      cmocka_unit_test(after_a_block_one_request_goes_first),
      cmocka_unit_test(a_block_page_seen_late_blocks),
      cmocka_unit_test(cancelled_requests_say_nothing),
      cmocka_unit_test(what_was_saved_holds_after_a_restart),
      cmocka_unit_test(a_clock_that_goes_back_does_not_stop_the_crawl),
      cmocka_unit_test(hours_are_chinas),
      cmocka_unit_test(retry_after_is_seconds_or_a_date),
      cmocka_unit_test(verdicts_are_events),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
