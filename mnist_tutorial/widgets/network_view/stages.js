// The stages from pixels to probabilities: each has a name, a shape, a sentence and a drawing.
import { shapeText, whole } from "../frontend/arithmetic.js";
import { drawPixels, freshId, grey, h, percent } from "../frontend/controls.js";
import { framedImage } from "../frontend/framed_image.js";

const MAPS_ACROSS = 10;
const UNITS_ACROSS = 16;
const largest = (values) => values.reduce((largest, value) => Math.max(largest, value), 0);
const aboveZero = (values) => values.filter((value) => value > 0).length;

// open(layer, unit): what a choice calls; of a map without a place, `unit` is [null, null, map].
// details: what each layer's stage shows of its open unit.
export function makeStages(open, details) {
  const stages = {
    pixels: pixelStage(),
    convolution: mapStage("convolution", "Convolution", open,
      (shape) => `Each of ${shape[2]} filters slides over the digit. Its feature map is bright where it finds its pattern.`),
    pooling: mapStage("pooling", "Pooling", open,
      () => "Of each 2 × 2 numbers of a map, only the largest is kept: half as high, half as wide."),
    flatten: flattenStage(),
    hidden: hiddenStage(open),
    output: outputStage(open),
  };
  const entries = Object.entries(stages).map(([name, stage], i) => {
    const shape = h("small");
    const words = h("p", { class: "nv-words" });
    stage.element = h("li", { class: `nv-stage nv-${name}` },
      h("div", {}, h("p", { class: "bw-title" }, h("b", {}, `${i + 1} ${stage.title}`), shape), words),
      h("div", { class: "nv-drawing" }, stage.drawing), details[name]?.element);
    return { stage, shape, words };
  });
  return {
    ...stages,
    element: h("ol", { class: "nv-stages" }, entries.map(({ stage }) => stage.element)),
    show(view) {
      for (const { stage, shape, words } of entries) {
        const of = stage.shapeIn(view);
        shape.textContent = stage.shapeName?.(of) ?? shapeText(of);
        words.textContent = stage.sentence(of, view);
        stage.element.classList.toggle("nv-waiting", !view.results && stage !== stages.pixels);
        stage.show(view);
      }
    },
  };
}

function pixelStage() {
  const drawing = h("canvas", { role: "img", "aria-label": "the digit" });
  return {
    title: "Pixels", drawing,
    shapeIn: () => [28, 28],
    sentence: () => "The digit: 784 numbers from 0 (black) to 1 (white).",
    show: ({ pixels }) => drawPixels(drawing, pixels, 28, 28, grey(0, 1)),
  };
}

// The maps side by side, parted by lines.
function mapStage(name, title, open, sentence) {
  let count = 0;
  const grid = framedImage((row, column) => {
    open(name, [null, null, Math.min(count - 1, row * MAPS_ACROSS + column)]);
  }, { click: true });
  return {
    title, drawing: grid.image, sentence,
    focus: () => grid.image.focus(),
    shapeIn: ({ shapes }) => shapes[name],
    shapeName: ([rows, columns, maps]) => `${maps} maps of ${rows} × ${columns}`,
    show({ results, shapes, layer, unit }) {
      const [rows, columns, maps] = shapes[name];
      const across = Math.min(MAPS_ACROSS, maps);
      const [height, width] = [Math.ceil(maps / across) * (rows + 1), across * (columns + 1)];
      const values = new Float32Array(height * width).fill(-1); // a line, until a map has a value there
      for (let i = 0; i < rows * columns * maps; i++) {
        const [pixel, map] = [Math.floor(i / maps), i % maps];
        const row = Math.floor(map / across) * (rows + 1) + Math.floor(pixel / columns);
        values[row * width + (map % across) * (columns + 1) + pixel % columns] = results ? results[name][i] : 0;
      }
      // A weak filter should look weak beside a strong one, so all maps share one scale.
      const colour = grey(0, 0.7 * largest(values) || 1);
      count = maps;
      grid.show({
        name: `The ${maps} maps after ${title.toLowerCase()}`, values, shape: [height, width],
        colour: (value) => (value < 0 ? [128, 128, 128] : colour(value)), size: [rows + 1, columns + 1],
        stride: [rows + 1, columns + 1], at: layer === name ? [Math.floor(unit[2] / across), unit[2] % across] : null,
      });
    },
  };
}

