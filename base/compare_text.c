/* A comparison for a terminal. */
#include "zhi/compare_view.h"
#include "zhi/json.h"
#include "zhi/markup.h"
#include "zhi/noise.h"

struct view {
  struct zhi_buf *out;
  bool colour;
};

static long long number_of(const json_t *o, const char *key) {
  return (long long)json_integer_value(json_object_get(o, key));
}

static void add(struct view *v, const char *text) { zhi_plain_text(v->out, zhi_str_of(text)); }

static void paint(struct view *v, const char *code, const char *before, const char *text,
                  const char *after) {
  if (v->colour)
    zhi_buf_addf(v->out, "\033[%sm", code);
  else
    zhi_buf_adds(v->out, before);
  add(v, text);
  zhi_buf_adds(v->out, v->colour ? "\033[0m" : after);
}

static void removed(struct view *v, const char *s) { paint(v, "31;9", "[-", s, "-]"); }
static void added(struct view *v, const char *s) { paint(v, "32;1", "{+", s, "+}"); }

/* Either may be empty. */
static void became(struct view *v, const char *from, const char *to) {
  if (from[0])
    removed(v, from);
  if (from[0] && to[0])
    zhi_buf_adds(v->out, " → ");
  if (to[0])
    added(v, to);
}

static void add_side(struct view *v, const char *name, const json_t *d) {
  zhi_buf_addf(v->out, "%s  %s  version %lld", name, zhi_json_text(d, "captured"),
               number_of(d, "version"));
  if (zhi_json_text(d, "title")[0]) {
    zhi_buf_adds(v->out, "  ");
    add(v, zhi_json_text(d, "title"));
  }
  zhi_buf_addc(v->out, '\n');
}

static void add_verdict(struct view *v, const json_t *c) {
  const json_t *a = json_object_get(c, "a"), *b = json_object_get(c, "b");
  const char *verdict = zhi_json_text(c, "verdict");
  zhi_buf_addc(v->out, '\n');
  if (strcmp(verdict, "once") == 0) {
    zhi_buf_addf(v->out, "Captured once only, at %s: there is nothing to compare it with.\n",
                 zhi_json_text(b, "captured"));
    return;
  }
  zhi_buf_addf(v->out, "Between capture A (%s) and capture B (%s): ", zhi_json_text(a, "captured"),
               zhi_json_text(b, "captured"));
  if (strcmp(verdict, "same") == 0)
    zhi_buf_adds(v->out, "nothing changed");
  else if (strcmp(verdict, "noise") == 0)
    zhi_buf_adds(v->out, "nothing changed but what changes by itself");
  else if (strcmp(verdict, "outside") == 0)
    zhi_buf_adds(v->out, "the document is the same, a sentence beside it was edited");
  else
    zhi_buf_addf(v->out, "%lld %s", number_of(c, "changes"),
                 number_of(c, "changes") == 1 ? "change" : "changes");
  if (number_of(c, "masked"))
    zhi_buf_addf(v->out, "; %lld masked", number_of(c, "masked"));
  zhi_buf_adds(v->out, ".\n");
}

static void add_field(struct view *v, const json_t *f) {
  const json_t *noise = json_object_get(f, "noise");
  const char *from = zhi_json_text(f, "from_raw"), *to = zhi_json_text(f, "to_raw");
  from = from[0] ? from : zhi_json_text(f, "from");
  to = to[0] ? to : zhi_json_text(f, "to");
  zhi_buf_addf(v->out, "  %s %s: ", zhi_json_text(f, "zh"), zhi_json_text(f, "name"));
  if (noise) {
    add(v, from);
    zhi_buf_adds(v->out, " → ");
    add(v, to);
    zhi_buf_addf(v->out, "  (masked: %s)\n", zhi_json_text(noise, "en"));
    return;
  }
  became(v, from, to);
  zhi_buf_addc(v->out, '\n');
}

static void add_attachment(struct view *v, const json_t *a) {
  zhi_buf_addf(v->out, "  %s  ", zhi_json_text(a, "change"));
  if (zhi_json_text(a, "from_name")[0]) {
    removed(v, zhi_json_text(a, "from_name"));
    zhi_buf_adds(v->out, " → ");
  }
  add(v, zhi_json_text(a, "name"));
  zhi_buf_adds(v->out, "  ");
  add(v, zhi_json_text(a, "url"));
  zhi_buf_addc(v->out, '\n');
  if (zhi_json_text(a, "to_digest")[0])
    zhi_buf_addf(v->out, "            %s (%s)\n            %s (%s)\n",
                 zhi_json_text(a, "from_digest"), zhi_json_text(a, "from_captured"),
                 zhi_json_text(a, "to_digest"), zhi_json_text(a, "to_captured"));
}

static void add_link(struct view *v, const json_t *l) {
  const char *change = zhi_json_text(l, "change"), *shown = zhi_json_text(l, "text");
  const char *from = zhi_json_text(l, "from"), *to = zhi_json_text(l, "to");
  zhi_buf_addf(v->out, "  %s  ", change);
  if (zhi_json_text(l, "from_text")[0]) {
    became(v, zhi_json_text(l, "from_text"), shown);
  } else {
    add(v, shown[0] ? shown : "-");
  }
  zhi_buf_adds(v->out, "\n      ");
  if (strcmp(from, to) == 0) {
    add(v, to);
  } else {
    became(v, from, to);
  }
  zhi_buf_addc(v->out, '\n');
}

