// The chain from the loss to the open number, factor by factor, and the sum behind it.
import { whole } from "../frontend/arithmetic.js";
import { h } from "../frontend/controls.js";
import { winnerOf } from "../frontend/backward_pass.js";
import { gradientsAt, indicesOf, isParameter, NUMBERS, numbersWith, partsOf, pathOfPart } from "./path.js";
import { gradientText, share, SHORT_NAME_OF, signed, written } from "./format.js";

const MAX_PARTS = 6; // that the table of a sum names

// Which of a path's numbers have gradients that lead to the open one, and this one itself.
const isFactor = (numbers, i, open) =>
  i <= numbers.indexOf(open) && (numbers[i] === open || !isParameter(numbers[i]));

// What each step multiplies by, and the step in words.
export function stepsOf(view) {
  const { network, pixels, results, gradients, path, label, what } = view;
  const [digit, unit, row, column, map, i, j] = path;
  const { shapes } = results;
  const at = indicesOf(path, network, shapes);
  const all = gradientsAt(at, view);
  const [hidden, pooled] = [results.hidden[unit], results.pooling[at.pooling]];
  const toScore = network.output.kernel[at["output weight"]];
  const toUnit = network.hidden.kernel[at["hidden weight"]];
  const pixel = pixels[(row + i) * 28 + column + j];
  const isWinner = winnerOf(at.pooling, results.convolution, shapes.convolution) === at.convolution;
  const sum = what.valueOf("convolution", at.convolution);
  const others = (count, name) => `, + ${whole(count)} ${name}`;
  const otherPlaces = others(shapes.convolution[0] * shapes.convolution[1] - 1, "places");
  const product = (gradient, factor, name) => `${signed(gradient)} × ${name} ${written(factor)}`;
  const steps = {
    score: [gradients.logits[digit], `probability ${share(results.probabilities[digit])} − ${digit === label
      ? "1, the right answer" : "0, not the right answer"}`],
    "output weight": [hidden, product(all.score, hidden, "the unit's")],
    unit: hidden > 0
      ? [toScore, `${product(all.score, toScore, "weight")}${others(9, "scores")}`]
      : [0, `its sum is ${written(what.valueOf("unit", unit))}: ReLU is shut, × 0`],
    "hidden weight": [pooled, product(all.unit, pooled, "the pooled")],
    pooling: [toUnit, `${product(all.unit, toUnit, "weight")}${others(results.hidden.length - 1, "units")}`],
    convolution: !isWinner ? [0, "not the largest of its four: × 0"]
      : sum > 0 ? [1, "the largest of its four, above 0: × 1"] : [0, `its sum is ${written(sum)}: ReLU is shut, × 0`],
    "filter weight": [pixel, product(all.convolution, pixel, "pixel") + otherPlaces],
    "output bias": [1, `${signed(all.score)} × 1: a bias is added as it is`],
    "hidden bias": [1, `${signed(all.unit)} × 1: a bias is added as it is`],
    "filter bias": [1, `${signed(all.convolution)} × 1${otherPlaces}`],
  };
  return numbersWith(view.number).map((number) => ({
    number, name: SHORT_NAME_OF[number](path), gradient: all[number], factor: steps[number][0], words: steps[number][1],
  }));
}

