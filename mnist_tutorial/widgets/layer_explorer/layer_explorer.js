import { freshId, h, liveRegion } from "../frontend/controls.js";
import { quickForward } from "../frontend/quick_forward.js";
import { networkOf } from "../frontend/network.js";
import { shapeText } from "../frontend/arithmetic.js";
import { imageChoice } from "../frontend/boards.js";
import { convolutionPanel, dropoutPanel, flattenPanel, poolingPanel } from "./maps.js";
import { hiddenPanel, outputPanel, shapesPanel } from "./sums.js";

const PIXELS = 28 * 28;
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
const SHAPE_TRAITS = ["filters", "kernel_size", "units"];
const TRAITS = ["index", "layer", "filter", "row", "column", "unit", "output", "seed", "training", "dropout",
  ...SHAPE_TRAITS];

// Stands in for the network until it is there. What is drawn with it keeps the room free, and is not shown, so any
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
  const change = (traits) => {
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.save_changes();
  };
  const bytes = model.get("images");
  const images = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const labels = model.get("labels");
  const live = liveRegion();
  let network = standIn(); // three layers with weights
  let ready = false; // whether they are those to show
  let results; // what the network makes of the image, layer by layer
  let pixels;
  let left = false; // whether this view has been taken away while something was loading

  // The digits to choose from, and the layers as tabs.
  const digits = imageChoice("digits", (index) => change({ index }));
  digits.fill(Array.from({ length: images.length / PIXELS }, (_, i) => ({
    name: labels.length ? `digit ${i + 1}, a ${labels[i]}` : `digit ${i + 1}`,
    values: images.subarray(i * PIXELS, (i + 1) * PIXELS), shape: [28, 28],
  })));
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
        if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
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
      load();
    },
  }, "Try again");
  const waiting = h("div", { class: "le-waiting" }, note, again);

  // What the panels draw. A choice that this network does not have is taken for the nearest one.
  function view() {
    const { shapes } = results;
    const within = (name, count) => Math.max(0, Math.min(count - 1, model.get(name)));
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
    const start = model.get("index") * PIXELS;
    pixels = Float32Array.from(images.subarray(start, start + PIXELS), (value) => value / 255);
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

  let loading; // the latest attempt; an older one that ends later is ignored
  async function load() {
    const attempt = (loading = {});
    stopWaiting();
    note.textContent = "The network is loading …";
    again.hidden = true;
    try {
      const found = await networkOf(model);
      if (left || attempt !== loading) return;
      quickForward(found, new Float32Array(PIXELS)); // one that does not fit fails here, with a message
      [network, ready] = [found, true];
      compute();
      draw();
    } catch (error) {
      if (left || attempt !== loading) return;
      ready = false;
      note.textContent = `${error.message} “All layers” works without it.`;
      again.hidden = false;
      update();
    }
  }

  // The weights are many, so they wait until a reader comes near.
  const observer = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) load();
  }, { rootMargin: "200px" });
  function stopWaiting() {
    observer.disconnect();
    root.removeEventListener("focusin", load);
  }

  const root = h("div", { class: "bw le" },
    h("div", { class: "le-digits" }, h("p", { class: "bw-title" }, h("b", {}, "Choose a digit")), digits.element),
    h("div", { class: "le-tabs", role: "tablist", "aria-label": "layers of the network" }, steps.map(({ tab }) => tab)),
    steps.map(({ frame }) => frame), live.element);
  el.append(root);
  note.textContent = "The network is loading …";
  again.hidden = true;
  compute();
  draw();
  root.addEventListener("focusin", load);
  observer.observe(root);

  const onIndex = () => { compute(); update(); };
  const listeners = Object.fromEntries(TRAITS.map((name) => [`change:${name}`, name === "index" ? onIndex : update]));
  listeners["change:weights"] = load;
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);
  return () => {
    left = true;
    live.stop();
    stopWaiting();
    for (const [event, listener] of Object.entries(listeners)) model.off(event, listener);
  };
}

export default { render };
