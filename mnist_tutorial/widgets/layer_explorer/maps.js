// The panels of the layers behind the convolution that work on its maps: pooling, dropout and flatten.
import {
  afterPooling, channelOf, fixed, indexOf, keptByDropout, placeOf, whole, windowOf,
} from "../frontend/arithmetic.js";
import { drawPixels, freshId, h } from "../frontend/controls.js";
import { stepper } from "../frontend/choices.js";
import { numberTable } from "../frontend/tables.js";
import { coverOn, instruction, keptImage } from "./parts.js";
import { player } from "./playing.js";

export function poolingPanel(act) {
  let now; // the view that was drawn last
  const shape = () => now.work.results.shapes.pooling;
  const placeNow = () => {
    const [row, column] = afterPooling(now.at, shape());
    return row * shape()[1] + column;
  };
  const play = player({ place: placeNow, last: () => shape()[0] * shape()[1] - 1, isFilling: () => now.filling },
    (place, filling) => {
      const traits = { row: 2 * Math.floor(place / shape()[1]), column: 2 * (place % shape()[1]), filling };
      now = { ...now, at: { ...now.at, ...traits }, filling };
      act.set(traits);
    }, act.save);
  const go = (row, column) => !play.isPlaying() && act.change({ row: 2 * row, column: 2 * column });
  const [map, result] = [keptImage(go), keptImage(go)];
  for (const { image } of [map, result]) {
    for (const event of ["pointerdown", "keydown"]) {
      image.addEventListener(event, ({ key }) => key !== "Tab" && play.pause(), { capture: true });
    }
  }
  const largest = h("span", { class: "le-largest" });
  map.image.append(largest);
  const cover = coverOn(result);
  const choice = stepper("filter", (filter) => act.change({ filter }));
  const numbers = numberTable("in the frame");
  const sum = h("p", { class: "le-sum" });
  return {
    element: h("div", {},
      instruction("A frame of 2 by 2 moves over the filter's map. Only the largest of its four numbers is kept."),
      play.element, choice.element, h("div", { class: "le-places" }, map.element, result.element),
      h("div", { class: "le-four" }, numbers.element, sum)),
    pause: play.pause, isPlaying: play.isPlaying,
    show(view) {
      now = view;
      const { work, at: { filter } } = view;
      const mapShape = work.results.shapes.convolution;
      const [row, column] = afterPooling(view.at, shape());
      const colour = work.brightness();
      const four = windowOf(work.results.convolution, mapShape, filter, [2 * row, 2 * column], [2, 2]);
      const maximum = work.results.pooling[indexOf([row, column, filter], shape())];
      const at = four.indexOf(maximum);
      choice.show(filter, work.network.convolution.bias.length);
      play.show();
      map.show({
        name: `What filter ${filter} finds`, values: work.mapOf(filter), shape: mapShape.slice(0, 2), colour, at: [row, column],
        size: [2, 2], stride: 2,
      });
      [2 * row + (at >> 1), 2 * column + at % 2].forEach((place, axis) => {
        largest.style[axis ? "left" : "top"] = `${place / mapShape[axis] * 100}%`;
        largest.style[axis ? "width" : "height"] = `${100 / mapShape[axis]}%`;
      });
      result.show({
        name: "After pooling", values: work.pooledOf(filter), shape: shape().slice(0, 2), colour, at: [row, column],
      });
      cover(now.filling ? placeNow() : null, shape());
      numbers.show(four, [2, 2], colour, at);
      sum.textContent = `The largest of ${four.map((value) => fixed(value)).join(", ")} is ${fixed(maximum)}: ` +
        `row ${row}, column ${column} of the result.`;
      return sum.textContent;
    },
  };
}

