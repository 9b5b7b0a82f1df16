import { atScreenPace } from "../frontend/at_screen_pace.js";
import { drawPixels, freshId, h, liveRegion, probabilityBars, setText } from "../frontend/controls.js";
import { fit, rasterise, SIDE } from "../frontend/handwriting.js";
import { PIXELS, scaledImageAt } from "../frontend/image_data.js";
import { undoKeys } from "../frontend/keyboard.js";
import { lateNetwork } from "../frontend/late_network.js";
import { firstNetwork } from "../frontend/first_network.js";
import { keepDigit } from "../frontend/own_digit.js";
import { whenIdle } from "../frontend/when_idle.js";
import { quickForward } from "../frontend/quick_forward.js";
import { drawingTogether } from "../frontend/together.js";
import { changer, listen } from "../frontend/traits.js";
import { prepareInside } from "./found.js";
import { framing } from "./framing.js";
import { drawingPad } from "../frontend/drawing_pad.js";
import { photoInput } from "./photo_input.js";
import { photoBytes, photoOf } from "./photo_trait.js";
import { stepSwitches } from "./steps.js";
import { strokeRecorder } from "../frontend/strokes.js";
import { createAnswer } from "./answer.js";
import { exampleButtons } from "./examples.js";
import { ghostDigit } from "./ghost.js";
import { createDrawingHistory } from "../frontend/history.js";
import { isDigit } from "../frontend/is_digit.js";
import { firstVerdict, isSure, verdict } from "./words.js";

const RASTER = 112; // rows and columns on which the strokes are laid out: four for each of the image's
const DOT = 3; // drawings smaller than so many widths of the pen are not enlarged to fill the box
const DRAWING = "Draw a digit, and the network names it.";
const KEYS = "The arrow keys move (further with Shift), Space puts the pen down and lifts it, Delete clears.";
const FRAMING = "Drag the frame, or one of its corners, or press where its middle should be. On the keyboard, the arrow keys " +
  "move it, and with Shift they change its size. To draw, clear the photo.";

