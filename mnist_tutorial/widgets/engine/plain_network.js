// The network in plain JavaScript, with the interface of webassembly_network.js: for pages that forbid WebAssembly,
// and for reading. It computes the same to float32's last digits, image by image, many times slower.
import { PURPOSES, randomWords } from "./random_numbers.js";
import { checkSettings, joinWeights, splitWeights, weightShapes } from "./settings.js";

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const CLASSES = 10;
const SHARDS = 8;
const EPSILON = 1e-7; // Keras's

export function createPlainNetwork(given, capacity) {
  const settings = checkSettings(given);
  const { filters, kernelSize, hiddenUnits, dropout, seed, softmax: softmaxes } = settings;
  const pooledSide = Math.floor((SIDE - kernelSize + 1) / 2);
  const inputs = pooledSide ** 2 * filters;
  const sizes = weightShapes(settings).map((shape) => shape.reduce((product, length) => product * length, 1));
  const count = sizes.reduce((sum, size) => sum + size, 0);
  const [parameters, gradients] = [new Float32Array(count), new Float32Array(count)];
  const [moments, squares] = [new Float32Array(count), new Float32Array(count)];
  let powers = [1, 1];
  // Views of the same memory, kernel and bias of each layer: convolution, hidden (or none), output.
  const layersIn = (row) => {
    let end = 0;
    const views = sizes.map((size) => row.subarray(end, end += size));
    return Array.from({ length: views.length / 2 }, (_, i) => ({ kernel: views[2 * i], bias: views[2 * i + 1] }));
  };
  const [convolution, ...dense] = layersIn(parameters);
  const [convolutionGradient, ...denseGradients] = layersIn(gradients);
  const images = new Uint8Array(capacity * PIXELS);
  const labels = new Uint8Array(capacity);

  function initialize() {
    const window = kernelSize ** 2;
    const draw = ({ kernel }, purpose, fanIn, fanOut) => {
      const limit = Math.fround(Math.sqrt(6 / (fanIn + fanOut)));
      randomWords(seed, purpose, 0, 0, kernel.length).forEach((word, i) => {
        kernel[i] = limit * ((word >>> 8) / 2 ** 23 - 1);
      });
    };
    [parameters, moments, squares].forEach((values) => values.fill(0));
    powers = [1, 1];
    draw(convolution, PURPOSES.convolutionWeights, window, window * filters);
    if (hiddenUnits) draw(dense[0], PURPOSES.hiddenWeights, inputs, hiddenUnits);
    draw(dense.at(-1), PURPOSES.outputWeights, hiddenUnits || inputs, CLASSES);
  }

  // The largest of each 2 x 2 block of the convolution's sums, after its ReLU, and in which window of the image it was.
  function convolve(pixels) {
    const [pooled, winners] = [new Float32Array(inputs), new Uint16Array(inputs)];
    for (let row = 0; row < pooledSide; row++) {
      for (let column = 0; column < pooledSide; column++) {
        const corner = 2 * row * SIDE + 2 * column;
        const at = (row * pooledSide + column) * filters;
        for (const place of [corner, corner + 1, corner + SIDE, corner + SIDE + 1]) {
          const sums = convolution.bias.slice();
          for (let i = 0; i < kernelSize ** 2; i++) {
            const pixel = pixels[place + Math.floor(i / kernelSize) * SIDE + i % kernelSize];
            if (pixel === 0) continue; // most pixels are 0
            for (let filter = 0; filter < filters; filter++) {
              sums[filter] += pixel * convolution.kernel[i * filters + filter];
            }
          }
          for (let filter = 0; filter < filters; filter++) {
            if (place !== corner && !(sums[filter] > pooled[at + filter])) continue;
            pooled[at + filter] = sums[filter];
            winners[at + filter] = place;
          }
        }
      }
    }
    return { pooled: pooled.map((value) => Math.max(value, 0)), winners };
  }

  // Every layer's values for one image. mask: the factors of dropout, or nothing without dropout.
  function forward(image, mask) {
    const pixels = Float32Array.from(images.subarray(image * PIXELS, (image + 1) * PIXELS));
    if (settings.scaling) for (let i = 0; i < PIXELS; i++) pixels[i] /= 255;
    const { pooled, winners } = convolve(pixels);
    const values = [mask ? pooled.map((value, i) => value * mask[i]) : pooled];
    dense.forEach(({ kernel, bias }, layer) => {
      const sums = Float64Array.from(bias);
      values[layer].forEach((value, input) => {
        if (value === 0) return;
        for (let unit = 0; unit < sums.length; unit++) sums[unit] += value * kernel[input * sums.length + unit];
      });
      const last = layer + 1 === dense.length;
      values.push(Float32Array.from(sums, (sum) => last ? sum : Math.max(sum, 0)));
    });
    return { pixels, winners, values };
  }

  // From the sums behind the outputs: the outputs, the loss, and the loss's gradient by each sum.
  function judge(sums, label) {
    const stages = [Float64Array.from(sums)];
    for (let i = { none: 0, once: 1, twice: 2 }[softmaxes]; i > 0; i--) stages.push(softmax(stages.at(-1)));
    const outputs = stages.at(-1);
    let [loss, gradient] = [0, null];
    if (settings.loss === "squared error") {
      const misses = outputs.map((output, i) => output - (i === label));
      loss = misses.reduce((sum, miss) => sum + miss ** 2, 0) / CLASSES;
      gradient = misses.map((miss) => 2 * miss / CLASSES);
    } else if (stages.length > 1) { // from the sums before the last softmax: exact where the softmax itself is 0
      stages.pop();
      const before = stages.at(-1);
      const largest = Math.max(...before);
      loss = largest + Math.log(before.reduce((sum, x) => sum + Math.exp(x - largest), 0)) - before[label];
      gradient = outputs.map((output, i) => output - (i === label));
    } else { // as Keras has it: divided by their sum, and kept between epsilon and 1 - epsilon
      const sum = outputs.reduce((total, output) => total + output, 0);
      const share = Math.fround(outputs[label]) / Math.fround(sum);
      const kept = Math.min(Math.max(share, EPSILON), 1 - EPSILON);
      const slope = share < EPSILON || share > 1 - EPSILON ? 0 : -1 / kept;
      loss = -Math.log(kept);
      gradient = outputs.map((_, i) => slope * ((i === label) - share) / sum);
    }
    for (let stage = stages.length - 1; stage > 0; stage--) {
      const probabilities = stages[stage];
      const mean = gradient.reduce((sum, one, i) => sum + one * probabilities[i], 0);
      gradient = gradient.map((one, i) => probabilities[i] * (one - mean));
    }
    return { outputs, loss, gradient };
  }

  // Add one image's gradients to those of the batch. gradient: by the sums behind the outputs.
  function backward({ pixels, winners, values }, gradient, scale) {
    for (let layer = dense.length - 1; layer >= 0; layer--) {
      const [inputValues, { kernel }, units] = [values[layer], dense[layer], gradient.length];
      const toKernel = denseGradients[layer].kernel;
      const toInputs = new Float32Array(inputValues.length);
      inputValues.forEach((value, input) => {
        if (value === 0) return; // the ReLU or dropout blocked this value, so its gradient is 0
        let sum = 0;
        for (let unit = 0; unit < units; unit++) {
          toKernel[input * units + unit] += value * gradient[unit];
          sum += kernel[input * units + unit] * gradient[unit];
        }
        toInputs[input] = layer === 0 ? sum * scale : sum;
      });
      gradient.forEach((one, unit) => { denseGradients[layer].bias[unit] += one; });
      gradient = toInputs;
    }
    gradient.forEach((one, i) => {
      if (one === 0) return;
      const filter = i % filters;
      convolutionGradient.bias[filter] += one;
      for (let j = 0; j < kernelSize ** 2; j++) {
        const pixel = pixels[winners[i] + Math.floor(j / kernelSize) * SIDE + j % kernelSize];
        convolutionGradient.kernel[j * filters + filter] += one * pixel;
      }
    });
  }

  function* go(imageCount, start) {
    const found = {
      outputs: new Float32Array(imageCount * CLASSES),
      losses: new Float32Array(imageCount),
      correct: new Uint8Array(imageCount),
    };
    for (let image = 0; image < imageCount; image++) {
      const mask = start && dropout ? dropoutMask(start.first + image, start.step) : null;
      const state = forward(image, mask);
      const { outputs, loss, gradient } = judge(state.values.at(-1), labels[image]);
      found.outputs.set(outputs, image * CLASSES);
      found.losses[image] = loss;
      found.correct[image] = outputs.indexOf(Math.max(...outputs)) === labels[image];
      if (start) backward(state, Float32Array.from(gradient, (one) => one / start.total), mask ? 1 / (1 - dropout) : 1);
      yield;
    }
    return found;
  }

  function dropoutMask(image, step) {
    const below = Math.floor(dropout * 2 ** 32);
    const words = randomWords(seed, PURPOSES.dropout, step, image, inputs);
    return Float32Array.from(words, (word) => word >= below ? 1 / (1 - dropout) : 0);
  }

  initialize();
  return {
    settings, parameters, gradients, images, labels, initialize,
    * computeGradients({ total, firstShard, shards, step }) {
      const [first, end] = [firstShard, firstShard + shards].map((shard) => Math.floor(shard * total / SHARDS));
      gradients.fill(0);
      return yield* go(end - first, { first, total, step });
    },
    computeOutputs: (imageCount) => go(imageCount),
    update(rate) {
      if (settings.optimizer === "sgd") {
        for (let i = 0; i < count; i++) parameters[i] -= rate * gradients[i];
        return;
      }
      powers = [powers[0] * 0.9, powers[1] * 0.999];
      const corrected = rate * Math.sqrt(1 - powers[1]) / (1 - powers[0]); // for the start at zero
      for (let i = 0; i < count; i++) {
        moments[i] += (gradients[i] - moments[i]) * (1 - 0.9);
        squares[i] += (gradients[i] ** 2 - squares[i]) * (1 - 0.999);
        parameters[i] -= moments[i] * corrected / (Math.sqrt(squares[i]) + EPSILON);
      }
    },
    weights: () => splitWeights(settings, parameters),
    gradientsByLayer: () => splitWeights(settings, gradients),
    setWeights: (weights) => parameters.set(joinWeights(settings, weights)),
    randomWords: (purpose, occasion, place, wordCount) => randomWords(seed, purpose, occasion, place, wordCount),
  };
}

function softmax(sums) {
  const largest = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp(sum - largest));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}
