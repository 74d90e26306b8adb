/* Files of ours that pages refer to, compiled in; their addresses change with their content. */
#ifndef ZHI_SERVE_STATIC_H
#define ZHI_SERVE_STATIC_H

/* "/static/style.css?v=…"; valid for ever. */
enum { STATIC_ADDRESS_SIZE = 64 };
const char *static_address(const char *name, char out[STATIC_ADDRESS_SIZE]);

#endif
