// Where the ink is on a photo, and which of it is the digit. mnist_tutorial/handwriting/ink.py says in words what is
// done and does the same in NumPy; all numbers are whole, or come about in the same order, so that both agree.
//
// An image is { values, rows, columns }, as in handwriting.js; masks hold 0 and 1.

import { largest, smallest } from "./filters.js";

const PIECE = 80; // pixels with this much ink and more make up pieces
const FAINT = 20; // grey levels between paper and ink: with less, nothing is drawn
const GAIN = 1.4; // by so much must a wider window find more: shadows of fingers are found by the wide ones only
const WINDOWS = [64, 48, 32, 24, 16]; // half a window is this part of height and width together
const COLOURLESS = 40; // levels between a pixel's red, green and blue: with less in all, a photo is grey
const SEVERAL = "There may be more than one digit; the one near the middle with the most ink was taken.";
const ROUNDS = 4; // in which what touches the edge is taken away

// The level, 0 to 255, that half of those counted (or another part: one of so many) do not exceed.
function medianOf(counts, part = 2) {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (let level = 0; ; level++) {
    below += counts[level];
    if (part * below >= all || level === 255) return part * below >= all ? level : 0;
  }
}

function edgesOf({ values, rows, columns }) {
  const [high, low] = [largest(values, rows, columns, 2), smallest(values, rows, columns, 2)];
  return high.map((level, i) => level - low[i]);
}

// How much darker each pixel is than its paper (lighter, if the paper is dark): in the photo, and in even light.
function darknessOf({ values, rows, columns }, light, half, part = 2) {
  const picture = light ? values : values.map((level) => 255 - level);
  const paper = smallest(largest(picture, rows, columns, half), rows, columns, half);
  const depth = paper.map((level, i) => level - picture[i]);
  let darkness = depth;
  if (light) { // light on paper multiplies; where there is hardly any, grain would
    const least = paper.reduce((most, level) => Math.max(most, level), 0) >> 2;
    darkness = depth.map((level, i) => {
      const most = Math.max(paper[i], least, 1);
      return Math.floor((510 * level + most) / (2 * most));
    });
  }
  const counts = new Float64Array(256);
  for (const level of darkness) counts[level]++;
  const usual = medianOf(counts, part); // at least one of so many pixels is paper
  return { depth, darkness: darkness.map((level) => Math.max(0, level - usual)) };
}

// Which darkness becomes empty and which full, by Otsu's threshold; null if paper and ink hardly differ.
function levelsOf(darkness, outside) {
  const [below, sums] = [new Float64Array(256), new Float64Array(256)];
  for (let i = 0; i < darkness.length; i++) if (!outside[i]) below[darkness[i]]++;
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
  return full - grain >= FAINT ? [Math.max(threshold >> 2, Math.min(threshold >> 1, 4 * grain)), full] : null;
}

const stretched = (level, low, high) =>
  Math.max(0, Math.min(255, Math.floor((510 * (level - low) + high - low) / (2 * (high - low)))));