function render({ model, el }) {
  const change = changer(model);
  const live = liveRegion(600);
  let shown = false; // nothing is said of what stood there from the start
  let updating = false;
  let photoSaid = null; // what was taken for the digit on the photo, and doubts
  let isOwn = false; // whether the reader has drawn it, or opened a photo
  let isFirst = false; // whether the answer is that of the copy that comes before the whole network
  let isNone = false; // whether the network's second head takes the image for no digit

  // The network comes when the browser is idle, or with the first use, and not with the page.
  const late = lateNetwork(model, () => {
    if (isEmpty()) return; // nothing waits for it
    if (late.state === "loading" && !first.network) showAnswer();
    else request();
  }, () => {}, () => first.settled);
  const isEmpty = () => !model.get("strokes").length && !photoOf(model);

  // The drawing, and the photo that may stand instead of it.
  const recorder = strokeRecorder(model, request); // saved with the next frame
  const hintId = freshId("hint");
  const pad = drawingPad({
    hintId, clear, announce, keys: KEYS,
    begin(point) {
      history.remember();
      removePhoto();
      late.load();
      isOwn = true;
      recorder.begin(point);
    },
    extend: recorder.extend,
  });
  const photos = photoInput({
    say: live.say, changed: showButtons,
    use(photo) {
      history.remember();
      isOwn = true;
      put({ strokes: [], photo, frame: null });
      late.load();
    },
  });
  const history = createDrawingHistory({
    read: () => Object.fromEntries(["strokes", "photo", "frame"].map((name) => [name, model.get(name)])),
    write: put,
  });
  function put(state) {
    pad.lift();
    change(state);
  }
  function removePhoto() {
    photos.cancel();
    if (!photoOf(model)) return;
    model.set("photo", photoBytes(null));
    model.set("frame", null);
  }
  function clear() {
    if (!isEmpty()) history.remember();
    pad.lift();
    removePhoto();
    change({ strokes: [] });
    request();
  }
  function useExample(strokes) {
    history.remember();
    photos.cancel();
    isOwn = false;
    put({ strokes, photo: photoBytes(null), frame: null });
    late.load();
  }
  // A button that cannot be used any more does not keep the focus.
  function step(act, button) {
    const focused = button.matches(":focus");
    photos.cancel();
    act();
    late.load();
    showDrawing();
    request();
    if (focused && button.disabled) pad.element.focus({ preventScroll: true });
  }
  const undo = () => step(history.undo, undoButton);
  const redo = () => step(history.redo, redoButton);
  const clearByButton = () => step(clear, clearButton);

  // Of a photo, only what is in its frame counts.
  const frames = framing({ model, change, again: showDrawing, hintId });

  // Everything that follows from the traits, at most once per frame.
  const pace = atScreenPace(el, update);
  function request() {
    pace.ask();
  }
  function update() {
    const pixels = showDrawing();
    const old = model.get("pixels");
    if (pixels.some((level, i) => level !== old.getUint8(i))) model.set("pixels", new DataView(pixels.buffer));
    updating = true; // one showAnswer is enough
    model.set("probabilities", isEmpty() || photoSaid?.isEmpty ? [] : probabilitiesOf(pixels));
    updating = false;
    model.save_changes();
    if (isOwn && !isEmpty() && !photoSaid?.isEmpty) keepDigit(pixels, bestOf(model.get("probabilities")));
    showAnswer();
  }
  const bestOf = (shares) => (shares.length ? shares.indexOf(Math.max(...shares)) : null);
  // Ten numbers; none while there is no network, or where its weights give no numbers.
  function probabilitiesOf(pixels) {
    const network = late.network ?? (late.state === "failed" ? null : first.network);
    isFirst = Boolean(network) && !late.network;
    isNone = false;
    if (!network) return [];
    const values = quickForward(network, scaledImageAt(pixels, 0));
    const probabilities = Array.from(values.probabilities);
    isNone = isDigit(network, values) === false;
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
    penRow.hidden = Boolean(photo);
    showButtons();
    if (strokes.length || photo) ghost.stop();
    switches.show(skip, photo && steps);
    const { active, said } = frames.show(photo, made);
    photoSaid = said;
    setText(hint, active ? FRAMING : DRAWING);
    setText(keysHint, active ? FRAMING : `${DRAWING} ${KEYS}`);
    pad.rest(active);
    return image;
  }
  function showButtons() {
    clearButton.disabled = isEmpty() && !photos.isReading();
    undoButton.disabled = !history.canUndo();
    redoButton.disabled = !history.canRedo();
  }
  function showAnswer() {
    const probabilities = model.get("probabilities");
    bars.show(probabilities.length ? probabilities : null);
    showGlance();
    setText(words, sentence().seen);
    announce();
  }
  const showGlance = () => answer.show(model.get("probabilities"), isSure(model.get("probabilities"), doubts()));
  const doubts = () => ({ isNone, isDoubtful: Boolean(photoSaid?.doubts.length) });
  function sentence() {
    const same = (text) => ({ seen: text, heard: text });
    if (isEmpty()) return { seen: "Nothing is drawn yet.", heard: "The pad is empty." };
    const probabilities = model.get("probabilities");
    if (late.state === "loading" && !probabilities.length) return same("Loading the network …");
    if (late.state === "failed") return same(`There is no answer, only the image. ${late.reason}`);
    if (probabilities.length) return (isFirst ? firstVerdict : verdict)(probabilities, doubts());
    if (photoSaid?.isEmpty) return { seen: "There is nothing to read in the frame.", heard: photoSaid.doubts[0] };
    return same(late.network ? "The network gives no numbers: its weights are broken. Train it again." : "–");
  }
  function announce() {
    if (!shown) return;
    const seen = photoSaid && !photoSaid.isEmpty ? photoSaid.doubts : [];
    live.say([pad.penInWords() + frames.inWords() + sentence().heard, ...seen].join(" "));
  }

  const penId = freshId("pen");
  const slider = h("input", {
    type: "range", id: penId, min: 0.02, max: 0.2, step: 0.01, oninput: () => change({ pen: Number(slider.value) }),
  });
  const penRow = h("span", { class: "dp-pen" }, h("label", { for: penId }, "Pen width"), slider);
  const button = (text, onclick) => h("button", { type: "button", onclick }, text);
  const [clearButton, undoButton, redoButton] = [button("Clear", clearByButton), button("Undo", undo), button("Redo", redo)];
  const hint = h("p", { class: "dp-hint" });
  const keysHint = h("p", { id: hintId, class: "dp-keys-hint visually-hidden" });
  const switches = stepSwitches((skip) => change({ skip }));
  const canvas = h("canvas", { role: "img", "aria-label": "the image that the network sees, 28 × 28 pixels" });
  const bars = probabilityBars();
  const answer = createAnswer();
  const words = h("p", { class: "dp-words" });
  const example = h("p", { class: "dp-example", "aria-hidden": "true" }, "An example of what to draw.");
  const place = h("div", { class: "dp-place" }, pad.element);
  // While the example is written, the bars show what the network says of it; the traits know nothing of that.
  const ghost = ghostDigit(place, {
    isEmpty,
    look(strokes) {
      const network = late.network ?? first.network;
      if (!network || !strokes.length) return;
      const { image } = fit(rasterise(strokes, model.get("pen"), RASTER), [], DOT * model.get("pen") * RASTER);
      const probabilities = Array.from(quickForward(network, scaledImageAt(image, 0)).probabilities);
      if (!probabilities.every(Number.isFinite)) return;
      answer.element.setAttribute("aria-hidden", "true");
      answer.show(probabilities, isSure(probabilities, {}));
      example.textContent = "An example: the network reads along.";
    },
    end() {
      answer.element.removeAttribute("aria-hidden");
      showGlance();
    },
  });
  place.append(ghost.element, frames.over);
  const moreId = freshId("more");
  const more = h("div", { id: moreId, class: "dp-more" },
    h("div", { class: "dp-column" },
      photos.controls,
      h("div", { class: "dp-seen" },
        canvas,
        h("p", {}, "What the network sees: 28\u00a0×\u00a028\u00a0pixels")),
      penRow),
    h("div", { class: "dp-column" }, switches.element, bars.element));
  const moreButton = h("button", { type: "button", class: "bw-more", "aria-controls": moreId, onclick: () => showMore(more.hidden) },
    "More: photo, pen, steps, all digits");
  function onfocusin() {
    ghost.stop();
    late.load();
  }
  function showMore(open) {
    more.hidden = !open;
    moreButton.setAttribute("aria-expanded", String(open));
  }

  el.append(h("div", {
    class: "bw dp", onfocusin, onpointerdown: ghost.stop, onkeydown: undoKeys(undo, redo),
    ondragover: photos.onDrag, ondragleave: photos.onDrag, ondrop: photos.onDrag, onpaste: photos.onPaste,
  },
    hint, keysHint,
    h("div", { class: "dp-main" },
      h("div", { class: "dp-drawing" },
        place,
        h("div", { class: "dp-tools" }, clearButton, undoButton, redoButton)),
      h("div", { class: "dp-answer" },
        photos.message, h("div", { class: "dp-says" }, words, example), answer.element, frames.panel,
        exampleButtons(useExample))),
    moreButton, more,
    live.element));
  const first = firstNetwork(el, model, () => {
    if (!isEmpty() && !model.get("probabilities").length) request();
  });
  const callOff = window.mnistTutorial ? whenIdle(el, late.load) : () => {}; // in Jupyter it is there already

  const onInk = () => {
    if (late.state === "idle") late.load();
    request();
  };
  // What the address or another widget of the page draws takes the photo's place.
  const giveWay = () => model.get("strokes").length && removePhoto();
  const onStrokes = () => {
    giveWay();
    onInk();
  };
  const stop = listen(model, {
    strokes: onStrokes, photo: onInk, frame: onInk, pen: request, skip: request,
    probabilities: () => updating || showAnswer(),
    weights() {
      late.forget();
      first.drop();
      if (!isEmpty()) late.load();
      request();
    },
  });
  const leave = drawingTogether(model);
  giveWay();
  showMore(Boolean(photoOf(model))); // whose steps are worth a look
  showDrawing();
  showAnswer();
  shown = true;
  return () => {
    leave();
    late.forget();
    first.drop();
    callOff();
    ghost.stop();
    photos.cancel();
    frames.stop();
    live.stop();
    pace.stop();
    stop();
  };
}

export default { render };
