/* What the next program that a test starts has preloaded: tests/faults. One thread. */
#ifndef ZHI_TESTS_SHIM_H
#define ZHI_TESTS_SHIM_H

/* From here on children have the shim that lies beside XIANZHI (build/xianzhi). Fails the test when it is not built. */
void shim_on(void);
void shim_off(void);

#endif
