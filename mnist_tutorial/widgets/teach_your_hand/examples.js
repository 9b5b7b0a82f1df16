// Drawings for readers who want to try it without drawing: a hand whose 0 has a slash, whose 1 has a long upstroke,
// whose 9 ends in a hook ..., each time a little different. They are made up, and always the same.
import { randomWords } from "../engine/random_numbers.js";
import { curve } from "../frontend/curves.js";

export const PEN = 0.08;
// Points [x, y] of strokes, 0 to 1, joined by smooth curves; "/" in front joins them by straight lines.
const HAND = [
  [[[0.5, 0.06], [0.26, 0.24], [0.22, 0.66], [0.45, 0.94], [0.74, 0.76], [0.78, 0.32], [0.5, 0.06]],
    ["/", [0.84, 0.08], [0.16, 0.92]]],
  [["/", [0.12, 0.62], [0.6, 0.08], [0.6, 0.94]]],
  [[[0.22, 0.26], [0.48, 0.06], [0.72, 0.26], [0.56, 0.6], [0.26, 0.9], [0.14, 0.76], [0.34, 0.68], [0.6, 0.9], [0.9, 0.78]]],
  [["/", [0.2, 0.1], [0.78, 0.1], [0.42, 0.44]], [[0.42, 0.44], [0.76, 0.5], [0.78, 0.78], [0.5, 0.94], [0.16, 0.84]]],
  [["/", [0.46, 0.04], [0.1, 0.58], [0.88, 0.58]], ["/", [0.62, 0.34], [0.62, 0.98]]],
  [["/", [0.36, 0.12], [0.32, 0.46]], [[0.32, 0.46], [0.58, 0.42], [0.74, 0.64], [0.62, 0.9], [0.3, 0.92], [0.16, 0.82]],
    ["/", [0.4, 0.06], [0.9, 0.02]]],
  [[[0.34, 0.04], [0.24, 0.4], [0.24, 0.78], [0.46, 0.95], [0.7, 0.8], [0.62, 0.6], [0.4, 0.6], [0.25, 0.76]]],
  [["/", [0.16, 0.26], [0.2, 0.1], [0.82, 0.08], [0.46, 0.94]], ["/", [0.26, 0.56], [0.84, 0.48]]],
  [[[0.5, 0.46], [0.3, 0.3], [0.46, 0.06], [0.68, 0.24], [0.5, 0.46]],
    [[0.5, 0.46], [0.24, 0.68], [0.46, 0.95], [0.74, 0.74], [0.5, 0.46]]],
  [[[0.7, 0.26], [0.46, 0.08], [0.26, 0.28], [0.46, 0.48], [0.7, 0.28], [0.76, 0.66], [0.52, 0.95], [0.18, 0.9], [0.12, 0.7]]],
];

// The strokes of a digit, drawn for the n-th time.
export function exampleOf(digit, n) {
  let count = 0;
  const words = randomWords(2026, 9, digit, n, 128);
  const random = (spread) => spread * (2 * words[count++ % words.length] / 2 ** 32 - 1);
  const [wide, high, slant, turn] = [1 + random(0.18), 1 + random(0.12), 0.12 + random(0.15), random(0.1)];
  const place = ([x, y]) => {
    const [right, down] = [(x - 0.5 + random(0.025)) * wide, (y - 0.5 + random(0.025)) * high];
    const across = right + slant * down;
    return [across - turn * down, down + turn * across].map((value) => Math.min(0.98, Math.max(0.02, value + 0.5)));
  };
  return HAND[digit].map((stroke) => {
    const straight = stroke[0] === "/";
    const points = (straight ? stroke.slice(1) : stroke).map(place);
    return (straight ? points : curve(points)).map((point) => point.map((value) => Math.round(value * 1e4) / 1e4));
  });
}
