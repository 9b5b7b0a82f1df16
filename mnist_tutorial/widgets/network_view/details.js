// How one number of each layer is worked out, written so that it can be checked.
//
// A detail is { element, head, show(view) }; show returns the working in words.
import {
  channelOf, denseSum, fixed, indexOf, largestSize, placeOf, powersOf, short, votesOfPixels, whole, windowOf,
} from "../frontend/arithmetic.js";
import { stepper } from "../frontend/choices.js";
import { diverging, drawPixels, grey, h, percent } from "../frontend/controls.js";
import { framedImage } from "../frontend/framed_image.js";
import { numberTable, sumTable, windowTables } from "../frontend/tables.js";

const MAX_TERMS = 5; // products on either side that a sum names
const brightness = ({ convolution: values }) => grey(0, 0.7 * largestSize(values) || 1); // one scale for all maps

const RULES = {
  convolution: ({ shapes: { convolution: [, , filters] } }) =>
    `Each of ${filters} filters slides over the image. Its feature map is bright where it finds its pattern.`,
  pooling: () => "Of each 2 × 2 numbers of a map, only the largest is kept: half as high, half as wide.",
  hidden: ({ shapes, results }) => `Each unit weighs all ${whole(shapes.flatten[0])} numbers and adds them up; below 0 ` +
    `becomes 0. ${results.hidden.filter((value) => value > 0).length} units are above 0.`,
  output: ({ shapes }) => `Each digit's score weighs all ${whole(shapes.hidden[0])} units; softmax makes probabilities of ` +
    "the ten scores.",
};

// open(layer, unit): shows another unit. follow(layer, unit): the same, from a button that goes away. close(): none.
export function makeDetails({ open, follow, close }) {
  return Object.fromEntries(Object.entries({ convolution, pooling, hidden, output }).map(([layer, make]) => {
    const head = h("b", { tabindex: -1, class: "nv-head" });
    const sum = h("p", { class: "nv-sum" });
    const rule = h("p", { class: "bw-note" });
    const panel = make(open, follow);
    const closeByKey = (event) => {
      if (event.key === "Escape") close();
    };
    const element = h("div", { class: `nv-detail nv-detail-${layer}`, hidden: true, onkeydown: closeByKey },
      h("div", { class: "nv-top" }, head, panel.choice?.element, h("button", { type: "button", onclick: close }, "Close")),
      h("div", { class: "nv-body" }, rule, panel.before, sum, panel.after),
      h("p", { class: "bw-note nv-rounded" }, "The numbers shown are rounded; the sums are computed from the unrounded ones."));
    return [layer, {
      head, element,
      show(view) {
        const { title, words } = panel.show(view);
        head.textContent = title;
        rule.textContent = RULES[layer](view);
        sum.textContent = words;
        return `${title}. ${words}`;
      },
    }];
  }));
}

const placeText = ([row, column, map]) => `map ${map}, row ${row}, column ${column}`;
const link = (text, onclick, name = text) => h("button", { type: "button", class: "nv-link", "aria-label": name, onclick }, text);

function convolution(open) {
  let now;
  const choice = stepper("map", (map) => open("convolution", [now[0], now[1], map]));
  const go = (row, column) => open("convolution", [row, column, now[2]]);
  const [digit, map] = [framedImage(go, { click: true }), framedImage(go, { click: true })];
  const tables = windowTables();
  return {
    choice, after: tables.element,
    before: h("div", { class: "nv-places" }, digit.element, map.element),
    show({ network, results, shapes, pixels, unit }) {
      const [row, column, filter] = (now = unit);
      const { kernel, bias, shape: [rows, columns, , filters] } = network.convolution;
      const size = [rows, columns];
      choice.show(filter, filters);
      digit.show({ name: "The image", values: pixels, shape: [28, 28], colour: grey(0, 1), at: [row, column], size });
      map.show({
        name: `Map ${filter}`, values: channelOf(results.convolution, shapes.convolution, filter),
        shape: shapes.convolution.slice(0, 2), colour: brightness(results), at: [row, column],
      });
      const words = tables.show(windowOf(pixels, [28, 28, 1], 0, [row, column], size),
        channelOf(kernel, [rows, columns, filters], filter), size, bias[filter]);
      return { title: `Convolution, ${placeText(unit)}`, words };
    },
  };
}

