/* The flattened tree: preorder ranges, names, attributes, joined text, and the leash on hostile pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "zhi/html.h"
#include "zhi/limits.h"

struct page {
  struct zhi_arena arena;
  struct zhi_html html;
};

static struct page parse(const char *text) {
  struct page p;
  static jmp_buf escape;
  zhi_arena_init(&p.arena, ZHI_HTML_ARENA_BYTES);
  p.arena.escape = &escape;
  if (setjmp(escape))
    fail_msg("the budget was spent on %.40s", text);
  zhi_html_parse(&p.arena, zhi_str_of(text), &p.html);
  return p;
}

/* The n-th element of that name, counted from 0. */
static uint32_t find(const struct zhi_html *h, const char *name, int nth) {
  for (uint32_t i = 0; i < h->count; i++)
    if (h->nodes[i].kind == ZHI_NODE_ELEMENT && zhi_str_is(h->nodes[i].text, name) && nth-- == 0)
      return i;
  fail_msg("no <%s>", name);
  return 0;
}

static void assert_view(struct zhi_str got, const char *want) {
  if (!zhi_str_is(got, want))
    fail_msg("got '%.*s', want '%s'", ZHI_STR_ARGS(got), want);
}

static void check_ranges(const struct zhi_html *h) {
  assert_int_equal(h->nodes[0].kind, ZHI_NODE_DOCUMENT);
  assert_int_equal(h->nodes[0].end, h->count);
  for (uint32_t i = 1; i < h->count; i++) {
    const struct zhi_node *n = &h->nodes[i], *up = &h->nodes[n->parent];
    assert_true(n->parent < i && n->end > i && n->end <= up->end);
    assert_true(up->kind == ZHI_NODE_DOCUMENT || up->kind == ZHI_NODE_ELEMENT);
  }
}

static void a_page_is_one_preorder_array(void **state) {
  (void)state;
  struct page p =
      parse("<!doctype html><title>t</title><p id=x>a<b>b</b>c</p><!--no--><custom-tag>");
  check_ranges(&p.html);
  const struct zhi_node *n = p.html.nodes;
  assert_true(zhi_node_is(&n[p.html.head], ZHI_TAG_HEAD));
  assert_true(zhi_node_is(&n[p.html.body], ZHI_TAG_BODY));
  uint32_t para = find(&p.html, "p", 0);
  assert_int_equal(n[para].end - para, 5); /* itself, a, <b>, b, c */
  assert_int_equal(n[find(&p.html, "b", 0)].parent, para);
  assert_int_equal(n[find(&p.html, "custom-tag", 0)].tag, ZHI_TAG_OTHER);
  assert_int_equal(n[n[para].end].kind, ZHI_NODE_COMMENT);
  assert_view(n[n[para].end].text, "no");
  zhi_arena_release(&p.arena);
}

static void attributes_are_lower_case_and_decoded(void **state) {
  (void)state;
  struct page p = parse("<A HREF='?a=1&amp;b=2' Title=\"x\" class='  one\ttwo '>k</A>");
  const struct zhi_node *a = &p.html.nodes[find(&p.html, "a", 0)];
  assert_int_equal(a->attr_count, 3);
  assert_view(zhi_node_attr(a, "href"), "?a=1&b=2");
  assert_view(zhi_node_attr(a, "title"), "x");
  assert_null(zhi_node_attr(a, "rel").p);
  assert_int_equal(a->offset, 0);
  zhi_arena_release(&p.arena);
}

static void offsets_point_into_the_source(void **state) {
  (void)state;
  const char *text = "<html><body>\n<p>one</p><div>two</div>";
  struct page p = parse(text);
  assert_ptr_equal(text + p.html.nodes[find(&p.html, "div", 0)].offset, strstr(text, "<div>"));
  assert_ptr_equal(text + p.html.nodes[find(&p.html, "p", 0) + 1].offset, strstr(text, "one"));
  zhi_arena_release(&p.arena);
}

static void neighbouring_text_is_one_node(void **state) {
  (void)state;
  struct page p = parse("<table>a<tr>b<tr>c</table>");
  uint32_t body = p.html.body;
  assert_int_equal(p.html.nodes[body + 1].kind, ZHI_NODE_TEXT);
  assert_view(p.html.nodes[body + 1].text, "abc");
  assert_true(zhi_node_is(&p.html.nodes[body + 2], ZHI_TAG_TABLE));
  zhi_arena_release(&p.arena);
}

