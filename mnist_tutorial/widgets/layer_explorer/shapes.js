// The panel of the shapes and parameters of all layers, of a network of any size.
import { layerTable, shapeText, whole } from "../frontend/arithmetic.js";
import { freshId, h, percent } from "../frontend/controls.js";
import { instruction } from "./parts.js";

export function shapesPanel(act) {
  const BOOK = { filters: 30, kernel_size: 5, units: 128 };
  const slider = (trait, name, max) => {
    const id = freshId(trait);
    const input = h("input", {
      type: "range", id, min: 1, max, oninput: () => act.change({ [trait]: Number(input.value) }),
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
  const back = h("button", { type: "button", onclick: () => act.change(BOOK) }, "Back to the book's network");
  const body = h("tbody");
  const total = h("td");
  const sum = h("p", { class: "le-sum" });
  return {
    element: h("div", {},
      instruction("Move the sliders and see how the shapes and the parameters change."),
      h("div", { class: "le-settings" }, filters.element, size.element, units.element, back),
      h("table", { class: "bw-table" },
        h("thead", {}, h("tr", {}, ["layer", "output", "parameters"].map((name) => h("th", { scope: "col" }, name)))),
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
