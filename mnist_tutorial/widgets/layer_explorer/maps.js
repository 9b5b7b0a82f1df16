// The panels of the layers that work on images: convolution, pooling, dropout and flatten.
//
// A panel is { element, show(view) }. show draws `view`, what layer_explorer.js knows of the network and of the
// reader's choices, and returns it in words. change({ trait: value }) says what the reader has chosen.
import { diverging, drawPixels, freshId, grey, h } from "../frontend/controls.js";
import { imageChoice, stepper } from "../frontend/choices.js";
import { framedImage } from "../frontend/framed_image.js";
import { numberTable, windowTables } from "../frontend/tables.js";
import {
  afterPooling, channelOf, fixed, indexOf, keptByDropout, largestSize, placeOf, whole, windowOf,
} from "../frontend/arithmetic.js";

const instruction = (text) => h("p", { class: "le-instruction" }, text);
// A weak filter should look weak beside a strong one, so all maps share one scale.
const brightness = (values) => grey(0, 0.7 * largestSize(values));

export function convolutionPanel(change) {
  const digit = framedImage((row, column) => change({ row, column }));
  const map = framedImage((row, column) => change({ row, column }));
  const choice = stepper("filter", (filter) => change({ filter }));
  const thumbnails = imageChoice("filters", (filter) => change({ filter }));
  const tables = windowTables();
  const sum = h("p", { class: "le-sum" });
  const size = h("small");
  let drawn; // the network whose filters the small images show
  return {
    element: h("div", {},
      instruction("Move the frame over the digit, and choose among the filters: each weight is multiplied by the pixel " +
        "below it, and all the products are added up."),
      choice.element,
      h("div", { class: "le-places" }, digit.element, map.element,
        h("div", { class: "le-gallery" }, h("p", { class: "bw-title" }, h("b", {}, "The filters"), size), thumbnails.element)),
      sum, tables.element,
      h("p", { class: "bw-note" }, "Numbers are rounded for showing, and the sums made from the unrounded ones.")),
    show({ pixels, network, results, at }) {
      const { kernel, shape: [rows, columns, , filters], bias } = network.convolution;
      const { filter, row, column } = at;
      const mapShape = results.shapes.convolution;
      const filterOf = (i) => channelOf(kernel, [rows, columns, filters], i);
      if (drawn !== network) {
        drawn = network;
        thumbnails.fill(Array.from({ length: filters }, (_, i) =>
          ({ name: `filter ${i}`, values: filterOf(i), shape: [rows, columns] })), diverging(largestSize(kernel)));
      }
      const window = windowOf(pixels, [28, 28, 1], 0, [row, column], [rows, columns]);
      const weights = filterOf(filter);
      size.textContent = `${filters} of ${rows} × ${columns}; red: above zero, blue: below`;
      choice.show(filter, filters);
      thumbnails.show(filter);
      digit.show({
        name: "The digit", values: pixels, shape: [28, 28], colour: grey(0, 1), at: [row, column], size: [rows, columns],
      });
      map.show({
        name: `What filter ${filter} finds`, values: channelOf(results.convolution, mapShape, filter),
        shape: mapShape.slice(0, 2), colour: brightness(results.convolution), at: [row, column],
      });
      sum.textContent = tables.show(window, weights, [rows, columns], bias[filter]);
      return `Filter ${filter}, row ${row}, column ${column}. ${sum.textContent}`;
    },
  };
}

export function poolingPanel(change) {
  const go = (row, column) => change({ row: 2 * row, column: 2 * column });
  const [map, result] = [framedImage(go), framedImage(go)];
  const choice = stepper("filter", (filter) => change({ filter }));
  const numbers = numberTable("in the frame");
  const sum = h("p", { class: "le-sum" });
  return {
    element: h("div", {},
      instruction("Move the frame of 2 by 2 over what the filter has found. Only the largest of its four numbers stays."),
      choice.element, h("div", { class: "le-places" }, map.element, result.element),
      h("div", { class: "le-four" }, numbers.element, sum)),
    show({ network, results, at }) {
      const { filter } = at;
      const [mapShape, poolShape] = [results.shapes.convolution, results.shapes.pooling];
      const [row, column] = afterPooling(at, poolShape);
      const colour = brightness(results.convolution);
      const four = windowOf(results.convolution, mapShape, filter, [2 * row, 2 * column], [2, 2]);
      const maximum = results.pooling[indexOf([row, column, filter], poolShape)];
      choice.show(filter, network.convolution.bias.length);
      map.show({
        name: `What filter ${filter} finds`, values: channelOf(results.convolution, mapShape, filter),
        shape: mapShape.slice(0, 2), colour, at: [row, column], size: [2, 2], stride: 2,
      });
      result.show({
        name: "After pooling", values: channelOf(results.pooling, poolShape, filter),
        shape: poolShape.slice(0, 2), colour, at: [row, column],
      });
      numbers.show(four, [2, 2], colour, four.indexOf(maximum));
      sum.textContent = `The largest of ${four.map((value) => fixed(value)).join(", ")} is ${fixed(maximum)}: ` +
        `row ${row}, column ${column} of the result.`;
      return sum.textContent;
    },
  };
}

