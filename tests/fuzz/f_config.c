/* A config of any bytes: an error with a place, or a config whose parts can all be used. */
#include <stdint.h>
#include <stdlib.h>

#include "crawler/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct zhi_config *c) {
  struct zhi_buf b;
  struct zhi_str host;
  uint16_t port;
  zhi_buf_init(&b, 1 << 20);
  zhi_user_agent(c, &b);
  for (size_t i = 0; i < b.len; i++)
    if (b.p[i] < 0x20 || b.p[i] > 0x7e)
      abort();
  zhi_buf_release(&b);
  zhi_connect_to_match(c, ZHI_STR("www.x.gov.cn"), 80, &host, &port);
  zhi_connect_to_match(c, ZHI_STR("[::1]"), 443, &host, &port);
  if (c->seeds.n == 0 || !c->cluster[0] || (c->politeness.min_delay_ms < 500 && !c->allow_private))
    abort();
  json_decref(zhi_config_json(c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_config *c = NULL;
  struct zhi_err e = {0};
  enum zhi_code rc = zhi_config_parse(zhi_str_n((const char *)data, size), "f", &c, &e);
  if (rc == ZHI_OK) {
    use(c);
    zhi_config_free(c);
  } else if (rc != ZHI_EUSAGE || strncmp(e.msg, "f:", 2) != 0) {
    abort();
  }
  return 0;
}
