// The sums behind the network's layers, without any drawing. Values are in the order of frontend/forward_pass.js:
// values[(row * width + column) * channels + channel], and `shape` is [height, width, channels].

// The number nearest to a value from `lowest` to `highest`.
export const clamp = (value, lowest, highest) => Math.max(lowest, Math.min(highest, value));

// The largest distance from zero.
export function largestSize(values) {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

// What one channel holds below a window of `size` [rows, columns] whose upper left corner is at [row, column].
export function windowOf(values, [, width, channels], channel, [row, column], [rows, columns]) {
  return Array.from({ length: rows * columns }, (_, i) =>
    values[((row + Math.floor(i / columns)) * width + column + i % columns) * channels + channel]);
}

// One channel as an image. A kernel of shape [rows, columns, 1, filters] holds its filters in the same order.
export function channelOf(values, shape, channel) {
  return windowOf(values, shape, channel, [0, 0], shape);
}

// The pixel of the pooled maps that a pixel of the convolution's maps belongs to. A last row or column that fills no
// block of 2 x 2 belongs to none, and is treated like its neighbour.
export function afterPooling({ row, column }, [height, width]) {
  return [Math.min(row >> 1, height - 1), Math.min(column >> 1, width - 1)];
}

// One value of a convolution: pixels and weights are of equal length.
export function convolutionSum(pixels, weights, bias) {
  const products = pixels.map((pixel, i) => pixel * weights[i]);
  const sum = products.reduce((total, product) => total + product, 0);
  return { products, sum, value: sum + bias, afterRelu: Math.max(0, sum + bias) };
}

// Which of `count` values dropout keeps: 1 for kept, 0 for dropped. The same seed gives the same answer.
// The random numbers are those of mulberry32 (Tommy Ettinger, public domain).
export function keptByDropout(count, rate, seed) {
  let state = seed | 0;
  return Uint8Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 >= rate ? 1 : 0;
  });
}

// The index of a block's value in the flattened row, and back.
export function indexOf([row, column, channel], [, width, channels]) {
  return (row * width + column) * channels + channel;
}
export function placeOf(index, [, width, channels]) {
  const pixel = Math.floor(index / channels);
  return [Math.floor(pixel / width), pixel % width, index % channels];
}

// The parts of one dense unit's sum: the `count` largest products above zero and below it, and the others added
// up. layer: { shape: [inputs, units], kernel, bias }.
export function denseSum(inputs, { shape, kernel, bias }, unit, count = 4) {
  const parts = []; // those whose product is not zero, as the others rank nowhere
  let [sum, zeros] = [0, 0];
  inputs.forEach((value, index) => {
    const weight = kernel[index * shape[1] + unit];
    const product = value * weight;
    sum += product;
    if (value === 0) zeros++;
    if (product !== 0) parts.push({ index, value, weight, product });
  });
  const ranked = [...parts].sort((a, b) => b.product - a.product);
  const speaksFor = ranked.slice(0, count).filter(({ product }) => product > 0);
  const speaksAgainst = ranked.slice(-count).filter(({ product }) => product < 0).reverse();
  const named = new Set([...speaksFor, ...speaksAgainst]);
  const rest = parts.reduce((total, part) => total + (named.has(part) ? 0 : part.product), 0);
  return {
    speaksFor, speaksAgainst, rest, others: inputs.length - named.size, bias: bias[unit], total: sum + bias[unit], zeros,
  };
}

// One unit's products, added up over the channels of each pixel: which pixels contribute how much. `inputs` is a flattened
// block of `shape`.
export function votesOfPixels(inputs, { shape: [, units], kernel }, unit, [height, width, channels]) {
  const votes = new Float64Array(height * width);
  inputs.forEach((value, index) => {
    votes[Math.floor(index / channels)] += value * kernel[index * units + unit];
  });
  return votes;
}

// The steps of softmax: e to the power of each score, and their sum.
export function powersOf(scores) {
  const powers = Array.from(scores, (score) => Math.exp(score));
  return { powers, sum: powers.reduce((total, power) => total + power, 0) };
}

// The layers of a network such as the book's for an image of 28 x 28: each with the shape of its result, its number
// of parameters and how to work it out.
export function layerTable(filters, kernelSize, units, side = 28) {
  const map = side - kernelSize + 1;
  const half = Math.floor(map / 2);
  const flat = half * half * filters;
  const size = `${kernelSize} × ${kernelSize}`;
  return [
    ["Convolution", [map, map, filters], filters * (kernelSize ** 2 + 1), `${filters} × (${size} × 1 + 1)`],
    ["Pooling", [half, half, filters], 0, ""],
    ["Dropout", [half, half, filters], 0, ""],
    ["Flatten", [flat], 0, ""],
    ["Hidden layer", [units], units * (flat + 1), `${units} × (${whole(flat)} + 1)`],
    ["Output", [10], 10 * (units + 1), `10 × (${units} + 1)`],
  ].map(([name, shape, parameters, sum]) => ({ name, shape, parameters, sum }));
}

// 4320 -> "4,320"
export function whole(value) {
  return NUMBERS.format(value);
}
const NUMBERS = new Intl.NumberFormat("en-GB"); // made once: that takes longer than all it writes

// -0.1234 -> "−0.12"; what is rounded to zero has no sign.
export function fixed(value, decimals = 3) {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

// Any number above zero, in few characters: "7.39", "0.0302", "4,073", "1.23 × 10⁹".
export function short(value) {
  if (!Number.isFinite(value)) return "too large";
  if (value >= 0.01 && value < 100) return value.toPrecision(3);
  if (value >= 100 && value < 1e9) return whole(Math.round(value));
  if (value === 0) return "0";
  const [digits, power] = value.toExponential(2).split("e");
  const raised = [...String(Number(power))].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");
  return `${digits} × 10${raised}`;
}

// [24, 24, 30] -> "24 × 24 × 30"
export function shapeText(shape) {
  return shape.map(whole).join(" × ");
}

// How often so many tosses of a fair coin fall at least as unevenly (McNemar's exact test, for two networks on the same
// images: how many one reads and the other does not). one, other: counts; together at most about 1,000.
export function pValueOf(one, other) {
  const [few, all] = [Math.min(one, other), one + other];
  let [term, sum] = [2 ** -all, 0];
  for (let k = 0; k <= few; k++) {
    sum += term;
    term *= (all - k) / (k + 1);
  }
  return Math.min(1, 2 * sum);
}

// The 95% interval of a share found on `count` images (Wilson's): [low, high].
export function interval(share, count) {
  const z = 1.959964;
  const middle = (share + z * z / (2 * count)) / (1 + z * z / count);
  const half = z / (1 + z * z / count) * Math.sqrt(share * (1 - share) / count + z * z / (4 * count * count));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
