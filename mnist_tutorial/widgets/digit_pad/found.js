// What is found on a photo, and what leaves doubt about it. A frame is [x, y, width, height] in pixels of the photo.
import { preparePhoto } from "../frontend/photo.js";
import { hasUpstroke } from "./upstroke.js";

const INK = 32; // with less, a pixel counts as empty, as where the ink is cropped
const STRONG = 80; // pixels with this much ink and more hang together
const FAINT = 40; // grey levels between ink and paper: with less, it may be a stain or a shadow
const MAX_BOXES = 5; // things that could be the digit, beside the one that was taken
const MAX_PIECES = 50; // each is compared with each: of more, such as the letters of a page, the largest count
export const SHORTEST = 8; // of a frame's sides

const edgesOf = ([x, y, width, height]) => ({ left: x, top: y, right: x + width, bottom: y + height });
const frameOf = ({ left, top, right, bottom }) => [left, top, right - left, bottom - top];
const join = (one, other) => ({
  left: Math.min(one.left, other.left), top: Math.min(one.top, other.top),
  right: Math.max(one.right, other.right), bottom: Math.max(one.bottom, other.bottom),
});

// What preparePhoto() makes of the part of a photo inside a frame (null: of the whole photo), and beside it `taken`: the
// frame that just holds the digit, and `doubts`, sentences. null where no ink is found.
export function prepareInside(photo, skip, frame) {
  const part = partOf(photo, frame);
  const made = preparePhoto(part, skip);
  if (!made) return null;
  const { rows, columns } = part;
  let box = null;
  for (let at = 0; at < made.ink.length; at++) {
    if (made.kept[at] && made.ink[at] >= INK) box = extended(box, at, columns);
  }
  if (!box) return null;
  const doubts = [...made.doubts];
  const reaches = box.left === 0 || box.top === 0 || box.right === columns || box.bottom === rows;
  const fills = 4 * Math.max(box.right - box.left, box.bottom - box.top) >= 3 * Math.max(rows, columns);
  if (reaches && frame) doubts.push("The frame may cut through the digit: its ink reaches the frame.");
  else if (reaches && !fills) doubts.push("A part of the digit may be missing: its ink reaches the edge of the photo.");
  if (contrastIn(around(box, part), part, made) < FAINT) {
    doubts.push("The ink hardly differs from the paper: it may be a stain or a shadow.");
  }
  if (hasUpstroke((at) => made.kept[at] && made.ink[at] >= STRONG, box, columns)) {
    doubts.push("It may be a 1 with an upstroke, which the network mostly takes for a 7.");
  }
  const [x, y] = frame ?? [0, 0];
  const [left, top, width, height] = frameOf(box);
  return { ...made, doubts, taken: [x + left, y + top, width, height] };
}

// The grey levels between the digit's ink and the paper in a frame.
function contrastIn([x, y, width, height], { values, columns }, { ink, kept }) {
  let [inks, papers, dark, light] = [0, 0, 0, 0];
  for (let row = y; row < y + height; row++) {
    for (let at = row * columns + x; at < row * columns + x + width; at++) {
      if (!ink[at]) [light, papers] = [light + values[at], papers + 1];
      else if (kept[at] && ink[at] >= 128) [dark, inks] = [dark + values[at], inks + 1];
    }
  }
  return inks && papers ? Math.abs(dark / inks - light / papers) : 255;
}

let cut = {}; // the last one: switches are thrown one after the other

function partOf(photo, frame) {
  if (!frame) return photo;
  const { buffer, byteOffset } = photo.values;
  const key = `${byteOffset} ${frame}`;
  if (cut.buffer === buffer && cut.key === key) return cut.part;
  const [x, y, width, height] = frame;
  const values = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (y + row) * photo.columns + x;
    values.set(photo.values.subarray(start, start + width), row * width);
  }
  cut = { buffer, key, part: { values, rows: height, columns: width } };
  return cut.part;
}

