// The drawings of TeachYourHand in an address: their bytes, as hand.js has them, with each run of zeros as a zero and
// how many there are, in base64 with - and _ for + and /.
import { PIXELS } from "./image_data.js";

const LENGTH = PIXELS + 1; // of a drawing: its digit, and its pixels
const MAX_RUN = 255;

function withoutZeros(bytes) {
  const short = [];
  for (let at = 0; at < bytes.length;) {
    let run = 0;
    while (run < MAX_RUN && at + run < bytes.length && bytes[at + run] === 0) run++;
    short.push(...(run ? [0, run] : [bytes[at]]));
    at += run || 1;
  }
  return short;
}

function withZeros(short) {
  const bytes = [];
  for (let at = 0; at < short.length; at++) {
    if (short[at]) bytes.push(short[at]);
    else for (let run = short[++at]; run > 0; run--) bytes.push(0);
  }
  return Uint8Array.from(bytes);
}

// Whether bytes are drawings: a digit from 0 to 9 before the pixels of each, which have some ink.
const areDrawings = (bytes) => bytes.length > 0 && bytes.length % LENGTH === 0 &&
  Array.from({ length: bytes.length / LENGTH }, (_, i) => bytes.subarray(i * LENGTH, (i + 1) * LENGTH))
    .every((one) => one[0] <= 9 && one.subarray(1).some(Boolean));

const bytesIn = (view) => (view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array());

export const drawings = {
  expects: () => "drawings as a copied link has them",
  read(text) {
    if (!/^[\w-]+$/.test(text)) return undefined;
    try {
      const short = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
      const bytes = withZeros(Array.from(short, (character) => character.charCodeAt(0)));
      return areDrawings(bytes) ? new DataView(bytes.buffer) : undefined;
    } catch {
      return undefined;
    }
  },
  write: (view) => btoa(withoutZeros(bytesIn(view)).map((byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
  leftOut(view) {
    const count = bytesIn(view).length / LENGTH;
    return `your ${count} drawings, which are too many for an address: “Save a file” takes them along`;
  },
};
