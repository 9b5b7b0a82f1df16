// A network as an ONNX file (https://onnx.ai), which ONNX Runtime and many other programs run: a list of operations
// and the weights, in the encoding of Protocol Buffers. It takes `images`, (n, 28, 28, 1) float32, 0 to 1, and gives
// `probabilities`, (n, 10). The numbers of the fields are those of onnx.proto.
import { checkSettings, joinWeights, weightShapes } from "../engine/settings.js";

const [FLOAT, INT, INTS] = [1, 2, 7]; // types of tensors and attributes
const [IR_VERSION, OPERATIONS] = [8, 17]; // old enough for most programs

// The bytes of a file. weights: Float32Arrays in Keras's order. Throws an Error for weights that do not fit.
export function toOnnx({ weights, settings }) {
  const checked = checkSettings(settings);
  joinWeights(checked, weights);
  const { kernelSize: size, filters, hiddenUnits, softmax, scaling } = checked;
  const names = ["filters", "filter_biases", ...(hiddenUnits ? ["hidden_weights", "hidden_biases"] : []),
    "output_weights", "output_biases"];
  const arrays = weightShapes(checked).map((shape, i) => [names[i], shape, weights[i]]);
  // ONNX wants filters, channels, rows, columns; Keras has rows, columns, channels, filters.
  arrays[0] = ["filters", [filters, 1, size, size], weights[0].map((_, at) =>
    weights[0][at % (size * size) * filters + Math.floor(at / (size * size))])];
  if (!scaling) arrays.push(["levels", [], Float32Array.of(255)]); // it has learned from pixels from 0 to 255

  const nodes = [];
  let last = "images"; // what the operation before gives
  const add = (operation, given = [], attributes = {}) => {
    const gives = `after_${nodes.length + 1}`;
    nodes.push([operation, [last, ...given], gives, attributes]);
    last = gives;
  };
  if (!scaling) add("Mul", ["levels"]);
  add("Transpose", [], { perm: [0, 3, 1, 2] }); // from channels last to channels first
  add("Conv", ["filters", "filter_biases"]);
  add("Relu");
  add("MaxPool", [], { kernel_shape: [2, 2], strides: [2, 2] });
  add("Transpose", [], { perm: [0, 2, 3, 1] }); // and back: in this order Keras flattens
  add("Flatten");
  if (hiddenUnits) {
    add("Gemm", ["hidden_weights", "hidden_biases"]);
    add("Relu");
  }
  add("Gemm", ["output_weights", "output_biases"]);
  for (let i = ["none", "once", "twice"].indexOf(softmax); i > 0; i--) add("Softmax", [], { axis: 1 });
  nodes[nodes.length - 1][2] = "probabilities";

  return message(
    number(1, IR_VERSION),
    piece(2, "How a computer reads handwritten digits"),
    piece(7, message(
      ...nodes.map((node) => piece(1, nodeOf(...node))),
      piece(2, "digits"),
      ...arrays.map(([name, shape, values]) => piece(5, message(
        ...shape.map((length) => number(1, length)), number(2, FLOAT), piece(8, name), piece(9, bytesOf(values))))),
      piece(11, ends("images", [28, 28, 1])),
      piece(12, ends("probabilities", [10])))),
    piece(8, message(piece(1, ""), number(2, OPERATIONS))),
    piece(14, message(piece(1, "settings"), piece(2, JSON.stringify(checked)))));
}

function nodeOf(operation, takes, gives, attributes) {
  return message(
    ...takes.map((name) => piece(1, name)), piece(2, gives), piece(4, operation),
    ...Object.entries(attributes).map(([name, value]) => piece(5, message(piece(1, name),
      ...(Array.isArray(value) ? [...value.map((one) => number(8, one)), number(20, INTS)]
        : [number(3, value), number(20, INT)])))));
}

// What goes in or comes out: n times a shape.
function ends(name, shape) {
  const lengths = [piece(1, message(piece(2, "n"))), ...shape.map((length) => piece(1, message(number(1, length))))];
  return message(piece(1, name), piece(2, message(piece(1, message(number(1, FLOAT), piece(2, message(...lengths)))))));
}

// Protocol Buffers: a field is its number and kind, then a whole number or a length and so many bytes.
function number(field, value) {
  return message(varint(8 * field), varint(value));
}

function piece(field, content) {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return message(varint(8 * field + 2), varint(bytes.length), bytes);
}

// Seven bits in each byte, the lowest first; the eighth says that more follow.
function varint(value) {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] += 128;
    bytes.push(rest % 128);
  }
  return Uint8Array.from(bytes);
}

function message(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((end, part) => (whole.set(part, end), end + part.length), 0);
  return whole;
}

function bytesOf({ buffer, byteOffset, byteLength }) {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
