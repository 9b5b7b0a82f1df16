// The book's network, and how it learns: convolution, ReLU, 2 x 2 maximum, dropout, a dense layer or none, ten outputs.
//
// `make engine` compiles this file to engine.wasm: 4-wide SIMD without relaxed operations, no libc, so that every
// browser computes the same bits. One instance holds one network. webassembly_network.js says what is called in which
// order, and cuts what takes long into pieces, so that a click on Stop is heard in between.
// An image is 28 x 28 pixels. Kernels and activations lie as matrices.h says; translate() knows Keras's order.
#include "elementary.h"
#include "matrices.h"
#include "memory.h"
#include "random_numbers.h"
#include "vectors.h"

#define SIDE 28
#define ROOM 800    // floats for an image: a window may be read a little beyond the last pixel
#define CLASSES 10
#define TOGETHER 5  // vectors of a kernel's gradient that are kept in registers
#define POSITIONS ((SIDE / 2) * (SIDE / 2))
#define EPSILON 1e-7f // Keras's, of Adam and of the cross-entropy
#define EMPTY 0xFFFF  // instead of the index of the largest: the window holds only zeros

// The convolution and the 2 x 2 maximum behind it.
static struct {
  int size, filters, panels, pooled; // of the kernel; of the maps after pooling, rows or columns
  int row_vectors, vectors;          // of a kernel's gradient: a row rounded up to fours, rows times that rounded up
  float *kernel, *bias, *kernel_gradient, *bias_gradient; // [panel of filters][row, column][8]
} convolution;
static Dense layers[2];
static int layer_count;

static float *parameters, *gradients, *moments, *squares; // all of the network's in one row; of Adam
static int parameter_count;
static double power_1, power_2; // of Adam's betas, by step

// Rules of the training.
static int softmaxes, squared_error;
static float pixel_value[256], dropout_scale;
static u32 dropped_below, seed_low, seed_high;

// The batch at hand. activations[0] comes out of the pooling, [layer_count] holds the ten outputs before any softmax.
static u8 *images, *labels, *correct;
static float *pixels, *activations[3], *by_eight, *losses, *outputs, *exchange, *shard_sums;
static u16 *winners; // [image][input of the first dense layer]: where in the image the winner's window begins
static int batch_total, batch_first, batch_count, batch_stride, batch_step, shard_count, bounds[SHARDS + 1];

static float *take(float **from, int count) {
  float *place = *from;
  *from += ROUND_UP(count, 16);
  return place;
}

static void place_parameters(float *values, float *gradient_values) {
  float *start = values;
  int weights = convolution.panels * convolution.size * convolution.size * PANEL;
  convolution.kernel = take(&values, weights);
  convolution.kernel_gradient = take(&gradient_values, weights);
  convolution.bias = take(&values, convolution.panels * PANEL);
  convolution.bias_gradient = take(&gradient_values, convolution.panels * PANEL);
  for (int i = 0; i < layer_count; i++) {
    Dense *layer = &layers[i];
    weights = layer->input_panels * layer->unit_panels * PANEL * PANEL;
    layer->kernel = take(&values, weights);
    layer->kernel_gradient = take(&gradient_values, weights);
    layer->bias = take(&values, layer->unit_panels * PANEL);
    layer->bias_gradient = take(&gradient_values, layer->unit_panels * PANEL);
  }
  parameter_count = (int)(values - start);
}

static Dense dense(int inputs, int units) {
  return (Dense){.inputs = inputs, .units = units, .input_panels = ROUND_UP(inputs, PANEL) / PANEL,
                 .unit_panels = ROUND_UP(units, PANEL) / PANEL};
}