static void walking_skips_text_between_elements(void **state) {
  (void)state;
  struct page p = parse("<ul> <li>1</li> x <li>2</li> </ul>");
  uint32_t ul = find(&p.html, "ul", 0), first = zhi_html_first_child(&p.html, ul);
  assert_int_equal(first, find(&p.html, "li", 0));
  uint32_t second = zhi_html_next_sibling(&p.html, first);
  assert_int_equal(second, find(&p.html, "li", 1));
  assert_int_equal(zhi_html_next_sibling(&p.html, second), 0);
  assert_int_equal(zhi_html_first_child(&p.html, second), 0);
  zhi_arena_release(&p.arena);
}

static void an_icons_title_is_not_a_title(void **state) {
  (void)state;
  struct page p = parse("<body><svg><title>icon</title><linearGradient/></svg>");
  assert_int_equal(p.html.nodes[find(&p.html, "title", 0)].tag, ZHI_TAG_OTHER);
  find(&p.html, "lineargradient", 0);
  zhi_arena_release(&p.arena);
}

static void text_is_collapsed_and_without_scripts(void **state) {
  (void)state;
  static const struct {
    const char *html, *want;
  } rows[] = {
      {"  one \n\t two  ", "one two"},
      {"文&nbsp;&nbsp;号&#12288;：", "文 号 ："},
      {"文<span>号</span>", "文号"},
      {"a<br>b<p>c</p>d", "a b c d"},
      {"<table><tr><td>x</td><td>y</td></tr></table>z", "x y z"},
      {"a<script>var x;</script>b<style>p{}</style>c<!--no-->d", "abcd"},
      {"<div><div>in</div></div>out", "in out"},
      {"", ""},
      {"&nbsp;&emsp;\xE3\x80\x80", ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct page p = parse(rows[i].html);
    assert_view(zhi_html_text(&p.arena, &p.html, p.html.body), rows[i].want);
    zhi_arena_release(&p.arena);
  }
}

static void bytes_that_are_no_text_do_no_harm(void **state) {
  (void)state;
  static const char bytes[] = "<p a\0b='c\0d'>x\0y\xFF\xC0</p\0><\0b>";
  struct zhi_arena a;
  zhi_arena_init(&a, ZHI_HTML_ARENA_BYTES);
  jmp_buf escape;
  a.escape = &escape;
  if (setjmp(escape))
    fail_msg("budget spent");
  struct zhi_html h;
  zhi_html_parse(&a, zhi_str_n(bytes, sizeof bytes - 1), &h);
  check_ranges(&h);
  zhi_html_parse(&a, ZHI_STR_NONE, &h);
  check_ranges(&h);
  zhi_arena_release(&a);
}

/* Parse `unit` repeated; returns how the arena was left (0 = parsed). */
static int hostile(const char *unit, size_t times, const char *tail, int64_t cpu_ms) {
  struct zhi_buf text;
  zhi_buf_init(&text, ZHI_MIB(16));
  for (size_t i = 0; i < times; i++)
    zhi_buf_adds(&text, unit);
  zhi_buf_adds(&text, tail);
  struct zhi_arena a;
  zhi_arena_init(&a, ZHI_HTML_ARENA_BYTES);
  zhi_arena_cpu_budget(&a, cpu_ms);
  jmp_buf escape;
  a.escape = &escape;
  if (!setjmp(escape)) {
    struct zhi_html h;
    zhi_html_parse(&a, zhi_buf_view(&text), &h);
    check_ranges(&h);
  }
  assert_true(a.used <= ZHI_HTML_ARENA_BYTES + 16);
  int why = (int)a.why;
  zhi_arena_release(&a);
  zhi_buf_release(&text);
  return why;
}

static void depth_costs_no_c_stack(void **state) {
  (void)state;
  int why = hostile("<span>", 200000, "", 0);
  assert_true(why == 0 || why == ZHI_ARENA_BYTES);
  assert_int_equal(hostile("<p><font>", 6000, "", 0), 0);
  assert_int_equal(hostile("<div>", 4000, "<frameset>", 0), 0);
}

static void quadratic_pages_end_by_the_budget(void **state) {
  (void)state;
  assert_int_equal(hostile("<div>", 200000, "", 100), ZHI_ARENA_CPU);
  assert_int_equal(hostile("<div>", 100000, "<frameset>", 0), ZHI_ARENA_BYTES);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_page_is_one_preorder_array),
      cmocka_unit_test(attributes_are_lower_case_and_decoded),
      cmocka_unit_test(offsets_point_into_the_source),
      cmocka_unit_test(neighbouring_text_is_one_node),
      cmocka_unit_test(walking_skips_text_between_elements),
      cmocka_unit_test(an_icons_title_is_not_a_title),
      cmocka_unit_test(text_is_collapsed_and_without_scripts),
      cmocka_unit_test(bytes_that_are_no_text_do_no_harm),
      cmocka_unit_test(depth_costs_no_c_stack),
      cmocka_unit_test(quadratic_pages_end_by_the_budget),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
