// From a photo to ink: grey levels, even paper, light ink on black. mnist_tutorial/handwriting.py says in words what
// is done and does the same in NumPy; all numbers are whole, or come about in the same order, so that both agree.
//
// A picture is { values, rows, columns }, as in handwriting.js.
import { fit, INK } from "./handwriting.js";

export const LONGEST = 280; // of a photo's sides, after it was made smaller
const ROUNDS = 3; // in which paper is told from ink
const FAINT = 20; // grey levels between paper and ink: with less, nothing is drawn

// The size of the blocks of pixels that become one, for a photo of this width and height.
export function blockSize(width, height) {
  return Math.ceil(Math.max(width, height) / LONGEST);
}

// The lightness (ITU-R BT.601) of blocks of size x size pixels, and at the ends of what there is of one.
// rgba: four bytes for each pixel, as a canvas gives them; their transparency is not looked at.
export function shrunkGrey(rgba, width, height, size) {
  const [rows, columns] = [Math.ceil(height / size), Math.ceil(width / size)];
  const values = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [bottom, right] = [Math.min(height, (row + 1) * size), Math.min(width, (column + 1) * size)];
      let sum = 0;
      for (let y = row * size; y < bottom; y++) {
        for (let x = column * size; x < right; x++) {
          const at = 4 * (y * width + x);
          sum += (19595 * rgba[at] + 38470 * rgba[at + 1] + 7471 * rgba[at + 2] + 32768) >> 16;
        }
      }
      const area = (bottom - row * size) * (right - column * size);
      values[row * columns + column] = Math.floor((2 * sum + area) / (2 * area));
    }
  }
  return { values, rows, columns };
}

// For each pixel, the sum of the values at most `half` rows and columns away.
function boxSums(values, rows, columns, half) {
  const wide = columns + 1;
  const table = new Float64Array((rows + 1) * wide); // of everything above and to the left
  for (let row = 0; row < rows; row++) {
    let line = 0;
    for (let column = 0; column < columns; column++) {
      line += values[row * columns + column];
      table[(row + 1) * wide + column + 1] = table[row * wide + column + 1] + line;
    }
  }
  const sums = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [Math.max(0, row - half) * wide, Math.min(rows, row + half + 1) * wide];
    for (let column = 0; column < columns; column++) {
      const [left, right] = [Math.max(0, column - half), Math.min(columns, column + half + 1)];
      sums[row * columns + column] = table[bottom + right] - table[top + right] - table[bottom + left] + table[top + left];
    }
  }
  return sums;
}

// Whether ink is darker than paper: ink covers less and so lies further from the mean of its surroundings, and the
// picture's edge has more paper than its inside.
export function paperIsLight({ values, rows, columns }) {
  const half = (rows + columns) >> 3;
  const count = boxSums(new Uint8Array(values.length).fill(1), rows, columns, half);
  const sums = boxSums(values, rows, columns, half);
  const edge = Math.min(rows, columns) >> 3;
  let [signed, all, whole, inside, power] = [0, 0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const level = values[i];
    const distance = level - sums[i] / count[i];
    signed += distance * Math.abs(distance);
    all += distance * distance;
    whole += level;
    power += level * level;
    const [row, column] = [Math.floor(i / columns), i % columns];
    if (row >= edge && row < rows - edge && column >= edge && column < columns - edge) inside += level;
  }
  const pixels = values.length;
  const middle = (rows - 2 * edge) * (columns - 2 * edge);
  const rim = edge ? (whole - inside) / (pixels - middle) - inside / middle : 0; // of a thin strip, all is rim
  const spread = Math.sqrt(pixels * power - whole * whole) / pixels;
  return 0.5 * rim / Math.max(spread, 1) - signed / Math.max(all, 1e-9) >= 0;
}

