/* xianzhi: the command table and the flags. Each command is one row and one file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "zhi/json.h"
#include "zhi/log.h"
#include "zhi/store.h"
#include "zhi/unicode.h"

static const struct cmd commands[] = {
    {"init", cmd_init,
     "URL [-o FILE] [--operator NAME --contact URL] [--connect-to ROW] [--allow-private]",
     "look at a portal and propose a config for it"},
    {"crawl", cmd_crawl,
     "CONFIG... [-a DIR] [--max-pages N] [--max-time TIME] [--progress MODE] [--fresh] [--jobs N] "
     "[--state-dir DIR]",
     "fetch the pages of a configured cluster into its archive"},
    {"capture", cmd_capture, "DIR URL... [--config FILE] [--progress MODE] [--state-dir DIR]",
     "these URLs now, with what their pages need, into an archive"},
    {"reextract", cmd_reextract, "DIR", "make all documents again from the WARC files"},
    {"verify", cmd_verify, "DIR|WARC...", "digests, framing, index and catalogue agree?"},
    {"repair", cmd_repair, "DIR",
     "bring an archive back to its last good state, and say what was cut"},
    {"index", cmd_index, "[--zipnum DIR] WARC...",
     "CDXJ of WARC files, sorted, to standard output"},
    {"extract", cmd_extract,
     "[--url U] [--charset C] [--config FILE] [--format jsonl|csv] [--text] [--explain] "
     "FILE|WARC...",
     "documents of pages in files, one line each"},
    {"export", cmd_export,
     "DIR... [--format csv|jsonl|xlsx|wacz] [-o FILE] [--where FIELD=VALUE]... [...]",
     "the documents of archives as a table, or with their records as WACZ"},
    {"versions", cmd_versions, "DIR URL [--json]", "what a URL showed, a line a version, and when"},
    {"diff", cmd_diff, "DIR URL [--from TIME] [--to TIME] [--format text|html|json]",
     "what differs between two captures of a URL"},
    {"changes", cmd_changes,
     "DIR... [--since TIME|CRAWL] [--format text|json|csv|atom] [--watch FILE [--exec COMMAND]]",
     "what is new, edited, gone or replaced since a crawl, the weightiest first"},
    {"cite", cmd_cite, "DIR URL [TIME]", "a citation of a capture: plain, BibTeX, PWID"},
    {"evidence", cmd_evidence, "DIR URL [TIME]... -o FILE.zip",
     "captures of a URL in a zip that sha256sum and gzip can check"},
    {"import", cmd_import, "WARC... -a DIR", "an archive out of anybody's WARC files"},
    {"search", cmd_search, "DIR... QUERY [--limit N] [--json] [--newest] [--all-versions] [...]",
     "documents by what they say: titles, text, fields, attachments"},
    {"serve", cmd_serve, "DIR [--listen ADDRESS:PORT] [--auth USER:HASH] [--proxy] [...]",
     "the archive in a browser: documents, changes, captures, exports"},
    {"suppress", cmd_suppress,
     "DIR URL|PATTERN --reason TEXT | DIR --list | DIR URL|PATTERN --lift",
     "take-down: hide URLs from documents, export, search and serve"},
    {"inspect", cmd_inspect, "SUBJECT [--jsonl] [...]", "what each part makes of an input"},
    {"report", cmd_report, "DIR [--crawl ID] [-o FILE]",
     "what a crawl found, brought, missed and why, as a page or as JSON"},
    {"explain", cmd_explain, "DIR URL [--json]",
     "a URL's whole story: found where, decided what, tried when, next when"},
    {"status", cmd_status, "DIR [--json]",
     "what is done, due, blocked, and why it has not finished"},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

const struct cmd *cmd_find(const char *name) {
  for (int i = 0; i < COMMAND_COUNT; i++)
    if (strcmp(name, commands[i].name) == 0)
      return &commands[i];
  return NULL;
}

void cmd_print_json(const json_t *answer) {
  json_dumpf(answer, stdout, JSON_INDENT(2));
  putchar('\n');
}

int cmd_usage(const char *name, const char *why) {
  const struct cmd *c = cmd_find(name);
  fprintf(stderr, "xianzhi %s: %s\n", name, why);
  if (c)
    fprintf(stderr, "usage: xianzhi %s %s\n", c->name, c->usage);
  return EXIT_USAGE;
}

int cmd_fail(const char *name, const struct zhi_err *e) {
  if (e->code == ZHI_EUSAGE && strchr(e->msg, ':') == NULL)
    return cmd_usage(name, e->msg);
  fprintf(stderr, "xianzhi %s: %s\n", name, e->msg);
  return e->code == ZHI_EUSAGE ? EXIT_USAGE : EXIT_FAILED;
}

static const struct cmd_flag *flag_of(const struct cmd_flag *flags, const char *text, size_t len) {
  for (const struct cmd_flag *f = flags; f && f->name; f++)
    if (strlen(f->name) == len && strncmp(f->name, text, len) == 0)
      return f;
  return NULL;
}

int cmd_flags(int *argc, char **argv, const struct cmd_flag *flags) {
  int kept = 1, only_arguments = 0;
  for (int i = 1; i < *argc; i++) {
    const char *a = argv[i];
    if (only_arguments || (a[0] != '-' || a[1] == '\0')) {
      argv[kept++] = argv[i];
      continue;
    }
    if (strcmp(a, "--") == 0) {
      only_arguments = 1;
      continue;
    }
    enum help_form form;
    if (cmd_help_asked(a, &form)) {
      cmd_help(cmd_find(argv[0]), flags, form);
      exit(EXIT_DONE);
    }
    const char *name = a[1] == '-' ? a + 2 : a + 1;
    size_t len = strcspn(name, "=");
    const struct cmd_flag *f = flag_of(flags, name, len);
    if (!f) {
      fprintf(stderr, "xianzhi %s: unknown option '%s' (see --help)\n", argv[0], a);
      return EXIT_USAGE;
    }
    if (!f->metavar) {
      *f->flag = 1;
    } else if (name[len] == '=') {
      *f->value = name + len + 1;
    } else if (i + 1 < *argc) {
      *f->value = argv[++i];
    } else {
      fprintf(stderr, "xianzhi %s: option '%s' needs a value\n", argv[0], a);
      return EXIT_USAGE;
    }
  }
  *argc = kept;
  argv[kept] = NULL;
  return 0;
}

int main(int argc, char **argv) {
  int i = 1;
  zhi_unicode_begin();
  zhi_store_begin();
  zhi_json_begin();
  if (i + 1 < argc && strcmp(argv[i], "--log") == 0) {
    enum zhi_log_level level;
    if (zhi_log_level_of(argv[i + 1], &level)) {
      fprintf(stderr, "xianzhi: unknown log level '%s'\n", argv[i + 1]);
      return EXIT_USAGE;
    }
    zhi_log_set_level(level);
    i += 2;
  }
  if (i >= argc) {
    cmd_help_all(stderr, commands, COMMAND_COUNT, HELP_TEXT);
    return EXIT_USAGE;
  }
  if (strcmp(argv[i], "--version") == 0) {
    printf("xianzhi %s\n", ZHI_VERSION);
    return EXIT_DONE;
  }
  enum help_form form;
  const char *topic = strcmp(argv[i], "help") == 0 ? "--help" : argv[i];
  if (cmd_help_asked(topic, &form)) {
    cmd_help_all(stdout, commands, COMMAND_COUNT, form);
    return EXIT_DONE;
  }
  const struct cmd *c = cmd_find(argv[i]);
  if (!c) {
    fprintf(stderr, "xianzhi: unknown command '%s' (see xianzhi --help)\n", argv[i]);
    return EXIT_USAGE;
  }
  int code = c->run(argc - i, argv + i);
  if (code == EXIT_DONE && zhi_json_lost()) {
    fprintf(stderr, "xianzhi %s: out of memory: what it says may lack some of it\n", c->name);
    code = EXIT_FAILED;
  }
  if (fflush(stdout) != 0 || ferror(stdout)) {
    perror("xianzhi: cannot write to standard output");
    return EXIT_FAILED;
  }
  return code;
}