/* What is masked only as numbers: a site's menus change as a whole. */
static void add_links(struct view *v, const json_t *c) {
  const json_t *list = json_object_get(c, "links");
  size_t i;
  json_t *l;
  if (!json_array_size(list))
    return;
  zhi_buf_adds(v->out, "\n链接 links\n");
  json_array_foreach((json_t *)list, i, l) if (!json_object_get(l, "noise")) add_link(v, l);
  for (int kind = 0; kind < ZHI_NOISE_COUNT; kind++) {
    size_t n = zhi_compare_masked_links(list, zhi_noise_table[kind].name);
    if (n)
      zhi_buf_addf(v->out, "~ %zu %s <masked: %s>\n", n, n == 1 ? "link" : "links",
                   zhi_noise_table[kind].en);
  }
  if (number_of(c, "links_left_out"))
    zhi_buf_addf(v->out, "  … %lld more\n", number_of(c, "links_left_out"));
}

static void add_warning(struct view *v, const json_t *w) {
  const char *code = zhi_json_text(w, "code");
  zhi_buf_adds(v->out, strcmp(code, "links_capped") == 0 ? "  Not all links"
                       : strcmp(code, "beside_uncompared") == 0
                           ? "  What stands beside the text"
                           : "  Links and what stands beside the text");
  zhi_buf_addf(v->out, " of capture %s are not compared: ",
               strcmp(zhi_json_text(w, "side"), "a") == 0 ? "A" : "B");
  add(v, zhi_json_text(w, "why"));
  zhi_buf_adds(v->out, " (");
  add(v, zhi_json_text(w, "warc_file"));
  zhi_buf_addf(v->out, " at %lld)\n", number_of(w, "warc_offset"));
}

static void add_part(struct view *v, const json_t *p) {
  const char *op = zhi_json_text(p, "op");
  if (strcmp(op, "same") == 0) {
    add(v, zhi_json_text(p, "text"));
  } else if (strcmp(op, "masked") == 0) {
    const char *now = zhi_json_text(p, "to");
    paint(v, "2", "", now[0] ? now : zhi_json_text(p, "from"), "");
    zhi_buf_addf(v->out, " <masked: %s> ", zhi_json_text(json_object_get(p, "noise"), "en"));
  } else if (strcmp(op, "removed") == 0) {
    removed(v, zhi_json_text(p, "from"));
  } else {
    added(v, zhi_json_text(p, "to"));
  }
}

static void add_row(struct view *v, const json_t *r) {
  static const struct {
    const char *op;
    char sign;
  } signs[] = {{"same", ' '}, {"removed", '-'}, {"added", '+'}, {"changed", '!'}, {"masked", '~'}};
  char sign = ' ';
  size_t i;
  json_t *p;
  if (strcmp(zhi_json_text(r, "op"), "skipped") == 0) {
    zhi_buf_addf(v->out, "  … %lld equal lines …\n", number_of(r, "lines"));
    return;
  }
  for (i = 0; i < sizeof signs / sizeof *signs; i++)
    if (strcmp(signs[i].op, zhi_json_text(r, "op")) == 0)
      sign = signs[i].sign;
  zhi_buf_addf(v->out, "%c ", sign);
  json_array_foreach(json_object_get(r, "parts"), i, p) add_part(v, p);
  zhi_buf_addc(v->out, '\n');
}

static void add_list(struct view *v, const json_t *list, const char *heading,
                     void (*one)(struct view *, const json_t *)) {
  size_t i;
  json_t *o;
  if (!json_array_size(list))
    return;
  zhi_buf_addf(v->out, "\n%s\n", heading);
  json_array_foreach((json_t *)list, i, o) one(v, o);
}

void zhi_compare_text(const json_t *c, bool colour, struct zhi_buf *out) {
  struct view v = {out, colour};
  add(&v, zhi_json_text(c, "url"));
  zhi_buf_addc(out, '\n');
  add_side(&v, "A", json_object_get(c, "a"));
  add_side(&v, "B", json_object_get(c, "b"));
  add_verdict(&v, c);
  add_list(&v, json_object_get(c, "fields"), "字段 fields", add_field);
  if (json_is_true(json_object_get(c, "file_replaced")))
    zhi_buf_addf(out, "\nThe file was replaced: %s → %s\n",
                 zhi_json_text(json_object_get(c, "a"), "payload_digest"),
                 zhi_json_text(json_object_get(c, "b"), "payload_digest"));
  add_list(&v, json_object_get(c, "attachments"), "附件 attachments", add_attachment);
  add_links(&v, c);
  add_list(&v, json_object_get(c, "warnings"), "提醒 warnings", add_warning);
  if (number_of(c, "text_changes") || number_of(c, "masked"))
    add_list(&v, json_object_get(c, "text"), "正文 text", add_row);
  add_list(&v, json_object_get(c, "beside"), "正文之外 beside the text", add_row);
}
