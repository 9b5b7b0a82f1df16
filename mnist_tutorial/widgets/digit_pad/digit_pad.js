import { drawPixels, freshId, h, liveRegion, probabilityBars } from "../frontend/controls.js";
import { fit, rasterise, SIDE } from "../frontend/handwriting.js";
import { PIXELS, scaledImageAt } from "../frontend/image_data.js";
import { lateNetwork } from "../frontend/late_network.js";
import { quickForward } from "../frontend/quick_forward.js";
import { changer, listen } from "../frontend/traits.js";
import { prepareInside } from "./found.js";
import { framing } from "./framing.js";
import { drawingPad } from "../frontend/drawing_pad.js";
import { photoInput } from "./photo_input.js";
import { photoBytes, photoOf } from "./photo_trait.js";
import { stepSwitches } from "./steps.js";
import { strokeRecorder } from "../frontend/strokes.js";
import { verdict } from "./words.js";

const RASTER = 112; // rows and columns on which the strokes are laid out: four for each of the image's
const DOT = 3; // drawings smaller than so many widths of the pen are not enlarged to fill the box
const DRAWING = "Draw a digit with the mouse, a finger or a pen. On the keyboard, the arrow keys move (with Shift further), " +
  "Space puts the pen down and lifts it, Delete clears.";
const FRAMING = "Drag the frame, or one of its corners, or press where its middle should be. On the keyboard, the arrow keys " +
  "move it, and with Shift they change its size. To draw, clear the photo.";

