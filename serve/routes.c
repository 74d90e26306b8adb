/* Every address that is answered. The first row that fits is taken. */
#include "serve/handlers.h"

const struct serve_route serve_routes[] = {
    {SERVE_MAIN, "/", handle_home},
    {SERVE_MAIN, "/documents", handle_documents},
    {SERVE_MAIN, "/document", handle_document},
    {SERVE_MAIN, "/export/*", handle_export},
    {SERVE_MAIN, "/coverage", handle_coverage},
    {SERVE_MAIN, "/removed", handle_removed},
    {SERVE_MAIN, "/api/archive", handle_api_archive},
    {SERVE_MAIN, "/api/documents", handle_api_documents},
    {SERVE_MAIN, "/api/document", handle_api_document},
    {SERVE_MAIN, "/api/captures", handle_api_captures},
    {SERVE_MAIN, "/api/versions", handle_api_versions},
    {SERVE_MAIN, "/api/columns", handle_api_columns},
    {SERVE_MAIN, "/api/hosts", handle_api_hosts},
    {SERVE_MAIN, "/api/removed", handle_api_removed},
    {SERVE_MAIN, "/api/openapi.json", handle_openapi},
    {SERVE_MAIN, "/static/*", handle_static},
    {SERVE_MAIN, "/robots.txt", handle_robots},
    {SERVE_MAIN, "/metrics", handle_metrics},
    {SERVE_REPLAY, "/robots.txt", handle_robots},
    {SERVE_REPLAY, "/static/*", handle_static},
    {0, NULL, NULL},
};
