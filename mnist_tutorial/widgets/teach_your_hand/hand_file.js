// Drawings in a file, and in the browser's storage: JSON, { format, version, drawings: [{ digit, pixels }] }, where
// `pixels` is base64 of 784 bytes, row by row, 0 to 255. hand_file.py reads and writes the same files.
import { PIXELS } from "../frontend/image_data.js";
import { MAX_DRAWINGS } from "./hand.js";

const FORMAT = "mnist-tutorial hand";
const VERSION = 1;
const KEY = "mnist-tutorial hand";
export const MAX_BYTES = 8 * 2 ** 20; // of a file; the most drawings have 5.4 MB
const ELSE = "Choose a file that “Save a file” of this widget has written.";

export function toText(drawings) {
  return JSON.stringify({
    format: FORMAT, version: VERSION,
    drawings: drawings.map(({ digit, image }) => ({ digit, pixels: btoa(String.fromCharCode(...image)) })),
  });
}

// The drawings of a text. Throws an Error in words for anything else; there is no telling where a file comes from.
export function fromText(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Error(`It is damaged, or it is not a file of drawings. ${ELSE}`);
  }
  if (found?.format !== FORMAT || !Array.isArray(found.drawings)) throw new Error(`It is not a file of drawings. ${ELSE}`);
  if (found.version !== VERSION) throw new Error("It is of another version of this book. Open it there.");
  if (!found.drawings.length) throw new Error("It holds no drawings.");
  if (found.drawings.length > MAX_DRAWINGS) throw new Error(`It holds more than ${MAX_DRAWINGS} drawings.`);
  return found.drawings.map((one, i) => {
    const image = imageOf(one?.pixels);
    if (![0, 1, 2, 3, 4, 5, 6, 7, 8, 9].includes(one?.digit) || !image?.some((level) => level > 0)) {
      throw new Error(`Its drawing ${i + 1} is damaged: expected a digit from 0 to 9, and ${PIXELS} pixels with some ink.`);
    }
    return { digit: one.digit, image };
  });
}

function imageOf(text) {
  try {
    const image = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return image.length === PIXELS ? image : null;
  } catch {
    return null;
  }
}

// What this browser has kept: drawings, or null. Throws an Error in words if they are damaged.
export function readKept() {
  let text = null;
  try {
    text = localStorage.getItem(KEY);
  } catch { // the browser forbids it
  }
  if (text === null) return null;
  try {
    return fromText(text);
  } catch {
    throw new Error("The drawings that this browser has kept are damaged. Forget removes them.");
  }
}

export function keep(drawings) {
  try {
    if (!drawings.length) return localStorage.removeItem(KEY); // none is not a damaged one
    localStorage.setItem(KEY, toText(drawings));
  } catch (error) {
    const full = error?.name === "QuotaExceededError";
    throw new Error(`The drawings are not kept: ${full ? "the browser's storage is full" : "the browser forbids it"}. ` +
      "To have them later, save them as a file.");
  }
}

export function forget() {
  try {
    localStorage.removeItem(KEY);
  } catch { // the browser forbids it: then nothing is there
  }
}
