/* The handlers that routes.c names. */
#ifndef ZHI_SERVE_HANDLERS_H
#define ZHI_SERVE_HANDLERS_H

#include "serve/http.h"

/* pages */
enum zhi_code handle_home(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_documents(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_document(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_diff(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_search(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_changes(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_changes_feed(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_changes_csv(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_search_feed(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_cite(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_evidence(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_export(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_coverage(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_removed(struct serve_call *c, struct zhi_err *e);
/* JSON */
enum zhi_code handle_api_archive(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_api_documents(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_api_document(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_api_captures(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_api_versions(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_api_diff(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_api_search(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_api_changes(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_api_columns(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_api_hosts(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_api_removed(struct serve_call *c, struct zhi_err *e);
/* archives' protocols and replay */
enum zhi_code handle_cdx(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_cdx_search(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_timegate(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_timemap_link(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_timemap_json(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_replay(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_frame(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_worker(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_reader(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_archived(struct serve_call *c, struct zhi_err *e);
/* the rest */
enum zhi_code handle_static(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_openapi(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_robots(struct serve_call *c, struct zhi_err *e);
enum zhi_code handle_metrics(struct serve_call *c, struct zhi_err *e);

#endif
