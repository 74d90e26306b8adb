/* The families, in the order of the departments that have them. */
#include "tests/county/families/families.h"

extern const struct family trs_families[], vsb_families[], ucap_list_families[], henan_families[],
    other_static_families[], hanweb_families[], json_families[], fragment_families[],
    postback_families[];

const struct family *const family_tables[] = {
    trs_families,       hanweb_families,   json_families,  vsb_families,          fragment_families,
    ucap_list_families, postback_families, henan_families, other_static_families, NULL};
