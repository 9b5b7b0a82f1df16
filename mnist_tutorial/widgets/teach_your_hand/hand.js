// The drawings of a hand: which there are, which are held out, and the way back from every change.
import { aDigit } from "../frontend/controls.js";
import { PIXELS } from "../frontend/image_data.js";

export const MAX_DRAWINGS = 5000; // a class of sixty
const ORDER = [3, 7, 1, 9, 0, 5, 8, 2, 6, 4]; // in which digits are asked for, so that no two alike follow
const MAX_UNDO = 50;

// How many of `each` drawings of a digit are held out; the others are taught.
export const heldOutOf = (each) => Math.max(1, Math.round(3 / 8 * each));

// Whether the n-th drawing of a digit is held out: they are spread over the row, so that a row that is not yet full
// has both kinds.
export function isHeldOut(n, each) {
  const kept = heldOutOf(each);
  return Math.floor((n + 1) * kept / each) > Math.floor(n * kept / each);
}

// changed(what): called after each change, with what Undo would take back, in words.
export function createHand(changed = () => {}) {
  let drawings = []; // { digit, image }, 784 bytes each; they never change
  const past = []; // { drawings, what }

  function become(next, what) {
    past.push({ drawings, what });
    if (past.length > MAX_UNDO) past.shift();
    drawings = next;
    changed();
  }

  const hand = {
    drawings: () => drawings,
    of: (digit) => drawings.filter((one) => one.digit === digit),
    // What Undo takes back; "" if there is nothing.
    undoable: () => past[past.length - 1]?.what ?? "",
    // Those of some drawings that are not there yet, each once.
    missing(more) {
      const known = new Set(drawings.map(nameOf));
      return more.filter((one) => !known.has(nameOf(one)) && known.add(nameOf(one)));
    },
    // Adds drawings, but none that is there already; returns how many. Throws an Error in words if they are too many.
    add(more, what) {
      const fresh = hand.missing(more);
      if (drawings.length + fresh.length > MAX_DRAWINGS) {
        throw new Error(`With these there would be ${drawings.length + fresh.length} drawings; the ` +
          `limit is ${MAX_DRAWINGS}. Remove some first.`);
      }
      if (fresh.length) become([...drawings, ...fresh], what);
      return fresh.length;
    },
    remove: (drawing) => become(drawings.filter((one) => one !== drawing), `${aDigit(drawing.digit)} was removed`),
    clear: () => become([], "all were removed"),
    undo() {
      const { drawings: before, what } = past.pop();
      drawings = before;
      changed();
      return what;
    },
    // Takes what was there before the widget was, or Python's, without a way back.
    replace(next) {
      past.length = 0;
      drawings = next;
      changed();
    },
    // The digit to ask for: the one with the fewest drawings, or null if there are `each` of all.
    next(each) {
      const counts = ORDER.map((digit) => hand.of(digit).length);
      const fewest = Math.min(...counts);
      return fewest < each ? ORDER[counts.indexOf(fewest)] : null;
    },
    // { taught, kept }: lists of drawings.
    split(each) {
      const [taught, kept] = [[], []];
      for (let digit = 0; digit < 10; digit++) {
        hand.of(digit).forEach((one, n) => (isHeldOut(n, each) ? kept : taught).push(one));
      }
      return { taught, kept };
    },
  };
  return hand;
}

function nameOf({ digit, image }) {
  return `${digit} ${String.fromCharCode(...image)}`;
}

// Drawings as one row of bytes, the digit before the 784 pixels of each; and back.
export function toBytes(drawings) {
  const bytes = new Uint8Array(drawings.length * (PIXELS + 1));
  drawings.forEach(({ digit, image }, i) => {
    bytes[i * (PIXELS + 1)] = digit;
    bytes.set(image, i * (PIXELS + 1) + 1);
  });
  return bytes;
}

export function fromBytes(bytes) {
  return Array.from({ length: Math.floor(bytes.length / (PIXELS + 1)) }, (_, i) => {
    const first = i * (PIXELS + 1);
    return { digit: bytes[first], image: bytes.slice(first + 1, first + 1 + PIXELS) };
  });
}

// { images, labels } as the engine takes them.
export function digitsOf(drawings) {
  const images = new Uint8Array(drawings.length * PIXELS);
  drawings.forEach(({ image }, i) => images.set(image, i * PIXELS));
  return { images, labels: Uint8Array.from(drawings, ({ digit }) => digit) };
}
