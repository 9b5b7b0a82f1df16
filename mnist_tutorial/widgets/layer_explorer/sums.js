// The panels of the layers that weigh everything, and of the shapes and parameters of all layers.
// What a panel is, maps.js says.
import { diverging, freshId, grey, h, percent } from "../frontend/controls.js";
import { stepper } from "../frontend/choices.js";
import { framedImage } from "../frontend/framed_image.js";
import { sumTable } from "../frontend/tables.js";
import {
  afterPooling, denseSum, fixed, largestSize, layerTable, placeOf, powersOf, shapeText, short, votesOfPixels, whole,
} from "../frontend/arithmetic.js";

const instruction = (text) => h("p", { class: "le-instruction" }, text);

export function hiddenPanel(change) {
  const across = 16; // units in a row of the image
  let count;
  const choice = stepper("hidden unit", (unit) => change({ unit }));
  const grid = framedImage((row, column) => change({ unit: Math.min(count - 1, row * across + column) }));
  const votes = framedImage((row, column) => change({ row: 2 * row, column: 2 * column }));
  const vote = h("p");
  const sum = h("p", { class: "le-sum" });
  const table = sumTable();
  return {
    element: h("div", {},
      instruction("Choose a hidden unit: it multiplies every number of the long row by a weight of its own, and adds up."),
      choice.element,
      h("div", { class: "le-places" },
        h("div", { class: "le-stack" }, grid.element, votes.element, vote),
        h("div", { class: "le-wide" }, sum, table.element))),
    show({ network, results, at }) {
      const { unit } = at;
      const shape = results.shapes.pooling;
      const [row, column] = afterPooling(at, shape);
      const columns = Math.min(across, results.hidden.length);
      count = results.hidden.length;
      const units = new Float32Array(Math.ceil(count / columns) * columns);
      units.set(results.hidden);
      choice.show(unit, count);
      grid.show({
        name: `The ${count} hidden units`, values: units, shape: [units.length / columns, columns],
        colour: grey(0, Math.max(...results.hidden)), at: [Math.floor(unit / columns), unit % columns],
      });
      const parts = denseSum(results.flatten, network.hidden, unit);
      const byPixel = votesOfPixels(results.flatten, network.hidden, unit, shape);
      votes.show({
        name: "Where its products come from", values: byPixel, shape: shape.slice(0, 2), colour: diverging(largestSize(byPixel)),
        at: [row, column],
      });
      vote.textContent = `Row ${row}, column ${column}: its ${shape[2]} products add up to ` +
        `${fixed(byPixel[row * shape[1] + column])}. (Red: for this unit; blue: against it.)`;
      table.show(parts, (index) => {
        const place = placeOf(index, shape);
        return `row ${place[0]}, column ${place[1]}, filter ${place[2]}`;
      });
      sum.textContent = `${whole(results.flatten.length)} numbers come in, ${whole(parts.zeros)} of them 0. ` +
        `Sum of all products + bias = ${fixed(parts.total)}. After ReLU: ${fixed(Math.max(0, parts.total))}.`;
      return `Hidden unit ${unit}. ${sum.textContent} ${vote.textContent}`;
    },
  };
}

