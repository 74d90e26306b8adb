/* changes: what is new, edited, gone or replaced since some crawl, ranked; and whom to tell. */
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/watch.h"
#include "zhi/browse.h"
#include "zhi/changes.h"
#include "zhi/changes_view.h"

enum { OUT_MAX = 1 << 30, NAME_MAX_BYTES = 4096 };

struct run {
  const char *since, *format, *watch_path, *command;
  struct watch watch;
  json_t *changes;
  struct zhi_buf name; /* of the archives, joined */
};

/* The changes of one archive; with several, each says which. */
static enum zhi_code add_archive(struct run *r, const char *dir, bool several, struct zhi_err *e) {
  struct zhi_store *s = NULL;
  size_t from = json_array_size(r->changes), i;
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &s, e);
  if (!rc)
    rc = zhi_changes(s, zhi_str_of(r->since), r->changes, e);
  if (!rc && r->watch_path)
    rc = watch_filter(&r->watch, s, r->changes, from, e);
  if (!rc) {
    zhi_buf_adds(&r->name, r->name.len ? ", " : "");
    rc = zhi_browse_name(s, &r->name, e);
  }
  for (i = from; several && i < json_array_size(r->changes); i++)
    json_object_set_new(json_array_get(r->changes, i), "archive", json_string(dir));
  zhi_store_close(s);
  if (rc)
    zhi_err_prefix(e, "%s", dir);
  return rc;
}

static void add_json(const json_t *changes, struct zhi_buf *out) {
  json_t *o = json_pack("{s:O}", "changes", changes);
  char *text = json_dumps(o, JSON_INDENT(1));
  zhi_buf_adds(out, text ? text : "");
  zhi_buf_addc(out, '\n');
  free(text);
  json_decref(o);
}

static void render(const struct run *r, struct zhi_buf *out) {
  char now[ZHI_ISO_SIZE];
  zhi_time_iso(zhi_now_ms(&zhi_clock_system), now);
  if (r->command || strcmp(r->format, "json") == 0)
    add_json(r->changes, out);
  else if (strcmp(r->format, "csv") == 0)
    zhi_changes_csv(r->changes, out);
  else if (strcmp(r->format, "atom") == 0)
    zhi_changes_atom(r->changes, zhi_buf_view(&r->name), now, out);
  else
    zhi_changes_text(r->changes, out);
}

static enum zhi_code tell(const struct run *r, struct zhi_err *e) {
  struct zhi_buf out;
  bool none = json_array_size(r->changes) == 0;
  if (none)
    fprintf(stderr, "xianzhi changes: %s\n",
            r->watch_path ? "nothing that is watched changed" : "nothing changed");
  if (none && r->command)
    return ZHI_OK;
  zhi_buf_init(&out, OUT_MAX);
  render(r, &out);
  enum zhi_code rc = zhi_buf_check(&out, "the changes", e);
  if (!rc && r->command)
    rc = watch_tell(r->command, zhi_buf_view(&out), e);
  else if (!rc && (fwrite(out.p, 1, out.len, stdout) != out.len || fflush(stdout)))
    rc = zhi_fail_errno(e, "cannot write to standard output");
  zhi_buf_release(&out);
  return rc;
}

static int check(const struct run *r, int argc) {
  static const char *const formats[] = {"text", "json", "csv", "atom"};
  size_t i = 0, n = sizeof formats / sizeof *formats;
  while (i < n && strcmp(formats[i], r->format) != 0)
    i++;
  if (i == n)
    return cmd_usage("changes", "--format is text, json, csv or atom");
  if (r->command && !r->watch_path)
    return cmd_usage("changes", "--exec goes with --watch");
  return argc < 2 ? cmd_usage("changes", "which archive?") : EXIT_DONE;
}

int cmd_changes(int argc, char **argv) {
  struct run r = {.since = "", .format = "text"};
  const struct cmd_flag flags[] = {
      {"since", "TIME|CRAWL", &r.since, NULL,
       "after that time or crawl (name, number, last); without: after the first crawl"},
      {"format", "FORMAT", &r.format, NULL, "text (default), json, csv, or atom: a feed"},
      {"watch", "FILE", &r.watch_path, NULL,
       "only what fits a line of it: URL with *, host, or phrase"},
      {"exec", "COMMAND", &r.command, NULL,
       "when something watched changed: run it with the changes as JSON on its standard input"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_err e = {0};
  int bad = cmd_flags(&argc, argv, flags);
  if (bad || (bad = check(&r, argc)))
    return bad;
  enum zhi_code rc = r.watch_path ? watch_open(r.watch_path, &r.watch, &e) : ZHI_OK;
  r.changes = json_array();
  zhi_buf_init(&r.name, NAME_MAX_BYTES);
  for (int i = 1; i < argc && !rc; i++)
    rc = add_archive(&r, argv[i], argc > 2, &e);
  if (!rc)
    rc = zhi_changes_rank(r.changes, &e);
  if (!rc)
    rc = tell(&r, &e);
  json_decref(r.changes);
  zhi_buf_release(&r.name);
  watch_release(&r.watch);
  return rc ? cmd_fail("changes", &e) : EXIT_DONE;
}
