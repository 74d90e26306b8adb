/* Annual reports on the disclosure of government information (政府信息公开工作年度报告): what is read from one.
 *
 * Reports for 2019 and later follow a template (国办公开办函〔2019〕60号, revised by 〔2021〕30号) with three tables;
 * older ones are prose. All views live where the document does. */
#ifndef ZHI_ANNUAL_H
#define ZHI_ANNUAL_H

#include "zhi/str.h"

enum zhi_annual_form {
  ZHI_ANNUAL_NARRATIVE, /* prose, before 2019 */
  ZHI_ANNUAL_UNTABLED,  /* for 2019 or later, without tables in the text: pictures or files */
  ZHI_ANNUAL_2019,      /* tables of the first template (本年新制作数量) */
  ZHI_ANNUAL_2021       /* of the revised one (本年制发件数) */
};
const char *zhi_annual_form_name(enum zhi_annual_form f); /* "narrative" "untabled" "2019" "2021" */

enum zhi_annual_check { ZHI_ANNUAL_UNCHECKED, ZHI_ANNUAL_HOLDS, ZHI_ANNUAL_FAILS };
const char *zhi_annual_check_name(enum zhi_annual_check c); /* "" "ok" "fails" */

struct zhi_annual_cell {
  int table;                             /* 2, 3 or 4 */
  struct zhi_str item, item_label;       /* row: "3.3.1"; as printed, levels joined with " / " */
  struct zhi_str measure, measure_label; /* column: "company"; as printed */
  struct zhi_str raw;                    /* "" "0" "/" "-" are kept apart */
  struct zhi_str number;                 /* digits, maybe a fraction; "" when raw is no number */
  enum zhi_annual_check check;
};

struct zhi_annual {
  int year; /* reported on; 0 = not told */
  struct zhi_str organ;
  enum zhi_annual_form form;
  struct zhi_annual_cell *cells; /* in the order of the page */
  size_t cell_count;
};

enum { ZHI_ANNUAL_MAX_CELLS = 1000 };

#endif
