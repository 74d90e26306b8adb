/* Help in three forms from the same tables: text, man pages, words for a shell to complete. The package is
 * built by asking the program itself, so that none of them can say what the program does not do. */
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"

static const char exit_codes[] =
    "0 done, 1 failed, 2 usage or config, 3 finished with failed URLs, "
    "4 paused and resumable (signal, disk, budget)";
static const char about[] = "Crawls and archives the site cluster of a Chinese county government.";

bool cmd_help_asked(const char *argument, enum help_form *form) {
  static const struct {
    const char *argument;
    enum help_form form;
  } rows[] = {{"--help", HELP_TEXT},
              {"-h", HELP_TEXT},
              {"--help=man", HELP_MAN},
              {"--help=words", HELP_WORDS}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (strcmp(argument, rows[i].argument) == 0) {
      *form = rows[i].form;
      return true;
    }
  }
  return false;
}

/* Text as roff takes it: hyphens that can be copied, no request at the start of a line. */
static void roff(FILE *out, const char *text) {
  if (*text == '.' || *text == '\'')
    fputs("\\&", out);
  for (; *text; text++) {
    if (*text == '-')
      fputs("\\-", out);
    else if (*text == '\\')
      fputs("\\e", out);
    else
      fputc(*text, out);
  }
}

static void roff_line(FILE *out, const char *text) {
  roff(out, text);
  fputc('\n', out);
}

static void man_head(FILE *out, const char *name, const char *help) {
  fputs(".TH \"", out);
  roff(out, name);
  fprintf(out, "\" 1 \"\" \"xianzhi %s\" \"User Commands\"\n.SH NAME\n", ZHI_VERSION);
  roff(out, name);
  fputs(" \\- ", out);
  roff_line(out, help);
  fputs(".SH SYNOPSIS\n", out);
}

static void print_row(FILE *out, const char *left, const char *help, enum help_form form) {
  if (form == HELP_WORDS) {
    fprintf(out, "%.*s\n", (int)strcspn(left, " "), left);
  } else if (form == HELP_MAN) {
    fputs(".TP\n\\fB", out);
    roff(out, left);
    fputs("\\fR\n", out);
    roff_line(out, help);
  } else {
    fprintf(out, "  %-26s %s\n", left, help);
  }
}

void cmd_help_row(const char *left, const char *help, enum help_form form) {
  print_row(stdout, left, help, form);
}

void cmd_help(const struct cmd *c, const struct cmd_flag *flags, enum help_form form) {
  if (!c)
    return;
  if (form == HELP_TEXT) {
    printf("usage: xianzhi %s %s\n%s\n", c->name, c->usage, c->help);
  } else if (form == HELP_MAN) {
    char name[64];
    snprintf(name, sizeof name, "xianzhi-%s", c->name);
    man_head(stdout, name, c->help);
    printf(".B xianzhi %s\n", c->name);
    roff_line(stdout, c->usage);
    fputs(".SH EXIT STATUS\n", stdout);
    roff_line(stdout, exit_codes);
    fputs(".SH SEE ALSO\n.BR xianzhi (1)\n.SH OPTIONS\n", stdout);
    cmd_help_row("--help", "usage and options", form);
  }
  for (const struct cmd_flag *f = flags; f && f->name; f++) {
    char left[64];
    snprintf(left, sizeof left, "%s%s%s%s", f->name[1] ? "--" : "-", f->name, f->metavar ? " " : "",
             f->metavar ? f->metavar : "");
    cmd_help_row(left, f->help, form);
  }
}

void cmd_help_all(FILE *out, const struct cmd *commands, int count, enum help_form form) {
  if (form == HELP_TEXT)
    fprintf(out, "usage: xianzhi COMMAND [...]\n\n%s\n\n", about);
  if (form == HELP_MAN) {
    man_head(out, "xianzhi", "polite archiver of county government sites");
    fputs(".B xianzhi\n", out);
    roff_line(out, "[--log error|warn|info|debug] COMMAND [...]");
    fprintf(out, ".SH DESCRIPTION\n%s\nEach command has a page of its own, xianzhi\\-COMMAND(1).\n",
            about);
    fputs("Data goes to standard output, log and progress to standard error.\n.SH EXIT STATUS\n",
          out);
    roff_line(out, exit_codes);
    fputs(".SH COMMANDS\n", out);
  }
  for (int i = 0; i < count; i++) {
    if (form == HELP_TEXT)
      fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
    else
      print_row(out, commands[i].name, commands[i].help, form);
  }
  if (form == HELP_TEXT)
    fputs(
        "\nxianzhi COMMAND --help tells more. --log error|warn|info|debug comes before COMMAND.\n",
        out);
}
