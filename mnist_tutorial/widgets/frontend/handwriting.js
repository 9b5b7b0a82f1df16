// From ink to the 28 x 28 image that the network sees, in plain arithmetic: no canvas, no smoothing that differs
// from browser to browser. mnist_tutorial/handwriting/preparation.py and rasterize.py do the same in NumPy.
//
// An image is { values, rows, columns }: a Uint8Array of grey levels, row by row; of ink, the share of each pixel
// that it covers, 0 to 255. Pixel i reaches from i to i + 1, so its middle is at i + 0.5.

import { largest, smallest } from "./filters.js";

export const SIDE = 28;
const BOX = 20; // MNIST's digits were scaled into a box of 20 x 20 ...
const MIDDLE = 14.5; // ... and have their centre of mass in row 14 and column 14, counted from 0
export const INK = 32; // pixels with less than this count as empty when the box around the ink is looked for

// strokes: lists of points [x, y], 0 to 1 from left to right and from top to bottom. pen: its width as a share of
// the side. A pixel is covered by how far the pen's edge reaches beyond its middle, plus a half, kept within 0 and
// 1: grey where the edge crosses the pixel. Where strokes overlap, the larger value counts. One point is a dot.
export function rasterise(strokes, pen, size) {
  const cover = new Float64Array(size * size); // as shares, 0 to 1
  for (const stroke of strokes) {
    stroke.forEach((point, i) => drawLine(cover, size, stroke[Math.max(0, i - 1)], point, pen * size / 2));
  }
  const values = new Uint8Array(cover.length);
  for (let i = 0; i < values.length; i++) values[i] = Math.floor(255 * cover[i] + 0.5); // faster than Uint8Array.from
  return { values, rows: size, columns: size };
}

function drawLine(cover, size, from, to, radius) {
  const [x, y] = [from[0] * size, from[1] * size];
  const [right, down] = [to[0] * size - x, to[1] * size - y];
  const squared = right * right + down * down;
  const reach = radius + 0.5;
  const first = (a, b) => Math.max(0, Math.floor(Math.min(a, b) - reach));
  const last = (a, b) => Math.min(size - 1, Math.floor(Math.max(a, b) + reach));
  const [left, top, end, bottom] = [first(x, x + right), first(y, y + down), last(x, x + right), last(y, y + down)];
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= end; column++) {
      const a = column + 0.5 - x;
      const b = row + 0.5 - y;
      // How far along the line the nearest point lies, from 0 to 1.
      const along = squared > 0 ? Math.max(0, Math.min(1, (a * right + b * down) / squared)) : 0;
      const gapX = a - along * right;
      const gapY = b - along * down;
      const share = Math.min(1, reach - Math.sqrt(gapX * gapX + gapY * gapY));
      if (share > cover[row * size + column]) cover[row * size + column] = share;
    }
  }
}

// The smallest box that holds all the ink, from `top` to `bottom` and `left` to `right` (the ends not included),
// or null for an image without ink.
export function boundingBox({ values, rows, columns }) {
  const box = { top: rows, bottom: 0, left: columns, right: 0 };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (values[row * columns + column] < INK) continue;
      box.top = Math.min(box.top, row);
      box.bottom = row + 1;
      box.left = Math.min(box.left, column);
      box.right = Math.max(box.right, column + 1);
    }
  }
  return box.bottom ? box : null;
}

// Light ink on 0 made as MNIST's digits were: { image: 784 grey levels, steps: { crop, scale, centre }, each a
// function that gives the image of that step }. What stands in `skip` is left out.
// crop: only the box around the ink stays. Without it, the whole image does.
// scale: the longer side takes 20 pixels; one smaller than `least` pixels is scaled as if it had that size, so that a
//   dot stays a dot. Without it, all is scaled as the whole image would be to fit into 28 x 28.
// centre: the ink's centre of mass comes to lie in the middle of pixel (14, 14), by moves of fractions of a pixel,
//   but only so far that the box stays inside. Without it, the box stays where it was on the whole image.
// thicken: strokes thinner than `thinnest` pixels of the 28 are made as wide; without `thinnest`, all stay as they are.
export function fit(pixels, skip = [], least = 0, thinnest = 0) {
  const steps = {};
  let box = { top: 0, bottom: pixels.rows, left: 0, right: pixels.columns };
  if (!skip.includes("crop")) {
    box = boundingBox(pixels);
    if (!box) return { image: new Uint8Array(SIDE * SIDE), steps };
  }
  let cut = cutOut(pixels, box);
  const cropped = cut;
  if (!skip.includes("crop")) steps.crop = () => cropped;
  const whole = SIDE / Math.max(pixels.rows, pixels.columns);
  if (thinnest && !skip.includes("thicken")) {
    const wanted = thinnest * (skip.includes("scale") ? 1 / whole : Math.max(cut.rows, cut.columns, least) / BOX);
    const reach = missingWidth(cut, wanted) / 2;
    const margin = Math.floor(reach);
    const thick = margin ? thickened(cut, reach) : cut;
    cut = thick;
    box = { top: box.top - margin, bottom: box.bottom + margin, left: box.left - margin, right: box.right + margin };
    steps.thicken = () => thick;
  }
  let scale = whole;
  if (!skip.includes("scale")) {
    scale = BOX / Math.max(cut.rows, cut.columns, least);
    const size = (n) => Math.max(1, Math.floor(n * scale + 0.5));
    steps.scale = () => average(cut, scale, 0, 0, size(cut.rows), size(cut.columns));
  }
  let [sum, x, y] = [0, 0, 0];
  for (let row = 0; row < cut.rows; row++) {
    for (let column = 0; column < cut.columns; column++) {
      const ink = cut.values[row * cut.columns + column];
      sum += ink;
      x += ink * (2 * column + 1);
      y += ink * (2 * row + 1);
    }
  }
  const place = (mass, start, end, length) => {
    const shift = skip.includes("centre") || !sum
      ? SIDE / 2 + ((start + end) / 2 - length / 2) * whole - (end - start) * scale / 2
      : MIDDLE - mass / (2 * sum) * scale;
    return Math.max(0, Math.min(SIDE - (end - start) * scale, shift));
  };
  const [down, right] = [place(y, box.top, box.bottom, pixels.rows), place(x, box.left, box.right, pixels.columns)];
  const image = average(cut, scale, down, right, SIDE, SIDE);
  if (!skip.includes("centre")) steps.centre = () => image;
  return { image: image.values, steps };
}

