/* Runs one fuzz target over its committed inputs: NAME.in/ (seeds) and NAME.repro/ (past crashes), and
 * any further files or folders given. This is what `make test` runs; libFuzzer replaces it in `make fuzz`. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned ran;

static void run_file(const char *path) {
  FILE *f = fopen(path, "rb");
  if (!f) {
    perror(path);
    exit(1);
  }
  size_t cap = 1 << 16, len = 0, n;
  uint8_t *data = malloc(cap);
  while (data && (n = fread(data + len, 1, cap - len, f)) > 0) {
    len += n;
    if (len == cap)
      data = realloc(data, cap *= 2);
  }
  fclose(f);
  if (!data)
    abort();
  uint8_t *exact = malloc(len ? len : 1); /* so that ASan sees a read past the end */
  if (!exact)
    abort();
  memcpy(exact, data, len);
  free(data);
  LLVMFuzzerTestOneInput(exact, len);
  free(exact);
  ran++;
}

static void run_path(const char *path) {
  struct stat st;
  if (stat(path, &st) != 0)
    return;
  if (!S_ISDIR(st.st_mode)) {
    run_file(path);
    return;
  }
  DIR *d = opendir(path);
  if (!d)
    return;
  for (struct dirent *e; (e = readdir(d));) {
    char sub[4096];
    if (e->d_name[0] == '.')
      continue;
    snprintf(sub, sizeof sub, "%s/%s", path, e->d_name);
    run_path(sub);
  }
  closedir(d);
}

int main(int argc, char **argv) {
  const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
  char path[4096];
  snprintf(path, sizeof path, "tests/fuzz/%s.in", name);
  run_path(path);
  snprintf(path, sizeof path, "tests/fuzz/%s.repro", name);
  run_path(path);
  for (int i = 1; i < argc; i++)
    run_path(argv[i]);
  if (ran == 0) {
    fprintf(stderr, "%s: no inputs under tests/fuzz/%s.in\n", name, name);
    return 1;
  }
  printf("%s: %u inputs\n", name, ran);
  return 0;
}
