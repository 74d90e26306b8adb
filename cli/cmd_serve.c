/* serve: the archive in a browser, until it is told to stop. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/cmd.h"
#include "zhi/serve.h"

/* A password from standard input, its hash on standard output. */
static int print_hash(void) {
  char line[1026], hash[ZHI_SERVE_HASH_SIZE];
  struct zhi_err e = {0};
  if (!fgets(line, sizeof line, stdin))
    return cmd_usage("serve", "--hash reads a password from standard input");
  line[strcspn(line, "\r\n")] = '\0';
  if (!line[0])
    return cmd_usage("serve", "the password is empty");
  if (zhi_serve_hash(line, hash, &e))
    return cmd_fail("serve", &e);
  puts(hash);
  return EXIT_DONE;
}

/* As many connections as the system lets us have: idle ones are cheap. */
static void raise_file_limit(void) {
  struct rlimit r;
  if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
    r.rlim_cur = r.rlim_max;
    setrlimit(RLIMIT_NOFILE, &r);
  }
}

/* Threads of the server inherit the mask, so that only this one takes the signals. */
static int serve(const struct zhi_serve_options *o) {
  struct zhi_server *s = NULL;
  struct zhi_err e = {0};
  sigset_t stop;
  int got;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, NULL);
  signal(SIGPIPE, SIG_IGN);
  raise_file_limit();
  if (zhi_serve_start(o, &s, &e))
    return cmd_fail("serve", &e);
  printf("xianzhi serve: %s on port %d, replay on port %d\n", o->dir, zhi_serve_port(s),
         zhi_serve_replay_port(s));
  fflush(stdout);
  sigwait(&stop, &got);
  zhi_serve_stop(s);
  return EXIT_DONE;
}

int cmd_serve(int argc, char **argv) {
  struct zhi_serve_options o = {0};
  int proxy = 0, hash = 0;
  const struct cmd_flag flags[] = {
      {"listen", "ADDRESS:PORT", &o.listen, NULL, "default 127.0.0.1:8765; port 0: any free one"},
      {"replay-listen", "ADDRESS:PORT", &o.replay_listen, NULL,
       "origin of replayed pages; default: the next port"},
      {"replay-url", "URL", &o.replay_url, NULL, "the same as readers see it, behind a proxy"},
      {"auth", "USER:HASH", &o.auth, NULL, "let in only who knows the password"},
      {"hash", NULL, NULL, &hash, "read a password, print its HASH, and end"},
      {"proxy", NULL, NULL, &proxy, "believe X-Forwarded-Proto and X-Forwarded-Host"},
      {NULL, NULL, NULL, NULL, NULL}};
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  if (hash)
    return print_hash();
  if (argc != 2)
    return cmd_usage("serve", argc < 2 ? "which archive?" : "one archive at a time");
  /* any query brings the index up to date */
  const char *const indexer[] = {"/proc/self/exe", "search", argv[1], "县", "--limit", "1", NULL};
  o.indexer = indexer;
  o.dir = argv[1];
  o.proxy = proxy;
  return serve(&o);
}
