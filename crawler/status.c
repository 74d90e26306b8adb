/* Status: the store cannot read a config, and a command cannot be told the time; this can do both. */
#include "crawler/status.h"

#include "crawler/config.h"
#include "crawler/group.h"

enum { CONFIG_MAX_BYTES = 1 << 20 };

static enum zhi_code add_hours(struct zhi_store *s, int64_t now, json_t *o, struct zhi_err *e) {
  struct zhi_config *config = NULL;
  struct zhi_buf text;
  int64_t next = now;
  char iso[ZHI_ISO_SIZE];
  zhi_buf_init(&text, CONFIG_MAX_BYTES);
  enum zhi_code rc = zhi_store_last_config(s, &text, e);
  if (!rc && text.len && zhi_config_parse(zhi_buf_view(&text), "config", &config, NULL) == ZHI_OK)
    next = zhi_hours_next(config->politeness.hours, now);
  zhi_config_free(config);
  zhi_buf_release(&text);
  zhi_time_iso(next, iso);
  json_object_set_new(o, "hours_until", next > now ? json_string(iso) : json_null());
  return rc;
}

enum zhi_code zhi_archive_status(struct zhi_store *s, bool lists, int64_t now_ms, json_t **out,
                                 struct zhi_err *e) {
  enum zhi_code rc = zhi_store_status(s, lists, out, e);
  if (!rc && (rc = add_hours(s, now_ms, *out, e)) != ZHI_OK) {
    json_decref(*out);
    *out = NULL;
  }
  return rc;
}
