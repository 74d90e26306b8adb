/* Data files compiled into the program: ZHI_EMBED(name, "config/fields.yaml") defines
 *   static struct zhi_str name(void)
 * The path is relative to the top of the tree, where the compiler runs. */
#ifndef ZHI_EMBED_H
#define ZHI_EMBED_H

#include "zhi/str.h"

#define ZHI_EMBED(name, path)                                                                      \
  __asm__(".section .rodata\n"                                                                     \
          ".local zhi_embed_" #name "\n.local zhi_embed_" #name "_end\n"                           \
          "zhi_embed_" #name ":\n.incbin \"" path "\"\n"                                           \
          "zhi_embed_" #name "_end:\n.byte 0\n.previous\n");                                       \
  extern const char zhi_embed_##name[], zhi_embed_##name##_end[];                                  \
  static struct zhi_str name(void) {                                                               \
    return zhi_str_n(zhi_embed_##name, (size_t)(zhi_embed_##name##_end - zhi_embed_##name));       \
  }

#endif
