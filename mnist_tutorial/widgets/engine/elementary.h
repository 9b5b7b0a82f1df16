// exp and log from additions, multiplications and divisions alone, which IEEE 754 defines to the last bit:
// what a browser's Math.exp gives may differ from the next one's.
#ifndef ELEMENTARY_H
#define ELEMENTARY_H

#include "vectors.h"

#define LN2 0.6931471805599453
#define LN2_HIGH 0.693147180369123816490 // its first 33 bits: n * LN2_HIGH is exact
#define LN2_LOW 1.90821492927058770002e-10

// e^x = 2^n e^r with |r| <= ln(2) / 2, where thirteen terms of the series are enough. Below -700 it is 0.
INLINE double exp_(double x) {
  if (x != x) return x;
  if (x < -700) return 0;
  if (x > 700) x = 700;
  double n = __builtin_floor(x / LN2 + 0.5);
  double r = (x - n * LN2_HIGH) - n * LN2_LOW, sum = 1;
  for (int i = 13; i > 0; i--) sum = 1 + sum * r / i;
  union { u64 bits; double number; } power = {(u64)((long long)n + 1023) << 52};
  return sum * power.number;
}

// log(m 2^n) = n ln(2) + 2 artanh((m - 1) / (m + 1)), for m around 1. x is a positive, normal number.
INLINE double log_(double x) {
  union { double number; u64 bits; } parts = {x};
  int n = (int)(parts.bits >> 52) - 1023;
  parts.bits = (parts.bits & 0xFFFFFFFFFFFFFull) | 0x3FF0000000000000ull;
  double m = parts.number;
  if (m > 1.4142135623730951) { m /= 2; n += 1; }
  double z = (m - 1) / (m + 1), square = z * z, sum = 0;
  for (int i = 23; i > 0; i -= 2) sum = sum * square + 1.0 / i;
  return n * LN2_HIGH + (n * LN2_LOW + 2 * z * sum);
}

#endif
