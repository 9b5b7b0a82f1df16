// The one source of everything random: Philox4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3,
// 2011). It has no state: four random words are a function of a key (the seed) and of a counter (what they are for),
// so that any worker can compute any of them. random_numbers.py and random_numbers.js are the same; a test compares
// the bits.
//
// counter = { number of the block of four, image's place in its batch, step or epoch, purpose }
#ifndef RANDOM_NUMBERS_H
#define RANDOM_NUMBERS_H

#include "vectors.h"

enum { CONVOLUTION_WEIGHTS, HIDDEN_WEIGHTS, OUTPUT_WEIGHTS, SHUFFLE, DROPOUT, SHIFT }; // purposes

INLINE void philox(u32 word[4], u32 key_low, u32 key_high) {
  for (int round = 0; round < 10; round++) {
    u64 a = (u64)word[0] * 0xD2511F53u, b = (u64)word[2] * 0xCD9E8D57u;
    u32 first = (u32)(b >> 32) ^ word[1] ^ key_low, third = (u32)(a >> 32) ^ word[3] ^ key_high;
    word[0] = first;
    word[1] = (u32)b;
    word[2] = third;
    word[3] = (u32)a;
    key_low += 0x9E3779B9u;
    key_high += 0xBB67AE85u;
  }
}

// From -1 up to but not 1, in steps of 2^-23: every one of them is a float.
INLINE float centred(u32 word) { return (float)(word >> 8) * 0x1p-23f - 1.0f; }

#endif
