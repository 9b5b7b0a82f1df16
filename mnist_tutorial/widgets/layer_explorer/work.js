// What a network makes of a digit, worked out once for all pieces of a page that show it.
import { channelOf, denseSum, largestSize, votesOfPixels } from "../frontend/arithmetic.js";
import { diverging, grey } from "../frontend/controls.js";
import { scaledImageAt } from "../frontend/image_data.js";
import { quickForward } from "../frontend/quick_forward.js";

const works = new WeakMap(); // from a network to what it makes of the digit that was asked for last

// { network, pixels, results, ... } of an image. What takes long is worked out when it is first asked for, and kept: the
// same question gets the same object, so that who draws it knows what has not changed.
export function workOf(network, images, index) {
  const last = works.get(network);
  if (last?.images === images && last.index === index) return last;
  const pixels = scaledImageAt(images, index);
  const results = quickForward(network, pixels);
  const answers = new Map();
  const once = (key, answer) => {
    if (!answers.has(key)) answers.set(key, answer());
    return answers.get(key);
  };
  const { convolution, hidden, output } = network;
  const [rows, columns, , filters] = convolution.shape;
  const { shapes } = results;
  const work = {
    network, images, index, pixels, results, once,
    // A weak filter should look weak beside a strong one, so all maps share one scale.
    brightness: () => once("brightness", () => grey(0, 0.7 * largestSize(results.convolution))),
    filterColour: () => once("filter colour", () => diverging(largestSize(convolution.kernel))),
    filterOf: (i) => once(`filter ${i}`, () => channelOf(convolution.kernel, [rows, columns, filters], i)),
    mapOf: (i) => once(`map ${i}`, () => channelOf(results.convolution, shapes.convolution, i)),
    pooledOf: (i) => once(`pooled ${i}`, () => channelOf(results.pooling, shapes.pooling, i)),
    // What each pixel of the pooled maps, all filters together, adds to a hidden unit's sum.
    votesOf: (unit) => once(`votes ${unit}`, () => votesOfPixels(results.flatten, hidden, unit, shapes.pooling)),
    // What each hidden unit adds to a score.
    productsOf: (score) => once(`products ${score}`, () =>
      Float32Array.from(results.hidden, (value, unit) => value * output.kernel[unit * output.shape[1] + score])),
    hiddenBalance: (unit) => once(`hidden balance ${unit}`, () => balanceOf(results.flatten, hidden, unit)),
    outputBalance: (score) => once(`output balance ${score}`, () => balanceOf(results.hidden, output, score)),
    hiddenSum: (unit) => once(`hidden sum ${unit}`, () => denseSum(results.flatten, hidden, unit)),
    outputSum: (score) => once(`output sum ${score}`, () => denseSum(results.hidden, output, score)),
  };
  works.set(network, work);
  return work;
}

// One unit's products above zero and below it, each added up, with its bias and the sum of all.
function balanceOf(inputs, { shape: [, units], kernel, bias }, unit) {
  let [above, below, zeros] = [0, 0, 0];
  for (let i = 0, at = unit; i < inputs.length; i++, at += units) {
    const product = inputs[i] * kernel[at];
    if (product > 0) above += product;
    else below += product;
    if (inputs[i] === 0) zeros++;
  }
  return { above, below, bias: bias[unit], total: above + below + bias[unit], zeros };
}
