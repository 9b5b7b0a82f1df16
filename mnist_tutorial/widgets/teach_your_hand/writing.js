// The pad: it asks for a digit, and gives the image that the network sees of what is drawn.
import { h, freshId } from "../frontend/controls.js";
import { fit, rasterise } from "../frontend/handwriting.js";
import { drawingPad } from "../frontend/drawing_pad.js";
import { strokeRecorder } from "../frontend/strokes.js";
import { exampleOf, PEN } from "./examples.js";

const RASTER = 112; // rows and columns on which strokes are laid out, as DigitPad does
const DOT = 3; // drawings smaller than so many widths of the pen are not enlarged to fill the box

const imageOf = (strokes) => fit(rasterise(strokes, PEN, RASTER), [], DOT * PEN * RASTER).image;

// add(image): takes a drawing, once it is done. begun(): called with its first stroke. say(text): to the ear.
export function createWriting({ add, begun, say }) {
  const state = { strokes: [] };
  const recorder = strokeRecorder({ get: (name) => state[name], set: (name, value) => { state[name] = value; } }, show);
  const hintId = freshId("hint");
  const pad = drawingPad({
    hintId, clear,
    begin(point) {
      if (!state.strokes.length) begun();
      recorder.begin(point);
    },
    extend: recorder.extend,
    announce: () => say(pad.penInWords()),
  });
  const addButton = h("button", { type: "button", class: "th-add", onclick: () => {
    const image = imageOf(state.strokes);
    clear();
    add(image);
    if (addButton.disabled) pad.element.focus({ preventScroll: true });
  } }, "Add it");
  const clearButton = h("button", { type: "button", onclick: () => {
    clear();
    pad.element.focus({ preventScroll: true });
  } }, "Clear");
  let wanted = null; // the digit that is asked for

  function clear() {
    pad.lift();
    state.strokes = [];
    show();
  }

  function show() {
    pad.show(state.strokes, PEN, null);
    clearButton.disabled = !state.strokes.length;
    addButton.disabled = !state.strokes.length || wanted === null;
  }

  show();
  return {
    pad: pad.element, buttons: [addButton, clearButton],
    hint: h("span", { id: hintId, class: "th-hint" }, "The arrow keys move (further with Shift), Space puts the " +
      "pen down and lifts it, Delete clears."),
    // digit: what a drawing counts for; null if nothing is asked for.
    show(digit) {
      wanted = digit;
      show();
    },
  };
}

// What the network sees of the n-th example of a digit.
export const exampleImage = (digit, n) => imageOf(exampleOf(digit, n));
