// Four numbers at once, as WebAssembly's SIMD has them. The compiler turns these types into v128 instructions.
#ifndef VECTORS_H
#define VECTORS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef float v4 __attribute__((vector_size(16)));
typedef int i4 __attribute__((vector_size(16)));
typedef float v4_anywhere __attribute__((vector_size(16), aligned(4))); // four neighbours at any address

#define INLINE static inline __attribute__((always_inline))

INLINE v4 load(const float *from) { return *(const v4_anywhere *)from; }
INLINE void store(float *to, v4 values) { *(v4_anywhere *)to = values; }
INLINE v4 splat(float x) { return (v4){x, x, x, x}; }
INLINE v4 choose(i4 mask, v4 yes, v4 no) { return (v4)((mask & (i4)yes) | (~mask & (i4)no)); }

#endif
