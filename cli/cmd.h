/* Commands: one row in main.c's table, one cmd_*.c each. */
#ifndef ZHI_CLI_CMD_H
#define ZHI_CLI_CMD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "zhi/err.h"
#include "zhi/file.h"
#include "zhi/json.h"
#include "zhi/str.h"

/* Exit codes, for scripts and timers. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INCOMPLETE = 3, EXIT_PAUSED = 4 };

struct cmd {
  const char *name;
  int (*run)(int argc, char **argv); /* argv[0] is the command's name */
  const char *usage;                 /* arguments, as after "xianzhi NAME " */
  const char *help;                  /* one line */
};

/* One flag of a command. `value` NULL: a switch that sets *flag to 1. Long names only, "--name VALUE" or
 * "--name=VALUE". */
struct cmd_flag {
  const char *name;    /* without the dashes */
  const char *metavar; /* NULL for a switch */
  const char **value;
  int *flag;
  const char *help;
};

/* Take the flags out of argv (rows end with a NULL name); what is left stays in argv[1..*argc).
 * "--" ends the flags. --help prints the command's usage, help and flags and exits 0; an unknown flag
 * is said on stderr, under the name in argv[0]. Returns 0, or EXIT_USAGE. */
int cmd_flags(int *argc, char **argv, const struct cmd_flag *flags);
/* Forms of a command's help, all from its row and its flags: "--help" for a person, "--help=man" a man page,
 * "--help=words" what a shell completes, one word a line. */
enum help_form { HELP_TEXT, HELP_MAN, HELP_WORDS };
/* Does this argument ask for help, and in which form? */
bool cmd_help_asked(const char *argument, enum help_form *form);
/* The help of one command, or of the program, on a stream. */
void cmd_help(const struct cmd *c, const struct cmd_flag *flags, enum help_form form);
void cmd_help_all(FILE *out, const struct cmd *commands, int count, enum help_form form);
/* One more row of a command's help, below its flags. */
void cmd_help_row(const char *left, const char *help, enum help_form form);
/* Say the error (and the usage for ZHI_EUSAGE) on stderr and return the exit code for it. */
int cmd_fail(const char *name, const struct zhi_err *e);
int cmd_usage(const char *name, const char *why);
/* An answer as JSON on stdout; that stdout takes no more is said by main. */
void cmd_print_json(const json_t *answer);
const struct cmd *cmd_find(const char *name);
/* Every candidate of each field and why it won or lost, on stdout. */
struct zhi_doc;
void cmd_print_candidates(const struct zhi_doc *d);

/* --- inspect: one subject = one file inspect_SUBJECT.c, one row in inspect.c ------------------------ */
struct inspect_subject {
  const char *name;
  /* One JSON object in, one new JSON object out; never NULL for a well-formed object of the documented
   * form (bad *content* gives an object that says so). NULL with *e filled for a malformed request. */
  json_t *(*json)(const json_t *in, struct zhi_err *e);
  /* The plain form for a person: argv[0] is the subject; prints to stdout; returns an exit code. */
  int (*plain)(int argc, char **argv);
  const char *usage;
};
json_t *inspect_robots_json(const json_t *in, struct zhi_err *e);
int inspect_robots_plain(int argc, char **argv);
json_t *inspect_url_json(const json_t *in, struct zhi_err *e);
int inspect_url_plain(int argc, char **argv);
json_t *inspect_key_json(const json_t *in, struct zhi_err *e);
int inspect_key_plain(int argc, char **argv);
json_t *inspect_charset_json(const json_t *in, struct zhi_err *e);
int inspect_charset_plain(int argc, char **argv);
json_t *inspect_links_json(const json_t *in, struct zhi_err *e);
int inspect_links_plain(int argc, char **argv);
json_t *inspect_sitemap_json(const json_t *in, struct zhi_err *e);
int inspect_sitemap_plain(int argc, char **argv);
json_t *inspect_date_json(const json_t *in, struct zhi_err *e);
int inspect_date_plain(int argc, char **argv);
json_t *inspect_warc_json(const json_t *in, struct zhi_err *e);
int inspect_warc_plain(int argc, char **argv);
json_t *inspect_document_json(const json_t *in, struct zhi_err *e);
int inspect_document_plain(int argc, char **argv);

/* Helpers for subjects. The view borrows from `in`; the NULL view when the key is missing or null. */
struct zhi_str inspect_string(const json_t *in, const char *key);
/* Decode in[key] (base64) into *out (init by the callee). ZHI_EUSAGE when missing or malformed. */
ZHI_NODISCARD enum zhi_code inspect_base64(const json_t *in, const char *key, struct zhi_buf *out,
                                           struct zhi_err *e);
int cmd_inspect(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_crawl(int argc, char **argv);
int cmd_capture(int argc, char **argv);
int cmd_reextract(int argc, char **argv);
int cmd_repair(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_suppress(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_extract(int argc, char **argv);
int cmd_search(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_index(int argc, char **argv);
int cmd_versions(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_changes(int argc, char **argv);
int cmd_cite(int argc, char **argv);
int cmd_evidence(int argc, char **argv);

#endif
