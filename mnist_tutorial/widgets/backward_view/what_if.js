// The loss if one number of the network were another one: what a loss curve and finite differences are made of.
import { crossEntropy } from "../frontend/backward_pass.js";
import { indexOf, placeOf } from "../frontend/arithmetic.js";

// Returns { valueOf(number, index), lossWith(number, index, value) } for one image. number: a name of path.js's
// NUMBERS, or a bias; index: its place among the values or the weights of its layer.
// lossWith is a forward pass in 64 bits. What the number does not reach is not computed again: it stays as it is.
export function whatIf({ convolution, hidden, output }, pixels, results, label) {
  const { shapes: { convolution: mapShape, pooling: poolShape } } = results;
  const [rows, columns, , filters] = convolution.shape;
  const side = mapShape[1] + columns - 1;
  const relu = (value) => Math.max(value, 0);
  const lossOf = (scores) => crossEntropy(scores, label).loss;

  function denseSums(inputs, { shape: [, units], kernel, bias }) {
    const sums = Float64Array.from(bias);
    inputs.forEach((value, input) => {
      if (value !== 0) for (let unit = 0; unit < units; unit++) sums[unit] += value * kernel[input * units + unit];
    });
    return sums;
  }
  const hiddenSums = denseSums(results.flatten, hidden);
  const scores = denseSums(hiddenSums.map(relu), output);
  const fromHidden = (sums) => lossOf(denseSums(sums.map(relu), output));

  // The hidden sums when the pooled numbers at some places have changed by so much.
  function fromPooled(changes) {
    const sums = hiddenSums.slice();
    for (const [at, by] of changes) {
      if (by === 0) continue;
      for (let unit = 0; unit < sums.length; unit++) sums[unit] += by * hidden.kernel[at * sums.length + unit];
    }
    return fromHidden(sums);
  }

  // One number of a map, before its ReLU. swap: [position in the window, weight] to take instead of the filter's own.
  function mapSum(row, column, filter, swap = [-1]) {
    let sum = convolution.bias[filter];
    for (let i = 0; i < rows * columns; i++) {
      const pixel = pixels[(row + Math.floor(i / columns)) * side + column + i % columns];
      if (pixel !== 0) sum += pixel * (i === swap[0] ? swap[1] : convolution.kernel[i * filters + filter]);
    }
    return sum;
  }

  // The largest of a block of the map when mapSum is `sumAt`.
  const pooledOf = (row, column, sumAt) => relu(Math.max(
    sumAt(2 * row, 2 * column), sumAt(2 * row, 2 * column + 1),
    sumAt(2 * row + 1, 2 * column), sumAt(2 * row + 1, 2 * column + 1)));

  function withMapNumber(index, value) {
    const [row, column, filter] = placeOf(index, mapShape);
    const [down, right] = [row >> 1, column >> 1];
    if (down >= poolShape[0] || right >= poolShape[1]) return lossOf(scores); // pooling leaves it out
    const at = indexOf([down, right, filter], poolShape);
    const now = pooledOf(down, right, (i, j) => (i === row && j === column ? value : mapSum(i, j, filter)));
    return fromPooled([[at, now - results.pooling[at]]]);
  }

  // sumAt(row, column): the map's number there before its ReLU.
  function withMap(filter, sumAt) {
    const changes = [];
    for (let row = 0; row < poolShape[0]; row++) {
      for (let column = 0; column < poolShape[1]; column++) {
        const at = indexOf([row, column, filter], poolShape);
        const now = pooledOf(row, column, sumAt);
        changes.push([at, now - results.pooling[at]]);
      }
    }
    return fromPooled(changes);
  }

  function withFilterWeight(index, value) {
    const filter = index % filters;
    const swap = [Math.floor(index / filters), value];
    return withMap(filter, (i, j) => mapSum(i, j, filter, swap));
  }

  const replaced = (values, index, value) => values.map((old, i) => (i === index ? value : old));
  const ways = {
    score: [(i) => scores[i], (i, value) => lossOf(replaced(scores, i, value))],
    "output weight": [(i) => output.kernel[i], (i, value) => {
      const [unit, digit] = [Math.floor(i / scores.length), i % scores.length];
      return lossOf(replaced(scores, digit, scores[digit] + (value - output.kernel[i]) * relu(hiddenSums[unit])));
    }],
    unit: [(i) => hiddenSums[i], (i, value) => fromHidden(replaced(hiddenSums, i, value))],
    "hidden weight": [(i) => hidden.kernel[i], (i, value) => {
      const [input, unit] = [Math.floor(i / hiddenSums.length), i % hiddenSums.length];
      const sum = hiddenSums[unit] + (value - hidden.kernel[i]) * results.flatten[input];
      return fromHidden(replaced(hiddenSums, unit, sum));
    }],
    pooling: [(i) => results.pooling[i], (i, value) => fromPooled([[i, value - results.pooling[i]]])],
    convolution: [(i) => mapSum(...placeOf(i, mapShape)), withMapNumber],
    "filter weight": [(i) => convolution.kernel[i], withFilterWeight],
    "output bias": [(i) => output.bias[i], (i, value) =>
      lossOf(replaced(scores, i, scores[i] + value - output.bias[i]))],
    "hidden bias": [(i) => hidden.bias[i], (i, value) =>
      fromHidden(replaced(hiddenSums, i, hiddenSums[i] + value - hidden.bias[i]))],
    "filter bias": [(i) => convolution.bias[i], (filter, value) =>
      withMap(filter, (i, j) => mapSum(i, j, filter) + value - convolution.bias[filter])],
  };
  return {
    valueOf: (number, index) => ways[number][0](index),
    lossWith: (number, index, value) => ways[number][1](index, value),
  };
}

// The slope between two points to either side of where a number is, worked out from two forward passes.
export function finiteDifference({ valueOf, lossWith }, number, index, step = 1e-3) {
  const value = valueOf(number, index);
  return (lossWith(number, index, value + step) - lossWith(number, index, value - step)) / (2 * step);
}
