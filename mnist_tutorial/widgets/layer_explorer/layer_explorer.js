import { clamp, shapeText } from "../frontend/arithmetic.js";
import { digitChoice } from "../frontend/choices.js";
import { freshId, h, liveRegion } from "../frontend/controls.js";
import { PIXELS, scaledImageAt } from "../frontend/image_data.js";
import { hasModifier } from "../frontend/keyboard.js";
import { lateNetwork } from "../frontend/late_network.js";
import { quickForward } from "../frontend/quick_forward.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";
import { convolutionPanel, dropoutPanel, flattenPanel, poolingPanel } from "./maps.js";
import { hiddenPanel, outputPanel, shapesPanel } from "./sums.js";

const LAYERS = [
  ["convolution", "Convolution", convolutionPanel],
  ["pooling", "Pooling", poolingPanel],
  ["dropout", "Dropout", dropoutPanel],
  ["flatten", "Flatten", flattenPanel],
  ["hidden", "Hidden", hiddenPanel],
  ["output", "Output", outputPanel],
  ["shapes", "All layers", shapesPanel],
];
const RESULT = { dropout: "pooling", output: "logits" }; // what forward() calls them
const LOADING = "The network is loading …";
const SHAPE_TRAITS = ["filters", "kernel_size", "units"];
const TRAITS = ["layer", "filter", "row", "column", "unit", "output", "seed", "training", "dropout",
  ...SHAPE_TRAITS];

// Replaces the network until it is loaded. What is drawn with it reserves the space, and is not shown, so any
// weights do: some above zero, some below, as in the book's network, which has the same shapes.
function standIn() {
  const layer = (...shape) => {
    const kernel = new Float32Array(shape.reduce((product, length) => product * length));
    for (let i = 0; i < kernel.length; i++) kernel[i] = (i % 31 - 15) / 100; // some ten times as fast as from() is
    return { shape, kernel, bias: new Float32Array(shape.at(-1)) };
  };
  return { convolution: layer(5, 5, 1, 30), hidden: layer(12 * 12 * 30, 128), output: layer(128, 10) };
}

function render({ model, el }) {
  const change = changer(model);
  const images = bytesOf(model, "images");
  const live = liveRegion();
  let network = standIn(); // three layers with weights
  let ready = false; // whether they are those to show
  let results; // what the network makes of the image, layer by layer
  let pixels;

  // The digits to choose from, and the layers as tabs.
  const digits = digitChoice(images, model.get("labels"), (index) => change({ index }));
  const choose = (index) => {
    const at = (index + LAYERS.length) % LAYERS.length;
    change({ layer: LAYERS[at][0] });
    steps[at].tab.focus();
  };
  const steps = LAYERS.map(([name, title, makePanel], i) => {
    const ids = [freshId("tab"), freshId("panel")];
    const shape = h("small");
    const panel = makePanel(change);
    const tab = h("button", {
      type: "button", role: "tab", id: ids[0], "aria-controls": ids[1], onclick: () => choose(i),
      onkeydown: (event) => {
        const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: LAYERS.length - 1 }[event.key];
        if (to === undefined || hasModifier(event)) return;
        event.preventDefault();
        choose(to);
      },
    }, h("b", {}, title), shape);
    const frame = h("div", { role: "tabpanel", class: "le-frame", id: ids[1], "aria-labelledby": ids[0] },
      panel.element);
    return { name, panel, tab, shape, frame };
  });
  const note = h("p", { class: "le-note" });
  const again = h("button", {
    type: "button", onclick: () => {
      steps.find(({ tab }) => tab.tabIndex === 0).tab.focus(); // this button goes away
      late.load();
    },
  }, "Try again");
  const waiting = h("div", { class: "le-waiting" }, note, again);

  // What the panels draw. A choice that this network does not have is taken for the nearest one.
  function view() {
    const { shapes } = results;
    const within = (name, count) => clamp(model.get(name), 0, count - 1);
    const [rows, columns, filters] = shapes.convolution;
    return {
      network, pixels, results,
      at: {
        filter: within("filter", filters), row: within("row", rows), column: within("column", columns),
        unit: within("unit", shapes.hidden[0]), output: within("output", shapes.logits[0]),
      },
      seed: model.get("seed"), training: model.get("training"), rate: model.get("dropout"),
      shapes: Object.fromEntries(SHAPE_TRAITS.map((trait) => [trait, model.get(trait)])),
    };
  }

  function compute() {
    pixels = scaledImageAt(images, model.get("index"));
    results = quickForward(network, pixels);
    for (const { name, shape } of steps) {
      shape.textContent = name === "shapes" ? "parameters" : shapeText(results.shapes[RESULT[name] ?? name]);
    }
  }

  // Draws the layer that is shown, and returns it in words.
  function draw() {
    digits.show(model.get("index"));
    let words = note.textContent;
    for (const { name, panel, tab, frame } of steps) {
      const shown = name === model.get("layer");
      const waits = !ready && name !== "shapes";
      tab.setAttribute("aria-selected", String(shown));
      tab.tabIndex = shown ? 0 : -1;
      frame.hidden = !shown;
      if (!shown) continue;
      panel.element.classList.toggle("le-unseen", waits);
      if (waits) frame.append(waiting);
      else waiting.remove();
      const drawn = panel.show(view());
      if (!waits) words = drawn;
    }
    return words;
  }
  const update = () => live.say(draw());

  // Until another network is there, the one before it stays on show.
  const late = lateNetwork(model, () => {
    if (late.state === "loading") {
      stopWaiting();
      note.textContent = LOADING;
      again.hidden = true;
    } else if (late.state === "ready") {
      [network, ready] = [late.network, true];
      compute();
      draw();
    } else {
      ready = false;
      note.textContent = `${late.reason} “All layers” works without it.`;
      again.hidden = false;
      update();
    }
  }, (found) => quickForward(found, new Float32Array(PIXELS))); // one that does not fit fails here, with a message

  // The weights are many, so they wait until a reader comes near.
  const observer = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) late.load();
  }, { rootMargin: "200px" });
  function stopWaiting() {
    observer.disconnect();
    root.removeEventListener("focusin", late.load);
  }

  const root = h("div", { class: "bw le" },
    h("div", { class: "le-digits bw-sticky" }, h("p", { class: "bw-title" }, h("b", {}, "Choose a digit")), digits.element),
    h("div", { class: "le-tabs", role: "tablist", "aria-label": "layers of the network" }, steps.map(({ tab }) => tab)),
    steps.map(({ frame }) => frame), live.element);
  el.append(root);
  note.textContent = LOADING;
  again.hidden = true;
  compute();
  draw();
  root.addEventListener("focusin", late.load);
  observer.observe(root);

  const stop = listen(model, {
    ...Object.fromEntries(TRAITS.map((name) => [name, update])),
    index: () => { compute(); update(); },
    weights: () => { late.forget(); late.load(); },
  });
  return () => {
    late.forget();
    live.stop();
    stopWaiting();
    stop();
  };
}

export default { render };
