/* inspect date: what the date reader makes of a text. */
#include <stdio.h>

#include "cli/cmd.h"
#include "zhi/date.h"

static json_t *date_json(struct zhi_str text) {
  struct zhi_date d;
  char out[ZHI_DATE_TEXT_SIZE];
  if (!zhi_date_parse(text, &d))
    return json_pack("{s:n, s:s}", "date", "precision", "");
  zhi_date_format(&d, false, out);
  json_t *o = json_pack("{s:s, s:s}", "date", out, "precision", zhi_precision_name(d.precision));
  if (o && d.precision >= ZHI_PRECISION_MINUTE) {
    zhi_date_format(&d, true, out);
    json_object_set_new(o, "datetime", json_string(out));
  }
  return o;
}

json_t *inspect_date_json(const json_t *in, struct zhi_err *e) {
  struct zhi_str text = inspect_string(in, "text");
  if (!text.p) {
    zhi_fail(e, ZHI_EUSAGE, "missing key 'text'");
    return NULL;
  }
  return date_json(text);
}

int inspect_date_plain(int argc, char **argv) {
  if (cmd_flags(&argc, argv, NULL))
    return EXIT_USAGE;
  if (argc < 2)
    return cmd_usage("inspect", "which text?");
  for (int i = 1; i < argc; i++) {
    struct zhi_date d;
    char out[ZHI_DATE_TEXT_SIZE];
    if (!zhi_date_parse(zhi_str_of(argv[i]), &d)) {
      printf("%s\tno date\n", argv[i]);
      continue;
    }
    zhi_date_format(&d, true, out);
    printf("%s\t%s\t%s\n", argv[i], out, zhi_precision_name(d.precision));
  }
  return EXIT_DONE;
}
