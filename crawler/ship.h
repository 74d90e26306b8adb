/* Shipping: the config's on_warc_closed, a program that is run for each closed WARC file.
 *
 * No shell: the program gets the file's absolute path as its one argument, the archive's in XIANZHI_ARCHIVE, nothing on
 * standard input, and our standard error as both outputs. Exit 0 is recorded in the catalogue; anything else is logged
 * and tried again in the next run, oldest file first. One at a time, beside the crawl. */
#ifndef ZHI_CRAWLER_SHIP_H
#define ZHI_CRAWLER_SHIP_H

#include "zhi/store.h"

struct zhi_shipper;
/* `program` and `archive` are borrowed, the store lent. */
ZHI_NODISCARD enum zhi_code zhi_shipper_new(struct zhi_store *store, const char *program,
                                            const char *archive, struct zhi_shipper **out,
                                            struct zhi_err *e);
/* A program that still runs is left to itself: its file is shipped again in the next run. */
void zhi_shipper_free(struct zhi_shipper *h);
/* A file was closed. */
void zhi_shipper_closed(struct zhi_shipper *h);
/* Never blocks: note what has ended, start the next. NULL: nothing to do. On the thread that has the store. ZHI_EIO:
 * the database. */
ZHI_NODISCARD enum zhi_code zhi_shipper_poll(struct zhi_shipper *h, struct zhi_err *e);
/* Ship what is left and wait for it; `stop` is asked several times a second and says when to wait no longer. */
ZHI_NODISCARD enum zhi_code zhi_shipper_finish(struct zhi_shipper *h, bool (*stop)(void *ctx),
                                               void *ctx, struct zhi_err *e);

#endif
