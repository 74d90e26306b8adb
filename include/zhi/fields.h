/* The canonical fields of a disclosure document: one table for extraction, database and CSV.
 *
 * Names and types follow the field notes in docs/fields.md; label synonyms live in config/fields.yaml. */
#ifndef ZHI_FIELDS_H
#define ZHI_FIELDS_H

#include "zhi/str.h"

enum zhi_field_type {
  ZHI_FT_STRING,
  ZHI_FT_LIST,     /* values joined with "; " */
  ZHI_FT_DATE,     /* YYYY-MM-DD, YYYY-MM or YYYY by precision */
  ZHI_FT_DATETIME, /* the same, or YYYY-MM-DDThh:mm[:ss] at +08:00 without the zone */
  ZHI_FT_VALIDITY, /* valid invalid repealed amended partial pending unknown */
  ZHI_FT_INT,
  ZHI_FT_URL
};

/* X(ID, "name", type, "中文题名", "English title") in CSV order */
#define ZHI_FIELDS(X)                                                                              \
  X(SITE_NAME, "site_name", STRING, "网站名称", "Site name")                                       \
  X(SITE_ID_CODE, "site_id_code", STRING, "网站标识码", "Site identification code")                \
  X(DIVISION_CODE, "division_code", STRING, "行政区划代码", "Division code (GB/T 2260)")           \
  X(DIVISION_NAME, "division_name", STRING, "行政区划名称", "Name of the division")                \
  X(COLUMN_NAME, "column_name", STRING, "栏目名称", "Column name")                                 \
  X(TITLE, "title", STRING, "标题", "Title")                                                       \
  X(INDEX_NO, "index_no", STRING, "索引号", "Index number")                                        \
  X(ISSUER, "issuer", STRING, "发文机关", "Issuing body")                                          \
  X(PUBLISHER, "publisher", STRING, "发布机构", "Publishing body")                                 \
  X(DOC_NO, "doc_no", STRING, "文号", "Document number")                                           \
  X(REG_NO, "reg_no", STRING, "统一登记号", "Registration number")                                 \
  X(DATE_WRITTEN, "date_written", DATE, "成文日期", "Date written")                                \
  X(DATE_PRINTED, "date_printed", DATE, "印发日期", "Date printed")                                \
  X(DATE_GENERATED, "date_generated", DATE, "生成日期", "Date generated")                          \
  X(DATE_PUBLISHED, "date_published", DATETIME, "发布日期", "Date published")                      \
  X(DATE_UPDATED, "date_updated", DATETIME, "更新日期", "Date updated")                            \
  X(DATE_EFFECTIVE, "date_effective", DATE, "生效日期", "Effective from")                          \
  X(DATE_EXPIRED, "date_expired", DATE, "废止日期", "Expired on")                                  \
  X(VALID_TERM, "valid_term", STRING, "有效期", "Term of validity")                                \
  X(VALIDITY, "validity", VALIDITY, "有效性", "Validity")                                          \
  X(TOPIC_CLASS, "topic_class", LIST, "主题分类", "Topic")                                         \
  X(COMBO_CLASS, "combo_class", LIST, "组配分类", "Combined class")                                \
  X(GENRE_CLASS, "genre_class", STRING, "体裁分类", "Genre")                                       \
  X(AUDIENCE_CLASS, "audience_class", LIST, "服务对象", "Audience")                                \
  X(REGION, "region", STRING, "地域", "Region")                                                    \
  X(DISCLOSURE_MODE, "disclosure_mode", STRING, "公开方式", "Mode of disclosure")                  \
  X(DISCLOSURE_FORM, "disclosure_form", STRING, "公开形式", "Form of disclosure")                  \
  X(DISCLOSURE_SCOPE, "disclosure_scope", STRING, "公开范围", "Scope of disclosure")               \
  X(DISCLOSURE_TERM, "disclosure_term", STRING, "公开时限", "Time limit of disclosure")            \
  X(DISCLOSURE_PROCEDURE, "disclosure_procedure", STRING, "公开程序", "Procedure of disclosure")   \
  X(CATALOG, "catalog", STRING, "公开目录", "Disclosure catalogue")                                \
  X(LEGAL_BASIS, "legal_basis", STRING, "公开依据", "Legal basis")                                 \
  X(ABSTRACT, "abstract", STRING, "内容概述", "Abstract")                                          \
  X(KEYWORDS, "keywords", LIST, "关键词", "Keywords")                                              \
  X(SIGNER, "signer", STRING, "签发人", "Signer")                                                  \
  X(SOURCE, "source", STRING, "来源", "Source")                                                    \
  X(AUTHOR, "author", STRING, "作者", "Author")                                                    \
  X(EDITOR, "editor", STRING, "责任编辑", "Editor")                                                \
  X(REVIEWER, "reviewer", STRING, "审核", "Reviewer")                                              \
  X(VIEWS, "views", INT, "浏览次数", "Views (volatile)")                                           \
  X(INFO_FORMAT, "info_format", STRING, "信息格式", "Format")                                      \
  X(LANGUAGE, "language", STRING, "语种", "Language")                                              \
  X(ONLINE_LINK, "online_link", URL, "在线链接", "Online link")                                    \
  X(ATTACHMENT, "attachment", STRING, "附件", "Attachment as labelled")                            \
  X(REMARKS, "remarks", STRING, "备注", "Remarks")                                                 \
  X(RECIPIENT, "recipient", STRING, "主送机关", "Recipient")                                       \
  X(CC, "cc", STRING, "抄送", "Copied to")                                                         \
  X(SECRECY, "secrecy", STRING, "密级", "Secrecy")                                                 \
  X(INTERPRETATION, "interpretation", STRING, "政策解读", "Interpretation")

enum zhi_field {
#define X(id, name, type, zh, en) ZHI_F_##id,
  ZHI_FIELDS(X)
#undef X
      ZHI_FIELD_COUNT
};

struct zhi_field_info {
  const char *name;
  enum zhi_field_type type;
  const char *zh, *en;
};
extern const struct zhi_field_info zhi_field_table[ZHI_FIELD_COUNT];
/* ZHI_FIELD_COUNT when there is no field of that name. */
enum zhi_field zhi_field_of(struct zhi_str name);

#endif
