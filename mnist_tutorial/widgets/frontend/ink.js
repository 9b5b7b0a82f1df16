// Where the ink is on a photo, and which of it is the digit. mnist_tutorial/handwriting/ink.py says in words what is
// done and does the same in NumPy; all numbers are whole, or are computed in the same order, so that both agree.
//
// An image is { values, rows, columns }, as in handwriting.js; masks hold 0 and 1.

import { componentsOf, STRONG, total } from "./components.js";
import { find, halfOf, inkOf, sumOf, WINDOWS } from "./found_ink.js";
import { darknessOf, edgesOf, inkByDarkness, levelsOf, medianOf } from "./paper.js";
import { withInkInGlare, withoutShadow } from "./shadow_and_glare.js";

const GAIN = 1.4; // by so much must a wider window find more: shadows of fingers are found by the wide ones only
const COLOURLESS = 40; // levels between a pixel's red, green and blue: with less in all, a photo is grey
const SOLID = "What was taken for ink is wider than the strokes of a pen; it may not be a digit.";

// A photo in grey levels: { light, ink, kept, doubts }, or null if nothing is drawn.
export function findInk(grey) {
  const edges = edgesOf(grey);
  const whole = filling(grey, edges);
  const found = whole ?? inWindows(grey, edges);
  const left = withoutShadow(grey, edges, whole);
  if (left && (!found || found.light || 5 * left.sharpness > 2 * found.sharpness)) return left.finish();
  return ((found?.light && withInkInGlare(grey, edges, found)) || found)?.finish() ?? null;
}

// What is found in the best of all windows, or a patch wider than all of them, or null.
function inWindows(grey, edges) {
  const { rows, columns } = grey;
  let [best, narrow] = [null, 0];
  for (const share of WINDOWS) {
    const half = halfOf(grey, share);
    let found = null;
    const [dark, pale] = [true, false].map((light) => find(darknessOf(grey, light, half), light, edges, rows, columns));
    for (const one of dark && pale && encloses(dark, pale, grey) ? [dark] : [dark, pale]) {
      if (one && (!found || one.alone > found.alone || (one.alone === found.alone && one.thinness > found.thinness))) found = one;
    }
    if (found && (!best || isBetter(found, best))) [best, narrow] = [found, half];
  }
  return best ? filled(grey, best, narrow, edges) : solid(grey, edges);
}

// Whether what looks like pale ink is the paper between the strokes of a digit that the photo's edge cuts: the strokes have
// sharper edges and take little of the photo, and beyond them the paper is as light as between them.
function encloses(dark, pale, { values }) {
  if (dark.alone || !pale.alone || !dark.whole) return false;
  if (2 * dark.sharpness < 3 * pale.sharpness || 2 * dark.thinness < 3 * pale.thinness) return false;
  const [pen, hole] = [dark.finish(), pale.finish()];
  const [strokes, between, beyond] = [0, 1, 2].map(() => new Float64Array(256));
  values.forEach((level, i) => {
    if (pen.kept[i] && pen.ink[i] >= 128) strokes[level]++;
    if (hole.kept[i] && hole.ink[i] >= 128) between[level]++;
    if (!pen.ink[i]) beyond[level]++;
  });
  const count = sumOf(strokes);
  if (10 * count > values.length || !count || !sumOf(between)) return false;
  const paper = medianOf(beyond);
  return 4 * Math.abs(paper - medianOf(between)) <= paper - medianOf(strokes);
}

// A patch wider than all windows, such as a thick letter, with sharp edges and paper around it, or null.
function solid(grey, edges) {
  const { rows, columns } = grey;
  for (const light of [true, false]) {
    const found = find(darknessOf(grey, light, Math.max(rows, columns), 4), light, edges, rows, columns);
    if (!found?.alone || !found.whole) continue;
    return { ...found, finish: () => withDoubt(found.finish(), SOLID) };
  }
  return null;
}

// Whether the largest component takes half of the box around it: a page on a dark desk does.
function mayBeASheet(components) {
  const { area, height, width } = components.reduce((best, one) => (one.full > best.full ? one : best));
  return 2 * area >= height * width;
}

const withDoubt = (made, doubt) => ({ ...made, doubts: [...made.doubts, doubt] });

// A digit that fills the photo, or null. Its strokes may be wider than all windows and may touch the edge, so one level
// of paper is taken for the whole.
function filling(grey, edges) {
  const { rows, columns } = grey;
  for (const light of [true, false]) {
    const { depth, darkness } = darknessOf(grey, light, Math.max(rows, columns), 4);
    const outside = new Uint8Array(depth.length);
    const levels = levelsOf(darkness, outside);
    if (!levels) continue;
    const inkOfLevel = inkByDarkness(...levels);
    const ink = darkness.map((level) => inkOfLevel[level]);
    const { numbers, components } = componentsOf(ink, depth, edges, rows, columns);
    if (!isFilledBy(components, ink, rows, columns)) continue;
    const found = inkOf({ components, numbers, levels, alone: true, outside, thinness: 0, darkness, light, rows, columns });
    if (light || !mayBeASheet(components)) return found;
    return { ...found, finish: () => withDoubt(found.finish(), SOLID) };
  }
  return null;
}

// Whether most ink is one bent component over three quarters of the photo, with paper around it: it may take one corner, as
// a 7 does, and a third of the border (a quarter with a corner).
function isFilledBy(components, ink, rows, columns) {
  let [border, corners] = [0, 0];
  for (let i = 0; i < ink.length; i++) {
    if (ink[i] < STRONG) continue;
    const column = i % columns;
    const down = i < columns || i >= ink.length - columns;
    const across = column === 0 || column === columns - 1;
    if (down || across) border++;
    if (down && across) corners++;
  }
  if (corners > 1 || (3 + corners) * border > 2 * (rows + columns)) return false;
  const all = total(components, ({ full }) => full);
  return components.some(({ full, height, width, area, straight, sharp, deep }) => 2 * full >= all &&
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
  const image = found.light ? grey.values : grey.values.map((level) => 255 - level);
  const near = darknessOf(grey, found.light, half);
  const { ink, kept } = found.finish();
  const [levels, papers] = [new Float64Array(256), new Float64Array(256)];
  let any = false;
  for (let i = 0; i < ink.length; i++) {
    if (!kept[i] || ink[i] < 128) continue;
    any = true;
    levels[image[i]]++;
    papers[image[i] + near.depth[i]]++;
  }
  if (!any) return found;
  const [level, paper] = [medianOf(levels), medianOf(papers)];
  const limit = level + Math.floor((paper - level) / 4);
  const far = darknessOf(grey, found.light, wide);
  const both = (name) => near[name].map((value, i) => (image[i] <= limit ? far[name][i] : value));
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