// The picture with even paper, 255 if `light` and else 0, and strong ink; null if there is no ink.
export function removeBackground({ values, rows, columns }, light) {
  const picture = light ? values : values.map((level) => 255 - level);
  const half = (rows + columns) >> 3;
  const sums = (of, near) => boxSums(of, rows, columns, near);
  const ones = new Uint8Array(values.length).fill(1);
  const areas = [half, half >> 1].map((near) => [near, sums(ones, near)]);
  let [count, total] = [areas[0][1], sums(picture, half)];
  for (let round = 0; round < ROUNDS; round++) {
    const paper = picture.map((level, i) => (20 * level * count[i] >= 17 * total[i] ? 1 : 0));
    const levels = picture.map((level, i) => level * paper[i]);
    count = new Float64Array(values.length).fill(paper.reduce((sum, one) => sum + one, 0));
    total = new Float64Array(values.length).fill(levels.reduce((sum, level) => sum + level, 0));
    for (const [near, area] of areas) { // the nearest surroundings of which at least a quarter is paper
      const [papers, lights] = [sums(paper, near), sums(levels, near)];
      for (let i = 0; i < papers.length; i++) if (4 * papers[i] >= area[i]) [count[i], total[i]] = [papers[i], lights[i]];
    }
  }
  const darkness = picture.map((level, i) => {
    const most = Math.max(1, total[i]);
    const even = light ? 255 * level * count[i] / most : 255 + level - most / count[i];
    return 255 - Math.max(0, Math.min(255, Math.floor(even + 0.5)));
  });
  const range = levelsOf(darkness);
  if (!range) return null;
  const [low, high] = range;
  const ink = darkness.map((level) => Math.max(0, Math.min(255, Math.floor((level - low) * 255 / (high - low) + 0.5))));
  dropSpecks(ink, rows, columns);
  return { values: light ? ink.map((level) => 255 - level) : ink, rows, columns };
}

// Empty all that is no ink, and every piece with less than a fiftieth of the largest one's full ink.
function dropSpecks(ink, rows, columns) {
  const piece = new Int32Array(ink.length); // 0 for paper, else the piece's number
  const full = [0];
  const open = [];
  for (let start = 0; start < ink.length; start++) {
    if (ink[start] < INK || piece[start]) continue;
    const number = full.push(0) - 1;
    piece[start] = number;
    open.push(start);
    while (open.length) {
      const at = open.pop();
      if (ink[at] >= 128) full[number]++;
      const [row, column] = [Math.floor(at / columns), at % columns];
      for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
          const next = y * columns + x;
          if (ink[next] < INK || piece[next]) continue;
          piece[next] = number;
          open.push(next);
        }
      }
    }
  }
  const most = full.reduce((largest, one) => Math.max(largest, one), 0);
  for (let i = 0; i < ink.length; i++) if (!full[piece[i]] || 50 * full[piece[i]] < most) ink[i] = 0;
}

// Which darkness becomes empty and which full, by Otsu's threshold; null if paper and ink hardly differ.
function levelsOf(darkness) {
  const [below, sums] = [new Float64Array(256), new Float64Array(256)];
  for (const level of darkness) below[level]++;
  for (let level = 0, all = 0, sum = 0; level < 256; level++) {
    all += below[level];
    sum += below[level] * level;
    [below[level], sums[level]] = [all, sum];
  }
  let [threshold, most] = [0, 0];
  for (let level = 0; level < 256; level++) {
    const above = below[255] - below[level];
    if (!below[level] || !above) continue;
    const gap = sums[level] / below[level] - (sums[255] - sums[level]) / above;
    const between = below[level] * above * (gap * gap);
    if (between > most) [threshold, most] = [level, between];
  }
  if (!most) return null;
  const above = below[255] - below[threshold];
  const grain = below.findIndex((rank) => 4 * rank >= 3 * below[threshold]); // 3/4 of the paper are not darker
  const full = below.findIndex((rank) => 2 * (rank - below[threshold]) >= above); // half of the ink is not darker
  return full - grain >= FAINT ? [Math.min(threshold >> 1, 4 * grain), full] : null;
}

// A photo in grey levels as the network sees it: { image, steps } as from fit(), or null without ink.
export function preparePhoto(grey, skip = []) {
  const light = paperIsLight(grey);
  const even = removeBackground(grey, light);
  if (!even) return null;
  const steps = { grey: () => grey };
  let picture = grey;
  if (!skip.includes("background")) {
    picture = even;
    steps.background = () => even;
  }
  if (!skip.includes("invert")) {
    const turned = light ? { ...picture, values: picture.values.map((level) => 255 - level) } : picture;
    picture = turned;
    steps.invert = () => turned;
  }
  const fitted = fit(picture, skip);
  return { image: fitted.image, steps: { ...steps, ...fitted.steps } };
}
