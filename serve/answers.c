/* Answers of the search, kept for the next reader: readers page to and fro, follow filters and share addresses, and a
 * word that most documents have costs what hundreds of other pages do.
 *
 * An answer is good as long as nothing that it was made of has changed: the catalogue's generation and the files of the
 * index. With the first change all go. The one that was not asked for longest makes room. Answers are shared and
 * never changed once they are here. */
#include <stdlib.h>
#include <sys/stat.h>

#include "serve/server.h"

enum { KEPT = 64, ROWS_MAX = 20, FILES = 2 };

struct stamp { /* of what answers are made of */
  int64_t generation;
  struct {
    int64_t inode, bytes, changed_ns;
  } file[FILES];
};

struct kept {
  char *key;
  json_t *answer;
  uint64_t used;
};

struct serve_answers {
  pthread_mutex_t lock;
  struct stamp stamp;
  struct kept kept[KEPT];
  size_t count;
  uint64_t uses;
};

static void drop_all(struct serve_answers *a) {
  while (a->count) {
    struct kept *k = &a->kept[--a->count];
    free(k->key);
    json_decref(k->answer);
  }
}

/* Of files that are not there: zeroes. */
static struct stamp stamp_of(const char *dir, int64_t generation) {
  static const char *const names[FILES] = {"search.db", "texts.db"};
  struct stamp s = {.generation = generation};
  struct zhi_buf path;
  struct stat st;
  zhi_buf_init(&path, 8192);
  for (int i = 0; i < FILES; i++) {
    zhi_buf_clear(&path);
    zhi_buf_addf(&path, "%s/%s", dir, names[i]);
    if (path.p && stat(path.p, &st) == 0) {
      s.file[i].inode = (int64_t)st.st_ino;
      s.file[i].bytes = st.st_size;
      s.file[i].changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    }
  }
  zhi_buf_release(&path);
  return s;
}

static bool same(const struct stamp *a, const struct stamp *b) {
  bool equal = a->generation == b->generation;
  for (int i = 0; i < FILES; i++)
    equal &= a->file[i].inode == b->file[i].inode && a->file[i].bytes == b->file[i].bytes &&
             a->file[i].changed_ns == b->file[i].changed_ns;
  return equal;
}

static struct kept *find(struct serve_answers *a, const char *key) {
  for (size_t i = 0; i < a->count; i++)
    if (strcmp(a->kept[i].key, key) == 0)
      return &a->kept[i];
  return NULL;
}

static struct kept *room(struct serve_answers *a) {
  if (a->count < KEPT)
    return &a->kept[a->count++];
  struct kept *oldest = &a->kept[0];
  for (size_t i = 1; i < a->count; i++)
    if (a->kept[i].used < oldest->used)
      oldest = &a->kept[i];
  free(oldest->key);
  json_decref(oldest->answer);
  return oldest;
}

json_t *serve_answers_get(struct zhi_server *s, int64_t generation, const char *key) {
  struct serve_answers *a = s->answers;
  struct stamp now = stamp_of(s->dir, generation);
  json_t *answer = NULL;
  pthread_mutex_lock(&a->lock);
  if (!same(&now, &a->stamp)) {
    drop_all(a);
    a->stamp = now;
  }
  struct kept *k = find(a, key);
  if (k) {
    k->used = ++a->uses;
    answer = json_incref(k->answer);
  }
  pthread_mutex_unlock(&a->lock);
  return answer;
}

void serve_answers_put(struct zhi_server *s, int64_t generation, const char *key, json_t *answer) {
  struct serve_answers *a = s->answers;
  struct stamp now = stamp_of(s->dir, generation);
  char *name = json_array_size(json_object_get(answer, "results")) <= ROWS_MAX ? strdup(key) : NULL;
  pthread_mutex_lock(&a->lock);
  if (name && same(&now, &a->stamp) && !find(a, key)) {
    struct kept *k = room(a);
    *k = (struct kept){.key = name, .answer = json_incref(answer), .used = ++a->uses};
    name = NULL;
  }
  pthread_mutex_unlock(&a->lock);
  free(name);
}

enum zhi_code serve_answers_new(struct serve_answers **out, struct zhi_err *e) {
  struct serve_answers *a = calloc(1, sizeof *a);
  if (!a)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a server");
  pthread_mutex_init(&a->lock, NULL);
  *out = a;
  return ZHI_OK;
}

void serve_answers_free(struct serve_answers *a) {
  if (!a)
    return;
  drop_all(a);
  pthread_mutex_destroy(&a->lock);
  free(a);
}
