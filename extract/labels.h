/* Labels: which field a label or a meta tag's name speaks of, by config/fields.yaml. */
#ifndef ZHI_EXTRACT_LABELS_H
#define ZHI_EXTRACT_LABELS_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/arena.h"
#include "zhi/err.h"
#include "zhi/fields.h"
#include "zhi/map.h"

enum zhi_label_class { ZHI_LABEL_STRONG = 1, ZHI_LABEL_WEAK, ZHI_LABEL_NOISE };

struct zhi_label {
  enum zhi_field field; /* ZHI_FIELD_COUNT for noise */
  enum zhi_label_class cls;
  unsigned rank; /* place in the field's list: earlier ones speak more plainly */
  bool yes_no;   /* 是否…: the answer is yes or no */
};

struct zhi_meta_name {
  enum zhi_field field;
  unsigned rank;
  bool site; /* often the site's own words */
};

struct zhi_labels {
  struct zhi_map by_label, by_meta, by_script;
  uint64_t first[1024]; /* one bit a code point (mod 65536): may a label begin with it? */
  size_t longest;       /* bytes of the longest label */
};

/* Reads the table that is compiled in. ZHI_EPARSE would be a defect of the file: said with its line. */
ZHI_NODISCARD enum zhi_code zhi_labels_init(struct zhi_labels *l, struct zhi_err *e);
/* The same from any text of that form. */
ZHI_NODISCARD enum zhi_code zhi_labels_load(struct zhi_labels *l, struct zhi_str yaml,
                                            struct zhi_err *e);
void zhi_labels_release(struct zhi_labels *l);
/* `s` as it stands on the page. NULL when it is no label. */
const struct zhi_label *zhi_label_of(const struct zhi_labels *l, struct zhi_arena *a,
                                     struct zhi_str s);
/* `s` already squeezed and without brackets and colon. */
const struct zhi_label *zhi_label_get(const struct zhi_labels *l, struct zhi_str s);
/* Names of script variables and hidden inputs; only `field` is told. NULL when it is none. */
const struct zhi_meta_name *zhi_script_name_of(const struct zhi_labels *l, struct zhi_str name);
const struct zhi_meta_name *zhi_meta_of(const struct zhi_labels *l, struct zhi_str name);
static inline bool zhi_label_may_begin(const struct zhi_labels *l, unsigned cp) {
  return l->first[(cp & 0xffff) >> 6] >> (cp & 63) & 1;
}

#endif