function flattenStage() {
  const drawing = h("canvas", { role: "img" });
  return {
    title: "Flatten", drawing,
    shapeIn: ({ shapes }) => shapes.flatten,
    shapeName: ([length]) => `one row of ${whole(length)}`,
    sentence: () => "The same numbers, one after the other. (Dropout is at work only while the network trains.)",
    show({ results, shapes: { flatten: [length] } }) {
      const values = results?.flatten ?? new Float32Array(length);
      drawPixels(drawing, values, 1, length, grey(0, 0.7 * largest(values) || 1));
      drawing.setAttribute("aria-label", results
        ? `${whole(length)} numbers, ${whole(aboveZero(values))} of them above 0` : "not known yet");
    },
  };
}

function hiddenStage(open) {
  let count = 0;
  const grid = framedImage((row, column) => {
    open("hidden", [Math.min(count - 1, row * UNITS_ACROSS + column)]);
  }, { click: true });
  return {
    title: "Hidden layer", drawing: grid.image,
    focus: () => grid.image.focus(),
    shapeIn: ({ shapes }) => shapes.hidden,
    shapeName: ([units]) => `${whole(units)} units`,
    sentence: (_, { shapes, results }) => `Each unit weighs all ${whole(shapes.flatten[0])} numbers and adds them up; ` +
      `below 0 becomes 0.${results ? ` ${aboveZero(results.hidden)} units are above 0.` : ""}`,
    show({ results, shapes, layer, unit }) {
      [count] = shapes.hidden;
      const across = Math.min(UNITS_ACROSS, count);
      const values = new Float32Array(Math.ceil(count / across) * across);
      if (results) values.set(results.hidden);
      grid.show({
        name: `The ${count} hidden units`, values, shape: [values.length / across, across],
        colour: grey(0, largest(values) || 1),
        at: layer === "hidden" ? [Math.floor(unit[0] / across), unit[0] % across] : null,
      });
    },
  };
}

// Ten bars to choose from: one stop for the Tab key, then arrow keys.
function outputStage(open) {
  const group = freshId("output");
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const radio = h("input", { type: "radio", name: group, onchange: () => open("output", [digit]) });
    const [fill, share] = [h("span", { class: "bw-fill" }), h("span", { class: "bw-share" })];
    return { radio, fill, share, row: h("label", {}, radio, String(digit), h("span", { class: "bw-track" }, fill), share) };
  });
  return {
    title: "Output",
    drawing: h("div", { class: "nv-outputs", role: "radiogroup", "aria-label": "outputs" }, rows.map(({ row }) => row)),
    focus: () => (rows.find(({ radio }) => radio.checked) ?? rows[0]).radio.focus(),
    shapeIn: ({ shapes }) => shapes.probabilities,
    shapeName: () => "10 probabilities",
    sentence: (_, { shapes }) => `Each digit's score weighs all ${whole(shapes.hidden[0])} units; softmax makes ` +
      "probabilities of the ten scores.",
    show({ results, layer, unit }) {
      const best = results ? results.probabilities.indexOf(largest(results.probabilities)) : -1;
      rows.forEach(({ radio, fill, share, row }, digit) => {
        const value = results?.probabilities[digit] ?? 0;
        radio.checked = layer === "output" && unit[0] === digit;
        radio.setAttribute("aria-label", results ? `${digit}: ${percent(value)}` : String(digit));
        fill.style.width = `${100 * value}%`;
        share.textContent = results ? `${percent(value)}${digit === best ? " ◀" : ""}` : "–";
        row.classList.toggle("bw-best", digit === best);
      });
    },
  };
}
