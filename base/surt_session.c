/* Session ids in URLs, the forms that archives' keys leave out: ASP.NET's path segments before an .aspx,
 * and jsessionid, phpsessid, sid (32 letters or digits), aspsessionidXXXXXXXX, and ColdFusion's pair cfid
 * and cftoken in the query. A name matches also at the end of a longer one ("foosid="), and the argument
 * before it keeps its '&': keys of other archives do so too. Matching goes from the right, because the
 * expressions these rules come from take the longest prefix. */
#include "base/surt_internal.h"

static bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
static bool is_alnum(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

/* Are there n of them at s[i]? */
static bool run_of(struct zhi_str s, size_t i, size_t n, bool (*is)(char)) {
  if (i > s.len || s.len - i < n)
    return false;
  for (size_t k = 0; k < n; k++)
    if (!is(s.p[i + k]))
      return false;
  return true;
}

static bool has_at(struct zhi_str s, size_t i, const char *word) {
  return i <= s.len && zhi_str_starts(zhi_str_sub(s, i, s.len), word);
}

/* "(" + one or more of "s(24)" + ")/", or "(24)/": where it ends; 0 when it is not at i. */
static size_t path_session_end(struct zhi_str s, size_t i, int form) {
  size_t j = i + 1;
  if (!has_at(s, i, "("))
    return 0;
  if (form == 1)
    return run_of(s, j, 24, is_alnum) && has_at(s, j + 24, ")/") ? j + 26 : 0;
  while (run_of(s, j, 1, is_letter) && has_at(s, j + 1, "(") && run_of(s, j + 2, 24, is_alnum) &&
         has_at(s, j + 26, ")"))
    j += 27;
  return j > i + 1 && has_at(s, j, ")/") ? j + 2 : 0;
}

/* Does an .aspx follow, with a name before it and no '?' in between? */
static bool is_aspx(struct zhi_str rest) {
  for (size_t i = 0; i < rest.len && rest.p[i] != '?'; i++)
    if (i && has_at(rest, i, ".aspx"))
      return true;
  return false;
}

bool zhi_surt_path_session(struct zhi_str path, int form, size_t *from, size_t *to) {
  for (size_t i = path.len; i-- > 0;) {
    size_t end = path.p[i] == '/' ? path_session_end(path, i + 1, form) : 0;
    if (end && is_aspx(zhi_str_sub(path, end, path.len))) {
      *from = i + 1;
      *to = end;
      return true;
    }
  }
  return false;
}

/* First place at or after i where an argument ends. */
static size_t arg_end(struct zhi_str s, size_t i) {
  while (i < s.len && s.p[i] != '&')
    i++;
  return i;
}

/* Where the session id at i ends; 0 when there is none. */
static size_t query_session_end(struct zhi_str s, size_t i, int form) {
  static const char *const names[] = {"jsessionid=", "phpsessid=", "sid=", "aspsessionid", "cfid="};
  if (!has_at(s, i, names[form]))
    return 0;
  size_t j = i + strlen(names[form]);
  switch (form) {
  case 3:
    if (!run_of(s, j, 8, is_letter) || !has_at(s, j + 8, "=") || !run_of(s, j + 9, 24, is_letter))
      return 0;
    j += 33;
    break;
  case 4: {
    size_t k = arg_end(s, j);
    if (k == j || !has_at(s, k, "&cftoken="))
      return 0;
    j = arg_end(s, k + 9);
    if (j == k + 9)
      return 0;
    break;
  }
  default:
    if (!run_of(s, j, 32, is_alnum))
      return 0;
    j += 32;
  }
  return j == s.len || s.p[j] == '&' ? j : 0;
}

bool zhi_surt_query_session(struct zhi_str query, int form, size_t *from, size_t *to) {
  for (size_t i = query.len; i-- > 0;) {
    size_t end = query_session_end(query, i, form);
    if (!end)
      continue;
    *from = i;
    *to = end < query.len ? end + 1 : end;
    return true;
  }
  return false;
}