// Make room for a network and for batches of up to `capacity` images. hidden: units, 0 for no hidden layer.
// Returns 1, or 0 where there is not enough memory. Fresh memory is zeros, and what is padding stays so.
EXPORT(create) int create(int size, int filters, int hidden, int capacity) {
  convolution.size = size;
  convolution.filters = filters;
  convolution.panels = ROUND_UP(filters, PANEL) / PANEL;
  convolution.pooled = (SIDE - size + 1) / 2;
  convolution.row_vectors = ROUND_UP(size, 4) / 4;
  convolution.vectors = ROUND_UP(size * convolution.row_vectors, TOGETHER);
  int inputs = convolution.pooled * convolution.pooled * filters;
  layer_count = hidden ? 2 : 1;
  layers[0] = dense(inputs, hidden ? hidden : CLASSES);
  layers[1] = dense(hidden, CLASSES);
  place_parameters(0, 0); // counts them
  capacity = ROUND_UP(capacity, PANEL);
  u64 floats = parameter_count, batch = capacity;
  int shard_length = filters * (convolution.vectors * 4 + 4);
  if (!(parameters = allocate(4 * floats)) || !(gradients = allocate(4 * floats)) ||
      !(moments = allocate(4 * floats)) || !(squares = allocate(4 * floats)) || !(exchange = allocate(4 * floats)) ||
      !(images = allocate(batch * SIDE * SIDE)) || !(labels = allocate(batch)) || !(correct = allocate(batch)) ||
      !(pixels = allocate(4 * batch * ROOM)) || !(losses = allocate(4 * batch)) ||
      !(outputs = allocate(4 * batch * CLASSES)) || !(winners = allocate(2 * batch * (inputs + PANEL))) ||
      !(shard_sums = allocate(4ull * SHARDS * shard_length)) ||
      !(by_eight = allocate(4 * batch * PANEL * (hidden ? layers[0].unit_panels + 2 : 2)))) return 0;
  for (int i = 0; i <= layer_count; i++) {
    int panels = i ? layers[i - 1].unit_panels : layers[0].input_panels;
    if (!(activations[i] = allocate(4 * batch * PANEL * panels))) return 0;
  }
  place_parameters(parameters, gradients);
  return 1;
}

// softmax_count: 0, 1 or 2. loss: 0 cross-entropy, 1 squared error. scaled: pixels 0 to 1 instead of 0 to 255.
// Of 2^32 random words those below dropout_words drop their value; dropout_share is the same as a share of 1.
EXPORT(set_rules) void set_rules(int softmax_count, int loss, int scaled, u32 dropout_words, double dropout_share) {
  softmaxes = softmax_count;
  squared_error = loss;
  for (int i = 0; i < 256; i++) pixel_value[i] = scaled ? (float)i / 255.0f : (float)i;
  dropped_below = dropout_words;
  dropout_scale = (float)(1 / (1 - dropout_share));
}

EXPORT(set_seed) void set_seed(u32 low, u32 high) {
  seed_low = low;
  seed_high = high;
}

// For a test: `count` random words into exchange, as any user of the generator gets them.
EXPORT(random_words) void random_words(u32 purpose, u32 occasion, u32 place, int count) {
  for (int i = 0; i < count; i++) {
    u32 words[4] = {(u32)i / 4, place, occasion, purpose};
    philox(words, seed_low, seed_high);
    ((u32 *)exchange)[i] = words[i & 3];
  }
}

// ---- parameters

INLINE float *in_convolution(float *kernel, int window, int filter) {
  return kernel + (filter / PANEL * convolution.size * convolution.size + window) * PANEL + filter % PANEL;
}

INLINE float *in_dense(float *kernel, const Dense *layer, int input, int unit) {
  return kernel + (unit / PANEL * layer->input_panels * PANEL + input) * PANEL + unit % PANEL;
}

enum { SAVE_WEIGHTS, SAVE_GRADIENTS, RESTORE_WEIGHTS };

INLINE void copy(float *mine, float *keras, int what) {
  if (what == RESTORE_WEIGHTS) *mine = *keras;
  else *keras = *mine;
}

// Copy all weights, or their gradients, from or to exchange, where they are in Keras's order. Returns how many.
EXPORT(translate) int translate(int what) {
  float *keras = exchange;
  int from_gradients = what == SAVE_GRADIENTS;
  float *kernel = from_gradients ? convolution.kernel_gradient : convolution.kernel;
  float *bias = from_gradients ? convolution.bias_gradient : convolution.bias;
  for (int window = 0; window < convolution.size * convolution.size; window++) {
    for (int f = 0; f < convolution.filters; f++) copy(in_convolution(kernel, window, f), keras++, what);
  }
  for (int f = 0; f < convolution.filters; f++) copy(bias + f, keras++, what);
  for (int i = 0; i < layer_count; i++) {
    const Dense *layer = &layers[i];
    kernel = from_gradients ? layer->kernel_gradient : layer->kernel;
    bias = from_gradients ? layer->bias_gradient : layer->bias;
    for (int input = 0; input < layer->inputs; input++) {
      for (int unit = 0; unit < layer->units; unit++) copy(in_dense(kernel, layer, input, unit), keras++, what);
    }
    for (int unit = 0; unit < layer->units; unit++) copy(bias + unit, keras++, what);
  }
  return (int)(keras - exchange);
}

