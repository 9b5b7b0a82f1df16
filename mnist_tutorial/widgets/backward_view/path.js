// One path through the network, from the loss back to a weight of a filter, and the numbers on it.
//
// A path is [digit, unit, row, column, map, weight row, weight column]: the score of a digit, a hidden unit, a place in
// a map before pooling, and a weight of this map's filter.
import { clamp, indexOf, placeOf } from "../frontend/arithmetic.js";
import { winnerOf } from "../frontend/backward_pass.js";

// The numbers on a path, from the loss on. A bias can be open as well; it stands for its layer's weight there.
export const NUMBERS = ["score", "output weight", "unit", "hidden weight", "pooling", "convolution", "filter weight"];
const BIAS_OF = { "output weight": "output bias", "hidden weight": "hidden bias", "filter weight": "filter bias" };
const WEIGHT_OF_BIAS = Object.fromEntries(Object.entries(BIAS_OF).map(([weight, bias]) => [bias, weight]));
// The weight or bias that is turned when a number is open: itself, or what the number on the path depends on.
const TURNED_WITH = {
  score: "output weight", unit: "hidden weight", pooling: "filter weight", convolution: "filter weight",
};
export const turnedWith = (number) => TURNED_WITH[number] ?? number;
// A weight's bias, and a bias's weight.
export const otherParameter = (number) => BIAS_OF[number] ?? WEIGHT_OF_BIAS[number];
// Training changes these and nothing else.
export const isParameter = (number) => number in BIAS_OF || number in WEIGHT_OF_BIAS;
// The numbers on a path when one of them, or a bias, is open.
export const numbersWith = (open) => NUMBERS.map((number) => (BIAS_OF[number] === open ? open : number));

// A path with other numbers from a position on.
export const replaced = (path, start, numbers) => path.map((old, i) => numbers[i - start] ?? old);

// The position of the largest size among count(i); the first one where all are 0.
function largest(count, size) {
  let [best, most] = [0, -1];
  for (let i = 0; i < count; i++) {
    const now = Math.abs(size(i));
    if (now > most) [best, most] = [i, now];
  }
  return best;
}

// The path along which most comes back, from the filters' largest gradient on.
// view: { network, pixels, results, gradients, ofWeights }, what `forward`, `backward` and `weightGradients` return.
export function strongestPath({ network, pixels, results, gradients, ofWeights }) {
  const { shape: [, columns, , filters] } = network.convolution;
  const mapShape = results.shapes.convolution;
  const side = mapShape[1] + columns - 1;
  const weight = largest(ofWeights.convolution.kernel.length, (i) => ofWeights.convolution.kernel[i]);
  const [filter, position] = [weight % filters, Math.floor(weight / filters)];
  const [i, j] = [Math.floor(position / columns), position % columns];
  const place = largest(mapShape[0] * mapShape[1], (at) => {
    const pixel = pixels[(Math.floor(at / mapShape[1]) + i) * side + at % mapShape[1] + j];
    return gradients.convolution[at * filters + filter] * pixel;
  });
  const [row, column] = [Math.floor(place / mapShape[1]), place % mapShape[1]];
  const [, units] = network.hidden.shape;
  const pooled = pooledIndex([row, column, filter], results.shapes.pooling);
  const unit = largest(units, (one) => gradients.hidden[one] * network.hidden.kernel[pooled * units + one]);
  const digit = largest(10, (one) => gradients.logits[one] * network.output.kernel[unit * 10 + one]);
  return [digit, unit, row, column, filter, i, j];
}

function pooledIndex([row, column, map], [height, width, channels]) {
  return indexOf([Math.min(row >> 1, height - 1), Math.min(column >> 1, width - 1), map], [height, width, channels]);
}

// A path that this network has: each number the nearest there is.
export function withinNetwork(path, { convolution, hidden }, { convolution: [height, width, filters] }) {
  const counts = [10, hidden.shape[1], height, width, filters, ...convolution.shape.slice(0, 2)];
  return counts.map((count, i) => clamp(path[i], 0, count - 1));
}

