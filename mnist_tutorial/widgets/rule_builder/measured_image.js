// An image with a measurement drawn on it, and what was measured in a sentence.
import { s } from "../frontend/charts.js";
import { drawPixels, grey, h } from "../frontend/controls.js";
import { SIDE } from "../frontend/image_data.js";
import { measureForm, middleOf } from "./measuring.js";

const squares = (places) => places.map((place) => `M${place % SIDE} ${Math.floor(place / SIDE)}h1v1h-1z`).join("");
const count = (number, name) => `${number} ${name}${number === 1 ? "" : "s"}`;

// Lines with a short stroke across each end: how long something is.
const across = (from, to, row) => `M${from} ${row}H${to}M${from} ${row - 1}v2M${to} ${row - 1}v2`;
const down = (from, to, column) => `M${column} ${from}V${to}M${column - 1} ${from}h2M${column - 1} ${to}h2`;

// For each measurement: the pixels that count, the lines to draw, and the sentence. value: what Python measured, as text.
const DRAWN = {
  ink: ({ ink }) => ({
    places: ink, lines: "", words: (value) => `${ink.length} of ${SIDE * SIDE} pixels hold ink: ${value}.`,
  }),
  width: ({ box }) => ({
    places: [],
    lines: across(box.left, box.right, Math.min(box.bottom + 2, SIDE - 1)) + down(box.top, box.bottom, Math.max(box.left - 2, 1)),
    words: (value) => `${box.right - box.left} columns wide, ${box.bottom - box.top} rows high: ${value}.`,
  }),
  top: ({ ink, upper, box }) => ({
    places: upper, lines: `M${box.left - 2} ${(box.top + box.bottom) / 2}H${box.right + 2}`,
    words: (value) => `${upper.length} of ${count(ink.length, "pixel")} of ink are in the upper half: ${value}.`,
  }),
  left: ({ ink, left, box }) => ({
    places: left, lines: `M${(box.left + box.right) / 2} ${box.top - 2}V${box.bottom + 2}`,
    words: (value) => `${left.length} of ${count(ink.length, "pixel")} of ink are in the left half: ${value}.`,
  }),
  holes: ({ holes }) => ({
    places: holes.flat(), lines: "", words: () => `${holes.length ? count(holes.length, "hole") : "No hole"}.`,
  }),
  hole_position: ({ largest, box }) => (largest ? {
    places: largest,
    lines: down(box.top, box.bottom, Math.max(box.left - 2, 1)) + `M${Math.max(box.left - 3, 0)} ${middleOf(largest)}H${box.right + 2}`,
    words: (value) => `The largest hole lies ${value} of the way down.`,
  } : { places: [], lines: "", words: (value) => `There is no hole: that counts as ${value}.` }),
};

export function measuredImage() {
  const canvas = h("canvas");
  const [places, frame, lines] = ["rb-counted", "rb-frame", "rb-lines"].map((name) => s("path", { class: name }));
  const drawing = s("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true" }, places, frame, lines);
  const element = h("div", { class: "rb-image", role: "img" }, canvas, drawing);
  return {
    element,
    // pixels: 784 numbers from 0 to 15, or null for no image. Returns the sentence.
    show(pixels, name, value) {
      element.classList.toggle("rb-empty", !pixels);
      drawPixels(canvas, pixels ?? Array(SIDE * SIDE).fill(0), SIDE, SIDE, grey(0, 15));
      const form = pixels && measureForm(pixels);
      const drawn = form ? DRAWN[name](form) : { places: [], lines: "", words: () => "" };
      places.setAttribute("d", squares(drawn.places));
      lines.setAttribute("d", drawn.lines);
      frame.setAttribute("d", form && name !== "ink" && name !== "holes"
        ? `M${form.box.left} ${form.box.top}H${form.box.right}V${form.box.bottom}H${form.box.left}Z` : "");
      const words = drawn.words(value);
      element.setAttribute("aria-label", pixels ? `the image, with what was measured: ${words}` : "no image");
      return words;
    },
  };
}
