#include "zhi/annual.h"

const char *zhi_annual_form_name(enum zhi_annual_form f) {
  static const char *const names[] = {"narrative", "untabled", "2019", "2021"};
  return (unsigned)f < sizeof names / sizeof *names ? names[f] : "narrative";
}

const char *zhi_annual_check_name(enum zhi_annual_check c) {
  static const char *const names[] = {"", "ok", "fails"};
  return (unsigned)c < sizeof names / sizeof *names ? names[c] : "";
}
