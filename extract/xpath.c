/* XPath overrides on libxml2: the page's tree is copied into a libxml2 document (no second parser, so no second
 * opinion on what the markup means), every node carrying its number, and compiled expressions run over it. */
#include "extract/xpath.h"

#include "zhi/grow.h"
#include <libxml/HTMLtree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdlib.h>

enum {
  XPATH_MAX_NODES = 200000,
  XPATH_MAX_OPS = 4 * 1000 * 1000,
  XPATH_MAX_HITS = 1000,
  XPATH_MAX_BYTES = 8192, /* of an expression */
  TEXTS_MAX_BYTES = 1 << 20
};

void zhi_overrides_init(struct zhi_overrides *o) {
  *o = (struct zhi_overrides){0};
  zhi_buf_init(&o->texts, TEXTS_MAX_BYTES);
}

static void override_release(struct zhi_override *v) {
  xmlXPathFreeCompExpr(v->compiled);
  free(v->host);
  free(v->hits);
}

void zhi_overrides_release(struct zhi_overrides *o) {
  for (size_t i = 0; i < o->n; i++)
    override_release(&o->v[i]);
  free(o->v);
  zhi_buf_release(&o->texts);
  *o = (struct zhi_overrides){0};
}

/* --- compile ---------------------------------------------------------------------------------------- */

/* libxml2 tells errors to a callback; the first one's number is the cause. */
static void on_error(void *ctx, xmlErrorPtr error) {
  int *code = ctx;
  if (*code == 0)
    *code = error->code;
}

/* Some errors libxml2 also prints, to a stream that is its own and each thread's. */
static void on_print(void *ctx, const char *fmt, ...) {
  (void)ctx;
  (void)fmt;
}

static const char *cause_of(int code) {
  static const struct {
    int code;
    const char *text;
  } causes[] = {{XML_XPATH_UNFINISHED_LITERAL_ERROR, "a quote is not closed"},
                {XML_XPATH_UNCLOSED_ERROR, "a bracket is not closed"},
                {XML_XPATH_INVALID_PREDICATE_ERROR, "a predicate [...] is malformed"},
                {XML_XPATH_VARIABLE_REF_ERROR, "a variable is malformed"},
                {XML_XPATH_START_LITERAL_ERROR, "a literal has no quote"},
                {XML_XPATH_NUMBER_ERROR, "a number is malformed"},
                {XML_XPATH_INVALID_CHAR_ERROR, "there is a character that is not allowed"}};
  for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
    if (causes[i].code == code)
      return causes[i].text;
  return "it is not XPath 1.0";
}

/* Trial run on an empty document: unknown functions, prefixes and variables show only then. */
static enum zhi_code try_out(xmlXPathCompExprPtr compiled, struct zhi_str xpath,
                             struct zhi_err *e) {
  int code = 0;
  xmlDocPtr doc = htmlNewDocNoDtD(NULL, NULL);
  xmlXPathContextPtr ctx = doc ? xmlXPathNewContext(doc) : NULL;
  enum zhi_code rc = ctx ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for an XPath");
  if (ctx) {
    xmlDocSetRootElement(doc, xmlNewDocNode(doc, NULL, BAD_CAST "html", NULL));
    ctx->error = on_error;
    ctx->userData = &code;
    ctx->opLimit = XPATH_MAX_OPS;
    ctx->node = xmlDocGetRootElement(doc);
    xmlXPathFreeObject(xmlXPathCompiledEval(compiled, ctx));
    if (code)
      rc = zhi_fail(e, ZHI_EUSAGE,
                    "XPath '%.80s' cannot be evaluated: unknown function, prefix or variable",
                    xpath.p);
  }
  xmlXPathFreeContext(ctx);
  xmlFreeDoc(doc);
  return rc;
}

static enum zhi_code compile(struct zhi_str xpath, xmlXPathCompExprPtr *out, struct zhi_err *e) {
  char text[XPATH_MAX_BYTES];
  int code = 0;
  if (xpath.len >= sizeof text || !xpath.len || memchr(xpath.p, 0, xpath.len))
    return zhi_fail(e, ZHI_EUSAGE, "the XPath is empty or too long");
  memcpy(text, xpath.p, xpath.len);
  text[xpath.len] = '\0';
  xmlXPathContextPtr ctx = xmlXPathNewContext(NULL);
  if (!ctx)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an XPath");
  ctx->error = on_error;
  ctx->userData = &code;
  *out = xmlXPathCtxtCompile(ctx, BAD_CAST text);
  xmlXPathFreeContext(ctx);
  if (!*out || code) {
    xmlXPathFreeCompExpr(*out);
    return zhi_fail(e, ZHI_EUSAGE, "XPath '%.80s' is malformed: %s", text, cause_of(code));
  }
  enum zhi_code rc = try_out(*out, zhi_str_of(text), e);
  if (rc)
    xmlXPathFreeCompExpr(*out);
  return rc;
}