// open(number, path): opens a number. choices: an element to choose others on the path with.
export function chainPanel(open, choices) {
  let view;
  const rows = NUMBERS.map((number, i) => {
    const [place, name, words] = [h("i", { class: "bv-part" }), h("b"), h("small")];
    const gradient = gradientText();
    const button = h("button", {
      type: "button", class: "bv-step", onclick: () => open(numbersWith(view.number)[i], view.path),
    }, h("span", { class: "bv-name" }, place, " ", name, " ", gradient.element), " ", words);
    const row = h("li", { class: isParameter(number) ? "bv-weight" : null }, button);
    return { button, place, name, words, gradient, row };
  });
  const product = h("p", { class: "bv-product" });
  const summary = h("summary");
  const body = h("tbody");
  const total = gradientText();
  const table = h("table", { class: "bw-table" },
    h("thead", {}, h("tr", {}, ["from", "gradient", "× factor", "= part"].map((text) =>
      h("th", { scope: "col" }, text)))),
    body,
    h("tfoot", {}, h("tr", { class: "bw-line bw-total" },
      h("th", { scope: "row", colspan: 3 }, "sum"), h("td", {}, total.element))));
  const none = h("p", { class: "bw-note" }, "One product, not a sum: nothing to open.");
  const details = h("details", { ontoggle: () => sum.classList.toggle("bv-opened", details.open) }, summary, table);
  const sum = h("div", { class: "bv-sum" }, details, none);

  function showSum() {
    const { number, path, results } = view;
    const parts = partsOf(number, path, view);
    none.hidden = parts.length > 0;
    details.hidden = !parts.length;
    if (!parts.length) return;
    summary.textContent = `Open the sum of ${whole(parts.length)} parts`;
    const sorted = [...parts].sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
    const [named, rest] = [sorted.slice(0, MAX_PARTS), sorted.slice(MAX_PARTS)];
    const nameOf = {
      unit: ([digit]) => `score ${digit}`, pooling: ([unit]) => `unit ${unit}`,
      "filter weight": ([row, column]) => `place ${row}, ${column}`,
      "filter bias": ([row, column]) => `place ${row}, ${column}`,
    }[number];
    const add = (list) => list.reduce((sum, part) => sum + part.product, 0);
    body.replaceChildren(...named.map(({ at, gradient, factor, product: part }) => h("tr", {},
      h("th", { scope: "row" }, h("button", {
        type: "button", class: "bv-link", onclick: () => open(number, pathOfPart(number, path, at)),
      }, nameOf(at))), h("td", {}, signed(gradient)), h("td", {}, written(factor)), h("td", {}, signed(part)))),
    h("tr", { class: "bw-line" }, h("th", { scope: "row", colspan: 3 },
      `the other ${whole(rest.length)} together${number === "pooling"
        ? ` (${results.hidden.filter((value) => value === 0).length} units are shut)` : ""}`),
    h("td", {}, signed(add(rest)))));
    total.show(add(parts));
  }

  return {
    element: h("section", { class: "bv-panel bv-chain", "aria-label": "chain of factors" },
      h("p", { class: "bv-heading" }, "From the loss, factor by factor"),
      h("ol", {}, rows.map(({ row }) => row)),
      h("p", { class: "bv-aside" },
        h("i", {}, "aside"), ": ends there and is not a factor of what follows"),
      choices, product, sum),
    show(now) {
      view = now;
      const steps = stepsOf(view);
      const numbers = steps.map(({ number }) => number);
      const factors = [];
      steps.forEach(({ number, name, gradient, factor, words }, i) => {
        const isOn = isFactor(numbers, i, view.number);
        if (isOn) factors.push(factor);
        rows[i].place.textContent = isOn ? String(factors.length) : isParameter(number) ? "aside" : "–";
        rows[i].name.textContent = name;
        rows[i].words.textContent = words;
        rows[i].gradient.show(gradient);
        rows[i].button.setAttribute("aria-pressed", String(number === view.number));
        rows[i].row.classList.toggle("bv-on", isOn);
      });
      const open = steps.find(({ number }) => number === view.number);
      const along = factors.reduce((result, factor) => result * factor);
      product.textContent = factors.length === 1 ? "The chain begins here: this gradient needs no other."
        : `Factors 1 to ${factors.length}, along this path: ` +
          `${factors.map((factor, i) => (i ? written(factor) : signed(factor))).join(" × ")} = ` +
          `${signed(along)}. All paths together: ${signed(open.gradient)}.`;
      showSum();
      return `${open.name}: gradient ${signed(open.gradient)}. ${open.words}.`;
    },
  };
}
