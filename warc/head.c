/* What a received head must become so that every reader agrees on what is stored.
 *
 * First a look: most heads are clean and are stored byte by byte. Otherwise the head is rewritten
 * line by line: transfer coding is gone, so its header moves to X-Archive-Orig-…; a Content-Length
 * that does not fit the stored entity moves too and the true one is added; lines that no parser
 * would take become X-Archive-Orig-Malformed. Nothing is dropped: each old value stays readable,
 * and each change is named. */
#include "warc/head.h"

#include "zhi/warc.h"

#define ORIG "X-Archive-Orig-"

struct look {
  bool dirty;      /* line ends, control bytes, malformed lines */
  bool has_coding; /* Transfer-Encoding */
  bool has_length;
  bool wrong_length;
  bool in_length; /* the last header was Content-Length: a fold spoils it */
};

static bool is_token(struct zhi_str s) {
  static const char extra[] = "!#$%&'*+-.^_`|~";
  for (size_t i = 0; i < s.len; i++) {
    char c = s.p[i];
    bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!alnum && (c == '\0' || !strchr(extra, c)))
      return false;
  }
  return s.len > 0;
}

static bool is_control(char c) { return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f; }

static bool has_control(struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++)
    if (is_control(s.p[i]))
      return true;
  return false;
}

static bool digits_at(const char *p, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (p[i] < '0' || p[i] > '9')
      return false;
  return true;
}

/* "HTTP/d.d ddd" and then nothing or a space. */
static bool good_status_line(struct zhi_str s) {
  return s.len >= 12 && zhi_str_starts(s, "HTTP/") && digits_at(s.p + 5, 1) && s.p[6] == '.' &&
         digits_at(s.p + 7, 1) && s.p[8] == ' ' && digits_at(s.p + 9, 3) &&
         (s.len == 12 || s.p[12] == ' ');
}

/* Cut a line without its end; *clean says that it ended in CRLF. */
static struct zhi_str cut_line(struct zhi_str *rest, bool *clean) {
  struct zhi_str line = zhi_str_cut(rest, '\n');
  size_t full = line.len;
  *clean = rest->p && line.len && line.p[line.len - 1] == '\r';
  while (line.len && line.p[line.len - 1] == '\r')
    line.len--;
  *clean = *clean && full - line.len == 1;
  return line;
}

static void look_at_header(struct zhi_str line, bool first, uint64_t body_bytes, struct look *l) {
  if (line.p[0] == ' ' || line.p[0] == '\t') {
    l->dirty |= first;
    l->wrong_length |= l->in_length && zhi_str_trim(line).len > 0;
    return;
  }
  l->in_length = false;
  struct zhi_str value = line, name = zhi_str_cut(&value, ':');
  if (!value.p || !is_token(name)) {
    l->dirty = true;
    name = zhi_str_trim(name);
    if (!value.p)
      return;
  }
  if (zhi_str_iis(name, "transfer-encoding")) {
    l->has_coding = true;
  } else if (zhi_str_iis(name, "content-length")) {
    unsigned long long n;
    l->has_length = l->in_length = true;
    if (!zhi_str_u64(zhi_str_trim(value), UINT64_MAX, &n) || n != body_bytes)
      l->wrong_length = true;
  }
}

static struct look look_at(struct zhi_str head, uint64_t body_bytes) {
  struct look l = {0};
  struct zhi_str rest = head;
  bool clean, ended = false;
  for (int n = 0; rest.p; n++) {
    struct zhi_str line = cut_line(&rest, &clean);
    if (!line.len && !rest.p) /* after the last line end */
      break;
    l.dirty |= !clean || has_control(line) || ended;
    if (n == 0)
      l.dirty |= !good_status_line(line);
    else if (line.len)
      look_at_header(line, n == 1, body_bytes, &l);
    ended |= line.len == 0;
  }
  l.dirty |= !ended;
  return l;
}

static void name_change(struct zhi_buf *changed, struct zhi_str name) {
  if (zhi_str_find(zhi_buf_view(changed), name) || changed->len > 4096)
    return;
  if (changed->len)
    zhi_buf_adds(changed, ", ");
  zhi_buf_addstr(changed, name);
}

