// What PredictionInspector works out, without a page.

export const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

export const number = (count) => count.toLocaleString("en");
export const several = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

// The two most probable digits, the most probable first.
export function firstTwo(probabilities) {
  return [...DIGITS].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, 2);
}

// How strongly a cell is coloured, 0 to 1: as the logarithm, or all but the largest would be white.
export const shade = (count, largest) => Math.log1p(count) / Math.log1p(Math.max(1, largest));
