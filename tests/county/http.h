/* Reading requests, and writing what clients sent into JSON. */
#ifndef COUNTY_HTTP_H
#define COUNTY_HTTP_H

#include "tests/county/county.h"

enum http_parsed { HTTP_WHOLE, HTTP_PARTIAL, HTTP_BAD };
/* The first request in `in`: views into it, and its length with its body in *used. */
enum http_parsed http_parse(struct zhi_str in, struct request *out, size_t *used);
/* Any bytes as a JSON string: what is not UTF-8 goes in as U+0080 … U+00FF, byte by byte. */
void json_view(FILE *f, struct zhi_str s);

#endif