export function dropoutPanel(act) {
  const go = (row, column) => act.change({ row: 2 * row, column: 2 * column });
  const [before, after] = [keptImage(go), keptImage(go)];
  const choice = stepper("filter", (filter) => act.change({ filter }));
  const mode = (training, text) =>
    h("button", { type: "button", onclick: () => act.change({ training }) }, text);
  const modes = [mode(true, "While training"), mode(false, "While predicting")];
  let seed = 0;
  let last = []; // what was dropped, and from what
  function dropped(work, filter, ...settings) {
    const key = [work, filter, ...settings];
    if (key.some((one, i) => one !== last[0]?.[i])) {
      const [training, rate] = settings;
      const own = work.pooledOf(filter);
      const count = work.results.pooling.length;
      const kept = training ? keptByDropout(count, rate, seed) : new Uint8Array(count).fill(1);
      const ownKept = channelOf(kept, work.results.shapes.pooling, filter);
      last = [key, {
        kept, ownKept, values: own.map((value, i) => (ownKept[i] ? value / (training ? 1 - rate : 1) : 0)),
        crossed: own.flatMap((_, i) => (ownKept[i] ? [] : [i])),
      }];
    }
    return last[1];
  }
  const redraw = h("button", { type: "button", onclick: () => act.change({ seed: (seed + 1) % 2 ** 31 }) }, "Redraw");
  const count = h("p");
  const sum = h("p", { class: "le-sum" });
  return {
    element: h("div", {},
      instruction("Redraw: other numbers are dropped (×), as in training, every time an image comes through. Then see what " +
        "happens while predicting."),
      choice.element,
      h("div", { class: "bw-controls" }, h("div", { class: "le-modes", role: "group", "aria-label": "when" }, modes), redraw),
      h("div", { class: "le-places" }, before.element, after.element), count, sum),
    show({ work, at, training, rate, seed: currentSeed }) {
      seed = currentSeed;
      const { filter } = at;
      const shape = work.results.shapes.pooling;
      const [row, column] = afterPooling(at, shape);
      const all = work.results.pooling;
      const keep = training ? 1 - rate : 1;
      const own = work.pooledOf(filter);
      const colour = work.brightness();
      const { kept, ownKept, values, crossed } = dropped(work, filter, training, rate, seed);
      const common = { shape: shape.slice(0, 2), colour, at: [row, column] };
      choice.show(filter, work.network.convolution.bias.length);
      modes.forEach((button, i) => button.setAttribute("aria-pressed", String(training === (i === 0))));
      redraw.disabled = !training;
      before.show({ ...common, name: "Before dropout", values: own });
      after.show({ ...common, name: "After dropout", values, crossed });
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

export function flattenPanel(act) {
  const reach = 3; // neighbours shown on either side
  const go = (row, column) => act.change({ row: 2 * row, column: 2 * column });
  const map = keptImage(go);
  const choice = stepper("filter", (filter) => act.change({ filter }));
  const strip = h("canvas", { class: "le-strip" });
  const id = freshId("index");
  let shape;
  let drawn; // what the strip shows
  const slider = h("input", {
    type: "range", id, min: 0, class: "le-slider", oninput: () => {
      const [row, column, filter] = placeOf(Number(slider.value), shape);
      act.change({ row: 2 * row, column: 2 * column, filter });
    },
  });
  const sum = h("p", { class: "le-sum" });
  const label = h("label", { for: id });
  const neighbours = h("div", { class: "le-neighbours", role: "group", "aria-label": "the numbers around it" });
  return {
    element: h("div", { class: "le-row" },
      instruction("Choose a pixel of a filter's map and see where it lands in the one long row. " +
        "Or move along the row and see where its number comes from."),
      choice.element,
      h("div", { class: "le-places" }, map.element, h("div", { class: "le-wide" }, label, slider, strip, sum, neighbours))),
    show({ work, at }) {
      const { filter } = at;
      const { results } = work;
      shape = results.shapes.pooling;
      const [row, column] = afterPooling(at, shape);
      const [, width, filters] = shape;
      const index = indexOf([row, column, filter], shape);
      const count = results.flatten.length;
      const colour = work.brightness();
      choice.show(filter, work.network.convolution.bias.length);
      map.show({
        name: `Filter ${filter} after pooling`, values: work.pooledOf(filter), shape: shape.slice(0, 2), colour,
        at: [row, column],
      });
      if (drawn !== work) drawPixels(strip, results.flatten, 1, count, colour);
      drawn = work;
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
