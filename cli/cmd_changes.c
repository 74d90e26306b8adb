/* changes: what is new, edited, gone or replaced since some crawl, ranked; and whom to tell. */
#include "cli/cmd.h"
#include "cli/watch.h"
#include "zhi/browse.h"
#include "zhi/file.h"

enum { CHUNK_BYTES = 1 << 16, OUT_MAX = 1 << 26, NAME_MAX_BYTES = 4096 };

struct run {
  const char *since, *format, *watch_path, *command;
  struct watch watch;
  struct zhi_changes *changes;
  struct zhi_buf name; /* of the archives, joined */
  /* where what is told goes: a program, else standard output */
  struct zhi_changes_view view;
  struct zhi_buf bytes;
  struct zhi_out out;
  struct watch_pipe pipe;
};

/* The changes of one archive; with several, each says which. */
static enum zhi_code add_archive(struct run *r, const char *dir, bool several, struct zhi_err *e) {
  struct zhi_store *s = NULL;
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &s, e);
  if (!rc)
    rc = zhi_changes_add(r->changes, s, zhi_str_of(r->since),
                         several ? zhi_str_of(dir) : ZHI_STR_NONE,
                         r->watch_path ? watch_filter : NULL, &r->watch, e);
  if (!rc) {
    zhi_buf_adds(&r->name, r->name.len ? ", " : "");
    rc = zhi_browse_name(s, &r->name, e);
  }
  zhi_store_close(s);
  if (rc)
    zhi_err_prefix(e, "%s", dir);
  return rc;
}

/* Pass on what the view has made, when it is much. */
static enum zhi_code pass_on(struct run *r, size_t much, struct zhi_err *e) {
  enum zhi_code rc = zhi_buf_check(&r->bytes, "a change", e);
  if (rc || r->bytes.len < much)
    return rc;
  if (r->command)
    watch_write(&r->pipe, zhi_buf_view(&r->bytes));
  else
    rc = zhi_out_write(&r->out, zhi_buf_view(&r->bytes), e);
  zhi_buf_clear(&r->bytes);
  return rc;
}

static enum zhi_code put(void *ctx, const struct zhi_change *c, struct zhi_err *e) {
  struct run *r = ctx;
  zhi_changes_put(&r->view, c);
  return pass_on(r, CHUNK_BYTES, e);
}

static enum zhi_code write_all(struct run *r, const char *latest, struct zhi_err *e) {
  char now[ZHI_ISO_SIZE];
  zhi_time_iso(zhi_now_ms(&zhi_clock_system), now);
  zhi_buf_init(&r->bytes, OUT_MAX);
  zhi_changes_begin(&r->view, zhi_str_of(latest[0] ? latest : now));
  enum zhi_code rc = zhi_changes_each(r->changes, put, r, e);
  zhi_changes_end(&r->view);
  if (!rc)
    rc = pass_on(r, 1, e);
  zhi_buf_release(&r->bytes);
  return rc;
}

static enum zhi_code tell(struct run *r, struct zhi_err *e) {
  char latest[ZHI_ISO_SIZE];
  int64_t count = 0;
  enum zhi_code rc = zhi_changes_sum(r->changes, &count, latest, e);
  if (!rc && !count)
    fprintf(stderr, "xianzhi changes: %s\n",
            r->watch_path ? "nothing that is watched changed" : "nothing changed");
  if (rc || (!count && r->command))
    return rc;
  r->view.name = zhi_buf_view(&r->name);
  r->view.out = &r->bytes;
  if ((rc = r->command ? watch_start(&r->pipe, r->command, e) : zhi_out_open(&r->out, "-", e)))
    return rc;
  rc = write_all(r, latest, e);
  if (!r->command)
    return zhi_out_finish(&r->out, rc, e);
  enum zhi_code ended = watch_end(&r->pipe, rc ? NULL : e);
  return rc ? rc : ended;
}

static int check(struct run *r, int argc) {
  static const char *const formats[] = {[ZHI_CHANGES_TEXT] = "text",
                                        [ZHI_CHANGES_CSV] = "csv",
                                        [ZHI_CHANGES_ATOM] = "atom",
                                        [ZHI_CHANGES_JSON] = "json"};
  unsigned i = 0, n = sizeof formats / sizeof *formats;
  while (i < n && strcmp(formats[i], r->format) != 0)
    i++;
  if (i == n)
    return cmd_usage("changes", "--format is text, json, csv or atom");
  if (r->command && !r->watch_path)
    return cmd_usage("changes", "--exec goes with --watch");
  r->view.format = r->command ? ZHI_CHANGES_JSON : (enum zhi_changes_format)i;
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
  zhi_buf_init(&r.name, NAME_MAX_BYTES);
  if (!rc)
    rc = zhi_changes_open(&r.changes, &e);
  for (int i = 1; i < argc && !rc; i++)
    rc = add_archive(&r, argv[i], argc > 2, &e);
  if (!rc)
    rc = tell(&r, &e);
  zhi_changes_close(r.changes);
  zhi_buf_release(&r.name);
  watch_release(&r.watch);
  return rc ? cmd_fail("changes", &e) : EXIT_DONE;
}
