// From a photo to ink: grey levels, even paper, light ink on black. mnist_tutorial/handwriting says in words what is
// done and does the same in NumPy; all numbers are whole, or are computed in the same order, so that both agree.
//
// An image is { values, rows, columns }, as in handwriting.js.
import { fit } from "./handwriting.js";
import { findInk, toGrey } from "./ink.js";

export const LONGEST = 280; // of a photo's sides, after it was made smaller
const THINNEST = 1.6; // pixels of the 28 x 28: strokes are made at least so wide, as most of MNIST's are

// The size of the blocks of pixels that become one, for a photo of this width and height.
export function blockSize(width, height) {
  return Math.ceil(Math.max(width, height) / LONGEST);
}

// Four sums for each block of size x size pixels, and at the ends for what there is of one: of red, green and blue,
// each times the pixel's opacity, and of the opacity. rgba: four bytes for each pixel, as a canvas gives them.
export function blockSums(rgba, width, height, size) {
  const [rows, columns] = [Math.ceil(height / size), Math.ceil(width / size)];
  const sums = new Float64Array(4 * rows * columns);
  for (let y = 0; y < height; y++) {
    let to = 4 * columns * Math.floor(y / size);
    for (let x = 0; x < width; x += size, to += 4) {
      let [red, green, blue, opaque] = [0, 0, 0, 0]; // of this row: numbers that stay whole, and out of the array
      const end = 4 * (y * width + Math.min(x + size, width));
      for (let at = 4 * (y * width + x); at < end; at += 4) {
        const opacity = rgba[at + 3];
        red += rgba[at] * opacity;
        green += rgba[at + 1] * opacity;
        blue += rgba[at + 2] * opacity;
        opaque += opacity;
      }
      sums[to] += red;
      sums[to + 1] += green;
      sums[to + 2] += blue;
      sums[to + 3] += opaque;
    }
  }
  return sums;
}

// The grey levels of a photo of this width and height from its blocks' sums. What is behind it is white paper, or
// black, if little of the photo is opaque and that is light.
export function greyOfSums(sums, width, height, size) {
  const [rows, columns] = [Math.ceil(height / size), Math.ceil(width / size)];
  let [seen, light] = [0, 0];
  for (let at = 0; at < sums.length; at += 4) {
    seen += sums[at + 3];
    light += sums[at] + sums[at + 1] + sums[at + 2];
  }
  const ground = 2 * seen < 255 * width * height && light > 3 * 160 * seen ? 0 : 255;
  const [red, green, blue] = [0, 1, 2].map((channel) => {
    const values = new Uint8Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column;
        const area = 255 * (Math.min(height, (row + 1) * size) - row * size) * (Math.min(width, (column + 1) * size) - column * size);
        const sum = sums[4 * at + channel] + ground * (area - sums[4 * at + 3]);
        values[at] = Math.floor((2 * sum + area) / (2 * area));
      }
    }
    return values;
  });
  return toGrey({ red, green, blue, rows, columns });
}

export function shrunkGrey(rgba, width, height, size) {
  return greyOfSums(blockSums(rgba, width, height, size), width, height, size);
}

let known = {}; // the last photo and what was found on it: switches are thrown one after the other

function inkOf(grey) {
  const { buffer, byteOffset } = grey.values;
  if (known.buffer !== buffer || known.byteOffset !== byteOffset || known.columns !== grey.columns) {
    known = { buffer, byteOffset, columns: grey.columns, found: findInk(grey) };
  }
  return known.found;
}

// A photo in grey levels as the network sees it: { image, steps, doubts, ink, kept }, or null without ink; image and steps
// as from fit(), the others as from findInk().
export function preparePhoto(grey, skip = []) {
  const found = inkOf(grey);
  if (!found) return null;
  const { light, ink, kept, doubts } = found;
  const steps = { grey: () => grey };
  let pixels = grey;
  const add = (name, change) => {
    if (skip.includes(name)) return;
    const made = { ...pixels, values: change(pixels.values) };
    pixels = made;
    steps[name] = () => made;
  };
  const turned = (values) => (light ? values.map((level) => 255 - level) : values);
  add("background", () => turned(ink));
  add("invert", turned);
  const empty = light && skip.includes("invert") ? 255 : 0;
  add("isolate", (values) => values.map((level, i) => (kept[i] || !ink[i] ? level : empty)));
  const fitted = fit(pixels, skip, 0, THINNEST);
  return { image: fitted.image, steps: { ...steps, ...fitted.steps }, doubts, ink, kept };
}
