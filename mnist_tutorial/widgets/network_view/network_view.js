import { placeOf } from "../frontend/arithmetic.js";
import { atScreenPace } from "../frontend/at_screen_pace.js";
import { h, liveRegion, setText } from "../frontend/controls.js";
import { PIXELS } from "../frontend/image_data.js";
import { isDigit } from "../frontend/is_digit.js";
import { undoKeys } from "../frontend/keyboard.js";
import { lateNetwork } from "../frontend/late_network.js";
import { keepDigit } from "../frontend/own_digit.js";
import { quickForward } from "../frontend/quick_forward.js";
import { drawingTogether } from "../frontend/together.js";
import { changer, listen } from "../frontend/traits.js";
import { whenIdle } from "../frontend/when_idle.js";
import { connectionsOf } from "./connections.js";
import { makeDetails } from "./details.js";
import { createInput } from "./input.js";
import { blank, partOf } from "./recorded.js";
import { createStage } from "./stage.js";
import { createWave } from "./wave.js";
import { answerInWords, bestOf, hint } from "./words.js";

const LAYERS = ["convolution", "pooling", "hidden", "output"];

function render({ model, el }) {
  const live = liveRegion(600);
  let network; // the three layers with weights, once they are there
  let results = blank(); // what the network makes of the image, layer by layer
  let recorded = partOf(model.get("recorded")); // what is known of the book's network before it is there
  let previewed = null; // { layer, unit } that the mouse rests on
  let removed = false; // whether this view has been taken away

  // Every choice is also a first use: it has the network loaded.
  const setTraits = changer(model);
  const change = (traits) => {
    setTraits(traits);
    late.load();
  };
  // Opens a unit: its number, or [row, column, map]. A place with gaps is filled with where this map is brightest; without
  // a unit, it is the layer's strongest.
  const open = (layer, unit) => change({ unit: complete(layer, unit ?? brightest(layer)), layer });
  // The same, for a button that goes away when it has been pressed: the focus moves on.
  const follow = (layer, unit) => {
    focus = () => details[layer].head.focus();
    open(layer, unit);
  };
  const close = () => {
    const { layer } = opened();
    focus = () => stage[layer].focus();
    change({ layer: "", unit: [] });
  };
  let focus; // what to do when the next drawing is done

  const valuesOf = (layer) => results[layer === "output" ? "probabilities" : layer];
  const shapeOf = (layer) => results.shapes[layer === "output" ? "probabilities" : layer];
  function brightest(layer, map) {
    const [shape, values] = [shapeOf(layer), valuesOf(layer)];
    if (!values) return shape.map((length, axis) => (axis === 2 ? map ?? 0 : length >> 1));
    let best = map ?? 0;
    const step = map === undefined ? 1 : shape[2];
    for (let i = best; i < values.length; i += step) if (values[i] > values[best]) best = i;
    return shape.length === 3 ? placeOf(best, shape) : [best];
  }
  function complete(layer, unit) {
    if (unit.length !== 3 || unit[0] !== null) return unit;
    const now = opened();
    return now.layer === layer ? [now.unit[0], now.unit[1], unit[2]] : brightest(layer, unit[2]);
  }
  // What is open. A unit that the layer does not have is taken for the strongest one it has.
  function opened() {
    const [layer, unit] = [model.get("layer"), model.get("unit")];
    if (!LAYERS.includes(layer)) return { layer: "", unit: [] };
    const shape = shapeOf(layer);
    const fits = unit.length === shape.length && unit.every((at, axis) => at >= 0 && at < shape[axis]);
    return { layer, unit: fits ? unit : brightest(layer) };
  }

  const input = createInput({
    model, change, request, load: () => late.load(), announce: () => live.say(input.penInWords() + answer.textContent),
  });
  const { images, labels, isDrawn, currentIndex } = input;
  const again = h("button", {
    type: "button", class: "nv-again", hidden: true, onclick() {
      answer.focus({ preventScroll: true }); // at once: when the network comes, the reader may be elsewhere
      late.load();
    },
  }, "Try again");
  const answer = h("p", { class: "nv-answer", tabindex: -1 });
  const details = makeDetails({ open, follow, close });
  const stage = createStage({ open, preview });
  const panel = h("div", { class: "nv-panel" }, LAYERS.map((layer) => details[layer].element));
  const scene = h("div", { class: "nv-scene" },
    h("div", { class: "nv-input" }, input.elements, answer, again),
    stage.element, panel);
  const begin = () => late.state === "idle" && late.load();
  function beginByReader() {
    hasActed = true;
    begin();
  }
  const root = h("div", {
    class: "bw nv", onfocusin: beginByReader, onpointerdown: beginByReader, onkeydown: undoKeys(input.undo, input.redo),
  },
    hint(images), input.keysHint, input.digits, scene, live.element);
  el.append(root);

  function compute() {
    const { drawn, pixels } = input.read();
    if (network) results = quickForward(network, pixels);
    else results = recorded ? recorded.forward(pixels, !drawn && model.get("index")) : blank();
    if (drawn && input.hasDrawn() && network) keepDigit(drawn, bestOf(results.probabilities));
  }

  // Whose connections are drawn: of what the mouse rests on, of what is open, or of the answer.
  function connections() {
    if (!network) return null;
    const { layer, unit } = previewed ?? opened();
    if (layer === "hidden") return connectionsOf(network, results, { unit: unit[0] });
    return connectionsOf(network, results, { digit: layer === "output" ? unit[0] : bestOf(results.probabilities) });
  }
  function preview(of) {
    if (String(of?.unit) === String(previewed?.unit) && of?.layer === previewed?.layer) return;
    previewed = of;
    request();
  }

  // Where the image is, seen from the stage, for the lines that begin there.
  function entryOf(element) {
    const [from, to] = [input.image.getBoundingClientRect(), element.getBoundingClientRect()];
    if (from.right <= to.left) return [0, from.top + from.height / 2 - to.top];
    return [from.left + from.width / 2 - to.left, 0];
  }

  let view; // what the stage shows
  let sizesNow = ""; // on what the scene's height depends
  const wave = createWave((values) => stage.paint({ ...view, values }));
  let runs = false; // whether another digit is to run through the network

  function draw() {
    const { layer, unit } = opened();
    input.show();
    const isOpen = layer !== "" && Boolean(network);
    // What is opened or closed further up must not push away what the reader is looking at.
    const at = document.activeElement;
    const { convolution, hidden } = results.shapes;
    const sizes = `${isOpen} ${convolution} ${hidden}`;
    const isBelow = root.compareDocumentPosition(at) === Node.DOCUMENT_POSITION_FOLLOWING; // and not in it
    const anchor = sizes !== sizesNow && isBelow ? at : null;
    sizesNow = sizes;
    const before = anchor?.getBoundingClientRect().top;
    panel.hidden = !isOpen;
    scene.dataset.network = network ? "ready" : late.state;
    scene.classList.toggle("nv-open", isOpen);
    view = {
      values: results, shapes: results.shapes, connections: connections(), entryOf,
      open: isOpen ? { layer, unit } : { layer: "", unit: [] },
    };
    stage.show(view);
    for (const name of LAYERS) details[name].element.hidden = name !== layer || !isOpen;
    const words = isOpen ? details[layer].show({ network, results, shapes: results.shapes, pixels: input.pixels(), layer, unit }) : "";
    setText(answer, answerText());
    if (anchor) window.scrollBy(0, anchor.getBoundingClientRect().top - before);
    focus?.();
    focus = undefined;
    return words || answer.textContent;
  }

  function answerText() {
    if (late.state === "failed") return late.reason;
    const { probabilities } = results;
    const isAsked = isDrawn() || model.get("layer") !== "";
    if (late.state === "loading" && !network && (isAsked || !probabilities)) return "The network is loading …";
    if (!probabilities) return "";
    const label = isDrawn() ? undefined : labels[currentIndex()];
    return answerInWords(probabilities, label, isDrawn() && network && isDigit(network, results) === false);
  }

  // Everything that follows from the traits: of a stroke, at most once for each frame that the browser shows; of anything
  // else, once for all that has changed together, as a layer and its unit come one after the other.
  const pace = atScreenPace(root, update);
  let waiting = false;
  let stale = false; // whether the image or the network has changed
  let hasActed = false; // nothing is said of what came about by itself
  function request() {
    pace.ask();
  }
  function soon() {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      if (!removed) update();
    });
  }
  function update() {
    pace.done();
    wave.stop();
    const before = results;
    if (stale) {
      compute();
      if (isDrawn()) model.save_changes(); // a stroke is set point by point
    }
    stale = false;
    const words = draw();
    if (runs && before !== results) wave.start(before, results);
    runs = false;
    if (hasActed) live.say(input.penInWords() + words);
  }

  // Until another network is there, the one before it stays on show.
  const late = lateNetwork(model, () => {
    if (late.state === "ready" || late.state === "failed") network = late.network ?? undefined;
    if (late.state === "failed" && answer.matches(":focus")) focus = () => again.focus({ preventScroll: true });
    again.hidden = late.state !== "failed";
    if (late.state === "loading") answer.textContent = answerText();
    else stale = true;
    soon();
  }, (found) => {
    if (!quickForward(found, new Float32Array(PIXELS)).probabilities.every(Number.isFinite)) {
      throw new Error("This network's weights are not numbers: its training has failed.");
    }
  });

  compute();
  draw();
  if (Object.keys(model.get("weights") ?? {}).length) late.load();
  const callOff = window.mnistTutorial ? whenIdle(el, begin) : () => {}; // in Jupyter it is there already
  const widths = new ResizeObserver(() => {
    stage.resize(stage.element.clientWidth);
    if (!removed) draw();
  });
  widths.observe(stage.element);
  const themes = new MutationObserver(() => request());
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  const heard = () => {
    hasActed = true;
    soon();
  };
  const restart = () => { stale = true; };
  const stop = listen(model, {
    strokes: () => { restart(); request(); }, index: () => { restart(); runs = true; heard(); }, layer: heard, unit: heard,
    weights() { // Python has given another network, or the reader another one in the page
      recorded = null;
      late.forget();
      late.load();
    },
  });
  const leave = drawingTogether(model);
  return () => {
    removed = true;
    leave();
    pace.stop();
    wave.stop();
    late.forget();
    callOff();
    widths.disconnect();
    themes.disconnect();
    live.stop();
    stop();
  };
}

export default { render };
