/* The candidates of a document as text for a person: extract --explain. */
#include <stdio.h>

#include "cli/cmd.h"
#include "zhi/doc.h"

enum { SHOWN_BYTES = 160 };

/* One line, cut at a character's edge. */
static void print_value(struct zhi_str s) {
  size_t n = 0;
  while (n < s.len && n < SHOWN_BYTES) {
    unsigned cp;
    size_t k = zhi_utf8_next(s.p + n, s.len - n, &cp);
    if (cp < 0x20 || cp == 0x7f)
      putchar(' ');
    else
      fwrite(s.p + n, 1, k, stdout);
    n += k;
  }
  if (n < s.len)
    fputs("…", stdout);
}

static void print_candidate(const struct zhi_doc_candidate *k) {
  printf("  %c %.3f %-8s ", k->won ? '*' : ' ', (double)k->confidence, k->source);
  if (k->raw.len)
    print_value(k->raw);
  else
    fputs("(empty)", stdout);
  if (k->value.p && !zhi_str_eq(k->value, k->raw)) {
    fputs("  =  ", stdout);
    print_value(k->value);
  }
  printf("\n      %s", k->why);
  if (k->line)
    printf("; line %u, %.*s", k->line, ZHI_STR_ARGS(k->path));
  putchar('\n');
}

void cmd_print_candidates(const struct zhi_doc *d) {
  printf("%.*s\nkind %s\n", ZHI_STR_ARGS(d->url), zhi_kind_name(d->kind));
  if (d->list.adapter)
    printf("list of %zu items, told by %s\n", d->list.item_count, d->list.adapter);
  for (size_t i = 0; i < d->candidate_count; i++) {
    const struct zhi_doc_candidate *k = &d->candidates[i];
    if (i == 0 || k->field != k[-1].field)
      printf("%s %s\n", zhi_field_table[k->field].name, zhi_field_table[k->field].zh);
    print_candidate(k);
  }
  for (size_t i = 0; i < d->finding_count; i++)
    printf("finding %s: %.*s\n", d->findings[i].code, ZHI_STR_ARGS(d->findings[i].text));
}