// The pieces of ink, and the number of each pixel's, 0 for none; specks are no pieces.
function piecesOf(ink, depth, edges, rows, columns) {
  const numbers = new Int32Array(ink.length);
  const strong = ink.map((level) => (level >= PIECE ? 1 : 0));
  const inner = smallest(strong.map((one) => 255 * one), rows, columns, 1);
  const all = [];
  const open = new Int32Array(ink.length);
  for (let start = 0; start < ink.length; start++) {
    if (!strong[start] || numbers[start]) continue;
    const number = all.length + 1;
    let [full, area, x, y, xx, yy, xy, deep, sharp, outline, size] = new Array(11).fill(0);
    let [top, bottom, left, right] = [rows, 0, columns, 0];
    numbers[start] = number;
    open[size++] = start;
    while (size) {
      const at = open[--size];
      const row = Math.floor(at / columns);
      const column = at - row * columns;
      if (ink[at] >= 128) full++;
      area++;
      [x, y, xx, yy, xy] = [x + column, y + row, xx + column * column, yy + row * row, xy + column * row];
      if (!inner[at]) [outline, deep, sharp] = [outline + 1, deep + depth[at], sharp + Math.min(depth[at], edges[at])];
      [top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)];
      [left, right] = [Math.min(left, column), Math.max(right, column + 1)];
      for (let i = Math.max(0, row - 1); i <= Math.min(rows - 1, row + 1); i++) {
        for (let j = Math.max(0, column - 1); j <= Math.min(columns - 1, column + 1); j++) {
          const next = i * columns + j;
          if (!strong[next] || numbers[next]) continue;
          numbers[next] = number;
          open[size++] = next;
        }
      }
    }
    const a = xx / area - (x / area) * (x / area) + 1 / 12;
    const b = yy / area - (y / area) * (y / area) + 1 / 12;
    const c = xy / area - (x / area) * (y / area);
    const [height, width] = [bottom - top, right - left];
    all.push({
      number, top, bottom, left, right, height, width, extent: Math.max(height, width), full, area, deep, sharp, outline,
      atEdge: top === 0 || left === 0 || bottom === rows || right === columns,
      straight: (a + b) * (a + b) >= 30 * (a * b - c * c),
      cutOff: 3 * sharp < 2 * deep,
    });
  }
  const most = all.reduce((largestOne, { full }) => Math.max(largestOne, full), 0);
  return { numbers, pieces: all.filter(({ full }) => full && 50 * full >= most) };
}

const total = (pieces, of) => pieces.reduce((sum, piece) => sum + of(piece), 0);
const tallest = (pieces) => pieces.reduce((most, { extent }) => Math.max(most, extent), 0);

function maskOf(numbers, pieces) {
  const chosen = new Set(pieces.map(({ number }) => number));
  return Uint8Array.from(numbers, (number) => (chosen.has(number) ? 1 : 0));
}

// Where pieces are, with the paler ink along their edges but without what belongs to others.
function around(numbers, pieces, rows, columns) {
  const mask = maskOf(numbers, pieces);
  return largest(mask, rows, columns, 1).map((near, i) => (mask[i] || (near && !numbers[i]) ? 1 : 0));
}

// What is drawn, by how dark each pixel is; null for nothing. `finish` gives ink and masks.
function find({ depth, darkness }, light, edges, rows, columns) {
  const outside = new Uint8Array(depth.length);
  const longest = Math.max(rows, columns);
  const near = (numbers, pieces) => largest(maskOf(numbers, pieces), rows, columns, 2);
  let [kept, thinness] = [null, null];
  for (let round = 0; round < ROUNDS; round++) {
    const levels = levelsOf(darkness, outside);
    if (!levels) break;
    const ink = darkness.map((level, i) => stretched(outside[i] ? 0 : level, ...levels));
    const { numbers, pieces } = piecesOf(ink, depth, edges, rows, columns);
    const inside = pieces.filter(({ atEdge, cutOff }) => !atEdge && !cutOff);
    const alone = 12 * tallest(inside) >= longest;
    if (thinness === null && pieces.length) {
      const score = total(pieces, ({ atEdge, deep, sharp }) => Math.max(atEdge ? 0 : -deep, 2 * sharp - deep));
      thinness = score * Math.abs(score) * total(pieces, (one) => one.outline) / total(pieces, (one) => one.area);
    }
    if (!alone && kept?.pieces.length) break;
    kept = { pieces: alone ? inside : pieces, numbers, levels, alone };
    if (!alone || inside.length === pieces.length) break;
    const away = near(numbers, pieces.filter(({ atEdge, cutOff }) => atEdge || cutOff));
    for (let i = 0; i < away.length; i++) outside[i] |= away[i];
  }
  if (!kept?.pieces.length) return null;
  return inkOf({ ...kept, outside, thinness, darkness, light, rows, columns });
}

// What find() and filling() return.
function inkOf({ pieces, numbers, levels, alone, outside, thinness, darkness, light, rows, columns }) {
  const [sharp, deep] = [total(pieces, (one) => one.sharp), total(pieces, (one) => one.deep)];
  return {
    light, alone, thinness, sharpness: 2 * sharp - deep, whole: 20 * sharp >= 19 * deep, contrast: levels[1] - levels[0],
    finish() {
      const { digit, doubts } = digitOf(pieces, rows, columns);
      const inside = around(numbers, pieces, rows, columns);
      const ink = darkness.map((level, i) => (outside[i] || inside[i] ? stretched(level, ...levels) : 0));
      return { light, ink, kept: around(numbers, digit, rows, columns), doubts };
    },
  };
}

