/* URLs of any bytes: cleaning twice is cleaning once, what comes out is a URL, every reason has a sentence. */
#include <stdint.h>
#include <stdlib.h>

#include "crawler/scope.h"
#include "crawler/trap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
    "cluster: x\noperator: {name: Me, contact: a@b.org}\n"
    "seeds: ['http://x/']\nscope: {domains: [gov.cn], exclude: ['/*z*z$']}\n";

static void clean_twice(const struct zhi_url *u) {
  struct zhi_buf once, twice;
  struct zhi_url again;
  zhi_buf_init(&once, 1 << 20);
  zhi_buf_init(&twice, 1 << 20);
  zhi_scope_clean(u, &once);
  if (zhi_url_is_http(u)) {
    if (zhi_url_parse(zhi_buf_view(&once), NULL, NULL, &again, NULL))
      abort();
    if (zhi_scope_clean(&again, &twice) || !zhi_str_eq(zhi_buf_view(&once), zhi_buf_view(&twice)))
      abort();
    zhi_url_release(&again);
  }
  zhi_buf_release(&once);
  zhi_buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct zhi_config *config;
  static struct zhi_scope *scope;
  if (!scope && (zhi_config_parse(zhi_str_of(text), "f", &config, NULL) ||
                 zhi_scope_new(config, &scope, NULL)))
    abort();
  struct zhi_url u;
  if (zhi_url_parse(zhi_str_n((const char *)data, size), NULL, NULL, &u, NULL))
    return 0;
  for (int k = ZHI_LINK_PAGE; k <= ZHI_LINK_SPECULATIVE; k++) {
    struct zhi_scope_link link = {.kind = (enum zhi_link_kind)k, .parent_in_scope = true};
    struct zhi_scope_decision d;
    zhi_scope_decide(scope, &u, &link, &d);
    if (d.reason && zhi_scope_explain(d.reason) == d.reason)
      abort();
  }
  clean_twice(&u);
  struct zhi_traps *traps = NULL;
  if (zhi_traps_new(64, &traps, NULL))
    return 0;
  for (int i = 0; i < 3; i++)
    zhi_traps_note(traps, &u, &(struct zhi_trap_capture){.body_hash = 1}, NULL);
  zhi_traps_check(traps, &u);
  zhi_traps_free(traps);
  zhi_url_release(&u);
  return 0;
}
