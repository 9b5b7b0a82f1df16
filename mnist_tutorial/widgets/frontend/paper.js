// How dark a photo is against its paper. mnist_tutorial/handwriting/paper.py does the same in NumPy.

import { largest, smallest } from "./filters.js";

const FAINT = 20; // grey levels between paper and ink: with less, nothing is drawn

// The level, 0 to 255, that half of those counted (or another part: one of so many) do not exceed.
export function medianOf(counts, part = 2) {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (let level = 0; ; level++) {
    below += counts[level];
    if (part * below >= all || level === 255) return part * below >= all ? level : 0;
  }
}

// How much the levels change around each pixel.
export function edgesOf({ values, rows, columns }) {
  const [high, low] = [largest(values, rows, columns, 2), smallest(values, rows, columns, 2)];
  for (let i = 0; i < high.length; i++) high[i] -= low[i];
  return high;
}

// How much darker each pixel is than its paper (lighter, if the paper is dark): in the photo, and in even light.
export function darknessOf({ values, rows, columns }, light, half, part = 2) {
  const image = light ? values : values.map((level) => 255 - level);
  return darknessOn(smallest(largest(image, rows, columns, half), rows, columns, half), image, light, part);
}

// The same, if the paper behind the image is known.
export function darknessOn(paper, image, light, part = 2) {
  const [depth, darkness] = [new Uint8Array(paper.length), new Uint8Array(paper.length)];
  let most = 1;
  for (let i = 0; i < paper.length; i++) most = Math.max(most, paper[i]);
  const least = Math.max(1, most >> 2);
  const counts = new Float64Array(256);
  for (let i = 0; i < paper.length; i++) {
    depth[i] = paper[i] - image[i];
    const here = Math.max(paper[i], least); // light on paper multiplies; where there is hardly any, grain would
    darkness[i] = light ? Math.floor((510 * depth[i] + here) / (2 * here)) : depth[i];
    counts[darkness[i]]++;
  }
  const usual = medianOf(counts, part); // at least one of so many pixels is paper
  for (let i = 0; i < darkness.length; i++) darkness[i] = Math.max(0, darkness[i] - usual);
  return { depth, darkness };
}

// The paper of a photo in grey levels; where there is ink (1 in `ink`), the nearest paper around it.
export function paperBehind({ values, rows, columns }, ink) {
  const known = values.map((level, i) => (ink[i] ? 0 : level));
  let paper = known;
  for (let half = 2; half <= Math.floor((rows + columns) / 4) && paper.includes(0); half *= 2) {
    const filled = smallest(largest(known, rows, columns, half), rows, columns, half);
    paper = paper.map((level, i) => level || filled[i]);
  }
  return paper.map((level, i) => Math.max(level, values[i]));
}

// Otsu's threshold (1979) of those whose mark in `mask` is `mark`, and how many of them do not exceed each level; null if
// all are equal.
function separation(darkness, mask, mark) {
  const [below, sums] = [new Float64Array(256), new Float64Array(256)];
  for (let i = 0; i < darkness.length; i++) if (mask[i] === mark) below[darkness[i]]++;
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
  return most ? { threshold, below } : null;
}

export const thresholdOf = (darkness, taken) => separation(darkness, taken, 1)?.threshold ?? null;

// Which darkness becomes empty and which full, or null if paper and ink hardly differ.
export function levelsOf(darkness, outside) {
  const found = separation(darkness, outside, 0);
  if (!found) return null;
  const { threshold, below } = found;
  const above = below[255] - below[threshold];
  const grain = below.findIndex((rank) => 4 * rank >= 3 * below[threshold]); // 3/4 of the paper are not darker
  const full = below.findIndex((rank) => 2 * (rank - below[threshold]) >= above); // half of the ink is not darker
  return full - grain >= FAINT ? [Math.max(threshold >> 2, Math.min(threshold >> 1, 4 * grain)), full] : null;
}

// How much ink each darkness, 0 to 255, is, if `low` is none and `high` is full.
export const inkByDarkness = (low, high) => Uint8Array.from({ length: 256 }, (_, level) =>
  Math.max(0, Math.min(255, Math.floor((510 * (level - low) + high - low) / (2 * (high - low))))));