export function outputPanel(change) {
  const sum = h("p", { class: "le-sum" });
  const table = sumTable();
  const rows = Array.from({ length: 10 }, (_, output) => {
    const button = h("button", { type: "button", "aria-label": `output ${output}`, onclick: () => change({ output }) },
      String(output));
    const cells = [h("td"), h("td")];
    const share = h("span");
    const fill = h("span", { class: "bw-fill" });
    return { button, cells, share, fill, row: h("tr", {}, h("th", { scope: "row" }, button), cells,
      h("td", {}, share, h("span", { class: "bw-track" }, fill))) };
  });
  const together = h("td");
  const scores = h("table", { class: "bw-table le-scores" },
    h("thead", {}, h("tr", {}, ["digit", "score", "e to the score", "probability"].map((name) =>
      h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map(({ row }) => row)),
    h("tfoot", {}, h("tr", { class: "bw-line" }, h("th", { scope: "row", colspan: 2 }, "together"), together, h("td", {}, "100%"))));
  return {
    element: h("div", {},
      instruction("Choose a digit: see which hidden units speak for it and against it, and how its score becomes a probability."),
      h("div", { class: "le-places" }, scores, h("div", { class: "le-wide" }, table.element)), sum),
    show({ network, results, at: { output } }) {
      const { powers, sum: all } = powersOf(results.logits);
      const best = results.probabilities.indexOf(Math.max(...results.probabilities));
      rows.forEach(({ button, cells, share, fill }, i) => {
        button.setAttribute("aria-pressed", String(i === output));
        cells[0].textContent = fixed(results.logits[i]);
        cells[1].textContent = short(powers[i]);
        share.textContent = percent(results.probabilities[i]) + (i === best ? " ◀" : "");
        fill.style.width = `${results.probabilities[i] * 100}%`;
      });
      together.textContent = short(all);
      table.show(denseSum(results.hidden, network.output, output), (index) => `hidden unit ${index}`);
      sum.textContent = `Score of ${output}: ${fixed(results.logits[output])}. Softmax: ${short(powers[output])} / ` +
        `${short(all)}, which is ${percent(results.probabilities[output])}.`;
      return sum.textContent;
    },
  };
}

export function shapesPanel(change) {
  const BOOK = { filters: 30, kernel_size: 5, units: 128 };
  const slider = (trait, name, max) => {
    const id = freshId(trait);
    const input = h("input", {
      type: "range", id, min: 1, max, oninput: () => change({ [trait]: Number(input.value) }),
    });
    const value = h("output", { for: id });
    return {
      element: h("div", { class: "le-setting" }, h("label", { for: id }, name), input, value),
      show(number, text = String(number)) {
        input.value = number;
        value.textContent = text;
        input.setAttribute("aria-valuetext", text);
      },
    };
  };
  const filters = slider("filters", "Filters", 64);
  const size = slider("kernel_size", "Size of a filter", 27); // pooling needs a result of at least 2 x 2
  const units = slider("units", "Hidden units", 512);
  const back = h("button", { type: "button", onclick: () => change(BOOK) }, "Back to the book's network");
  const body = h("tbody");
  const total = h("td");
  const sum = h("p", { class: "le-sum" });
  return {
    element: h("div", {},
      instruction("Move the sliders: see which shapes and how many parameters follow."),
      h("div", { class: "le-settings" }, filters.element, size.element, units.element, back),
      h("table", { class: "bw-table" },
        h("thead", {}, h("tr", {}, ["layer", "comes out", "parameters"].map((name) => h("th", { scope: "col" }, name)))),
        body, h("tfoot", {}, h("tr", { class: "bw-line bw-total" }, h("th", { scope: "row", colspan: 2 }, "all layers"), total))),
      sum),
    show({ shapes }) {
      const layers = layerTable(shapes.filters, shapes.kernel_size, shapes.units);
      const all = layers.reduce((count, { parameters }) => count + parameters, 0);
      filters.show(shapes.filters);
      size.show(shapes.kernel_size, `${shapes.kernel_size} × ${shapes.kernel_size}`);
      units.show(shapes.units);
      back.disabled = Object.entries(BOOK).every(([name, value]) => shapes[name] === value);
      body.replaceChildren(...layers.map(({ name, shape, parameters, sum: working }) => h("tr", {},
        h("th", { scope: "row" }, name), h("td", { class: "le-shape" }, shapeText(shape)),
        h("td", {}, working ? `${working} = ` : "", h("b", {}, whole(parameters))))));
      total.textContent = whole(all);
      const hidden = layers.find(({ name }) => name === "Hidden layer").parameters;
      sum.textContent = `${whole(all)} parameters, ${percent(hidden / all)} of them in the hidden layer.`;
      return sum.textContent;
    },
  };
}
