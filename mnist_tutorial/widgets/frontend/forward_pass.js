// The book's network as pure functions: the same numbers as Keras gives, with every layer's values to look at.
//
// All values are Float32Arrays in Keras's order. An image or a stack of feature maps of `shape`
// [height, width, channels] is stored row by row, with the channels of one pixel side by side:
// values[(row * width + column) * channels + channel].
// A layer is { shape, kernel, bias }: `shape` is that of Keras's kernel, and `kernel` holds its weights in that order.
// If they are whole numbers times a factor for each unit, `scale` has the factors.

// Ten probabilities, and the values of all layers before them, for 784 numbers from 0 to 1, row by row.
// weights: { convolution, hidden, output }, three layers, as decodeWeights of weights_format.js returns them.
// Returns the values after each layer (convolution and hidden after their ReLU) and, under `shapes`, their shapes:
// for the book's network [24, 24, 30], [12, 12, 30], [4320], [128], [10] and [10].
export function forward(weights, pixels) {
  const image = checkPixels(pixels);
  const [rows, columns, , filters] = weights.convolution.shape;
  const mapShape = [SIDE - rows + 1, SIDE - columns + 1, filters];
  const poolShape = [mapShape[0] >> 1, mapShape[1] >> 1, filters];
  const convolution = relu(convolve(image, [SIDE, SIDE, 1], weights.convolution));
  const pooling = pool(convolution, mapShape);
  const flatten = pooling; // already in one row, in the order in which Keras flattens
  const hidden = relu(dense(flatten, weights.hidden));
  const logits = dense(hidden, weights.output);
  const probabilities = softmax(logits);
  const shapes = {
    convolution: mapShape, pooling: poolShape, flatten: [flatten.length],
    hidden: [hidden.length], logits: [logits.length], probabilities: [logits.length],
  };
  return { convolution, pooling, flatten, hidden, logits, probabilities, shapes };
}

// Slide a window over the image; each position gives, for each filter, the sum of its products plus the bias.
// layer.shape: [rows, columns, channels, filters]. Returns [height - rows + 1, width - columns + 1, filters].
export function convolve(values, [height, width, channels], { shape, kernel, bias }) {
  const [rows, columns, , filters] = shape;
  if (shape[2] !== channels || values.length !== height * width * channels || rows > height || columns > width) {
    throw new Error(`A kernel of shape ${shape.join(" x ")} does not fit an input of ${height} x ${width} x ` +
      `${channels} with ${values.length} values.`);
  }
  const down = height - rows + 1;
  const across = width - columns + 1;
  const run = columns * channels; // a row of the window is contiguous in the image, and also in the kernel
  const output = new Float32Array(down * across * filters);
  for (let row = 0, at = 0; row < down; row++) {
    for (let column = 0; column < across; column++, at += filters) {
      output.set(bias, at);
      for (let i = 0; i < rows; i++) {
        const start = ((row + i) * width + column) * channels;
        for (let j = 0; j < run; j++) {
          const value = values[start + j];
          if (value === 0) continue; // most of a digit's image is empty
          const weight = (i * run + j) * filters;
          for (let filter = 0; filter < filters; filter++) output[at + filter] += value * kernel[weight + filter];
        }
      }
    }
  }
  return output;
}

// Keep the largest value of each size x size block. Rows and columns that fill no block are left out, as in Keras.
export function pool(values, [height, width, channels], size = 2) {
  const down = Math.floor(height / size);
  const across = Math.floor(width / size);
  const output = new Float32Array(down * across * channels).fill(-Infinity);
  for (let row = 0; row < down * size; row++) {
    for (let column = 0; column < across * size; column++) {
      const from = (row * width + column) * channels;
      const to = (Math.floor(row / size) * across + Math.floor(column / size)) * channels;
      for (let channel = 0; channel < channels; channel++) {
        if (values[from + channel] > output[to + channel]) output[to + channel] = values[from + channel];
      }
    }
  }
  return output;
}

// Each unit's sum of inputs times weights, plus its bias. layer.shape: [inputs, units]. Returns [units].
export function dense(values, { shape, kernel, bias }) {
  const [inputs, units] = shape;
  if (values.length !== inputs) throw new Error(`Expected ${inputs} inputs: got ${values.length}.`);
  const sums = new Float64Array(bias); // sums of thousands of small numbers need more than 32 bits
  for (let input = 0; input < inputs; input++) {
    const value = values[input];
    if (value === 0) continue; // after ReLU, many values are 0
    const weight = input * units;
    for (let unit = 0; unit < units; unit++) sums[unit] += value * kernel[weight + unit];
  }
  return new Float32Array(sums);
}

// Negative values become 0.
export function relu(values) {
  const output = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) output[i] = Math.max(values[i], 0);
  return output;
}

// Turns any numbers into probabilities: e to the power of each, divided by their sum.
export function softmax(logits) {
  const largest = Math.max(...logits); // subtracted first: e to the power of 1000 is more than a number can hold
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return new Float32Array(powers.map((power) => power / sum));
}

const SIDE = 28;

// The pixels as a Float32Array; throws an Error unless they are 784 finite numbers from 0 to 1, in one row.
export function checkPixels(pixels) {
  const expected = `Expected ${SIDE * SIDE} numbers from 0 to 1, row by row`;
  if (!Array.isArray(pixels) && !(ArrayBuffer.isView(pixels) && "length" in pixels)) {
    throw new Error(`${expected}: got ${pixels === null ? "null" : typeof pixels}.`);
  }
  if (pixels.length !== SIDE * SIDE) throw new Error(`${expected}: got ${pixels.length} values.`);
  for (let i = 0; i < pixels.length; i++) {
    if (typeof pixels[i] !== "number" || !(pixels[i] >= 0 && pixels[i] <= 1)) { // NaN is neither
      throw new Error(`${expected}: value ${i} is ${typeof pixels[i] === "string" ? "a string" : String(pixels[i])}.`);
    }
  }
  return Float32Array.from(pixels);
}
