/* Verdicts: names in one table. */
#include "zhi/verdict.h"

static const char *const names[] = {
#define X(name, text) text,
    ZHI_VERDICTS(X)
#undef X
};

const char *zhi_verdict_name(enum zhi_verdict v) {
  return (unsigned)v < ZHI_VERDICT_COUNT ? names[v] : "unknown";
}

enum zhi_verdict zhi_verdict_of(struct zhi_str name) {
  unsigned v = 0;
  while (v < ZHI_VERDICT_COUNT && !zhi_str_is(name, names[v]))
    v++;
  return (enum zhi_verdict)v;
}

enum zhi_verdict zhi_verdict_of_status(int status) {
  if (status == 304)
    return ZHI_V_NOT_MODIFIED;
  if (status >= 200 && status < 300)
    return ZHI_V_OK;
  if (status >= 300 && status < 400)
    return ZHI_V_REDIRECT;
  if (status == 404 || status == 410)
    return ZHI_V_GONE;
  if (status >= 400 && status < 500)
    return ZHI_V_CLIENT_ERROR;
  return status >= 500 && status < 600 ? ZHI_V_SERVER_ERROR : ZHI_V_INVALID;
}
