/* Shim: names and addresses that are what a test says, so that a resolver can change its mind and no test leaves the
 * machine.
 *
 * XZ_NAMES=NAME=ADDRESS,ADDRESS;NAME=... — the first look-up of a name has the first address, the next one the next;
 * the last one stays. Any other name does not resolve. XZ_ROUTE=ADDRESS=PORT — what connects to that address comes to
 * that port of 127.0.0.1; every other address that is not loopback refuses. Without XZ_NAMES nothing is changed. */
#include "tests/faults/shim.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { NAMES_MAX = 16, ADDRESS_MAX = 64 };

static atomic_int asked[NAMES_MAX];

/* The address at this time of asking; false: there is no such name. */
static bool answer(const char *names, const char *name, char out[ADDRESS_MAX]) {
  size_t len = strlen(name);
  for (int i = 0; names && i < NAMES_MAX; i++) {
    if (strncmp(names, name, len) == 0 && names[len] == '=') {
      const char *at = names + len + 1;
      for (int skip = atomic_fetch_add(&asked[i], 1); skip > 0; skip--) {
        size_t n = strcspn(at, ",;");
        if (at[n] != ',')
          break;
        at += n + 1;
      }
      size_t n = strcspn(at, ",;");
      if (n >= ADDRESS_MAX)
        abort();
      memcpy(out, at, n);
      out[n] = '\0';
      return true;
    }
    names = strchr(names, ';');
    if (names)
      names++;
  }
  return false;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out) {
  typedef int resolver(const char *, const char *, const struct addrinfo *, struct addrinfo **);
  resolver *real = (resolver *)shim_next("getaddrinfo");
  const char *names = getenv("XZ_NAMES");
  char address[ADDRESS_MAX];
  unsigned char raw[16];
  if (!names || !node || inet_pton(AF_INET, node, raw) == 1 || inet_pton(AF_INET6, node, raw) == 1)
    return real(node, service, hints, out);
  if (!answer(names, node, address))
    return EAI_NONAME;
  return real(address, service, hints, out);
}

int connect(int fd, const struct sockaddr *to, socklen_t len) {
  typedef int connector(int, const struct sockaddr *, socklen_t);
  connector *real = (connector *)shim_next("connect");
  const char *route = getenv("XZ_ROUTE");
  char text[INET_ADDRSTRLEN];
  struct sockaddr_in a;
  if (!getenv("XZ_NAMES") || (to->sa_family != AF_INET && to->sa_family != AF_INET6))
    return real(fd, to, len);
  if (to->sa_family == AF_INET) {
    memcpy(&a, to, sizeof a);
    inet_ntop(AF_INET, &a.sin_addr, text, sizeof text);
    size_t n = strlen(text);
    if (route && strncmp(route, text, n) == 0 && route[n] == '=') {
      a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      a.sin_port = htons((uint16_t)strtol(route + n + 1, NULL, 10));
      return real(fd, (const struct sockaddr *)&a, sizeof a);
    }
    if (strncmp(text, "127.", 4) == 0)
      return real(fd, to, len);
  }
  errno = ECONNREFUSED;
  return -1;
}