/* The bytes of s with control bytes turned into spaces. */
static void add_clean(struct zhi_buf *out, struct zhi_str s, struct zhi_buf *changed) {
  size_t at = out->len;
  zhi_buf_addstr(out, s);
  if (out->failed || !has_control(s))
    return;
  for (size_t i = at; i < out->len; i++)
    if (is_control(out->p[i]))
      out->p[i] = ' ';
  name_change(changed, ZHI_STR("(control bytes)"));
}

static void write_status(struct zhi_str line, struct zhi_buf *out, struct zhi_buf *changed) {
  if (good_status_line(line)) {
    add_clean(out, line, changed);
    zhi_buf_adds(out, "\r\n");
    return;
  }
  struct zhi_http_head h = {0};
  bool http = zhi_http_parse(line, &h, NULL) == ZHI_OK && !h.method.len;
  zhi_buf_addf(out, "HTTP/1.%d %03d ", http && h.minor == 1 ? 1 : 0, http ? h.status : 0);
  if (http)
    add_clean(out, h.reason, changed);
  zhi_buf_adds(out, "\r\n" ORIG "Status-Line: ");
  add_clean(out, line, changed);
  zhi_buf_adds(out, "\r\n");
  name_change(changed, ZHI_STR("(status line)"));
  zhi_http_head_release(&h);
}

static void write_header(struct zhi_str line, bool move_coding, bool move_length,
                         struct zhi_buf *out, struct zhi_buf *changed) {
  struct zhi_str value = line, name = zhi_str_trim(zhi_str_cut(&value, ':'));
  if (!value.p || !is_token(name) || line.p[0] == ' ' || line.p[0] == '\t') {
    zhi_buf_adds(out, ORIG "Malformed: ");
    add_clean(out, line, changed);
    name_change(changed, ZHI_STR("(malformed line)"));
  } else {
    if ((move_coding && zhi_str_iis(name, "transfer-encoding")) ||
        (move_length && zhi_str_iis(name, "content-length"))) {
      zhi_buf_adds(out, ORIG);
      name_change(changed, name);
    }
    zhi_buf_addstr(out, name);
    zhi_buf_addc(out, ':');
    add_clean(out, value, changed);
  }
  zhi_buf_adds(out, "\r\n");
}

static void rewrite(struct zhi_str head, bool move_coding, bool move_length, struct zhi_buf *out,
                    struct zhi_buf *changed) {
  struct zhi_str rest = head;
  bool clean;
  for (int n = 0; rest.p; n++) {
    struct zhi_str line = cut_line(&rest, &clean);
    if (!clean && (rest.p || line.len))
      name_change(changed, ZHI_STR("(line ends)"));
    if (n == 0) {
      write_status(line, out, changed);
    } else if (line.len && n > 1 && (line.p[0] == ' ' || line.p[0] == '\t')) {
      add_clean(out, line, changed);
      zhi_buf_adds(out, "\r\n");
    } else if (line.len) {
      write_header(line, move_coding, move_length, out, changed);
    }
  }
}

/* The last head, when interim responses (100, 103) come before it. */
static struct zhi_str last_head(struct zhi_str head) {
  for (;;) {
    const char *end = zhi_str_find(head, ZHI_STR("\r\n\r\nHTTP/"));
    if (!end)
      return head;
    head = zhi_str_sub(head, (size_t)(end - head.p) + 4, head.len);
  }
}

struct zhi_str zhi_warc_head_stored(struct zhi_str head, const struct head_rules *rules,
                                    struct zhi_buf *out, struct zhi_buf *changed) {
  zhi_buf_clear(out);
  zhi_buf_clear(changed);
  head = last_head(head);
  struct look l = look_at(head, rules->body_bytes);
  bool recoded = l.has_coding || rules->was_chunked;
  bool move_length =
      !rules->no_entity && l.has_length && l.wrong_length && (recoded || !rules->keep_length);
  bool add_length = move_length || (!rules->no_entity && recoded && !l.has_length);
  if (!l.dirty && !l.has_coding && !add_length)
    return head;
  rewrite(head, l.has_coding, move_length, out, changed);
  if (add_length) {
    zhi_buf_addf(out, "Content-Length: %llu\r\n", (unsigned long long)rules->body_bytes);
    name_change(changed, ZHI_STR("Content-Length"));
  }
  zhi_buf_adds(out, "\r\n");
  return zhi_buf_view(out);
}
