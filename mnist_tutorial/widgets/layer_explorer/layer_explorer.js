// One layer of a network at work on a digit. Several of them on a page can be pieces of one network, with one digit, one
// filter and one place for all.
import { clamp, shapeText } from "../frontend/arithmetic.js";
import { digitChoice } from "../frontend/choices.js";
import { h, liveRegion } from "../frontend/controls.js";
import { PIXELS } from "../frontend/image_data.js";
import { lateNetwork } from "../frontend/late_network.js";
import { onceAFrame } from "../frontend/once_a_frame.js";
import { quickForward } from "../frontend/quick_forward.js";
import { withOwnDigit } from "../frontend/own_digit.js";
import { together } from "../frontend/together.js";
import { changer, listen } from "../frontend/traits.js";
import { convolutionPanel, filtersPanel } from "./convolution.js";
import { dropoutPanel, flattenPanel, poolingPanel } from "./maps.js";
import { shapesPanel } from "./shapes.js";
import { hiddenPanel, outputPanel } from "./sums.js";
import { workOf } from "./work.js";

// Title, panel, and what forward() calls what comes in and what comes out.
const LAYERS = {
  convolution: ["Convolution, one filter", convolutionPanel, "image", "convolution"],
  filters: ["Convolution, two filters", filtersPanel, "image", "convolution"],
  pooling: ["Pooling", poolingPanel, "convolution", "pooling"],
  dropout: ["Dropout", dropoutPanel, "pooling", "pooling"],
  flatten: ["Flatten", flattenPanel, "pooling", "flatten"],
  hidden: ["Hidden layer", hiddenPanel, "flatten", "hidden"],
  output: ["Output", outputPanel, "hidden", "logits"],
  shapes: ["All layers", shapesPanel],
};
const LOADING = "The network is loading …";
const SHAPE_TRAITS = ["filters", "kernel_size", "units"];
const SHARED = ["index", "filter", "other", "row", "column", "unit", "output"]; // by all pieces of one network
const TRAITS = ["layer", "filling", "seed", "training", "dropout", ...SHARED, ...SHAPE_TRAITS];

let standIn; // made once, for all
// Replaces the network until it is loaded. What is drawn with it reserves the space, and is not shown, so any
// weights do: some above zero, some below, as in the book's network, which has the same shapes.
function standInNetwork() {
  const layer = (...shape) => {
    const kernel = new Float32Array(shape.reduce((product, length) => product * length));
    for (let i = 0; i < kernel.length; i++) kernel[i] = (i % 31 - 15) / 100; // some ten times as fast as from() is
    return { shape, kernel, bias: new Float32Array(shape.at(-1)) };
  };
  standIn ??= { convolution: layer(5, 5, 1, 30), hidden: layer(12 * 12 * 30, 128), output: layer(128, 10) };
  return standIn;
}

