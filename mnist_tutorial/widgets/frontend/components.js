// Connected components of ink, and which of them are the digit. mnist_tutorial/handwriting/components.py does the same.

import { largest, smallest } from "./filters.js";

export const STRONG = 80; // pixels with this much ink and more make up components
const MAX_COMPARED = 200; // each with each: of more, such as grains of noise, the largest count
const SEVERAL = "There may be more than one digit; the one near the middle with the most ink was taken.";

// The components of ink, and the number of each pixel's, 0 for none; specks are no components.
export function componentsOf(ink, depth, edges, rows, columns) {
  const numbers = new Int32Array(ink.length);
  const strong = new Uint8Array(ink.length);
  for (let i = 0; i < ink.length; i++) strong[i] = ink[i] >= STRONG ? 1 : 0;
  const inner = smallest(strong, rows, columns, 1);
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
      x += column;
      y += row;
      xx += column * column;
      yy += row * row;
      xy += column * row;
      if (!inner[at]) {
        outline++;
        deep += depth[at];
        sharp += Math.min(depth[at], edges[at]);
      }
      if (row < top) top = row;
      if (row >= bottom) bottom = row + 1;
      if (column < left) left = column;
      if (column >= right) right = column + 1;
      const lastRow = Math.min(rows - 1, row + 1);
      const lastColumn = Math.min(columns - 1, column + 1);
      for (let i = Math.max(0, row - 1); i <= lastRow; i++) {
        for (let j = Math.max(0, column - 1); j <= lastColumn; j++) {
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
  return { numbers, components: all.filter(({ full }) => full && 50 * full >= most) };
}

export const total = (components, of) => components.reduce((sum, component) => sum + of(component), 0);
export const longest = (components) => components.reduce((most, { extent }) => Math.max(most, extent), 0);

export function maskOf(numbers, components) {
  const chosen = new Uint8Array(1 + components.reduce((most, { number }) => Math.max(most, number), 0));
  for (const { number } of components) chosen[number] = 1;
  const mask = new Uint8Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) mask[i] = chosen[numbers[i]];
  return mask;
}

// Where components are, with the paler ink along their edges but without what belongs to others.
export function around(numbers, components, rows, columns) {
  const mask = maskOf(numbers, components);
  return largest(mask, rows, columns, 1).map((near, i) => (mask[i] || (near && !numbers[i]) ? 1 : 0));
}

// The components that make up the digit, and doubts.
export function digitOf(components, rows, columns) {
  const large = components.length <= MAX_COMPARED ? components
    : [...components].sort((one, other) => other.full - one.full || one.number - other.number).slice(0, MAX_COMPARED)
      .sort((one, other) => one.number - other.number);
  let left = large.filter((one) => !large.some((other) => isAround(one, other)));
  const notAround = left;
  left = left.filter((one) => !notAround.some((other) => isBelow(one, other)));
  const bent = left.filter(({ straight }) => !straight);
  const most = longest(left);
  const before = left;
  if (bent.length && 3 * longest(bent) >= most) {
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
    if (!more.length) {
      const lines = before.filter((one) => !left.includes(one) && mayBeAOne(one, height));
      return { digit, doubts: [...rest, ...lines].some((one) => 2 * one.height >= height) ? [SEVERAL] : [] };
    }
    digit.push(...more);
    rest = rest.filter((one) => !more.includes(one));
  }
}

// How far a component is from another one, down or across; less than 0 where they overlap.
const gapOf = (one, other) =>
  Math.max(one.top - other.bottom, other.top - one.bottom, one.left - other.right, other.left - one.right);

// Whether a component goes round another one that is at least a third as high: a ring or a box.
const isAround = (ring, other) => ring.top < other.top && ring.bottom > other.bottom && ring.left < other.left &&
  ring.right > other.right && 3 * other.height >= ring.height;

// Whether a straight line beside a digit of some height is as upright and as high as a 1 would be.
const mayBeAOne = (line, height) => !line.atEdge && line.height >= 2 * line.width &&
  2 * height <= 3 * line.height && 3 * line.height <= 4 * height;

// Whether a component is a line under another one.
function isBelow(line, other) {
  const flat = line.width >= 3 * line.height && 3 * line.height <= other.height;
  const beside = Math.min(line.right, other.right) - Math.max(line.left, other.left);
  return flat && 2 * beside >= other.width && 4 * line.top >= 3 * other.bottom + other.top && line !== other;
}