// Glorot's uniform start, as in Keras: within sqrt(6 / (fan in + fan out)) of zero; biases 0.
static float *draw(float *to, u32 purpose, int fan_in, int fan_out, int count) {
  float limit = (float)__builtin_sqrt(6.0 / (fan_in + fan_out));
  for (int i = 0; i < count; i += 4) {
    u32 words[4] = {(u32)i / 4, 0, 0, purpose};
    philox(words, seed_low, seed_high);
    for (int j = 0; j < 4 && i + j < count; j++) to[i + j] = limit * centred(words[j]);
  }
  return to + count;
}

static float *zeros(float *to, int count) {
  for (int i = 0; i < count; i++) to[i] = 0;
  return to + count;
}

// Start afresh: new weights from the seed, and an optimizer that remembers nothing.
EXPORT(initialize) void initialize(void) {
  int window = convolution.size * convolution.size;
  float *to = draw(exchange, CONVOLUTION_WEIGHTS, window, window * convolution.filters, window * convolution.filters);
  to = zeros(to, convolution.filters);
  for (int i = 0; i < layer_count; i++) {
    const Dense *layer = &layers[i];
    u32 purpose = i + 1 == layer_count ? OUTPUT_WEIGHTS : HIDDEN_WEIGHTS;
    to = draw(to, purpose, layer->inputs, layer->units, layer->inputs * layer->units);
    to = zeros(to, layer->units);
  }
  translate(RESTORE_WEIGHTS);
  zeros(moments, parameter_count);
  zeros(squares, parameter_count);
  power_1 = power_2 = 1;
}

// ---- forward

// Announce a batch of `total` images, of which this worker has the shards from first_shard on: their bytes are in
// images, their answers in labels. step numbers the dropout. Returns how many images those are; the first one's place
// in the batch is first_shard * total / SHARDS, rounded down.
EXPORT(begin) int begin(int total, int first_shard, int shards, int step) {
  batch_total = total;
  batch_first = first_shard * total / SHARDS;
  batch_step = step;
  shard_count = shards;
  for (int i = 0; i <= shards; i++) bounds[i] = (first_shard + i) * total / SHARDS - batch_first;
  batch_count = bounds[shards];
  batch_stride = ROUND_UP(batch_count, PANEL);
  zeros(shard_sums, SHARDS * convolution.filters * (convolution.vectors * 4 + 4));
  return batch_count;
}

INLINE int is_empty(const float *corner, int size) {
  for (int row = 0; row <= size; row++) {
    for (int column = 0; column <= size; column++) {
      if (corner[row * SIDE + column] != 0) return 0;
    }
  }
  return 1;
}

// Eight filters at the four positions of a 2 x 2 block; the largest sum of each, and whose it was.
INLINE void convolve_and_pool(const float *corner, const float *kernel, int size, v4 best[2], i4 winner[2]) {
  Tile tile = tile_of(splat(0), splat(0));
  for (int row = 0; row < size; row++) {
    const float *x = corner + row * SIDE;
    for (int column = 0; column < size; column++, x++, kernel += PANEL) {
      v4 low = load(kernel), high = load(kernel + 4);
      v4 a = splat(x[0]), b = splat(x[1]), c = splat(x[SIDE]), d = splat(x[SIDE + 1]);
      tile.at[0][0] += a * low;
      tile.at[0][1] += a * high;
      tile.at[1][0] += b * low;
      tile.at[1][1] += b * high;
      tile.at[2][0] += c * low;
      tile.at[2][1] += c * high;
      tile.at[3][0] += d * low;
      tile.at[3][1] += d * high;
    }
  }
  const int place[4] = {0, 1, SIDE, SIDE + 1};
  for (int part = 0; part < 2; part++) {
    best[part] = tile.at[0][part];
    winner[part] = (i4){0, 0, 0, 0};
    for (int i = 1; i < 4; i++) {
      i4 larger = tile.at[i][part] > best[part], here = {place[i], place[i], place[i], place[i]};
      best[part] = choose(larger, tile.at[i][part], best[part]);
      winner[part] = (larger & here) | (~larger & winner[part]);
    }
  }
}

