import { freshId, h, liveRegion } from "../shared/controls.js";
import { quickForward } from "../shared/quick_forward.js";
import { networkOf } from "../shared/network.js";
import { layerTable, shapeText } from "../shared/arithmetic.js";
import { pictureChoice } from "../shared/boards.js";
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
const TRAITS = ["sample", "layer", "filter", "row", "column", "unit", "output", "seed", "training", "dropout",
  ...SHAPE_TRAITS];

function render({ model, el }) {
  const change = (traits) => {
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.save_changes();
  };
  const bytes = model.get("samples");
  const samples = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const labels = model.get("labels");
  const live = liveRegion();
  let network; // the three layers with weights, once they are there
  let results; // what the network makes of the sample, layer by layer
  let pixels;
  let left = false; // whether this view has been taken away while something was loading

  // The digits to choose from, and the layers as tabs.
  const digits = pictureChoice("digits", (sample) => change({ sample }));
  digits.fill(Array.from({ length: samples.length / PIXELS }, (_, i) => ({
    name: labels.length ? `digit ${i + 1}, a ${labels[i]}` : `digit ${i + 1}`,
    values: samples.subarray(i * PIXELS, (i + 1) * PIXELS), shape: [28, 28],
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
    const frame = h("div", { role: "tabpanel", id: ids[1], "aria-labelledby": ids[0] }, panel.element);
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
    };
  }

  function compute() {
    const start = model.get("sample") * PIXELS;
    pixels = Float32Array.from(samples.subarray(start, start + PIXELS), (value) => value / 255);
    results = network && quickForward(network, pixels);
    // Until the network is there, the shapes are those of the book's.
    const known = layerTable(30, 5, 128);
    steps.forEach(({ name, shape }, i) => {
      shape.textContent = name === "shapes" ? "parameters"
        : shapeText(results ? results.shapes[RESULT[name] ?? name] : known[i].shape);
    });
  }

  // Draws the layer that is shown, and returns it in words.
  function draw() {
    digits.show(model.get("sample"));
    let words = note.textContent;
    for (const { name, panel, tab, frame } of steps) {
      const shown = name === model.get("layer");
      const ready = network || name === "shapes";
      tab.setAttribute("aria-selected", String(shown));
      tab.tabIndex = shown ? 0 : -1;
      frame.hidden = !shown;
      panel.element.hidden = !ready;
      if (!shown) continue;
      if (ready) waiting.remove();
      else frame.append(waiting);
      if (name === "shapes") {
        words = panel.show({ shapes: Object.fromEntries(SHAPE_TRAITS.map((trait) => [trait, model.get(trait)])) });
      } else if (ready) words = panel.show(view());
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
      network = found;
      compute();
      draw();
    } catch (error) {
      if (left || attempt !== loading) return;
      network = undefined;
      compute();
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

  const onSample = () => { compute(); update(); };
  const listeners = Object.fromEntries(TRAITS.map((name) => [`change:${name}`, name === "sample" ? onSample : update]));
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
