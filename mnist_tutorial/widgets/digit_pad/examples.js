// Ten digits as a plain hand draws them, for readers who want to see an answer first.
import { h } from "../frontend/controls.js";
import { curve } from "../frontend/curves.js";
import { drawStrokes } from "../frontend/strokes.js";

const SIDE = 72; // pixels of a button's image
const PEN = 0.1; // of a button's image
// Points [x, y] of strokes, 0 to 1, joined by smooth curves; "/" in front joins them by straight lines.
const DIGITS = [
  [[[0.5, 0.12], [0.28, 0.3], [0.26, 0.66], [0.48, 0.88], [0.72, 0.68], [0.72, 0.32], [0.5, 0.12]]],
  [["/", [0.53, 0.12], [0.49, 0.88]]],
  [[[0.28, 0.3], [0.48, 0.12], [0.7, 0.3], [0.54, 0.58], [0.27, 0.86]], ["/", [0.27, 0.86], [0.74, 0.86]]],
  [[[0.3, 0.2], [0.5, 0.12], [0.68, 0.28], [0.46, 0.47], [0.72, 0.66], [0.54, 0.88], [0.28, 0.8]]],
  [["/", [0.32, 0.12], [0.28, 0.52], [0.74, 0.5]], ["/", [0.66, 0.16], [0.62, 0.9]]],
  [["/", [0.68, 0.13], [0.36, 0.13], [0.33, 0.46]], [[0.33, 0.46], [0.54, 0.42], [0.7, 0.62], [0.56, 0.86], [0.28, 0.82]]],
  [[[0.62, 0.12], [0.38, 0.4], [0.3, 0.7], [0.48, 0.88], [0.67, 0.74], [0.56, 0.57], [0.32, 0.7]]],
  [["/", [0.28, 0.16], [0.72, 0.14], [0.46, 0.88]]],
  [[[0.68, 0.22], [0.48, 0.12], [0.34, 0.28], [0.5, 0.46], [0.68, 0.68], [0.5, 0.88], [0.33, 0.7], [0.5, 0.46], [0.68, 0.22]]],
  [[[0.68, 0.3], [0.5, 0.12], [0.32, 0.3], [0.48, 0.48], [0.68, 0.3]], [[0.68, 0.3], [0.66, 0.6], [0.58, 0.9]]],
];

// The strokes of a digit, as the pad's trait has them.
export function exampleStrokes(digit) {
  return DIGITS[digit].map((stroke) => (stroke[0] === "/" ? stroke.slice(1) : curve(stroke))
    .map((point) => point.map((value) => Math.round(value * 1e4) / 1e4)));
}

// Ten buttons. use(strokes): the reader wants to see what the network says of them.
export function exampleButtons(use) {
  const buttons = DIGITS.map((_, digit) => {
    const canvas = h("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
    drawStrokes(canvas.getContext("2d"), SIDE, exampleStrokes(digit), PEN);
    return h("button", { type: "button", "aria-label": `example: ${digit}`, onclick: () => use(exampleStrokes(digit)) }, canvas);
  });
  return h("div", { class: "dp-examples", role: "group", "aria-label": "examples" },
    h("span", { class: "dp-or", "aria-hidden": "true" }, "Or try one of these:"), buttons);
}
