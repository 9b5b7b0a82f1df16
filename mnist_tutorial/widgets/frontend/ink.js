// Where the ink is on a photo, and which of it is the digit. mnist_tutorial/handwriting/ink.py says in words what is
// done and does the same in NumPy; all numbers are whole, or are computed in the same order, so that both agree.
//
// An image is { values, rows, columns }, as in handwriting.js; masks hold 0 and 1.

import { around, componentsOf, digitOf, longest, maskOf, STRONG, total } from "./components.js";
import { largest, smallest } from "./filters.js";
import { darknessOf, darknessOn, edgesOf, levelsOf, medianOf, paperBehind, stretched, thresholdOf } from "./paper.js";

const GAIN = 1.4; // by so much must a wider window find more: shadows of fingers are found by the wide ones only
const WINDOWS = [64, 48, 32, 24, 16]; // half a window is this part of height and width together
const COLOURLESS = 40; // levels between a pixel's red, green and blue: with less in all, a photo is grey
const SOLID = "What was taken for ink is wider than the strokes of a pen; it may not be a digit.";
const SHADOW = [18, 19]; // of 25: how dark a shadow may be against ink, at the first threshold and at the second
const HARD = 106; // percent of its depth: lines along which a photo changes by as much are drawn, unless very pale
const OVEREXPOSED = 250; // grey levels of paper in glare, if the usual paper has less than 235
const FADED = [4, 20]; // grey levels between such paper and ink: none, and full ink
const ROUNDS = 4; // in which what touches the edge is taken away

// What is drawn, by how dark each pixel is; null for nothing. `finish` gives ink and masks.
function find({ depth, darkness }, light, edges, rows, columns) {
  const outside = new Uint8Array(depth.length);
  const side = Math.max(rows, columns);
  const near = (numbers, components) => largest(maskOf(numbers, components), rows, columns, 2);
  let [kept, thinness] = [null, null];
  for (let round = 0; round < ROUNDS; round++) {
    const levels = levelsOf(darkness, outside);
    if (!levels) break;
    const ink = darkness.map((level, i) => stretched(outside[i] ? 0 : level, ...levels));
    const { numbers, components } = componentsOf(ink, depth, edges, rows, columns);
    const inside = components.filter(({ atEdge, cutOff }) => !atEdge && !cutOff);
    const alone = 12 * longest(inside) >= side;
    if (thinness === null && components.length) {
      const score = total(components, ({ atEdge, deep, sharp }) => Math.max(atEdge ? 0 : -deep, 2 * sharp - deep));
      thinness = score * Math.abs(score) * total(components, (one) => one.outline) / total(components, (one) => one.area);
    }
    if (!alone && kept?.components.length) break;
    kept = { components: alone ? inside : components, numbers, levels, alone };
    if (!alone || inside.length === components.length) break;
    const away = near(numbers, components.filter(({ atEdge, cutOff }) => atEdge || cutOff));
    for (let i = 0; i < away.length; i++) outside[i] |= away[i];
  }
  if (!kept?.components.length) return null;
  return inkOf({ ...kept, outside, thinness, darkness, light, rows, columns });
}

// What find() and filling() return.
function inkOf({ components, numbers, levels, alone, outside, thinness, darkness, light, rows, columns }) {
  const [sharp, deep] = [total(components, (one) => one.sharp), total(components, (one) => one.deep)];
  return {
    light, alone, thinness, sharpness: 2 * sharp - deep, whole: 20 * sharp >= 19 * deep, contrast: levels[1] - levels[0],
    finish() {
      const { digit, doubts } = digitOf(components, rows, columns);
      const inside = around(numbers, components, rows, columns);
      const ink = darkness.map((level, i) => (outside[i] || inside[i] ? stretched(level, ...levels) : 0));
      return { light, ink, kept: around(numbers, digit, rows, columns), doubts };
    },
  };
}

const halfOf = ({ rows, columns }, share) => Math.max(1, Math.floor((rows + columns) / share));

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

