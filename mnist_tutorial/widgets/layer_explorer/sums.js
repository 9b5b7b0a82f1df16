// The panels of the layers that weigh everything: the hidden layer and the output.
import { afterPooling, fixed, placeOf, powersOf, short, whole, largestSize } from "../frontend/arithmetic.js";
import { diverging, grey, h, percent } from "../frontend/controls.js";
import { stepper } from "../frontend/choices.js";
import { sumTable } from "../frontend/tables.js";
import { balanceBars, instruction, keptImage, onDemand, signsOn } from "./parts.js";

const ACROSS = 16; // units in a row of an image
// Values of all units as an image, whose last row may not be full.
const inRows = (values) => {
  const columns = Math.min(ACROSS, values.length);
  const filled = new Float32Array(Math.ceil(values.length / columns) * columns);
  filled.set(values);
  return { values: filled, shape: [filled.length / columns, columns] };
};
const placeIn = (unit, [, columns]) => [Math.floor(unit / columns), unit % columns];

// What one cell of an image adds, in words, and what its colours and signs mean.
function legend([red, blue]) {
  const words = h("span");
  return {
    element: h("p", { class: "le-vote" }, words, h("small", {}, ` Red, +: ${red}; blue, −: ${blue}.`)),
    show(text) {
      words.textContent = text;
      return text;
    },
  };
}

export function hiddenPanel(act) {
  let now; // the view that was drawn last
  const choice = stepper("hidden unit", (unit) => act.change({ unit }));
  const grid = keptImage((row, column) => {
    const count = now.work.results.hidden.length;
    act.change({ unit: Math.min(count - 1, row * Math.min(ACROSS, count) + column) });
  });
  const votes = keptImage((row, column) => act.change({ row: 2 * row, column: 2 * column }));
  const signs = signsOn(votes);
  const balance = balanceBars();
  const vote = legend(["for this unit", "against it"]);
  const sum = h("p", { class: "le-sum" });
  const table = onDemand("The largest products as a table", sumTable(), () => now && showTable());
  function showTable() {
    const { work, at: { unit } } = now;
    table.show(({ show }) => show(work.hiddenSum(unit), (index) => {
      const [row, column, filter] = placeOf(index, work.results.shapes.pooling);
      return `row ${row}, column ${column}, filter ${filter}`;
    }));
  }
  return {
    element: h("div", {},
      instruction("Choose a hidden unit: it multiplies each number of the long row by its own weight and adds up the products."),
      choice.element,
      h("div", { class: "le-places" },
        h("div", { class: "le-units" }, grid.element), votes.element,
        h("div", { class: "le-wide" }, balance.element, vote.element)),
      sum, table.element),
    show(view) {
      now = view;
      const { work, at: { unit } } = view;
      const { hidden, flatten, shapes: { pooling: shape } } = work.results;
      const [row, column] = afterPooling(view.at, shape);
      const units = work.once("units", () => ({ ...inRows(hidden), colour: grey(0, Math.max(...hidden)) }));
      choice.show(unit, hidden.length);
      grid.show({ name: `The ${hidden.length} hidden units`, ...units, at: placeIn(unit, units.shape) });
      const byPixel = work.votesOf(unit);
      votes.show({
        name: "Where its products come from", values: byPixel, shape: shape.slice(0, 2), at: [row, column],
        colour: work.once(`votes' colour ${unit}`, () => diverging(largestSize(byPixel))),
      });
      signs(byPixel, shape);
      const parts = work.hiddenBalance(unit);
      balance.show(parts);
      const said = vote.show(`Row ${row}, column ${column}: its ${shape[2]} products add up to ` +
        `${fixed(byPixel[row * shape[1] + column])}.`);
      showTable();
      sum.textContent = `${whole(flatten.length)} numbers come in, ${whole(parts.zeros)} of them 0. ` +
        `Sum of all products + bias = ${fixed(parts.total)}. After ReLU: ${fixed(Math.max(0, parts.total))}.`;
      return `Hidden unit ${unit}. ${sum.textContent} ${said}`;
    },
  };
}