/* HOST/FIELD, the host optional. */
static enum zhi_code read_name(struct zhi_str name, struct zhi_override *v, struct zhi_err *e) {
  struct zhi_str host = ZHI_STR_NONE, field = name;
  const char *slash = name.len ? memchr(name.p, '/', name.len) : NULL;
  if (slash) {
    host = zhi_str_n(name.p, (size_t)(slash - name.p));
    field = zhi_str_n(slash + 1, name.len - host.len - 1);
    if (!host.len)
      return zhi_fail(e, ZHI_EUSAGE, "there is no host before the slash of '%.*s'",
                      ZHI_STR_ARGS(name));
  }
  v->field = zhi_field_of(field);
  if (v->field == ZHI_FIELD_COUNT && !zhi_str_is(field, "list_items"))
    return zhi_fail(e, ZHI_EUSAGE, "there is no field '%.*s'", ZHI_STR_ARGS(field));
  v->host = calloc(host.len + 1, 1);
  if (!v->host)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an XPath");
  for (size_t i = 0; i < host.len; i++)
    v->host[i] = (char)(host.p[i] >= 'A' && host.p[i] <= 'Z' ? host.p[i] | 32 : host.p[i]);
  return ZHI_OK;
}

enum zhi_code zhi_overrides_add(struct zhi_overrides *o, struct zhi_str name, struct zhi_str xpath,
                                struct zhi_err *e) {
  struct zhi_override v = {0};
  xmlXPathCompExprPtr compiled = NULL;
  xmlInitParser();
  xmlSetGenericErrorFunc(NULL, on_print);
  enum zhi_code rc = read_name(name, &v, e);
  if (rc == ZHI_OK && (rc = compile(xpath, &compiled, e)) == ZHI_OK)
    v.compiled = compiled;
  if (rc == ZHI_OK && o) {
    struct zhi_override *more = realloc(o->v, (o->n + 1) * sizeof *more);
    if (more) {
      o->v = more;
      o->v[o->n++] = v;
      return ZHI_OK;
    }
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for an XPath");
  }
  override_release(&v);
  return rc;
}

/* --- the tree --------------------------------------------------------------------------------------- */

static bool add_attrs(xmlNodePtr to, const struct zhi_node *n) {
  for (uint16_t i = 0; i < n->attr_count; i++) {
    struct zhi_str name = n->attrs[i].name, value = n->attrs[i].value;
    xmlChar *k = xmlStrndup(BAD_CAST name.p, (int)name.len),
            *v = xmlStrndup(BAD_CAST(value.p ? value.p : ""), (int)value.len);
    bool ok = k && v && xmlNewProp(to, k, v);
    xmlFree(k);
    xmlFree(v);
    if (!ok)
      return false;
  }
  return true;
}

static xmlNodePtr new_node(xmlDocPtr doc, const struct zhi_node *n) {
  if (n->kind == ZHI_NODE_TEXT)
    return xmlNewDocTextLen(doc, BAD_CAST n->text.p, (int)n->text.len);
  xmlChar *name = xmlStrndup(BAD_CAST n->text.p, (int)n->text.len);
  xmlNodePtr x = name ? xmlNewDocNode(doc, NULL, name, NULL) : NULL;
  xmlFree(name);
  if (x && !add_attrs(x, n)) {
    xmlFreeNode(x);
    x = NULL;
  }
  return x;
}

/* The tree without comments. NULL when out of memory. */
static xmlDocPtr copy_tree(const struct zhi_html *h) {
  xmlDocPtr doc = htmlNewDocNoDtD(NULL, NULL);
  xmlNodePtr *made = doc ? calloc(h->count, sizeof *made) : NULL;
  bool ok = made != NULL;
  for (uint32_t i = 1; i < h->count && ok; i++) {
    const struct zhi_node *n = &h->nodes[i];
    if ((n->kind != ZHI_NODE_ELEMENT && n->kind != ZHI_NODE_TEXT) || !n->text.len)
      continue;
    xmlNodePtr up = n->parent ? made[n->parent] : (xmlNodePtr)doc;
    if (!up || (!n->parent && n->kind == ZHI_NODE_TEXT))
      continue;
    xmlNodePtr x = new_node(doc, n);
    ok = x != NULL;
    if (ok) {
      x->_private = (void *)(uintptr_t)i;
      made[i] = xmlAddChild(up, x); /* may join two texts: the first stays */
    }
  }
  free(made);
  if (!ok) {
    xmlFreeDoc(doc);
    return NULL;
  }
  xmlXPathOrderDocElems(doc);
  return doc;
}

