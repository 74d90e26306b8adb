/* build/county: the simulated county as a program. See README.md beside this file. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "tests/county/county.h"

static const char usage[] =
    "usage: county [options]\n"
    "  --seed N         what everything is computed from (1)\n"
    "  --pages N        HTML pages in all (400)\n"
    "  --hosts N        hosts with a site of their own, the portal included (6)\n"
    "  --addresses N    spread them over 127.0.0.1 … 127.0.0.N (1)\n"
    "  --shapes LIST    of seed,trs,hanweb,vsb,ucap,lonsun,yunnan,siteserver (all)\n"
    "  --scenario NAME  plain, faults, bench demo or families (plain)\n"
    "  --port N         0 = any free one (0)\n"
    "  --delay MS       before each answer (0)\n"
    "  --generation N   the state after N updates (0)\n"
    "  --cap KIB        size that the over-cap faults pass, and body_max of --config (4096)\n"
    "  --truth FILE     write what must and must not be fetched, and every document's fields\n"
    "  --log FILE       write one JSON line a request\n"
    "  --config FILE    write a crawl config\n"
    "  --archive DIR    archive folder named in it\n"
    "  --connections N  connections_per_server in it (1)\n";

static bool number(const char *text, unsigned max, unsigned *out) {
  unsigned long long n;
  if (!zhi_str_u64(zhi_str_of(text), max, &n))
    return false;
  *out = (unsigned)n;
  return true;
}

static bool shape_list(const char *text, unsigned *out) {
  struct zhi_str rest = zhi_str_of(text);
  *out = 0;
  while (rest.p) {
    struct zhi_str name = zhi_str_cut(&rest, ',');
    unsigned i = 0;
    while (i < SHAPE_COUNT && !zhi_str_is(name, shape_names[i]))
      i++;
    if (i == SHAPE_COUNT)
      return false;
    *out |= 1u << i;
  }
  return *out != 0;
}

static bool scenario(const char *text, struct options *o) {
  static const char *const names[] = {"plain", "faults", "bench", "demo", "families"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(text, names[i]) == 0) {
      o->scenario = (enum scenario)i;
      return true;
    }
  return false;
}

static bool option(int which, const char *value, struct options *o) {
  unsigned seed;
  switch (which) {
  case 's':
    if (!number(value, UINT32_MAX, &seed))
      return false;
    o->seed = seed;
    return true;
  case 'p': return number(value, 10000000, &o->pages) && o->pages > 0;
  case 'h': return number(value, 5000, &o->hosts) && o->hosts > 0;
  case 'a': return number(value, 250, &o->addresses) && o->addresses > 0;
  case 'S': return shape_list(value, &o->shapes);
  case 'n': return scenario(value, o);
  case 'P': return number(value, 65535, &o->port);
  case 'd': return number(value, 600000, &o->delay_ms);
  case 'g': return number(value, 30, &o->generation);
  case 'k': return number(value, 1u << 20, &o->cap_kib) && o->cap_kib > 0;
  case 'c': return number(value, 64, &o->connections) && o->connections > 0;
  case 't': o->truth = value; return true;
  case 'l': o->log = value; return true;
  case 'f': o->config = value; return true;
  case 'A': o->archive = value; return true;
  default: return false;
  }
}

static bool read_options(int argc, char **argv, struct options *o) {
  static const struct option longs[] = {{"seed", 1, NULL, 's'},
                                        {"pages", 1, NULL, 'p'},
                                        {"hosts", 1, NULL, 'h'},
                                        {"addresses", 1, NULL, 'a'},
                                        {"shapes", 1, NULL, 'S'},
                                        {"scenario", 1, NULL, 'n'},
                                        {"port", 1, NULL, 'P'},
                                        {"delay", 1, NULL, 'd'},
                                        {"generation", 1, NULL, 'g'},
                                        {"cap", 1, NULL, 'k'},
                                        {"connections", 1, NULL, 'c'},
                                        {"truth", 1, NULL, 't'},
                                        {"log", 1, NULL, 'l'},
                                        {"config", 1, NULL, 'f'},
                                        {"archive", 1, NULL, 'A'},
                                        {"help", 0, NULL, '?'},
                                        {NULL, 0, NULL, 0}};
  int which;
  while ((which = getopt_long(argc, argv, "", longs, NULL)) != -1)
    if (!option(which, optarg, o))
      return false;
  if (optind < argc)
    return false;
  bool demo = o->scenario == SCENARIO_DEMO;
  if (!o->pages)
    o->pages = demo ? 150 : o->scenario == SCENARIO_FAMILIES ? 1400 : 400;
  if (!o->hosts)
    o->hosts = demo ? 4 : 6;
  return true;
}

int main(int argc, char **argv) {
  struct options o = {.seed = 1,
                      .addresses = 1,
                      .connections = 1,
                      .cap_kib = 4096,
                      .shapes = (1u << SHAPE_COUNT) - 1};
  if (!read_options(argc, argv, &o)) {
    fputs(usage, stderr);
    return 2;
  }
  struct county c;
  if (!county_build(&c, &o)) {
    fprintf(stderr, "county: out of memory\n");
    return 1;
  }
  int rc = 1;
  struct server *s = server_open(&c);
  if (!s) {
    fprintf(stderr, "county: cannot listen or open the log: %s\n", strerror(errno));
  } else if ((o.truth && !truth_write(&c, o.truth)) || (o.config && !config_write(&c, o.config))) {
    fprintf(stderr, "county: cannot write truth or config: %s\n", strerror(errno));
  } else {
    printf("county listening on 127.0.0.1:%u addresses=%u hosts=%u pages=%u documents=%u\n",
           c.o.port, c.o.addresses, c.o.hosts, c.page_count, c.doc_count);
    fflush(stdout);
    server_run(s);
    rc = 0;
  }
  server_close(s);
  county_release(&c);
  return rc;
}
