import { clamp, layerTable, placeOf } from "../frontend/arithmetic.js";
import { digitChoice } from "../frontend/choices.js";
import { h, liveRegion, percent } from "../frontend/controls.js";
import { PIXELS, scaledImageAt } from "../frontend/image_data.js";
import { lateNetwork } from "../frontend/late_network.js";
import { quickForward } from "../frontend/quick_forward.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";
import { makeDetails } from "./details.js";
import { makeStages } from "./stages.js";

const LAYERS = ["convolution", "pooling", "hidden", "output"];

function render({ model, el }) {
  const images = bytesOf(model, "images");
  const labels = model.get("labels");
  const live = liveRegion();
  let network; // the three layers with weights, once they are there
  let results; // what the network makes of the digit, layer by layer
  let shapes; // of what the layers return; until there is a network, those of the book's
  let pixels;
  let removed = false; // whether this view has been taken away

  // Every choice is also a first use: it has the network loaded.
  const setTraits = changer(model);
  const change = (traits) => {
    setTraits(traits);
    late.load();
  };
  // Opens a unit: its number, or [row, column, map]. A place with gaps is filled with where this map is brightest.
  const open = (layer, unit) => change({ unit: complete(layer, unit), layer });
  // The same, for a button that goes away when it has been pressed: the focus moves on.
  const follow = (layer, unit) => {
    focus = () => details[layer].head.focus();
    open(layer, unit);
  };
  const close = () => {
    const { layer } = opened();
    focus = () => stages[layer].focus();
    change({ layer: "", unit: [] });
  };
  let focus; // what to do when the next drawing is done

  const valuesOf = (layer) => results?.[layer === "output" ? "probabilities" : layer];
  const shapeOf = (layer) => shapes[layer === "output" ? "probabilities" : layer];
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

  const digits = digitChoice(images, labels, (index) => change({ index }));
  const currentIndex = () => clamp(model.get("index"), 0, images.length / PIXELS - 1);
  const startButton = h("button", {
    type: "button", class: "nv-start", onclick: () => {
      answer.focus(); // at once: when the network comes, the reader may be elsewhere
      late.load();
    },
  }, "Start");
  const answer = h("p", { class: "nv-answer", tabindex: -1 });
  const details = makeDetails({ open, follow, close });
  const stages = makeStages(open, details);
  const root = h("div", { class: "bw nv" },
    h("p", {}, "Follow a digit through the network. Open a part of any image below, with a click, a tap or the arrow " +
      "keys, to see how its number is worked out."),
    // What is chosen, and what the network says of it, stay in sight while the reader goes through the stages.
    h("div", { class: "bw-sticky" }, h("div", { class: "bw-controls" }, digits.element, startButton), answer),
    stages.element, live.element);
  el.append(root);

  function compute() {
    pixels = scaledImageAt(images, currentIndex());
    results = network && quickForward(network, pixels);
    shapes = results?.shapes ?? bookShapes();
  }

  function draw() {
    const index = currentIndex();
    const { layer, unit } = opened();
    const view = { network, results, shapes, pixels, layer, unit };
    digits.show(index);
    // What is opened or closed further up must not push away what the reader is looking at.
    const at = document.activeElement;
    const isBelow = root.compareDocumentPosition(at) === Node.DOCUMENT_POSITION_FOLLOWING; // and not in it
    const anchor = isBelow ? at : stages[layer]?.element;
    const before = anchor?.getBoundingClientRect().top;
    stages.show(view);
    for (const name of LAYERS) details[name].element.hidden = name !== layer || !results;
    const words = layer && results ? details[layer].show(view) : "";
    if (anchor) window.scrollBy(0, anchor.getBoundingClientRect().top - before);
    if (results) {
      answer.textContent = answerText(index);
      focus?.();
      focus = undefined;
    }
    return words || answer.textContent;
  }

  function answerText(index) {
    const best = results.probabilities.indexOf(Math.max(...results.probabilities));
    const verdict = labels.length ? ` It is a ${labels[index]} ${labels[index] === best ? "✓" : "✗"}.` : "";
    return `The network says ${best}, with a probability of ${percent(results.probabilities[best])}.${verdict}`;
  }

  // One drawing for all that has changed together: a layer and its unit come one after the other.
  let waiting = false;
  let stale = false; // whether the digit or the network has changed
  function update() {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      if (removed) return;
      if (stale) compute();
      stale = false;
      live.say(draw());
    });
  }

  // Until another network is there, the one before it stays on show.
  const late = lateNetwork(model, () => {
    startButton.disabled = late.state === "loading";
    if (late.state === "loading") {
      answer.textContent = "The network is loading …";
      return;
    }
    network = late.network;
    startButton.hidden = late.state === "ready";
    if (late.state === "failed") {
      startButton.textContent = "Try again";
      answer.textContent = late.reason;
      if (answer.matches(":focus")) startButton.focus({ preventScroll: true });
    }
    stale = true;
    update();
  }, (found) => {
    if (!quickForward(found, new Float32Array(PIXELS)).probabilities.every(Number.isFinite)) {
      throw new Error("This network's weights are no numbers: its training has failed.");
    }
  });

  compute();
  answer.textContent = "Press Start: the book's network is fetched (about half a megabyte), and runs here in the page.";
  draw();
  if (Object.keys(model.get("weights") ?? {}).length) late.load();

  const stop = listen(model, {
    index: () => { stale = true; update(); }, layer: update, unit: update,
    weights: () => { late.forget(); late.load(); }, // Python has given another network
  });
  return () => {
    removed = true;
    late.forget();
    live.stop();
    stop();
  };
}

// What the layers of the book's network return, before it is there.
function bookShapes() {
  const [convolution, pooling, , flatten, hidden, output] = layerTable(30, 5, 128).map(({ shape }) => shape);
  return { convolution, pooling, flatten, hidden, logits: output, probabilities: output };
}

export default { render };
