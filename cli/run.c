/* What crawl and capture have in common: run the crawler, say how it ended. */
#include "cli/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/report.h"
#include "zhi/log.h"

const char *run_state_dir(const char *given, char out[4096]) {
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  struct zhi_err e = {0};
  if (given)
    return given;
  if (state && state[0] == '/')
    snprintf(out, 4096, "%s/xianzhi", state);
  else
    snprintf(out, 4096, "%s/.local/state/xianzhi", home && home[0] == '/' ? home : "");
  bool known = (state && state[0] == '/') || (home && home[0] == '/');
  if (known && zhi_make_folders(out, &e) == ZHI_OK && access(out, W_OK) == 0)
    return out;
  ZHI_LOG(MAIN, WARN, "no state folder (%s): politeness is not shared with other crawls",
          known ? out : "neither XDG_STATE_HOME nor HOME is set");
  return NULL;
}

int run_progress_mode(const char *name, enum zhi_progress_mode *out) {
  static const char *const names[] = {"auto", "plain", "json", "off"};
  for (int i = 0; i < 4; i++) {
    if (strcmp(name, names[i]) == 0) {
      *out = (enum zhi_progress_mode)i;
      return 0;
    }
  }
  return -1;
}

static int exit_code(const struct zhi_crawl_outcome *out) {
  switch (out->stop) {
  case ZHI_STOP_DONE: return out->failed_urls ? EXIT_INCOMPLETE : EXIT_DONE;
  case ZHI_STOP_SIGNAL:
  case ZHI_STOP_BUDGET: return EXIT_PAUSED;
  default: return EXIT_FAILED;
  }
}

static const char *stop_text(const struct zhi_crawl_outcome *out) {
  switch (out->stop) {
  case ZHI_STOP_DONE: return "finished";
  case ZHI_STOP_SIGNAL: return "paused by a signal: the next run goes on from here";
  case ZHI_STOP_BUDGET: return "paused, the budget is spent: the next run goes on from here";
  default: return "stopped by an error";
  }
}

/* Its report stands in the archive, also when it was paused: then with when and by what. Not to have one is a failure of its own. */
static int keep_report(const char *command, const char *archive, enum zhi_stop stop, int code) {
  struct zhi_err e = {0};
  json_t *report = NULL;
  enum zhi_code rc = report_of(archive, ZHI_STR(""), &report, &e);
  if (!rc && (stop == ZHI_STOP_SIGNAL || stop == ZHI_STOP_BUDGET))
    report_paused(report, stop == ZHI_STOP_SIGNAL ? "signal" : "budget");
  if (!rc)
    rc = report_keep(report, archive, &e);
  json_decref(report);
  return rc ? cmd_fail(command, &e) : code;
}

int run_crawl(const char *command, const struct zhi_crawl_options *o, bool *stop) {
  struct zhi_crawl_outcome out;
  struct zhi_err e = {0};
  enum zhi_code rc = zhi_crawl_run(o, &out, &e);
  int code = rc ? cmd_fail(command, &e) : exit_code(&out);
  bool no_room = rc && (e.errnum == ENOSPC || e.errnum == EDQUOT);
  if (no_room)
    code = EXIT_PAUSED;
  *stop = no_room || (!rc && out.stop == ZHI_STOP_SIGNAL);
  if (!rc)
    code = keep_report(command, o->archive, out.stop, code);
  if (!rc && o->progress != ZHI_PROGRESS_OFF && o->progress != ZHI_PROGRESS_JSON) {
    fprintf(stderr, "%s: %s", o->archive, stop_text(&out));
    if (out.failed_urls)
      fprintf(stderr, "; %lld URLs failed (xianzhi status %s)", (long long)out.failed_urls,
              o->archive);
    fputc('\n', stderr);
  }
  return code;
}