/* --- evaluate --------------------------------------------------------------------------------------- */

static bool add_hit(struct zhi_override *v, struct zhi_xpath_hit hit) {
  if (v->hit_count >= XPATH_MAX_HITS)
    return true;
  struct zhi_xpath_hit *more = zhi_grown(v->hits, &v->hit_cap, v->hit_count, sizeof *v->hits);
  if (!more)
    return false;
  v->hits = more;
  v->hits[v->hit_count++] = hit;
  return true;
}

/* A text of its own; its place in the buffer is kept as a number until the buffer no longer moves. */
static bool add_text(struct zhi_overrides *o, struct zhi_override *v, xmlChar *text) {
  if (!text)
    return false;
  struct zhi_str s = zhi_str_of((const char *)text);
  struct zhi_xpath_hit hit = {0, {(const char *)(uintptr_t)o->texts.len, s.len}};
  zhi_buf_addstr(&o->texts, s);
  bool ok = !o->texts.failed && add_hit(v, hit);
  xmlFree(text);
  return ok;
}

static bool add_nodes(struct zhi_overrides *o, struct zhi_override *v, xmlNodeSetPtr set) {
  for (int i = 0; set && i < set->nodeNr; i++) {
    xmlNodePtr n = set->nodeTab[i];
    bool ok;
    if (n->type == XML_ELEMENT_NODE || n->type == XML_TEXT_NODE)
      ok = add_hit(v, (struct zhi_xpath_hit){.node = (uint32_t)(uintptr_t)n->_private});
    else if (n->type == XML_ATTRIBUTE_NODE)
      ok = add_text(o, v, xmlNodeGetContent(n));
    else
      continue;
    if (!ok)
      return false;
  }
  return true;
}

/* False when memory or the room for texts ran out. */
static bool evaluate(struct zhi_overrides *o, struct zhi_override *v, xmlDocPtr doc) {
  int code = 0;
  bool ok = true;
  xmlXPathContextPtr ctx = xmlXPathNewContext(doc);
  if (!ctx)
    return false;
  ctx->error = on_error;
  ctx->userData = &code;
  ctx->opLimit = XPATH_MAX_OPS;
  ctx->node = xmlDocGetRootElement(doc);
  xmlXPathObjectPtr r = ctx->node ? xmlXPathCompiledEval(v->compiled, ctx) : NULL;
  if (code || (ctx->node && !r))
    v->spent = true;
  else if (r && r->type == XPATH_NODESET)
    ok = add_nodes(o, v, r->nodesetval);
  else if (r)
    ok = add_text(o, v, xmlXPathCastToString(r));
  xmlXPathFreeObject(r);
  xmlXPathFreeContext(ctx);
  return ok;
}

static bool is_for(const struct zhi_override *v, struct zhi_str host) {
  return !v->host[0] || zhi_str_iis(host, v->host);
}

enum zhi_code zhi_overrides_run(struct zhi_overrides *o, const struct zhi_html *h,
                                struct zhi_str host, struct zhi_err *e) {
  bool any = false;
  zhi_buf_clear(&o->texts);
  for (size_t i = 0; i < o->n; i++) {
    o->v[i].hit_count = 0;
    o->v[i].spent = is_for(&o->v[i], host) && h->count > XPATH_MAX_NODES;
    any = any || (is_for(&o->v[i], host) && !o->v[i].spent);
  }
  if (!any)
    return ZHI_OK;
  xmlSetGenericErrorFunc(NULL, on_print);
  xmlDocPtr doc = copy_tree(h);
  bool ok = doc != NULL;
  for (size_t i = 0; i < o->n && ok; i++)
    if (is_for(&o->v[i], host))
      ok = evaluate(o, &o->v[i], doc) || o->texts.failed;
  xmlFreeDoc(doc);
  if (!ok)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for XPath");
  for (size_t i = 0; i < o->n; i++)
    for (size_t k = 0; k < o->v[i].hit_count; k++) {
      struct zhi_xpath_hit *hit = &o->v[i].hits[k];
      if (!hit->node)
        hit->text.p = o->texts.p + (uintptr_t)hit->text.p;
    }
  return ZHI_OK;
}
