// The three layers of `forward` from the text that Python's page_weights() makes, or from that in weights.js;
// mnist_tutorial/reference/weights_format.py describes the format, scripts/write_first_weights.py that of first_weights.js.
export function decodeWeights({ convolution, hidden, output }) {
  return Object.fromEntries(Object.entries({ convolution, hidden, output }).map(([name, layer]) => {
    if (!layer) throw new Error(`The weights have no layer "${name}".`);
    const { shape } = layer;
    const scale = layer.scale && floats(layer.scale);
    const count = shape.reduce((a, b) => a * b);
    const kernel = layer.together ? unpacked(layer, count, scale) : scale ? scaled(layer.kernel, scale) : floats(layer.kernel);
    const bias = floats(layer.bias);
    if (kernel.length !== count || bias.length !== shape[shape.length - 1]) {
      throw new Error(`The layer "${name}" of shape ${shape.join(" x ")} has ${kernel.length} weights and ` +
        `${bias.length} biases.`);
    }
    return [name, { shape, kernel, bias, scale }];
  }));
}

// Numbers from base64 of float32.
export function floats(text) {
  return new Float32Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function scaled(text, scale) {
  const step = new Float32Array(128);
  for (let i = 0; i < ALPHABET.length; i++) step[ALPHABET.charCodeAt(i)] = i - 31;
  const kernel = new Float32Array(text.length);
  for (let i = 0; i < text.length; i++) kernel[i] = step[text.charCodeAt(i)] * scale[i % scale.length];
  return kernel;
}

// Weights of -1, 0 and 1 times their unit's factor, several in a character, the first of them lowest.
function unpacked({ kernel: text, together }, count, scale) {
  const value = new Uint8Array(128);
  for (let i = 0; i < ALPHABET.length; i++) value[ALPHABET.charCodeAt(i)] = i;
  const kernel = new Float32Array(Math.ceil(count / together) === text.length ? count : text.length * together);
  for (let i = 0, at = 0; i < kernel.length; at++) {
    for (let rest = value[text.charCodeAt(at)], n = 0; n < together && i < kernel.length; n++, i++) {
      kernel[i] = (rest % 3 - 1) * scale[i % scale.length];
      rest = Math.floor(rest / 3);
    }
  }
  return kernel;
}