export function outputPanel(act) {
  let now; // the view that was drawn last
  const choice = stepper("output", (output) => act.change({ output })); // the rows of the table are low for a finger
  const sum = h("p", { class: "le-sum" });
  const grid = keptImage((row, column) => {
    const count = now.work.results.hidden.length;
    act.change({ unit: Math.min(count - 1, row * Math.min(ACROSS, count) + column) });
  });
  const signs = signsOn(grid);
  const balance = balanceBars();
  const vote = legend(["for this digit", "against it"]);
  const table = onDemand("The largest products as a table", sumTable(), () => now && showTable());
  function showTable() {
    const { work, at: { output } } = now;
    table.show(({ show }) => show(work.outputSum(output), (index) => `hidden unit ${index}`));
  }
  const rows = Array.from({ length: 10 }, (_, output) => {
    const button = h("button", { type: "button", "aria-label": `output ${output}`, onclick: () => act.change({ output }) },
      String(output));
    const cells = [h("td"), h("td")];
    const share = h("span");
    const fill = h("span", { class: "bw-fill" });
    return { button, cells, share, fill, row: h("tr", {}, h("th", { scope: "row" }, button), cells,
      h("td", {}, h("div", { class: "le-share" }, share, h("span", { class: "bw-track" }, fill)))) };
  });
  const all = h("td");
  const scores = h("table", { class: "bw-table le-scores" },
    h("thead", {}, h("tr", {}, ["digit", "score", "e to the score", "probability"].map((name) =>
      h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map(({ row }) => row)),
    h("tfoot", {}, h("tr", { class: "bw-line" }, h("th", { scope: "row", colspan: 2 }, "together"), all, h("td", {}, "100%"))));
  let drawn; // what the table of scores shows
  function showScores({ results }, output) {
    const { powers, sum: total } = powersOf(results.logits);
    const best = results.probabilities.indexOf(Math.max(...results.probabilities));
    rows.forEach(({ button, cells, share, fill }, i) => {
      button.setAttribute("aria-pressed", String(i === output));
      if (drawn === results) return;
      cells[0].textContent = fixed(results.logits[i]);
      cells[1].textContent = short(powers[i]);
      share.textContent = percent(results.probabilities[i]) + (i === best ? " ◀" : "");
      fill.style.width = `${results.probabilities[i] * 100}%`;
    });
    all.textContent = short(total);
    drawn = results;
    return { power: powers[output], total };
  }
  return {
    element: h("div", { class: "le-brief" },
      instruction("Choose a digit: what speaks for it, and what speaks against it?"),
      h("div", { class: "le-fingers" }, choice.element),
      h("div", { class: "le-places" }, scores,
        h("div", { class: "le-wide le-votes" }, h("div", { class: "le-units" }, grid.element),
          balance.element)),
      vote.element, sum, table.element),
    show(view) {
      now = view;
      const { work, at: { output, unit } } = view;
      const { logits, probabilities } = work.results;
      const { power, total } = showScores(work, output);
      choice.show(output, logits.length);
      const products = work.productsOf(output);
      const units = work.once(`products in rows ${output}`, () =>
        ({ ...inRows(products), colour: diverging(largestSize(products)) }));
      grid.show({ name: `Added to the score of ${output}`, ...units, at: placeIn(unit, units.shape) });
      signs(units.values, units.shape);
      balance.show(work.outputBalance(output));
      const said = vote.show(`Hidden unit ${unit} adds ${fixed(products[unit])}.`);
      showTable();
      sum.textContent = `Score of ${output}: ${fixed(logits[output])}. Softmax: ${short(power)} / ${short(total)}, ` +
        `which is ${percent(probabilities[output])}.`;
      return `${sum.textContent} ${said}`;
    },
  };
}
