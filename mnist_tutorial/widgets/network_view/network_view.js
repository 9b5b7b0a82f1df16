import { layerTable, placeOf } from "../frontend/arithmetic.js";
import { imageChoice } from "../frontend/boards.js";
import { h, liveRegion, percent } from "../frontend/controls.js";
import { quickForward } from "../frontend/quick_forward.js";
import { networkOf } from "../frontend/network.js";
import { makeDetails } from "./details.js";
import { makeStages } from "./stages.js";

const PIXELS = 28 * 28;
const LAYERS = ["convolution", "pooling", "hidden", "output"];
const TRAITS = ["index", "layer", "unit"];

function render({ model, el }) {
  const bytes = model.get("images");
  const images = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const labels = model.get("labels");
  const live = liveRegion();
  let network; // the three layers with weights, once they are there
  let results; // what the network makes of the digit, layer by layer
  let shapes; // of what the layers return; until there is a network, those of the book's
  let pixels;
  let left = false; // whether this view has been taken away while something was loading

  // Every choice is a first use, too: it has the network loaded.
  const change = (traits) => {
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.save_changes();
    if (!network) start();
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

  const digits = imageChoice("digits", (index) => change({ index }));
  digits.fill(Array.from({ length: images.length / PIXELS }, (_, i) => ({
    name: labels.length ? `digit ${i + 1}, a ${labels[i]}` : `digit ${i + 1}`,
    values: images.subarray(i * PIXELS, (i + 1) * PIXELS), shape: [28, 28],
  })));
  const startButton = h("button", {
    type: "button", class: "nv-start", onclick: () => {
      answer.focus(); // at once: when the network comes, the reader may be elsewhere
      start();
    },
  }, "Start");
  const answer = h("p", { class: "nv-answer", tabindex: -1 });
  const details = makeDetails({ open, follow, close });
  const stages = makeStages(open, details);
  const root = h("div", { class: "bw nv" },
    h("p", {}, "Follow a digit through the network. Open a part of any image below, with a click, a tap or the arrow " +
      "keys, to see how its number is worked out."),
    h("div", { class: "bw-controls" }, h("span", {}, "Digit"), digits.element, startButton),
    answer, stages.element, live.element);
  el.append(root);

  function compute() {
    const start = Math.max(0, Math.min(images.length / PIXELS - 1, model.get("index"))) * PIXELS;
    pixels = Float32Array.from(images.subarray(start, start + PIXELS), (value) => value / 255);
    results = network && quickForward(network, pixels);
    shapes = results?.shapes ?? bookShapes();
  }

  function draw() {
    const index = Math.max(0, Math.min(images.length / PIXELS - 1, model.get("index")));
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
      if (left) return;
      if (stale) compute();
      stale = false;
      live.say(draw());
    });
  }

  let loading; // the latest attempt; an older one that ends later is ignored
  async function start() {
    if (loading) return;
    const attempt = (loading = {});
    startButton.disabled = true;
    answer.textContent = "The network is loading …";
    try {
      const found = await networkOf(model);
      if (left || attempt !== loading) return;
      if (!quickForward(found, new Float32Array(PIXELS)).probabilities.every(Number.isFinite)) {
        throw new Error("This network's weights are no numbers: its training has failed.");
      }
      network = found;
      startButton.hidden = true;
    } catch (error) {
      if (left || attempt !== loading) return;
      network = undefined;
      loading = undefined; // the button tries again
      startButton.hidden = false;
      startButton.textContent = "Try again";
      answer.textContent = error.message;
    }
    startButton.disabled = false;
    if (!network && answer.matches(":focus")) startButton.focus({ preventScroll: true });
    stale = true;
    update();
  }
  function restart() { // Python has given another network
    loading = undefined;
    start();
  }

  compute();
  answer.textContent = "Press Start: the book's network is fetched (about half a megabyte), and runs here in the page.";
  draw();
  if (Object.keys(model.get("weights") ?? {}).length) start();

  const onIndex = () => { stale = true; update(); };
  const listeners = Object.fromEntries(TRAITS.map((name) => [`change:${name}`, name === "index" ? onIndex : update]));
  listeners["change:weights"] = restart;
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);
  return () => {
    left = true;
    live.stop();
    for (const [event, listener] of Object.entries(listeners)) model.off(event, listener);
  };
}

// What the layers of the book's network return, before it is there.
function bookShapes() {
  const [convolution, pooling, , flatten, hidden, output] = layerTable(30, 5, 128).map(({ shape }) => shape);
  return { convolution, pooling, flatten, hidden, logits: output, probabilities: output };
}

export default { render };