// By how many pixels the usual stroke is thinner than wanted, or 0. The width is the area over half of the outline;
// pixels make lines at a slant a quarter too long on average. Holes of two pixels and less do not count: black and
// white dots may stand for grey.
function missingWidth({ values, rows, columns }, wanted) {
  const [high, wide] = [rows + 2, columns + 2];
  const strong = new Uint8Array(high * wide);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (values[row * columns + column] >= 128) strong[(row + 1) * wide + column + 1] = 255;
    }
  }
  const full = smallest(largest(strong, high, wide, 1), high, wide, 1);
  let [area, outline] = [0, 0];
  for (let at = 0; at < full.length; at++) {
    if (full[at]) area++;
    if (at % wide && full[at] !== full[at - 1]) outline++;
    if (at >= wide && full[at] !== full[at - wide]) outline++;
  }
  return Math.max(0, wanted - 2.5 * area / Math.max(outline, 1));
}

// The image, larger by `reach` on each side, each pixel as bright as the brightest so near to it.
function thickened({ values, rows, columns }, reach) {
  const margin = Math.floor(reach);
  const [high, wide] = [rows + 2 * margin, columns + 2 * margin];
  const thick = new Uint8Array(high * wide);
  const disk = [];
  for (let down = -margin; down <= margin; down++) {
    for (let across = -margin; across <= margin; across++) {
      if (down * down + across * across <= reach * reach) disk.push(down * wide + across);
    }
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const level = values[row * columns + column];
      if (!level) continue;
      const at = (row + margin) * wide + column + margin;
      for (const step of disk) if (thick[at + step] < level) thick[at + step] = level;
    }
  }
  return { values: thick, rows: high, columns: wide };
}

function cutOut({ values, columns }, { top, bottom, left, right }) {
  const cut = { values: new Uint8Array((bottom - top) * (right - left)), rows: bottom - top, columns: right - left };
  for (let row = top; row < bottom; row++) {
    cut.values.set(values.subarray(row * columns + left, row * columns + right), (row - top) * cut.columns);
  }
  return cut;
}

// The image, scaled and then moved down and right, averaged over each new pixel. What lies outside is empty.
// Rows first, then columns: an area is a height times a width.
function average(pixels, scale, down, right, rows, columns) {
  const above = overlaps(pixels.rows, scale, down, rows);
  const beside = overlaps(pixels.columns, scale, right, columns);
  const values = new Uint8Array(rows * columns);
  const line = new Float64Array(pixels.columns);
  for (let row = 0; row < rows; row++) {
    line.fill(0);
    for (const [from, height] of above[row]) {
      const start = from * pixels.columns;
      for (let column = 0; column < pixels.columns; column++) line[column] += height * pixels.values[start + column];
    }
    for (let column = 0; column < columns; column++) {
      let ink = 0;
      for (const [from, width] of beside[column]) ink += width * line[from];
      values[row * columns + column] = Math.min(255, Math.floor(ink + 0.5));
    }
  }
  return { values, rows, columns };
}

// For each of the new pixels along one direction, which old ones it meets, and how much of it each of them covers:
// a list of [position, share].
function overlaps(length, scale, shift, pixels) {
  return Array.from({ length: pixels }, (_, i) => {
    const [start, end] = [(i - shift) / scale, (i + 1 - shift) / scale];
    const list = [];
    for (let at = Math.max(0, Math.floor(start)); at < Math.min(length, end); at++) {
      list.push([at, (Math.min(end, at + 1) - Math.max(start, at)) * scale]);
    }
    return list;
  });
}
