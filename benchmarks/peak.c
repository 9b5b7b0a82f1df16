// How fast WebAssembly can multiply and add on this machine: nothing but that, on numbers that stay in registers.
// A test says how it becomes peak.wasm.
#include "../mnist_tutorial/widgets/engine/vectors.h"

#define EXPORT(name) __attribute__((export_name(#name)))

#define CHAINS 12 // that do not wait for one another
#define OPERATIONS (CHAINS * 4 * 2) // each time: four numbers, a product and a sum of each

EXPORT(operations_each_time) int operations_each_time(void) { return OPERATIONS; }

EXPORT(run) float run(int times) {
  v4 chains[CHAINS], sum = splat(0), factor = splat(0.999f), summand = splat(0.001f);
  for (int i = 0; i < CHAINS; i++) chains[i] = splat((float)i);
  for (int time = 0; time < times; time++) {
    for (int i = 0; i < CHAINS; i++) chains[i] = chains[i] * factor + summand;
  }
  for (int i = 0; i < CHAINS; i++) sum += chains[i];
  return sum[0] + sum[1] + sum[2] + sum[3];
}