export function dropoutPanel(change) {
  const go = (row, column) => change({ row: 2 * row, column: 2 * column });
  const [before, after] = [framedImage(go), framedImage(go)];
  const choice = stepper("filter", (filter) => change({ filter }));
  const mode = (training, text) =>
    h("button", { type: "button", onclick: () => change({ training }) }, text);
  const modes = [mode(true, "While training"), mode(false, "While predicting")];
  let seed = 0;
  const redraw = h("button", { type: "button", onclick: () => change({ seed: (seed + 1) % 2 ** 31 }) }, "Redraw");
  const count = h("p");
  const sum = h("p", { class: "le-sum" });
  return {
    element: h("div", {},
      instruction("Redraw, as training does for every batch: other numbers are dropped (×). Then see what happens " +
        "while predicting."),
      choice.element,
      h("div", { class: "bw-controls" }, h("div", { class: "le-modes", role: "group", "aria-label": "when" }, modes), redraw),
      h("div", { class: "le-places" }, before.element, after.element), count, sum),
    show({ network, results, at, training, rate, seed: currentSeed }) {
      seed = currentSeed;
      const { filter } = at;
      const shape = results.shapes.pooling;
      const [row, column] = afterPooling(at, shape);
      const all = results.pooling;
      const kept = training ? keptByDropout(all.length, rate, seed) : new Uint8Array(all.length).fill(1);
      const keep = training ? 1 - rate : 1;
      const own = channelOf(all, shape, filter);
      const ownKept = channelOf(kept, shape, filter);
      const colour = brightness(results.convolution);
      const common = { shape: shape.slice(0, 2), colour, at: [row, column] };
      choice.show(filter, network.convolution.bias.length);
      modes.forEach((button, i) => button.setAttribute("aria-pressed", String(training === (i === 0))));
      redraw.disabled = !training;
      before.show({ ...common, name: "Before dropout", values: own });
      after.show({
        ...common, name: "After dropout", values: own.map((value, i) => (ownKept[i] ? value / keep : 0)),
        crossed: own.flatMap((_, i) => (ownKept[i] ? [] : [i])),
      });
      const gone = (list) => whole(list.filter((value) => !value).length);
      count.textContent = training
        ? `${gone(ownKept)} of this filter's ${own.length} numbers are dropped, and ${gone(kept)} of all ` +
          `${whole(all.length)}. The others are divided by ${Number(keep.toFixed(4))}, so that the sum stays about the same.`
        : `Nothing is dropped: all ${whole(all.length)} numbers pass unchanged.`;
      const value = own[row * shape[1] + column];
      const passes = ownKept[row * shape[1] + column];
      sum.textContent = `Row ${row}, column ${column}: ${fixed(value)} ` + (!passes ? "is dropped and becomes 0."
        : training ? `/ ${Number(keep.toFixed(4))} = ${fixed(value / keep)}.` : "stays as it is.");
      return `${count.textContent} ${sum.textContent}`;
    },
  };
}

export function flattenPanel(change) {
  const reach = 3; // neighbours shown on either side
  const go = (row, column) => change({ row: 2 * row, column: 2 * column });
  const map = framedImage(go);
  const choice = stepper("filter", (filter) => change({ filter }));
  const strip = h("canvas", { class: "le-strip" });
  const id = freshId("index");
  let shape;
  const slider = h("input", {
    type: "range", id, min: 0, class: "le-slider", oninput: () => {
      const [row, column, filter] = placeOf(Number(slider.value), shape);
      change({ row: 2 * row, column: 2 * column, filter });
    },
  });
  const sum = h("p", { class: "le-sum" });
  const label = h("label", { for: id });
  const neighbours = h("div", { class: "le-neighbours", role: "group", "aria-label": "the numbers around it" });
  return {
    element: h("div", {},
      instruction("Choose a pixel of a filter's map, and see where it lands in the one long row. " +
        "Or move along the row, and see where its number comes from."),
      choice.element,
      h("div", { class: "le-places" }, map.element, h("div", { class: "le-wide" }, label, slider, strip, sum, neighbours))),
    show({ network, results, at }) {
      const { filter } = at;
      shape = results.shapes.pooling;
      const [row, column] = afterPooling(at, shape);
      const [, width, filters] = shape;
      const index = indexOf([row, column, filter], shape);
      const count = results.flatten.length;
      const colour = brightness(results.convolution);
      choice.show(filter, network.convolution.bias.length);
      map.show({
        name: `Filter ${filter} after pooling`, values: channelOf(results.pooling, shape, filter),
        shape: shape.slice(0, 2), colour, at: [row, column],
      });
      drawPixels(strip, results.flatten, 1, count, colour);
      label.textContent = `Position in the row of ${whole(count)} numbers, from 0 to ${whole(count - 1)}`;
      slider.max = count - 1;
      slider.value = index;
      slider.setAttribute("aria-valuetext", `${index}: row ${row}, column ${column}, filter ${filter}`);
      sum.textContent = `(row ${row} × ${width} + column ${column}) × ${filters} + filter ${filter} = ${whole(index)}. ` +
        `The number there: ${fixed(results.flatten[index])}.`;
      const first = Math.max(0, Math.min(count - 1 - 2 * reach, index - reach));
      neighbours.replaceChildren(...Array.from(results.flatten.subarray(first, first + 2 * reach + 1), (value, i) =>
        h("span", { class: first + i === index ? "bw-marked" : null },
          h("small", {}, `${whole(first + i)}${first + i === index ? " ▼" : ""}`), fixed(value, 2))));
      return sum.textContent;
    },
  };
}