// Where each number of a path stands among the values or weights of its layer.
export function indicesOf([digit, unit, row, column, map, i, j], network, shapes) {
  const { shape: [, columns, , filters] } = network.convolution;
  const pooling = pooledIndex([row, column, map], shapes.pooling);
  return {
    score: digit, "output weight": unit * 10 + digit, unit, "hidden weight": pooling * network.hidden.shape[1] + unit,
    pooling, convolution: indexOf([row, column, map], shapes.convolution),
    "filter weight": (i * columns + j) * filters + map, "output bias": digit, "hidden bias": unit, "filter bias": map,
  };
}

// The path with another pooled place: that of its block's largest number.
export function throughPooled(path, [row, column], results) {
  const shapes = results.shapes;
  const at = indexOf([row, column, path[4]], shapes.pooling);
  const winner = winnerOf(at, results.convolution, shapes.convolution);
  return replaced(path, 2, placeOf(winner, shapes.convolution).slice(0, 2));
}

// The path through a pixel: the filter stays on it with the same weight, where the map has such a place.
export function throughPixel(path, pixel, { convolution: { shape } }, { convolution: mapShape }) {
  const weight = pixel.map((at, axis) =>
    clamp(path[5 + axis], Math.max(0, at - mapShape[axis] + 1), Math.min(shape[axis] - 1, at)));
  const place = pixel.map((at, axis) => at - weight[axis]);
  return replaced(replaced(path, 2, place), 5, weight);
}

// The pixel that the path's weight of the filter lies on.
export const pixelOf = ([, , row, column, , i, j]) => [row + i, column + j];

// The gradient of each number of a path.
export function gradientsAt(indices, { gradients, ofWeights }) {
  return {
    score: gradients.logits[indices.score], unit: gradients.hidden[indices.unit],
    pooling: gradients.pooling[indices.pooling], convolution: gradients.convolution[indices.convolution],
    "output weight": ofWeights.output.kernel[indices["output weight"]],
    "hidden weight": ofWeights.hidden.kernel[indices["hidden weight"]],
    "filter weight": ofWeights.convolution.kernel[indices["filter weight"]],
    "output bias": ofWeights.output.bias[indices["output bias"]],
    "hidden bias": ofWeights.hidden.bias[indices["hidden bias"]],
    "filter bias": ofWeights.convolution.bias[indices["filter bias"]],
  };
}

// The sum behind a gradient, taken apart: what comes from each score, unit or place.
// Returns a list of { at, gradient, factor, product }, or none for a number whose gradient is no sum. `at` goes into
// the path: [digit], [unit] or [row, column].
export function partsOf(number, path, { network, pixels, results, gradients }) {
  const [, unit, , , map, i, j] = path;
  const indices = indicesOf(path, network, results.shapes);
  const part = (at, gradient, factor) => ({ at, gradient, factor, product: gradient * factor });
  if (number === "unit") {
    const open = results.hidden[unit] > 0 ? 1 : 0;
    const { kernel } = network.output;
    return Array.from(gradients.logits, (one, digit) => part([digit], one, open * kernel[unit * 10 + digit]));
  }
  if (number === "pooling") {
    const { shape: [, units], kernel } = network.hidden;
    return Array.from(gradients.hidden, (one, at) => part([at], one, kernel[indices.pooling * units + at]));
  }
  if (!["filter weight", "filter bias"].includes(number)) return [];
  const [height, width, filters] = results.shapes.convolution;
  const side = width + network.convolution.shape[1] - 1;
  return Array.from({ length: height * width }, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    const factor = number === "filter bias" ? 1 : pixels[(row + i) * side + column + j];
    return part([row, column], gradients.convolution[at * filters + map], factor);
  });
}

// The path when one of these parts is chosen.
export function pathOfPart(number, path, at) {
  const start = { unit: 0, pooling: 1, "filter weight": 2, "filter bias": 2 }[number];
  return replaced(path, start, at);
}