// The pieces that make up the digit, and doubts.
function digitOf(pieces, rows, columns) {
  let left = pieces.filter((one) => !pieces.some((other) => isAround(one, other)));
  const notAround = left;
  left = left.filter((one) => !notAround.some((other) => isBelow(one, other)));
  const bent = left.filter(({ straight }) => !straight);
  const most = tallest(left);
  if (bent.length && 3 * tallest(bent) >= most) {
    left = left.filter((one) => !one.straight || 3 * one.extent < most || bent.some((other) => gapOf(one, other) <= 0));
  }
  const lines = !bent.length && left.length > 1; // a 1, and a pen or its like beside it
  const weigh = (one) => {
    const away = Math.max(Math.abs(one.top + one.bottom - rows) / rows, Math.abs(one.left + one.right - columns) / columns);
    const weight = one.full * (1.5 - away);
    return lines ? weight / one.full : weight;
  };
  const main = left.reduce((best, one) => {
    const order = weigh(one) - weigh(best) || best.top - one.top || best.left - one.left;
    return order > 0 ? one : best;
  });
  const digit = [main];
  let rest = left.filter((one) => one !== main);
  for (;;) {
    const box = {
      top: Math.min(...digit.map(({ top }) => top)), bottom: Math.max(...digit.map(({ bottom }) => bottom)),
      left: Math.min(...digit.map((one) => one.left)), right: Math.max(...digit.map(({ right }) => right)),
    };
    const height = box.bottom - box.top;
    const size = Math.max(height, box.right - box.left);
    const allStraight = digit.every(({ straight }) => straight);
    const belongs = (one) => 4 * gapOf(one, box) <= size &&
      !(10 * one.height >= (one.straight && allStraight ? 4 : 7) * height &&
        10 * Math.max(one.left - box.right, box.left - one.right) >= one.height);
    const more = rest.filter(belongs);
    if (!more.length) return { digit, doubts: rest.some((one) => 2 * one.height >= height) ? [SEVERAL] : [] };
    digit.push(...more);
    rest = rest.filter((one) => !more.includes(one));
  }
}

// How far a piece is from another one, down or across; less than 0 where they overlap.
const gapOf = (one, other) =>
  Math.max(one.top - other.bottom, other.top - one.bottom, one.left - other.right, other.left - one.right);

// Whether a piece goes round another one that is at least a third as high: a ring or a box.
const isAround = (ring, other) => ring.top < other.top && ring.bottom > other.bottom && ring.left < other.left &&
  ring.right > other.right && 3 * other.height >= ring.height;

// Whether a piece is a line under another one.
function isBelow(line, other) {
  const flat = line.width >= 3 * line.height && 3 * line.height <= other.height;
  const beside = Math.min(line.right, other.right) - Math.max(line.left, other.left);
  return flat && 2 * beside >= other.width && 4 * line.top >= 3 * other.bottom + other.top && line !== other;
}

const halfOf = ({ rows, columns }, share) => Math.max(1, Math.floor((rows + columns) / share));

// A photo in grey levels: { light, ink, kept, doubts }, or null if nothing is drawn.
export function findInk(grey) {
  const { rows, columns } = grey;
  const edges = edgesOf(grey);
  const whole = filling(grey, edges);
  if (whole) return whole.finish();
  let [best, narrow] = [null, 0];
  for (const share of WINDOWS) {
    const half = halfOf(grey, share);
    let found = null;
    for (const light of [true, false]) {
      const one = find(darknessOf(grey, light, half), light, edges, rows, columns);
      if (one && (!found || one.alone > found.alone || (one.alone === found.alone && one.thinness > found.thinness))) found = one;
    }
    if (found && (!best || isBetter(found, best))) [best, narrow] = [found, half];
  }
  return best && filled(grey, best, narrow, edges).finish();
}

