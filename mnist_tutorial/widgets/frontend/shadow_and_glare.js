// A photo under uneven light: what is left without soft shadows, and what glare has made pale. For ink.js.
import { componentsOf, longest, maskOf, STRONG } from "./components.js";
import { largest, smallest } from "./filters.js";
import { find, halfOf, sumOf, WINDOWS } from "./found_ink.js";
import { darknessOf, darknessOn, inkByDarkness, levelsOf, medianOf, paperBehind, thresholdOf } from "./paper.js";

const SHADOW = [18, 19]; // of 25: how dark a shadow may be against ink, at the first threshold and at the second
const HARD = 106; // percent of its depth: lines along which a photo changes by as much are drawn, unless very pale
const OVEREXPOSED = 250; // grey levels of paper in glare, if the usual paper has less than 235
const FADED = [4, 20]; // grey levels between such paper and ink: none, and full ink

// What is left when paler, soft shadows count as paper, or null if there are none. A second threshold tells them from the
// digit; then the paper behind the digit is what lies around it, with the shadow. whole: what fills the photo.
export function withoutShadow(grey, edges, whole) {
  const { values, rows, columns } = grey;
  const near = (mask, half) => largest(mask, rows, columns, half);
  const [half, part] = whole?.light ? [Math.max(rows, columns), 4] : [halfOf(grey, WINDOWS[WINDOWS.length - 1]), 2];
  const { depth, darkness } = darknessOf(grey, true, half, part);
  const levels = levelsOf(darkness, new Uint8Array(depth.length));
  if (!levels) return null;
  const inkOfLevel = inkByDarkness(...levels);
  const strong = darkness.map((level) => (inkOfLevel[level] >= STRONG ? 1 : 0));
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
export function withInkInGlare(grey, edges, found) {
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
