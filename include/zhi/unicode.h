/* ICU in this process. */
#ifndef ZHI_UNICODE_H
#define ZHI_UNICODE_H

/* First thing in main, before any thread and any use of ICU: its allocations wait a second for memory, then end the
 * process with exit code 1 and a message. Without it they fail, and some parts of ICU crash. */
void zhi_unicode_begin(void);

#endif