// Convolution, ReLU and maximum of one image. pooled: [row, column][filter], and some floats of room behind it.
static void convolve(const float *image, float *pooled, u16 *winner_places) {
  int size = convolution.size, window = size * size;
  for (int row = 0; row < convolution.pooled; row++) {
    for (int column = 0; column < convolution.pooled; column++) {
      int place = 2 * row * SIDE + 2 * column, empty = is_empty(image + place, size);
      for (int panel = 0; panel < convolution.panels; panel++) {
        // The last panel writes beyond its filters; the next position overwrites that.
        int at = (row * convolution.pooled + column) * convolution.filters + panel * PANEL;
        v4 best[2] = {splat(0), splat(0)};
        i4 winner[2];
        if (!empty) convolve_and_pool(image + place, convolution.kernel + panel * window * PANEL, size, best, winner);
        for (int part = 0; part < 2; part++) {
          v4 sum = best[part] + load(convolution.bias + panel * PANEL + part * 4);
          store(pooled + at + part * 4, choose(sum > splat(0), sum, splat(0)));
        }
        for (int i = 0; i < PANEL; i++) winner_places[at + i] = empty ? EMPTY : (u16)(place + winner[i / 4][i % 4]);
      }
    }
  }
}

// Put one image's values into the panels of the first dense layer's inputs, some of them dropped.
static void drop_out(const float *pooled, int image, int training) {
  int inputs = layers[0].input_panels * PANEL, drops = training && dropped_below;
  v4 scale = splat(dropout_scale);
  for (int i = 0; i < inputs; i += 4) {
    v4 values = load(pooled + i);
    if (drops) {
      u32 words[4] = {(u32)i / 4, (u32)(batch_first + image), (u32)batch_step, DROPOUT};
      philox(words, seed_low, seed_high);
      i4 kept = {-(words[0] >= dropped_below), -(words[1] >= dropped_below), -(words[2] >= dropped_below),
                 -(words[3] >= dropped_below)};
      values = choose(kept, values * scale, splat(0));
    }
    store(activations[0] + (i / PANEL * batch_stride + image) * PANEL + i % PANEL, values);
  }
}

// The ten outputs before softmax, of some of the batch's images. first is a multiple of 8.
EXPORT(forward) void forward(int first, int count, int training) {
  static float pooled[POSITIONS * 64 + 2 * PANEL];
  for (int image = first; image < first + count; image++) {
    float *x = pixels + image * ROOM;
    for (int i = 0; i < SIDE * SIDE; i++) x[i] = pixel_value[images[image * SIDE * SIDE + i]];
    convolve(x, pooled, winners + image * (layers[0].inputs + PANEL));
    zeros(pooled + layers[0].inputs, PANEL);
    drop_out(pooled, image, training);
  }
  int rounded = ROUND_UP(count, PANEL);
  for (int i = 0; i < layer_count; i++) {
    multiply(&layers[i], activations[i], activations[i + 1], batch_stride, first, rounded);
    if (i + 1 == layer_count) break;
    for (int panel = 0; panel < layers[i].unit_panels; panel++) {
      float *at = activations[i + 1] + (panel * batch_stride + first) * PANEL;
      for (int j = 0; j < rounded * PANEL; j += 4) {
        v4 sum = load(at + j);
        store(at + j, choose(sum > splat(0), sum, splat(0)));
      }
    }
  }
}

// ---- loss

static void softmax(const double *from, double *to) {
  double largest = from[0], sum = 0;
  for (int i = 1; i < CLASSES; i++) largest = from[i] > largest ? from[i] : largest;
  for (int i = 0; i < CLASSES; i++) sum += to[i] = exp_(from[i] - largest);
  for (int i = 0; i < CLASSES; i++) to[i] /= sum;
}

static double log_of_sum(const double *x) {
  double largest = x[0], sum = 0;
  for (int i = 1; i < CLASSES; i++) largest = x[i] > largest ? x[i] : largest;
  for (int i = 0; i < CLASSES; i++) sum += exp_(x[i] - largest);
  return largest + log_(sum);
}

// Cross-entropy of outputs that did not come from a softmax, as Keras has it: divided by their sum, and kept between
// epsilon and 1 - epsilon, where nothing can be learned beyond. gradient: by each output.
static double cross_entropy_of_any(const double *output, int label, double *gradient) {
  double sum = 0;
  for (int i = 0; i < CLASSES; i++) sum += output[i];
  float share = (float)output[label] / (float)sum, low = EPSILON, high = 1.0f - EPSILON;
  float kept = share < low ? low : share > high ? high : share;
  double slope = share < low || share > high ? 0 : -1.0 / kept; // NaN has a slope, and so is seen
  for (int i = 0; i < CLASSES; i++) gradient[i] = slope * ((i == label) - share) / sum;
  return -log_(kept);
}