function render({ model, el }) {
  const change = changer(model);
  const group = together(model, model.get("group"), SHARED);
  const given = withOwnDigit(model);
  const { images, own } = group.lend("images", given, given.images.length > 0) ?? {};
  if (!images) throw new Error("This widget has no images of its own: it needs a LayerExplorer before it on the page.");
  const live = liveRegion();
  const act = {
    change,
    set: (traits) => Object.entries(traits).forEach(([name, value]) => model.set(name, value)),
    save: () => model.save_changes(),
  };
  let network = standInNetwork(); // three layers with weights
  let ready = false; // whether they are those to show
  let near = true; // whether a reader may see it; so that it has its size, it is drawn once in any case
  let [layer, panel] = ["", null];

  const digits = digitChoice(images, model.get("labels"), (index) => change({ index }), own);
  const choice = h("div", { class: "le-digits" }, digits.element);
  const [title, shapes] = [h("b"), h("small")];
  const note = h("p", { class: "le-note" });
  const again = h("button", {
    type: "button", onclick: () => {
      root.focus({ preventScroll: true }); // this button goes away
      late.load();
    },
  }, "Try again");
  const waiting = h("div", { class: "le-waiting" }, note, again);
  const frame = h("div", { class: "le-frame" });

  // What the panels draw. A choice that this network does not have is taken for the nearest one.
  function view() {
    const work = workOf(network, images, clamp(model.get("index"), 0, images.length / PIXELS - 1));
    const { convolution, hidden, logits } = work.results.shapes;
    const within = (name, count) => clamp(model.get(name), 0, count - 1);
    const [rows, columns, filters] = convolution;
    return {
      work,
      at: {
        filter: within("filter", filters), other: within("other", filters), row: within("row", rows),
        column: within("column", columns), unit: within("unit", hidden[0]), output: within("output", logits[0]),
      },
      filling: model.get("filling"), seed: model.get("seed"), training: model.get("training"), rate: model.get("dropout"),
      shapes: Object.fromEntries(SHAPE_TRAITS.map((trait) => [trait, model.get(trait)])),
    };
  }

  function makePanel() {
    panel?.pause?.();
    layer = model.get("layer");
    panel = LAYERS[layer][1](act);
    title.textContent = LAYERS[layer][0];
    choice.hidden = layer === "shapes";
    frame.replaceChildren(panel.element);
  }

  // Draws the layer, and returns it in words.
  function draw() {
    if (layer !== model.get("layer")) makePanel();
    const waits = !ready && layer !== "shapes";
    panel.element.classList.toggle("le-unseen", waits);
    if (waits) frame.append(waiting);
    else waiting.remove();
    const now = view();
    digits.show(now.work.index);
    const of = (name) => (name === "image" ? [28, 28, 1] : now.work.results.shapes[name]);
    const [, , before, after] = LAYERS[layer];
    shapes.textContent = before ? `${shapeText(of(before))} → ${shapeText(of(after))}` : "shapes and parameters";
    const words = panel.show(now);
    return waits ? note.textContent : words;
  }
  let drawn = false; // whether it shows what has been chosen
  let silent = true; // whether nothing has been chosen since it was drawn
  const pen = onceAFrame(() => {
    if (!near) return;
    drawn = true;
    const words = draw();
    if (!silent && !panel.isPlaying?.()) live.say(words);
    silent = true;
  });
  const update = (speaks) => {
    drawn = false;
    if (speaks) silent = false;
    pen.ask();
  };

  // Until another network is there, the one before it stays on show.
  const late = lateNetwork(model, () => {
    if (late.state === "loading") {
      root.removeEventListener("focusin", late.load);
      note.textContent = LOADING;
      again.hidden = true;
    } else if (late.state === "ready") {
      [network, ready] = [late.network, true];
      update(false);
    } else {
      ready = false;
      note.textContent = late.reason;
      again.hidden = false;
      update(true);
    }
  }, (found) => quickForward(found, new Float32Array(PIXELS))); // one that does not fit fails here, with a message

  // The weights are many, so they wait until a reader comes near.
  const observer = new IntersectionObserver((entries) => {
    near = entries.at(-1).isIntersecting;
    if (!near) panel.pause?.();
    else if (layer !== "shapes") late.load();
    if (near && !drawn) pen.ask();
  }, { rootMargin: "200px" });

  const root = h("div", { class: "bw le", tabindex: -1 },
    h("div", { class: "le-head" }, h("p", { class: "bw-title" }, title, shapes), choice),
    frame, live.element);
  el.append(root);
  note.textContent = LOADING;
  again.hidden = true;
  draw();
  root.addEventListener("focusin", late.load);
  observer.observe(root);

  const stop = listen(model, {
    ...Object.fromEntries(TRAITS.map((name) => [name, () => update(true)])),
    weights: () => { late.forget(); late.load(); },
  });
  return () => {
    panel.pause?.();
    pen.stop();
    group.stop();
    late.forget();
    live.stop();
    observer.disconnect();
    root.removeEventListener("focusin", late.load);
    stop();
  };
}

export default { render };
