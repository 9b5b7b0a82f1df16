// `forward` of forward_pass.js in WebAssembly, which works on four numbers at once; engine/forward.c is its source.
import { checkPixels, forward, softmax } from "./forward_pass.js";
import { CODE } from "./forward_code.js";

const SIDE = 28;
const BLOCK = 32; // units of a layer that are computed together
const LAYERS = ["convolution", "hidden", "output"];
const benches = new WeakMap(); // from weights to the memory where they are worked with
const compiled = compile();

// As `forward`: the same values, to about six digits. Where a browser has no WebAssembly, or the page's security policy
// forbids it, `forward` does the work. Weights are copied when they are first used, and are not to change after that.
export function quickForward(weights, pixels) {
  if (!compiled || !fits(weights)) return forward(weights, pixels); // which says what does not fit
  const image = checkPixels(pixels);
  if (!benches.has(weights)) benches.set(weights, layOut(weights));
  const { shapes, run, input, values } = benches.get(weights);
  input.set(image);
  run();
  const { convolution, pooling, hidden, logits } =
    Object.fromEntries(Object.entries(values).map(([name, numbers]) => [name, numbers.slice()]));
  return { convolution, pooling, flatten: pooling, hidden, logits, probabilities: softmax(logits), shapes };
}

function compile() {
  try {
    return new WebAssembly.Module(Uint8Array.from(atob(CODE), (character) => character.charCodeAt(0)));
  } catch {
    return null;
  }
}

function shapesOf({ convolution: { shape: [rows, columns, , filters] }, hidden, output }) {
  const maps = [SIDE - rows + 1, SIDE - columns + 1, filters];
  const pooling = [maps[0] >> 1, maps[1] >> 1, filters];
  const logits = [output.bias.length];
  return {
    convolution: maps, pooling, flatten: [sizeOf(pooling)],
    hidden: [hidden.bias.length], logits, probabilities: logits,
  };
}

function sizeOf(shape) {
  return shape.reduce((product, length) => product * length);
}

function fits(weights) {
  const { flatten, hidden } = shapesOf(weights);
  const [rows, columns, channels] = weights.convolution.shape;
  return channels === 1 && rows <= SIDE && columns <= SIDE && flatten[0] > 0 &&
    weights.hidden.shape[0] === flatten[0] && weights.output.shape[0] === hidden[0];
}

// A memory that holds the weights, and room for an image and the values of all layers.
function layOut(weights) {
  const { convolution, hidden, output } = weights;
  const { memory, create, place, place_of_pixels, place_of_pooled, forward: run } =
    new WebAssembly.Instance(compiled).exports;
  const [rows, columns, , filters] = convolution.shape;
  const [units, classes] = [hidden.bias.length, output.bias.length];
  if (!create(rows, columns, filters, units, classes, Number(Boolean(hidden.scale)), Number(Boolean(output.scale)))) {
    throw new Error("There is not enough memory for the network. Close other pages and reload this one.");
  }
  const shapes = shapesOf(weights);
  const floats = (start, shape) => new Float32Array(memory.buffer, start, sizeOf(shape));
  LAYERS.forEach((name, layer) => {
    const { kernel, bias, scale } = weights[name];
    const whole = scale && layer > 0; // a quarter of the memory, and of the time that reading it takes
    const numbers = whole ? kernel.map((weight, i) => Math.round(weight / scale[i % scale.length] || 0)) : kernel;
    putKernel(new (whole ? Int8Array : Float32Array)(memory.buffer, place(layer, 0)), numbers, bias.length);
    floats(place(layer, 1), [bias.length]).set(bias);
    if (whole) floats(place(layer, 2), [bias.length]).set(scale);
  });
  const values = {
    convolution: floats(place(0, 3), shapes.convolution), pooling: floats(place_of_pooled(), shapes.pooling),
    hidden: floats(place(1, 3), shapes.hidden), logits: floats(place(2, 3), shapes.logits),
  };
  return { shapes, run, input: floats(place_of_pixels(), [SIDE * SIDE]), values };
}

// Block after block of 32 units, for each input their weights; what is left of the last block stays zeros.
function putKernel(to, kernel, units) {
  const inputs = kernel.length / units;
  for (let i = 0; i < inputs; i++) {
    const row = kernel.subarray(i * units, (i + 1) * units);
    for (let unit = 0; unit < units; unit += BLOCK) {
      to.set(row.subarray(unit, unit + BLOCK), unit * inputs + i * BLOCK);
    }
  }
}