// What is left when paler, soft shadows count as paper, or null if there are none. A second threshold tells them from the
// digit; then the paper behind the digit is what lies around it, with the shadow. whole: what fills the photo.
function withoutShadow(grey, edges, whole) {
  const { values, rows, columns } = grey;
  const near = (mask, half) => largest(mask, rows, columns, half);
  const [half, part] = whole?.light ? [Math.max(rows, columns), 4] : [halfOf(grey, WINDOWS[WINDOWS.length - 1]), 2];
  const { depth, darkness } = darknessOf(grey, true, half, part);
  const levels = levelsOf(darkness, new Uint8Array(depth.length));
  if (!levels) return null;
  const strong = darkness.map((level) => (stretched(level, ...levels) >= STRONG ? 1 : 0));
  let rest = strong;
  for (const second of [false, true]) {
    const threshold = thresholdOf(darkness, rest);
    if (threshold === null) return null;
    rest = strong.map((one, i) => (one && darkness[i] > threshold ? 1 : 0));
    const { numbers, components } = componentsOf(rest.map((one) => 255 * one), depth, edges, rows, columns);
    const inside = components.filter(({ atEdge }) => !atEdge);
    if (12 * longest(inside) < Math.max(rows, columns)) return null;
    const [dark, taken] = [maskOf(numbers, inside), maskOf(numbers, components)];
    const [close, closer] = [near(taken, 5), near(taken, 2)];
    const paler = strong.map((one, i) => (one && !closer[i] ? 1 : 0));
    if ((second ? 2 : 8) * sumOf(paler) < sumOf(strong)) continue; // perhaps there is a shadow almost as dark as ink
    const far = paler.map((one, i) => (one && !close[i] ? 1 : 0));
    if (!isShadow(grey, depth, darkness, strong, dark, far, paler, SHADOW[Number(second)])) return null;
    const left = find(darknessOn(paperBehind(grey, near(dark, 2)), values, true), true, edges, rows, columns);
    return left?.alone && left.whole ? left : null;
  }
  return null;
}

const sumOf = (mask) => mask.reduce((sum, one) => sum + one, 0);

// Whether what is paler than the ink lies on the same paper, is pale enough, and has soft edges.
function isShadow({ values, rows, columns }, depth, darkness, strong, dark, far, paler, most) {
  const median = (mask, levelAt) => {
    const counts = new Float64Array(256);
    mask.forEach((one, i) => { if (one) counts[levelAt(i)]++; });
    return medianOf(counts);
  };
  const [behind, beside] = [dark, paler].map((mask) => median(mask, (i) => values[i] + depth[i]));
  if (8 * (beside - behind) > behind || 4 * beside < 3 * behind) return false; // glare, which makes ink pale; another ground
  const [ink, shade] = [dark, paler].map((mask) => median(mask, (i) => darkness[i]));
  if (25 * shade > most * ink) return false;
  const inner = smallest(strong.map((one) => 255 * one), rows, columns, 1);
  const [high, low] = [largest(values, rows, columns, 1), smallest(values, rows, columns, 1)];
  let [change, deep] = [0, 0];
  far.forEach((one, i) => {
    if (one && !inner[i]) [change, deep] = [change + high[i] - low[i], deep + depth[i]];
  });
  return 2 * shade < ink || 100 * change < HARD * deep;
}

// What is found together with what glare has made pale, or null if no glare touches it. The camera's levels end at 255:
// where light is added to paper and ink, the little that is between them is ink.
function withInkInGlare(grey, edges, found) {
  const { values, rows, columns } = grey;
  const { depth, darkness } = darknessOf(grey, true, halfOf(grey, WINDOWS[WINDOWS.length - 1]));
  const narrow = darknessOf(grey, true, halfOf(grey, WINDOWS[2])).depth;
  const levels = levelsOf(darkness, new Uint8Array(depth.length));
  const papers = new Float64Array(256);
  values.forEach((level, i) => papers[level + depth[i]]++);
  const glare = values.map((level, i) => (level + narrow[i] >= OVEREXPOSED ? 1 : 0));
  if (!levels || medianOf(papers) >= 235 || 4 * sumOf(glare) > glare.length) return null; // else it is the light
  const close = largest(found.finish().kept, rows, columns, 2);
  if (!close.some((one, i) => one && glare[i])) return null;
  const [none, full] = FADED;
  const faded = (i) => Math.max(0, Math.min(levels[1], Math.floor((narrow[i] - none) * levels[1] / (full - none))));
  const seen = darkness.map((level, i) => (glare[i] ? Math.max(level, faded(i)) : level));
  const left = find({ depth, darkness: seen }, true, edges, rows, columns);
  return left?.alone ? left : null;
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
    const ink = darkness.map((level) => stretched(level, ...levels));
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
    const [down, across] = [i < columns || i >= ink.length - columns, column === 0 || column === columns - 1];
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
