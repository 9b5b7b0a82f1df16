// What is known of the values before the network is there.
import { layerTable } from "../frontend/arithmetic.js";
import { convolve, pool, relu, softmax } from "../frontend/forward_pass.js";
import { SIDE } from "../frontend/image_data.js";
import { floats } from "../frontend/weights_format.js";

// What the layers of the book's network return, before anything is known.
export function blank() {
  const [convolution, pooling, , flatten, hidden, output] = layerTable(30, 5, 128).map(({ shape }) => shape);
  const zeros = (shape) => new Float32Array(shape.reduce((product, length) => product * length));
  return {
    convolution: zeros(convolution), pooling: zeros(pooling), flatten: zeros(flatten),
    shapes: { convolution, pooling, flatten, hidden, logits: output, probabilities: output },
  };
}

// The first layer of a network, which is small, and what its others gave for one digit: with it the maps are there at once.
export function partOf(recorded) {
  if (!recorded) return null;
  const { shape, kernel, bias } = recorded.convolution;
  const layer = { shape, kernel: floats(kernel), bias: floats(bias) };
  const [hidden, logits] = [floats(recorded.hidden), floats(recorded.logits)];
  return {
    // index: of the digit, or false for a drawing.
    forward(pixels, index) {
      const size = [SIDE - shape[0] + 1, SIDE - shape[1] + 1, shape[3]];
      const convolution = relu(convolve(pixels, [SIDE, SIDE, 1], layer));
      const pooling = pool(convolution, size);
      const known = index === recorded.index ? { hidden, logits, probabilities: softmax(logits) } : {};
      return {
        convolution, pooling, flatten: pooling, ...known,
        shapes: {
          convolution: size, pooling: [size[0] >> 1, size[1] >> 1, size[2]], flatten: [pooling.length],
          hidden: [hidden.length], logits: [logits.length], probabilities: [logits.length],
        },
      };
    },
  };
}