// Outputs, loss and rightness of every image; the gradients of the sums behind the outputs replace these sums.
EXPORT(judge) void judge(void) {
  float *sums = activations[layer_count];
  for (int image = 0; image < batch_count; image++) {
    double stage[3][CLASSES], gradient[CLASSES], loss = 0;
    int label = labels[image], best = 0;
    for (int i = 0; i < CLASSES; i++) stage[0][i] = sums[(i / PANEL * batch_stride + image) * PANEL + i % PANEL];
    for (int i = 0; i < softmaxes; i++) softmax(stage[i], stage[i + 1]);
    const double *output = stage[softmaxes];
    for (int i = 0; i < CLASSES; i++) {
      outputs[image * CLASSES + i] = (float)output[i];
      if (output[i] > output[best]) best = i;
    }
    int behind = softmaxes; // how many softmaxes the gradient has yet to pass through
    if (squared_error) {
      for (int i = 0; i < CLASSES; i++) {
        double miss = output[i] - (i == label);
        loss += miss * miss / CLASSES;
        gradient[i] = 2 * miss / CLASSES;
      }
    } else if (softmaxes) { // from the sums before the last softmax: exact where the softmax itself is 0
      behind -= 1;
      loss = log_of_sum(stage[behind]) - stage[behind][label];
      for (int i = 0; i < CLASSES; i++) gradient[i] = output[i] - (i == label);
    } else {
      loss = cross_entropy_of_any(output, label, gradient);
    }
    for (int i = behind; i > 0; i--) {
      double mean = 0;
      for (int j = 0; j < CLASSES; j++) mean += gradient[j] * stage[i][j];
      for (int j = 0; j < CLASSES; j++) gradient[j] = stage[i][j] * (gradient[j] - mean);
    }
    losses[image] = (float)loss;
    correct[image] = best == label;
    for (int i = 0; i < CLASSES; i++) {
      sums[(i / PANEL * batch_stride + image) * PANEL + i % PANEL] = (float)(gradient[i] / batch_total);
    }
  }
}

// ---- backward

// The gradients of some inputs' weights in a dense layer, and of these inputs themselves, which they replace.
EXPORT(backward) void backward(int which, int first_panel, int count) {
  const Dense *layer = &layers[which];
  const float *sum_gradients = activations[which + 1];
  if (first_panel == 0) {
    turn(sum_gradients, by_eight, batch_stride, layer->unit_panels);
    for (int panel = 0; panel < layer->unit_panels; panel++) {
      float sums[SHARDS * PANEL];
      zeros(sums, SHARDS * PANEL);
      for (int shard = 0; shard < shard_count; shard++) {
        for (int image = bounds[shard]; image < bounds[shard + 1]; image++) {
          const float *row = sum_gradients + (panel * batch_stride + image) * PANEL;
          for (int i = 0; i < PANEL; i++) sums[shard * PANEL + i] += row[i];
        }
      }
      add_in_pairs(sums, PANEL, shard_count);
      for (int i = 0; i < PANEL; i++) layer->bias_gradient[panel * PANEL + i] = sums[i];
    }
  }
  float scale = which == 0 && dropped_below ? dropout_scale : 1;
  for (int panel = first_panel; panel < first_panel + count; panel++) {
    multiply_gradients(layer, activations[which], sum_gradients, batch_stride, bounds, shard_count, panel);
    multiply_back(layer, activations[which], by_eight, batch_stride, panel, scale);
  }
}

