// The image that goes through the network, a drawing or one of the digits, and what the reader chooses it with.
import { clamp } from "../frontend/arithmetic.js";
import { digitChoice } from "../frontend/choices.js";
import { drawPixels, freshId, grey, h, setAttribute } from "../frontend/controls.js";
import { drawingPad } from "../frontend/drawing_pad.js";
import { fit, rasterise, SIDE } from "../frontend/handwriting.js";
import { createDrawingHistory } from "../frontend/history.js";
import { imageAt, PIXELS, scaledImageAt } from "../frontend/image_data.js";
import { withOwnDigit } from "../frontend/own_digit.js";
import { strokeRecorder } from "../frontend/strokes.js";

const RASTER = 112; // rows and columns on which strokes are laid out, as DigitPad does
const PEN = 0.08;
const DOT = 3; // drawings smaller than so many widths of the pen are not enlarged to fill the box
const KEYS = "The arrow keys move the pen (further with Shift), Space puts it down and lifts it, Delete clears.";

// change(traits): what the reader has chosen. request(): a stroke has grown. load(): the network is needed. announce(): the
// keyboard has moved the pen.
export function createInput({ model, change, request, load, announce }) {
  const { images, own } = withOwnDigit(model);
  const labels = model.get("labels");
  let pixels; // of the image, 0 to 1
  let hasDrawn = false; // whether the reader drew here

  const isDrawn = () => model.get("strokes").length > 0;
  const currentIndex = () => clamp(model.get("index"), 0, images.length / PIXELS - 1);
  const recorder = strokeRecorder(model, request); // saved with the next frame
  const { remember, undo, redo, canUndo, canRedo } = createDrawingHistory({
    read: () => ({ strokes: model.get("strokes"), index: model.get("index") }),
    write(state) {
      pad.lift();
      change(state);
    },
  });
  const chooseDigit = (index) => {
    if (isDrawn()) remember();
    pad.lift();
    change({ strokes: [], index });
  };
  function clear() {
    if (isDrawn()) chooseDigit(model.get("index"));
  }
  // A button that cannot be used any more does not keep the focus.
  function act(step, button) {
    const focused = button.matches(":focus");
    step();
    showButtons();
    if (focused && button.disabled) pad.element.focus({ preventScroll: true });
  }

  const hintId = freshId("hint");
  const pad = drawingPad({
    hintId, clear, announce, keys: KEYS,
    begin(point) {
      remember();
      load();
      hasDrawn = true;
      recorder.begin(point);
    },
    extend: recorder.extend,
  });
  const digits = digitChoice(images, labels, chooseDigit, own);
  const button = (text, step) => {
    const one = h("button", { type: "button", onclick: () => act(step, one) }, text);
    return one;
  };
  const [clearButton, undoButton, redoButton] = [button("Clear", clear), button("Undo", undo), button("Redo", redo)];
  function showButtons() {
    clearButton.disabled = !isDrawn();
    undoButton.disabled = !canUndo();
    redoButton.disabled = !canRedo();
  }
  const image = h("canvas", { class: "nv-image", role: "img" });
  const place = h("div", { class: "nv-pad" }, pad.element,
    h("span", { class: "nv-invitation", "aria-hidden": "true" }, "✎ draw here"));

  return {
    images, labels, isDrawn, currentIndex, undo, redo, image,
    elements: [
      place,
      h("div", { class: "bw-controls nv-tools" }, clearButton, undoButton, redoButton),
      h("div", { class: "nv-seen" }, image, h("p", {}, h("b", {}, "Image"), h("small", {}, " 28 × 28"))),
    ],
    digits: h("div", { class: "bw-controls nv-digits" }, digits.element),
    keysHint: h("p", { id: hintId, class: "visually-hidden" }, `Draw a digit. ${KEYS}`),
    penInWords: pad.penInWords,
    hasDrawn: () => hasDrawn,
    pixels: () => pixels,
    // Makes the image anew: { drawn, pixels }. drawn: 28 × 28 bytes of a drawing, or null. pixels: of the image, 0 to 1.
    read() {
      const strokes = model.get("strokes");
      const drawn = strokes.length ? fit(rasterise(strokes, PEN, RASTER), [], DOT * PEN * RASTER).image : null;
      pixels = drawn ? scaledImageAt(drawn, 0) : scaledImageAt(images, currentIndex());
      return { drawn, pixels };
    },
    show() {
      const strokes = model.get("strokes");
      const index = currentIndex();
      digits.show(strokes.length ? -1 : index);
      if (strokes.length) digits.element.querySelectorAll(":checked").forEach((radio) => { radio.checked = false; });
      pad.show(strokes, PEN, strokes.length ? null : { values: imageAt(images, index), rows: SIDE, columns: SIDE });
      setAttribute(pad.element, "aria-label", strokes.length ? "pad to draw a digit on"
        : "pad with the chosen digit; a drawing replaces it");
      place.classList.toggle("nv-drawn", strokes.length > 0);
      drawPixels(image, pixels, SIDE, SIDE, grey(0, 1));
      setAttribute(image, "aria-label", `the ${strokes.length ? "drawing" : "digit"} as the network sees it, 28 × 28 pixels`);
      showButtons();
    },
  };
}
