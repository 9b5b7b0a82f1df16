// What PredictionInspector works out, without a page.

export const SIDE = 28;
const BYTES = SIDE * SIDE / 2; // of an image: two pixels in each
export const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

export const number = (count) => count.toLocaleString("en");
export const several = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

// The 784 pixels of image `index`, 0 to 15.
export function unpack(packed, index) {
  return Array.from({ length: SIDE * SIDE }, (_, i) => {
    const byte = packed[index * BYTES + (i >> 1)];
    return i % 2 ? byte & 15 : byte >> 4;
  });
}

// The two most probable digits, the most probable first.
export function firstTwo(probabilities) {
  return [...DIGITS].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, 2);
}

// How strongly a cell is coloured, 0 to 1: as the logarithm, or all but the largest would be white.
export const shade = (count, largest) => Math.log1p(count) / Math.log1p(Math.max(1, largest));