const known = new WeakMap(); // photos, by their bytes: what is found does not change with a frame

// What the book finds on a whole photo: `frames`, around all that could be the digit, the one that was taken first, and
// `doubts`. Without ink, there is no frame.
export function foundOn(photo) {
  const { buffer } = photo.values;
  if (!known.has(buffer)) {
    const made = prepareInside(photo, [], null);
    const boxes = made ? [edgesOf(made.taken), ...others(photo, made)] : [];
    known.set(buffer, { frames: boxes.map((box) => around(box, photo)), doubts: made?.doubts ?? [] });
  }
  return known.get(buffer);
}

// A frame with some paper around the ink, as the search for ink needs it.
function around({ left, top, right, bottom }, { rows, columns }) {
  const margin = Math.max(2, Math.ceil(Math.max(right - left, bottom - top) / 4));
  const wide = (start, end, length) => {
    const missing = Math.max(0, SHORTEST - (end - start) - 2 * margin);
    const first = Math.max(0, Math.min(start - margin - missing, length - SHORTEST));
    return [first, Math.min(length, Math.max(end + margin, first + SHORTEST))];
  };
  const [[x, right_], [y, bottom_]] = [wide(left, right, columns), wide(top, bottom, rows)];
  return [x, y, right_ - x, bottom_ - y];
}

// The boxes of what else could be the digit: at least half as high, not cut by the photo's edge, not a ring around it.
function others({ rows, columns }, { ink, kept, taken }) {
  const digit = edgesOf(taken);
  const left = Uint8Array.from(ink, (level, at) => (level >= STRONG && !kept[at] ? 1 : 0));
  let boxes = [];
  for (let at = 0; at < left.length; at++) {
    if (left[at]) boxes.push(flood(left, at, rows, columns));
  }
  boxes = boxes.sort((one, other) => other.full - one.full).slice(0, MAX_PIECES);
  const near = taken[3] / 4;
  for (let i = 0; i < boxes.length; i++) { // two strokes of one digit lie one below the other
    const other = boxes.findIndex((one, j) => j > i && isAbove(one, boxes[i], near));
    if (other < 0) continue;
    boxes[i] = { ...join(boxes[i], boxes[other]), full: boxes[i].full + boxes[other].full };
    boxes.splice(other, 1);
    i = -1;
  }
  boxes = boxes.filter((box) => 2 * (box.bottom - box.top) >= taken[3] && box.left > 0 && box.top > 0 &&
    box.right < columns && box.bottom < rows && !contains(box, digit));
  return boxes.sort((one, other) => other.full - one.full).slice(0, MAX_BOXES);
}

const contains = (outer, inner) => outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right &&
  outer.bottom >= inner.bottom;

function isAbove(one, other, near) {
  const common = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const gap = Math.max(one.top, other.top) - Math.min(one.bottom, other.bottom);
  return 2 * common >= Math.min(one.right - one.left, other.right - other.left) && gap <= near;
}

function extended(box, at, columns) {
  const [top, left] = [Math.floor(at / columns), at % columns];
  const pixel = { left, top, right: left + 1, bottom: top + 1 };
  return box ? join(box, pixel) : pixel;
}

// Takes away all that hangs together with a pixel; returns its box, and how many pixels it has.
function flood(mask, start, rows, columns) {
  const open = [start];
  let [box, full] = [null, 0];
  mask[start] = 0;
  while (open.length) {
    const at = open.pop();
    box = extended(box, at, columns);
    full++;
    for (let row = Math.max(0, Math.floor(at / columns) - 1); row <= Math.min(rows - 1, Math.floor(at / columns) + 1); row++) {
      for (let column = Math.max(0, at % columns - 1); column <= Math.min(columns - 1, at % columns + 1); column++) {
        const next = row * columns + column;
        if (!mask[next]) continue;
        mask[next] = 0;
        open.push(next);
      }
    }
  }
  return { ...box, full };
}