function render({ model, el }) {
  const change = changer(model);
  const live = liveRegion(600);
  let shown = false; // nothing is said of what stood there from the start
  let frame = 0; // the animation frame that is waited for
  let updating = false;
  let photoSaid = null; // what was taken for the digit on the photo, and doubts

  // The network comes with the first use, not with the page.
  const late = lateNetwork(model, () => (late.state === "loading" ? showAnswer() : request()));
  const isEmpty = () => !model.get("strokes").length && !photoOf(model);

  // The drawing, and the photo that may stand instead of it.
  const recorder = strokeRecorder(model, request); // saved with the next frame
  const hintId = freshId("hint");
  const pad = drawingPad({
    hintId, clear, announce,
    begin(point) {
      removePhoto();
      late.load();
      recorder.begin(point);
    },
    extend: recorder.extend,
  });
  const photos = photoInput({
    say: live.say,
    use(photo) {
      pad.lift();
      change({ strokes: [], photo, frame: null });
      late.load();
    },
  });
  function removePhoto() {
    photos.cancel();
    if (!photoOf(model)) return;
    model.set("photo", photoBytes(null));
    model.set("frame", null);
  }
  function clear() {
    pad.lift();
    removePhoto();
    change({ strokes: [] });
  }
  function undo() {
    pad.lift();
    change({ strokes: model.get("strokes").slice(0, -1) });
  }

  // Of a photo, only what is in its frame counts.
  const frames = framing({ model, change, again: showDrawing, hintId });

  // Everything that follows from the traits, at most once per frame.
  function request() {
    frame ||= requestAnimationFrame(update);
  }
  function update() {
    frame = 0;
    const pixels = showDrawing();
    const old = model.get("pixels");
    if (pixels.some((level, i) => level !== old.getUint8(i))) model.set("pixels", new DataView(pixels.buffer));
    updating = true; // one showAnswer is enough
    model.set("probabilities", isEmpty() || photoSaid?.isEmpty ? [] : probabilitiesOf(pixels));
    updating = false;
    model.save_changes();
    showAnswer();
  }
  // Ten numbers; none while there is no network, or where its weights give no numbers.
  function probabilitiesOf(pixels) {
    if (!late.network) return [];
    const probabilities = Array.from(quickForward(late.network, scaledImageAt(pixels, 0)).probabilities);
    return probabilities.every(Number.isFinite) ? probabilities : [];
  }

  // Draws the pad and the image that the network sees, whose pixels it returns.
  function showDrawing() {
    const [strokes, pen, skip, photo] = [...["strokes", "pen", "skip"].map((name) => model.get(name)), photoOf(model)];
    const made = photo && prepareInside(photo, skip, frames.ownOf(photo));
    const { image, steps } = photo
      ? made ?? { image: new Uint8Array(PIXELS), steps: {} }
      : fit(rasterise(strokes, pen, RASTER), skip, DOT * pen * RASTER);
    pad.show(strokes, pen, photo);
    drawPixels(canvas, image, SIDE, SIDE);
    slider.value = pen;
    slider.setAttribute("aria-valuetext", `${Math.round(pen * 100)} percent of the pad`);
    for (const one of [undoButton, penRow]) one.hidden = Boolean(photo);
    switches.show(skip, photo && steps);
    const { active, said } = frames.show(photo, made);
    photoSaid = said;
    hint.textContent = active ? FRAMING : DRAWING;
    pad.rest(active);
    return image;
  }
  function showAnswer() {
    const probabilities = model.get("probabilities");
    bars.show(probabilities.length ? probabilities : null);
    words.textContent = sentence().seen;
    announce();
  }
  function sentence() {
    const same = (text) => ({ seen: text, heard: text });
    if (late.state === "loading") return same("Loading the network …");
    if (late.state === "failed") return same(`There is no answer, only the image. ${late.reason}`);
    if (isEmpty()) return { seen: "Nothing is drawn yet.", heard: "The pad is empty." };
    const probabilities = model.get("probabilities");
    if (probabilities.length) return verdict(probabilities, Boolean(photoSaid?.doubts.length));
    if (photoSaid?.isEmpty) return { seen: "There is nothing to read in the frame.", heard: photoSaid.doubts[0] };
    return same(late.network ? "The network gives no numbers: its weights are broken. Train it again." : "–");
  }
  function announce() {
    if (!shown) return;
    const doubts = photoSaid && !photoSaid.isEmpty ? photoSaid.doubts : [];
    live.say([pad.penInWords() + frames.inWords() + sentence().heard, ...doubts].join(" "));
  }

  const penId = freshId("pen");
  const slider = h("input", {
    type: "range", id: penId, min: 0.02, max: 0.2, step: 0.01, oninput: () => change({ pen: Number(slider.value) }),
  });
  const penRow = h("span", { class: "dp-pen" }, h("label", { for: penId }, "Pen width"), slider);
  const undoButton = h("button", { type: "button", onclick: undo }, "Undo last stroke");
  const hint = h("p", { id: hintId, class: "dp-hint" });
  const switches = stepSwitches((skip) => change({ skip }));
  const canvas = h("canvas", { role: "img", "aria-label": "the image that the network sees, 28 × 28 pixels" });
  const bars = probabilityBars();
  const words = h("p", { class: "dp-words" });

  el.append(h("div", {
    class: "bw dp", onfocusin: late.load, ondragover: photos.onDrag, ondragleave: photos.onDrag, ondrop: photos.onDrag,
    onpaste: photos.onPaste,
  },
    hint,
    h("div", { class: "bw-row" },
      h("div", { class: "dp-drawing" },
        h("div", { class: "dp-place" }, pad.element, frames.over),
        photos.message,
        words,
        frames.panel,
        h("div", { class: "bw-controls" },
          h("button", { type: "button", onclick: clear }, "Clear"),
          undoButton, penRow),
        photos.controls),
      h("div", { class: "dp-answer" },
        h("div", { class: "dp-seen" },
          canvas,
          h("p", {}, "What the network sees: 28\u00a0×\u00a028\u00a0pixels")),
        switches.element,
        bars.element)),
    live.element));

  const onInk = () => {
    if (late.state === "idle") late.load();
    request();
  };
  const stop = listen(model, {
    strokes: onInk, photo: onInk, frame: onInk, pen: request, skip: request,
    probabilities: () => updating || showAnswer(),
    weights() {
      late.forget();
      if (!isEmpty()) late.load();
      request();
    },
  });
  showDrawing();
  showAnswer();
  shown = true;
  return () => {
    late.forget();
    photos.cancel();
    frames.stop();
    live.stop();
    cancelAnimationFrame(frame);
    stop();
  };
}

export default { render };