function pooling(open, follow) {
  let now;
  const choice = stepper("map", (map) => open("pooling", [now[0], now[1], map]));
  const go = (row, column) => open("pooling", [row, column, now[2]]);
  const [map, result] = [framedImage(go, { click: true }), framedImage(go, { click: true })];
  const numbers = numberTable("in the frame");
  const source = h("div");
  return {
    choice, after: h("div", { class: "nv-four" }, numbers.element, source),
    before: h("div", { class: "nv-places" }, map.element, result.element),
    show({ network, results, shapes, unit }) {
      const [row, column, channel] = (now = unit);
      const colour = brightness(results);
      const four = windowOf(results.convolution, shapes.convolution, channel, [2 * row, 2 * column], [2, 2]);
      const value = results.pooling[indexOf(unit, shapes.pooling)];
      const first = four.indexOf(value);
      const place = [2 * row + (first >> 1), 2 * column + first % 2, channel];
      choice.show(channel, network.convolution.bias.length);
      map.show({
        name: `Map ${channel} before`, values: channelOf(results.convolution, shapes.convolution, channel),
        shape: shapes.convolution.slice(0, 2), colour, at: [row, column], size: [2, 2], stride: 2,
      });
      result.show({
        name: `Map ${channel} after`, values: channelOf(results.pooling, shapes.pooling, channel),
        shape: shapes.pooling.slice(0, 2), colour, at: [row, column],
      });
      numbers.show(four, [2, 2], colour, first);
      source.replaceChildren(link(`Where ${fixed(value)} comes from: row ${place[0]}, column ${place[1]}`,
        () => follow("convolution", place)));
      return {
        title: `Pooling, ${placeText(unit)}`,
        words: `The largest of ${four.map((one) => fixed(one)).join(", ")} is ${fixed(value)}.`,
      };
    },
  };
}

function hidden(open, follow) {
  const choice = stepper("unit", (unit) => open("hidden", [unit]));
  const votes = h("canvas", { role: "img" });
  const caption = h("p", { class: "bw-note" });
  const table = sumTable();
  return {
    choice, after: h("div", { class: "nv-places" },
      h("div", { class: "nv-votes" }, h("p", { class: "bw-title" }, h("b", {}, "Where its sum comes from")), votes, caption),
      h("div", { class: "nv-wide" }, table.element)),
    show({ network, results, shapes, unit: [unit] }) {
      const parts = denseSum(results.flatten, network.hidden, unit, MAX_TERMS);
      const byPlace = votesOfPixels(results.flatten, network.hidden, unit, shapes.pooling);
      const [rows, columns, maps] = shapes.pooling;
      const strongest = byPlace.findIndex((vote) => Math.abs(vote) === largestSize(byPlace));
      choice.show(unit, shapes.hidden[0]);
      drawPixels(votes, byPlace, rows, columns, diverging(largestSize(byPlace)));
      votes.style.aspectRatio = `${columns} / ${rows}`;
      caption.textContent = `The products of each place, added up over its ${maps} maps. Red: for this unit; blue: ` +
        `against it. The largest part comes from row ${Math.floor(strongest / columns)}, column ${strongest % columns}: ` +
        `${fixed(byPlace[strongest])}. In the table, brackets hold row and column.`;
      votes.setAttribute("aria-label", `${rows} by ${columns} places. ${caption.textContent}`);
      table.show(parts, (index) => {
        const place = placeOf(index, shapes.pooling);
        const [row, column, map] = place;
        return link(`map ${map} (${row}, ${column})`, () => follow("pooling", place), placeText(place)); // a column is narrow
      });
      return {
        title: `Hidden unit ${unit}`,
        words: `Sum of ${whole(results.flatten.length)} products ${fixed(parts.total - parts.bias)} + bias ` +
          `${fixed(parts.bias)} = ${fixed(parts.total)}. After ReLU: ${fixed(Math.max(0, parts.total))}.`,
      };
    },
  };
}

function output(open, follow) {
  const choice = stepper("output", (digit) => open("output", [digit]));
  const table = sumTable();
  const softmax = h("p", { class: "nv-sum" });
  const body = h("tbody");
  const all = h("td");
  const scores = h("table", { class: "bw-table nv-scores" },
    h("thead", {}, h("tr", {}, ["digit", "score", "e to the score"].map((name) => h("th", { scope: "col" }, name)))), body,
    h("tfoot", {}, h("tr", { class: "bw-line" }, h("th", { scope: "row", colspan: 2 }, "together"), all)));
  return {
    choice, after: h("div", {}, h("div", { class: "nv-places" }, h("div", { class: "nv-wide" }, table.element), scores), softmax),
    show({ network, results, unit: [digit] }) {
      const parts = denseSum(results.hidden, network.output, digit, MAX_TERMS);
      const { powers, sum } = powersOf(results.logits);
      choice.show(digit, powers.length);
      table.show(parts, (index) => link(`hidden unit ${index}`, () => follow("hidden", [index])));
      body.replaceChildren(...powers.map((power, i) => h("tr", { class: i === digit ? "bw-best" : null },
        h("th", { scope: "row" }, `${i}${i === digit ? " ▶" : ""}`), h("td", {}, fixed(results.logits[i])),
        h("td", {}, short(power)))));
      all.textContent = short(sum);
      const share = results.probabilities[digit];
      softmax.textContent = `Softmax: ${short(powers[digit])} / ${short(sum)} = ` +
        `${share < 0.01 ? short(share) : fixed(share, 5)}, or ${percent(share)}.`;
      return {
        title: `Output ${digit}`,
        words: `Score: sum of ${results.hidden.length} products ${fixed(parts.total - parts.bias)} + bias ` +
          `${fixed(parts.bias)} = ${fixed(parts.total)}.`,
      };
    },
  };
}
