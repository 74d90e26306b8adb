/* Parallel tasks: processes, so that nothing is shared but the terminal. */
#include "cli/parallel.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cmd.h"

struct crew {
  pid_t *pids; /* by task; 0 = not begun or over */
  size_t n, begun, running;
  sigset_t signals;
  int (*task)(void *ctx, size_t i);
  void *ctx;
  int *codes;
  bool stop;
};

static void begin(struct crew *c, size_t i) {
  pid_t parent = getpid(), pid = fork();
  if (pid == 0) {
    setpgid(0, 0); /* Ctrl-C comes once, through us */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
      _exit(EXIT_FAILED);
    sigprocmask(SIG_UNBLOCK, &c->signals, NULL);
    int code = c->task(c->ctx, i);
    fflush(NULL);
    _exit(code);
  }
  if (pid > 0) {
    c->pids[i] = pid;
    c->running++;
  } else {
    perror("xianzhi: cannot start a process");
    c->codes[i] = EXIT_FAILED;
  }
}

static void pass_on(const struct crew *c, int sig) {
  for (size_t i = 0; i < c->begun; i++)
    if (c->pids[i] > 0)
      kill(c->pids[i], sig);
}

static void reap(struct crew *c) {
  for (size_t i = 0; i < c->begun; i++) {
    int status;
    if (c->pids[i] <= 0 || waitpid(c->pids[i], &status, WNOHANG) != c->pids[i])
      continue;
    c->pids[i] = 0;
    c->running--;
    c->codes[i] = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
  }
}

void run_parallel(size_t n, size_t jobs, int (*task)(void *ctx, size_t i), void *ctx, int *codes) {
  struct crew c = {
      .pids = calloc(n + 1, sizeof *c.pids), .n = n, .task = task, .ctx = ctx, .codes = codes};
  for (size_t i = 0; i < n; i++)
    codes[i] = c.pids ? EXIT_PAUSED : EXIT_FAILED;
  sigset_t before;
  sigemptyset(&c.signals);
  sigaddset(&c.signals, SIGINT);
  sigaddset(&c.signals, SIGTERM);
  sigaddset(&c.signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &c.signals, &before);
  while (c.pids && (c.running || (c.begun < n && !c.stop))) {
    while (c.begun < n && c.running < jobs && !c.stop)
      begin(&c, c.begun++);
    if (!c.running)
      continue;
    int sig = sigwaitinfo(&c.signals, NULL);
    if (sig == SIGINT || sig == SIGTERM) {
      c.stop = true;
      pass_on(&c, sig);
    }
    reap(&c);
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  free(c.pids);
}
