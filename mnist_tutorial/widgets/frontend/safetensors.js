// Networks in files, as mnist_tutorial/network_file.py describes and reads them: safetensors, eight bytes with the
// length of a JSON header, the header, and the numbers.
import { checkSettings, joinWeights, weightShapes } from "../engine/settings.js";

const MAX_BYTES = 64 * 2 ** 20; // bytes of a file; the largest network that a page can train has 26 MB
const MAX_HEADER_BYTES = 2 ** 16;
const SAVE_AGAIN = "Save the network again, or copy the file again from an undamaged one.";

// The bytes of a file. weights: Float32Arrays in Keras's order. settings: those of the training. Throws an Error if
// they do not fit each other, or are not finite.
export function toSafetensors({ weights, settings }) {
  const checked = checkSettings(settings);
  const row = joinWeights(checked, weights);
  const header = { __metadata__: { settings: JSON.stringify(checked) } };
  let end = 0;
  for (const [name, shape] of tensorsOf(checked)) {
    const start = end;
    end += 4 * sizeOf(shape);
    header[name] = { dtype: "F32", shape, data_offsets: [start, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8; // so that the numbers begin at a multiple of 8
  const bytes = new Uint8Array(8 + length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(32, 8 + text.length, 8 + length);
  bytes.set(text, 8);
  bytes.set(new Uint8Array(row.buffer), 8 + length);
  return bytes;
}

// { settings, weights } of a file's bytes. Throws an Error in words for a file that is damaged, of another network, or
// no such file at all.
export function fromSafetensors(bytes) {
  const file = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const { header, numbers } = split(file);
  const { __metadata__: metadata, ...entries } = header;
  if (typeof metadata?.settings !== "string") {
    throw new Error("The file holds a network, but not one of this book: it does not say how it was made. " +
      "Open one that was saved here.");
  }
  const settings = checkSettings(parse(metadata.settings));
  const tensors = tensorsOf(settings);
  const foreign = Object.keys(entries).find((name) => !tensors.some(([one]) => one === name));
  if (foreign !== undefined) {
    throw new Error(`The file holds a tensor ${JSON.stringify(foreign.slice(0, 40))}; ` +
      `expected ${tensors.map(([name]) => name).join(", ")}. Open one that was saved here.`);
  }
  const places = [];
  const weights = tensors.map(([name, shape]) => {
    const entry = Object.hasOwn(entries, name) ? entries[name] : null;
    const place = entry?.data_offsets;
    const fits = entry?.dtype === "F32" && JSON.stringify(entry.shape) === JSON.stringify(shape) &&
      Array.isArray(place) && place.length === 2 && place.every(Number.isInteger) && place[0] >= 0 &&
      place[1] - place[0] === 4 * sizeOf(shape) && place[1] <= numbers.length;
    if (!fits) {
      throw new Error(`The tensor ${name} was expected as F32 of ${shape.join(" x ")}, but it is missing or different. ` +
        SAVE_AGAIN);
    }
    places.push(place);
    return new Float32Array(numbers.slice(...place).buffer); // a copy, as the bytes need not be aligned
  });
  places.sort(([a], [b]) => a - b);
  if (places.some(([start], i) => start !== (i ? places[i - 1][1] : 0)) || places.at(-1)[1] !== numbers.length) {
    throw new Error(`There are gaps between the file's tensors, or bytes after them. ${SAVE_AGAIN}`);
  }
  joinWeights(settings, weights); // throws for what is not finite
  return { settings, weights };
}

function split(file) {
  if (file.length > MAX_BYTES) throw new Error(`The file has ${file.length} bytes; no network of this book has that many.`);
  const length = file.length > 9 ? Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true)) : 0;
  if (length < 2 || length > MAX_HEADER_BYTES || file[8] !== 123) { // {
    throw new Error("The file is not a safetensors file. Open one that was saved here, or by save_network() in Python.");
  }
  if (8 + length > file.length) throw new Error(`The file is incomplete. ${SAVE_AGAIN}`);
  return { header: parse(new TextDecoder().decode(file.subarray(8, 8 + length))), numbers: file.subarray(8 + length) };
}

function parse(text) {
  let found = null;
  try {
    found = JSON.parse(text);
  } catch { // the same as a header that is something else
  }
  if (found === null || typeof found !== "object" || Array.isArray(found)) {
    throw new Error(`The file's header is damaged. ${SAVE_AGAIN}`);
  }
  return found;
}

// Names and shapes in Keras's order.
function tensorsOf(settings) {
  const shapes = weightShapes(settings);
  const layers = shapes.length === 6 ? ["convolution", "hidden", "output"] : ["convolution", "output"];
  return shapes.map((shape, i) => [`${layers[i >> 1]}.${i % 2 ? "bias" : "kernel"}`, shape]);
}

function sizeOf(shape) {
  return shape.reduce((product, length) => product * length, 1);
}