// The convolution's gradients from some images, each added to its shard. Only winners pass anything on.
EXPORT(backward_convolution) void backward_convolution(int first, int count) {
  static float gradient[POSITIONS * 64 + PANEL];
  int filters = convolution.filters, vectors = convolution.vectors, positions = convolution.pooled * convolution.pooled;
  int offsets[9 * 3 + TOGETHER], length = filters * (vectors * 4 + 4);
  for (int i = 0; i < vectors; i++) {
    int row = i / convolution.row_vectors;
    offsets[i] = row < convolution.size ? row * SIDE + i % convolution.row_vectors * 4 : 0;
  }
  for (int image = first, shard = 0; image < first + count; image++) {
    while (image >= bounds[shard + 1]) shard++;
    float *kernels = shard_sums + shard * length, *biases = kernels + filters * vectors * 4;
    const float *x = pixels + image * ROOM;
    const u16 *winner = winners + image * (layers[0].inputs + PANEL);
    for (int panel = 0; panel < layers[0].input_panels; panel++) {
      const float *from = activations[0] + (panel * batch_stride + image) * PANEL;
      store(gradient + panel * PANEL, load(from));
      store(gradient + panel * PANEL + 4, load(from + 4));
    }
    for (int filter = 0; filter < filters; filter++) {
      float amounts[POSITIONS], bias = 0;
      const float *windows[POSITIONS];
      int found = 0;
      for (int position = 0; position < positions; position++) {
        float amount = gradient[position * filters + filter];
        u16 place = winner[position * filters + filter];
        bias += amount;
        amounts[found] = amount;
        windows[found] = x + place;
        found += amount != 0 && place != EMPTY;
      }
      biases[filter] += bias;
      float *to = kernels + filter * vectors * 4;
      for (int start = 0; start < vectors; start += TOGETHER, to += TOGETHER * 4) {
        const int *at = offsets + start;
        v4 a = splat(0), b = a, c = a, d = a, e = a;
        for (int i = 0; i < found; i++) {
          v4 amount = splat(amounts[i]);
          a += amount * load(windows[i] + at[0]);
          b += amount * load(windows[i] + at[1]);
          c += amount * load(windows[i] + at[2]);
          d += amount * load(windows[i] + at[3]);
          e += amount * load(windows[i] + at[4]);
        }
        store(to, load(to) + a);
        store(to + 4, load(to + 4) + b);
        store(to + 8, load(to + 8) + c);
        store(to + 12, load(to + 12) + d);
        store(to + 16, load(to + 16) + e);
      }
    }
  }
}

// Add up the convolution's shards, once all images have passed.
EXPORT(finish_convolution) void finish_convolution(void) {
  int filters = convolution.filters, vectors = convolution.vectors, size = convolution.size;
  add_in_pairs(shard_sums, filters * (vectors * 4 + 4), shard_count);
  for (int filter = 0; filter < filters; filter++) {
    const float *from = shard_sums + filter * vectors * 4;
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        *in_convolution(convolution.kernel_gradient, row * size + column, filter) =
            from[row * convolution.row_vectors * 4 + column];
      }
    }
    convolution.bias_gradient[filter] = shard_sums[filters * vectors * 4 + filter];
  }
}

// ---- optimizers, with Keras's formulas, in its order and in 32 bits

EXPORT(update_sgd) void update_sgd(float rate) {
  for (int i = 0; i < parameter_count; i += 4) {
    store(parameters + i, load(parameters + i) - load(gradients + i) * splat(rate));
  }
}

EXPORT(update_adam) void update_adam(float rate) {
  power_1 *= 0.9f;
  power_2 *= 0.999f;
  float corrected = rate * __builtin_sqrtf(1 - (float)power_2) / (1 - (float)power_1); // for the start at zero
  v4 alpha = splat(corrected), keep_1 = splat((float)(1 - 0.9)), keep_2 = splat((float)(1 - 0.999));
  for (int i = 0; i < parameter_count; i += 4) {
    v4 gradient = load(gradients + i), moment = load(moments + i), square = load(squares + i);
    moment += (gradient - moment) * keep_1;
    square += (gradient * gradient - square) * keep_2;
    store(moments + i, moment);
    store(squares + i, square);
    v4 change = moment * alpha / (__builtin_elementwise_sqrt(square) + splat(EPSILON));
    store(parameters + i, load(parameters + i) - change);
  }
}

// ---- where things are, and how large

enum { IMAGES, LABELS, OUTPUTS, LOSSES, CORRECT, EXCHANGE, PARAMETERS, GRADIENTS, PLACES };

EXPORT(place) void *place(int what) {
  void *places[PLACES] = {images, labels, outputs, losses, correct, exchange, parameters, gradients};
  return places[what];
}

EXPORT(count_parameters) int count_parameters(void) { return parameter_count; }
EXPORT(count_input_panels) int count_input_panels(int layer) { return layers[layer].input_panels; }
EXPORT(count_layers) int count_layers(void) { return layer_count; }
