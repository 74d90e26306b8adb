/* Office files that are XML in a ZIP. Which entries have text, which elements hold it and which end a line is one
 * table; everything else in the file is passed over. Runs in the sandbox, which bounds time and memory. */
#include <libxml/xmlreader.h>
#include <stdlib.h>
#include <zip.h>

#include "crawler/attached.h"

enum { ENTRY_MAX = 128 << 20, ENTRIES_MAX = 20000, NAMES_MAX = 5 };

static const struct format {
  const char *begins, *ends;     /* of the entry's name */
  const char *text[NAMES_MAX];   /* elements whose text counts */
  const char *breaks[NAMES_MAX]; /* elements that end a line */
} formats[] = {{"word/document", ".xml", {"t"}, {"p", "br", "tab"}},
               {"word/footnotes", ".xml", {"t"}, {"p", "br", "tab"}},
               {"xl/sharedStrings", ".xml", {"t"}, {"si"}},
               {"xl/worksheets/", ".xml", {"t"}, {"c"}},
               {"ppt/slides/slide", ".xml", {"t"}, {"p", "br"}},
               {"content", ".xml", {"p", "h"}, {"p", "h"}},             /* OpenDocument */
               {"Doc_", "/Content.xml", {"TextCode"}, {"TextObject"}}}; /* OFD */

static const struct format *format_of(const char *name) {
  struct zhi_str s = zhi_str_of(name);
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
    if (zhi_str_starts(s, formats[i].begins) && zhi_str_ends(s, formats[i].ends))
      return &formats[i];
  return NULL;
}

static bool is_among(const char *name, const char *const names[NAMES_MAX]) {
  for (int i = 0; i < NAMES_MAX && names[i]; i++)
    if (strcmp(name, names[i]) == 0)
      return true;
  return false;
}

static bool read_xml(const struct format *f, struct zhi_str xml, void (*put)(struct zhi_str text)) {
  xmlTextReaderPtr r = xmlReaderForMemory(xml.p, (int)xml.len, NULL, NULL,
                                          XML_PARSE_NONET | XML_PARSE_NOERROR |
                                              XML_PARSE_NOWARNING | XML_PARSE_RECOVER);
  int inside = 0, more = r ? xmlTextReaderRead(r) : -1;
  for (; more == 1; more = xmlTextReaderRead(r)) {
    int type = xmlTextReaderNodeType(r);
    const char *name = (const char *)xmlTextReaderConstLocalName(r);
    bool empty = xmlTextReaderIsEmptyElement(r) == 1;
    if (type == XML_READER_TYPE_ELEMENT && !empty && is_among(name, f->text))
      inside++;
    if (type == XML_READER_TYPE_END_ELEMENT && is_among(name, f->text))
      inside--;
    if ((type == XML_READER_TYPE_END_ELEMENT || (type == XML_READER_TYPE_ELEMENT && empty)) &&
        is_among(name, f->breaks))
      put(ZHI_STR("\n"));
    if (inside > 0 && (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA ||
                       type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE))
      put(zhi_str_of((const char *)xmlTextReaderConstValue(r)));
  }
  if (r)
    xmlFreeTextReader(r);
  return more == 0;
}

static bool read_entry(zip_t *z, zip_uint64_t index, void (*put)(struct zhi_str text)) {
  zip_stat_t st;
  const char *name = zip_get_name(z, index, 0);
  const struct format *f = name ? format_of(name) : NULL;
  if (!f)
    return true;
  if (zip_stat_index(z, index, 0, &st) != 0 || !(st.valid & ZIP_STAT_SIZE) || st.size > ENTRY_MAX)
    return false;
  zip_file_t *file = zip_fopen_index(z, index, 0);
  char *p = file ? malloc((size_t)st.size + 1) : NULL;
  zip_int64_t n = p ? zip_fread(file, p, st.size) : -1;
  bool ok = n >= 0 && read_xml(f, zhi_str_n(p, (size_t)n), put);
  free(p);
  if (file)
    zip_fclose(file);
  return ok;
}

bool zhi_attached_zip(struct zhi_str file, void (*put)(struct zhi_str text)) {
  zip_error_t why;
  bool ok = true, known = false;
  zip_error_init(&why);
  zip_source_t *source = zip_source_buffer_create(file.p, file.len, 0, &why);
  zip_t *z = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
  zip_int64_t n = z ? zip_get_num_entries(z, 0) : -1;
  for (zip_int64_t i = 0; i < n && i < ENTRIES_MAX; i++) {
    const char *name = zip_get_name(z, (zip_uint64_t)i, 0);
    known |= name && format_of(name);
    ok &= read_entry(z, (zip_uint64_t)i, put);
  }
  if (z)
    zip_discard(z);
  else
    zip_source_free(source);
  zip_error_fini(&why);
  return n >= 0 && ok && known;
}
