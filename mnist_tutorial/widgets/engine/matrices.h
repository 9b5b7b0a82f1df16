// The three products of matrices that a dense layer needs, each built from a tile that stays in registers.
//
// Everything lies in panels of eight, so that every inner loop reads memory in order and needs no transposing:
// activations  [panel of units][image][8]          `images` of them from one panel to the next
// kernels      [panel of units][input][8]          the units of a panel side by side
#ifndef MATRICES_H
#define MATRICES_H

#include "vectors.h"

#define PANEL 8
#define SHARDS 8    // a batch is always split so, however many workers there are
#define BLOCK 32    // panels of inputs whose weights stay in the fastest cache while the images pass

typedef struct {
  int inputs, units;              // as the reader sees them
  int input_panels, unit_panels;  // rounded up: the rest is zeros
  float *kernel, *bias, *kernel_gradient, *bias_gradient;
} Dense;

// Four sums of eight units each.
typedef struct { v4 at[4][2]; } Tile;

INLINE Tile tile_of(v4 low, v4 high) {
  Tile tile;
  for (int i = 0; i < 4; i++) { tile.at[i][0] = low; tile.at[i][1] = high; }
  return tile;
}

INLINE void add_product(Tile *tile, const float *four, int step, v4 low, v4 high) {
  for (int i = 0; i < 4; i++) {
    v4 x = splat(four[i * step]);
    tile->at[i][0] += x * low;
    tile->at[i][1] += x * high;
  }
}

// sums += inputs x kernel, for four images a tile. Whole tiles: what lies behind the last image is never looked at.
static void multiply(const Dense *layer, const float *inputs, float *sums, int images, int first, int count) {
  for (int panel = 0; panel < layer->unit_panels; panel++) {
    for (int image = first; image < first + count; image++) {
      float *sum = sums + (panel * images + image) * PANEL;
      store(sum, load(layer->bias + panel * PANEL));
      store(sum + 4, load(layer->bias + panel * PANEL + 4));
    }
  }
  for (int block = 0; block < layer->input_panels; block += BLOCK) {
    int end = block + BLOCK < layer->input_panels ? block + BLOCK : layer->input_panels;
    for (int panel = 0; panel < layer->unit_panels; panel++) {
      const float *kernel = layer->kernel + panel * layer->input_panels * PANEL * PANEL;
      for (int image = first; image < first + count; image += 4) {
        Tile tile = tile_of(splat(0), splat(0));
        for (int inner = block; inner < end; inner++) {
          const float *x = inputs + (inner * images + image) * PANEL, *weights = kernel + inner * PANEL * PANEL;
          for (int j = 0; j < PANEL; j++) {
            add_product(&tile, x + j, PANEL, load(weights + j * PANEL), load(weights + j * PANEL + 4));
          }
        }
        float *sum = sums + (panel * images + image) * PANEL;
        for (int i = 0; i < 4; i++) {
          store(sum + i * PANEL, load(sum + i * PANEL) + tile.at[i][0]);
          store(sum + i * PANEL + 4, load(sum + i * PANEL + 4) + tile.at[i][1]);
        }
      }
    }
  }
}

// Add shards in pairs, pairs of pairs, and so on: a worker that has some of them adds as one that has all of them does.
// shards[i] is `length` floats; the sum replaces the first.
INLINE void add_in_pairs(float *shards, int length, int count) {
  for (int apart = 1; apart < count; apart *= 2) {
    for (int shard = 0; shard + apart < count; shard += 2 * apart) {
      float *to = shards + shard * length, *from = to + apart * length;
      for (int i = 0; i < length; i += 4) store(to + i, load(to + i) + load(from + i));
    }
  }
}

// The kernel's gradient for one panel of inputs: inputs transposed x sum_gradients, each shard of images by itself.
static void multiply_gradients(const Dense *layer, const float *inputs, const float *sum_gradients, int images,
                               const int *bounds, int shards, int input_panel) {
  float sums[SHARDS * 4 * PANEL] __attribute__((aligned(16)));
  for (int panel = 0; panel < layer->unit_panels; panel++) {
    for (int half = 0; half < 2; half++) {
      const float *x = inputs + input_panel * images * PANEL + half * 4;
      const float *gradient = sum_gradients + panel * images * PANEL;
      for (int shard = 0; shard < shards; shard++) {
        Tile tile = tile_of(splat(0), splat(0));
        for (int image = bounds[shard]; image < bounds[shard + 1]; image++) {
          const float *row = gradient + image * PANEL;
          add_product(&tile, x + image * PANEL, 1, load(row), load(row + 4));
        }
        for (int i = 0; i < 4; i++) {
          store(sums + shard * 4 * PANEL + i * PANEL, tile.at[i][0]);
          store(sums + shard * 4 * PANEL + i * PANEL + 4, tile.at[i][1]);
        }
      }
      add_in_pairs(sums, 4 * PANEL, shards);
      float *to = layer->kernel_gradient + ((panel * layer->input_panels + input_panel) * PANEL + half * 4) * PANEL;
      for (int i = 0; i < 4 * PANEL; i += 4) store(to + i, load(sums + i));
    }
  }
}

// activations become their own gradients: kernel x sum_gradients, where the ReLU let something through, times scale.
// by_eight: the sums' gradients as [panel of images][unit][8 images], so that eight images are side by side.
static void multiply_back(const Dense *layer, float *activations, const float *by_eight, int images, int input_panel,
                          float scale) {
  for (int eight = 0; eight < images; eight += PANEL) {
    for (int half = 0; half < 2; half++) {
      Tile tile = tile_of(splat(0), splat(0));
      for (int panel = 0; panel < layer->unit_panels; panel++) {
        const float *weights = layer->kernel + ((panel * layer->input_panels + input_panel) * PANEL + half * 4) * PANEL;
        const float *gradient = by_eight + (eight * layer->unit_panels + panel * PANEL) * PANEL;
        for (int j = 0; j < PANEL; j++) {
          add_product(&tile, weights + j, PANEL, load(gradient + j * PANEL), load(gradient + j * PANEL + 4));
        }
      }
      for (int part = 0; part < 2; part++) {
        for (int lane = 0; lane < 4; lane++) { // four inputs of one image, from four vectors of four images
          float *at = activations + (input_panel * images + eight + part * 4 + lane) * PANEL + half * 4;
          v4 gradient;
          for (int i = 0; i < 4; i++) gradient[i] = tile.at[i][part][lane];
          store(at, choose(load(at) > splat(0), gradient * splat(scale), splat(0)));
        }
      }
    }
  }
}

// [panel][image][8] to [panel of images][unit][8 images].
static void turn(const float *from, float *to, int images, int panels) {
  for (int panel = 0; panel < panels; panel++) {
    for (int image = 0; image < images; image++) {
      for (int j = 0; j < PANEL; j++) {
        int unit = panel * PANEL + j, eight = image & -PANEL;
        to[(eight * panels + unit) * PANEL + image % PANEL] = from[(panel * images + image) * PANEL + j];
      }
    }
  }
}

#endif
