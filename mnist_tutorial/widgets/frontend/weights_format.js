// The three layers of `forward` from the text that Python's page_weights() makes, or from that in weights.js;
// mnist_tutorial/reference/weights_format.py describes the format.
export function decodeWeights({ convolution, hidden, output }) {
  return Object.fromEntries(Object.entries({ convolution, hidden, output }).map(([name, layer]) => {
    if (!layer) throw new Error(`The weights have no layer "${name}".`);
    const { shape } = layer;
    const scale = layer.scale && floats(layer.scale);
    const kernel = scale ? scaled(layer.kernel, scale) : floats(layer.kernel);
    const bias = floats(layer.bias);
    if (kernel.length !== shape.reduce((a, b) => a * b) || bias.length !== shape[shape.length - 1]) {
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