// A digit that fills the photo, or null. Its strokes may be wider than all windows and may touch the edge, so one level
// of paper is taken for the whole.
function filling(grey, edges) {
  const { rows, columns } = grey;
  for (const light of [true, false]) {
    const { depth, darkness } = darknessOf(grey, light, Math.max(rows, columns), 4);
    const outside = new Uint8Array(depth.length);
    const levels = levelsOf(darkness, outside);
    if (!levels) continue;
    const ink = darkness.map((level) => stretched(level, ...levels));
    const { numbers, pieces } = piecesOf(ink, depth, edges, rows, columns);
    if (!fill(pieces, ink, rows, columns)) continue;
    return inkOf({ pieces, numbers, levels, alone: true, outside, thinness: 0, darkness, light, rows, columns });
  }
  return null;
}

// Whether most ink is one bent piece over three quarters of the photo, with paper around it: it may take one corner, as
// a 7 does, and a third of the border (a quarter with a corner).
function fill(pieces, ink, rows, columns) {
  let [border, corners] = [0, 0];
  for (let i = 0; i < ink.length; i++) {
    if (ink[i] < PIECE) continue;
    const column = i % columns;
    const [down, across] = [i < columns || i >= ink.length - columns, column === 0 || column === columns - 1];
    if (down || across) border++;
    if (down && across) corners++;
  }
  if (corners > 1 || (3 + corners) * border > 2 * (rows + columns)) return false;
  const all = total(pieces, ({ full }) => full);
  return pieces.some(({ full, height, width, area, straight, sharp, deep }) => 2 * full >= all &&
    (10 * area <= 7 * height * width || Math.max(height, width) >= 2 * Math.min(height, width)) && // no sheet
    (4 * height >= 3 * rows || 4 * width >= 3 * columns) && !straight && 2 * sharp >= deep);
}

function isBetter(found, best) {
  if (found.alone !== best.alone) return found.alone;
  return found.sharpness > (best.whole ? GAIN : 1.05) * best.sharpness;
}

// What is found once more, with ink as dark as the found one where a stroke is wider than the window.
function filled(grey, found, half, edges) {
  const { rows, columns } = grey;
  const wide = halfOf(grey, WINDOWS[WINDOWS.length - 1]);
  if (half === wide) return found;
  const picture = found.light ? grey.values : grey.values.map((level) => 255 - level);
  const near = darknessOf(grey, found.light, half);
  const { ink, kept } = found.finish();
  const [levels, papers] = [new Float64Array(256), new Float64Array(256)];
  let any = false;
  for (let i = 0; i < ink.length; i++) {
    if (!kept[i] || ink[i] < 128) continue;
    any = true;
    levels[picture[i]]++;
    papers[picture[i] + near.depth[i]]++;
  }
  if (!any) return found;
  const [level, paper] = [medianOf(levels), medianOf(papers)];
  const limit = level + Math.floor((paper - level) / 4);
  const far = darknessOf(grey, found.light, wide);
  const both = (name) => near[name].map((value, i) => (picture[i] <= limit ? far[name][i] : value));
  return find({ depth: both("depth"), darkness: both("darkness") }, found.light, edges, rows, columns) ?? found;
}

// The grey levels in which ink and paper differ: lightness (ITU-R BT.601), unless red, green or blue light alone shows
// more than twice the contrast. colours: { red, green, blue, rows, columns }, each colour a Uint8Array.
export function toGrey({ red, green, blue, rows, columns }) {
  const grey = (values) => ({ values, rows, columns });
  const lightness = red.map((level, i) => (19595 * level + 38470 * green[i] + 7471 * blue[i] + 32768) >> 16);
  const colourful = red.some((level, i) =>
    Math.max(level, green[i], blue[i]) - Math.min(level, green[i], blue[i]) >= COLOURLESS);
  if (!colourful) return grey(lightness);
  let [most, chosen] = [2 * contrastOf(grey(lightness)), lightness];
  for (const channel of [red, green, blue]) {
    const contrast = contrastOf(grey(channel));
    if (contrast > most) [most, chosen] = [contrast, channel];
  }
  return grey(chosen);
}

function contrastOf(grey) {
  const edges = edgesOf(grey);
  const half = halfOf(grey, WINDOWS[2]);
  return Math.max(...[true, false].map((light) => {
    const found = find(darknessOf(grey, light, half), light, edges, grey.rows, grey.columns);
    return found?.alone ? found.contrast : 0;
  }));
}
