// Memory that is taken once and given back with the instance.
#ifndef MEMORY_H
#define MEMORY_H

#include "vectors.h"

#define EXPORT(name) __attribute__((export_name(#name)))
#define ROUND_UP(n, to) (((n) + (to) - 1) / (to) * (to))

extern u8 __heap_base;
static u8 *free_memory = &__heap_base;

// Zeros, on a multiple of 64; 0 where there is not enough.
static void *allocate(u64 bytes) {
  u8 *place = (u8 *)ROUND_UP((u64)(unsigned long)free_memory, 64);
  u64 end = (u64)(unsigned long)place + bytes, have = (u64)__builtin_wasm_memory_size(0) << 16;
  if (end > 0xFFFF0000u) return 0;
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + 0xFFFF) >> 16) == (unsigned long)-1) return 0;
  free_memory = place + bytes;
  return place;
}

#endif
