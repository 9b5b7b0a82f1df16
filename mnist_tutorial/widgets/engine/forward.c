// One image through a network that has been trained, with the values after every layer to look at.
//
// `make engine` compiles this file, as engine.c, to frontend/forward_code.js, for frontend/quick_forward.js, which puts
// the weights where place() says. One instance holds one network. The engine itself does not do: it is ten times as
// large, works on whole batches, and keeps no maps, as it takes the maximum of four places as soon as it has them.
// A layer's units are taken 32 at a time. So its kernel lies in blocks: [block of units][input][32], zeros behind the
// last unit. Values lie as in Keras; whole blocks are written, and what is too much is overwritten, or is behind the
// last value.
#include "memory.h"
#include "vectors.h"

#define SIDE 28
#define BLOCK 32
#define SHORT _Pragma("clang loop unroll(disable) vectorize(disable)") // every page loads this code
#define BLOCKS(units) (((units) + BLOCK - 1) / BLOCK)

typedef struct {
  int inputs, units;
  int whole;                  // the weights are whole numbers of a byte each, times a scale for each unit
  float *kernel;              // or signed chars, if they are whole
  float *bias, *scale, *values; // values: what comes out
} Layer;

static Layer convolution, hidden, output;
static int kernel_rows, kernel_columns, map_rows, map_columns;
static float *pixels, *pooled;

static int make(Layer *layer, int inputs, int units, int whole, int places) {
  *layer = (Layer){.inputs = inputs, .units = units, .whole = whole};
  u64 weights = (u64)inputs * BLOCKS(units) * BLOCK, room = units + BLOCK;
  return (layer->kernel = allocate(whole ? weights : 4 * weights)) && (layer->bias = allocate(4 * room)) &&
         (layer->scale = allocate(4 * room)) && (layer->values = allocate(4 * ((u64)places * units + BLOCK)));
}

// Make room for a network: a kernel of rows x columns, filters, hidden units, classes. whole_hidden, whole_output:
// whether the weights of these layers are whole numbers. Returns 1, or 0 where there is not enough memory.
EXPORT(create) int create(int rows, int columns, int filters, int units, int classes, int whole_hidden,
                          int whole_output) {
  kernel_rows = rows;
  kernel_columns = columns;
  map_rows = SIDE - rows + 1;
  map_columns = SIDE - columns + 1;
  int inputs = (map_rows / 2) * (map_columns / 2) * filters;
  return (pixels = allocate(4 * SIDE * SIDE)) && (pooled = allocate(4 * (inputs + BLOCK))) &&
         make(&convolution, rows * columns, filters, 0, map_rows * map_columns) &&
         make(&hidden, inputs, units, whole_hidden, 1) && make(&output, units, classes, whole_output, 1);
}

INLINE v4 four(const void *kernel, int at, int whole) {
  if (!whole) return load((const float *)kernel + at);
  typedef signed char i1x4 __attribute__((vector_size(4), aligned(1)));
  return __builtin_convertvector(*(const i1x4 *)((const signed char *)kernel + at), v4);
}

// sums += for each of `count` inputs that is not 0, the input times its row of 32 weights.
INLINE void add_rows(v4 sums[8], const float *inputs, int count, const void *kernel, int whole) {
  SHORT for (int i = 0; i < count; i++) {
    if (inputs[i] == 0) continue;
    v4 x = splat(inputs[i]);
    for (int part = 0; part < 8; part++) sums[part] += x * four(kernel, i * BLOCK + part * 4, whole);
  }
}

INLINE v4 larger(v4 a, v4 b) { return __builtin_wasm_max_f32x4(a, b); } // NaN stays NaN

static void convolve(void) {
  for (int row = 0; row < map_rows; row++) {
    for (int column = 0; column < map_columns; column++) {
      float *to = convolution.values + (row * map_columns + column) * convolution.units;
      for (int unit = 0; unit < convolution.units; unit += BLOCK) {
        const float *kernel = convolution.kernel + unit * convolution.inputs;
        v4 sums[8];
        for (int part = 0; part < 8; part++) sums[part] = load(convolution.bias + unit + part * 4);
        for (int i = 0; i < kernel_rows; i++) {
          add_rows(sums, pixels + (row + i) * SIDE + column, kernel_columns, kernel + i * kernel_columns * BLOCK, 0);
        }
        for (int part = 0; part < 8; part++) store(to + unit + part * 4, larger(sums[part], splat(0)));
      }
    }
  }
}

static void pool(void) {
  int filters = convolution.units, line = map_columns * filters;
  float *to = pooled;
  for (int row = 0; row + 1 < map_rows; row += 2) {
    for (int column = 0; column + 1 < map_columns; column += 2, to += filters) {
      const float *corner = convolution.values + row * line + column * filters;
      SHORT for (int i = 0; i < filters; i += 4) {
        const float *at = corner + i;
        store(to + i, larger(larger(load(at), load(at + filters)), larger(load(at + line), load(at + line + filters))));
      }
    }
  }
}

INLINE void dense_of(const Layer *layer, const float *inputs, int whole) {
  for (int unit = 0; unit < layer->units; unit += BLOCK) {
    const void *kernel = whole ? (const void *)((const signed char *)layer->kernel + unit * layer->inputs)
                               : (const void *)(layer->kernel + unit * layer->inputs);
    v4 sums[8];
    for (int part = 0; part < 8; part++) sums[part] = splat(0);
    add_rows(sums, inputs, layer->inputs, kernel, whole);
    for (int part = 0; part < 8; part++) store(layer->values + unit + part * 4, sums[part]);
  }
  SHORT for (int unit = 0; unit < layer->units; unit++) {
    double sum = layer->values[unit];
    layer->values[unit] = (float)(sum * (whole ? layer->scale[unit] : 1) + layer->bias[unit]);
  }
}

static void dense(const Layer *layer, const float *inputs) {
  if (layer->whole) dense_of(layer, inputs, 1);
  else dense_of(layer, inputs, 0);
}

// From the pixels to the ten numbers before softmax.
EXPORT(forward) void forward(void) {
  convolve();
  pool();
  dense(&hidden, pooled);
  SHORT for (int unit = 0; unit < hidden.units; unit += 4) {
    store(hidden.values + unit, larger(load(hidden.values + unit), splat(0)));
  }
  dense(&output, hidden.values);
}

// Where things are: the pixels, the values after pooling; of the layer convolution, hidden or output (0, 1, 2) its
// kernel, bias, scale and values.
EXPORT(place) void *place(int layer, int what) {
  Layer *layers[] = {&convolution, &hidden, &output};
  void *places[] = {layers[layer]->kernel, layers[layer]->bias, layers[layer]->scale, layers[layer]->values};
  return places[what];
}

EXPORT(place_of_pixels) void *place_of_pixels(void) { return pixels; }
EXPORT(place_of_pooled) void *place_of_pooled(void) { return pooled; }
