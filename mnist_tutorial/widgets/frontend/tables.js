// Tables of numbers: of a part of an image, of a convolution's window, and of a dense unit's sum.
import { diverging, grey, h } from "./controls.js";
import { convolutionSum, fixed, largestSize, whole } from "./arithmetic.js";

// A table of numbers, each on its colour in the image.
export function numberTable(caption) {
  const body = h("tbody");
  let size = [];
  let cells = [];
  return {
    element: h("table", { class: "bw-numbers" }, h("caption", {}, caption), body),
    // marked: the position of a value to point out, or -1.
    show(values, shape, colour, marked = -1) {
      if (String(shape) !== String(size)) {
        size = shape;
        body.replaceChildren(...Array.from({ length: shape[0] }, () =>
          h("tr", {}, Array.from({ length: shape[1] }, () => h("td")))));
        cells = Array.from(body.querySelectorAll("td"), (cell) => ({ cell, look: "" }));
      }
      cells.forEach((one, i) => { // most stay as they are when a window moves
        const text = fixed(values[i], 2);
        const ground = colour(values[i]);
        const look = `${text} ${ground} ${i === marked}`;
        if (look === one.look) return;
        one.look = look;
        one.cell.textContent = text;
        one.cell.classList.toggle("bw-marked", i === marked);
        paint(one.cell, ground);
      });
    },
  };
}

// The colours of weights in a table: pale, so that the numbers are easy to read on a light and on a dark page.
export const pale = (weights) => diverging(largestSize(weights) / 0.5);

// One number of a convolution written out: pixels times weights are products, and their sum, the bias and ReLU.
export function windowTables() {
  const maxSide = 7; // a larger window has too many numbers to print
  const pixels = numberTable("pixels in the frame");
  const weights = numberTable("weights of the filter");
  const products = numberTable("their products");
  const tables = h("div", { class: "bw-tables" },
    pixels.element, h("span", {}, "×", weights.element), h("span", {}, "=", products.element));
  return {
    element: tables,
    // Returns the calculation in words.
    show(window, weightsOfFilter, shape, bias) {
      const sum = convolutionSum(window, weightsOfFilter, bias);
      tables.hidden = Math.max(...shape) > maxSide;
      if (!tables.hidden) {
        const colour = pale(weightsOfFilter);
        pixels.show(window, shape, grey(0, 1));
        weights.show(weightsOfFilter, shape, colour);
        products.show(sum.products, shape, colour);
      }
      return `Sum of the ${window.length} products ${fixed(sum.sum)} + bias ${fixed(bias)} = ${fixed(sum.value)}. ` +
        `After ReLU: ${fixed(sum.afterRelu)}.`;
    },
  };
}

// A cell's background, with its number in the colour of the page's text where the page shows through, or else in black
// or white, whichever has more contrast.
function paint(cell, colour) {
  if (colour.length > 3) {
    const [red, green, blue, opacity] = colour;
    cell.style.background = `rgb(${red} ${green} ${blue} / ${(opacity / 255).toFixed(2)})`;
    cell.style.color = "";
    return;
  }
  const [red, green, blue] = colour.map((level) =>
    (level <= 10 ? level / 3295 : ((level / 255 + 0.055) / 1.055) ** 2.4));
  cell.style.background = `rgb(${colour.join(" ")})`;
  cell.style.color = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff"; // WCAG's luminance
}

// The table of one unit's sum. show(sum, nameOf): nameOf(index) says where an input comes from, as text or as an
// element.
export function sumTable() {
  const head = h("thead", {}, h("tr", {}, ["comes in", "number", "weight", "product"].map((name) =>
    h("th", { scope: "col" }, name))));
  const body = h("tbody");
  const group = (title, parts, nameOf) => [
    h("tr", {}, h("th", { scope: "rowgroup", colspan: 4, class: "bw-group" }, parts.length ? title : `${title}: nothing`)),
    ...parts.map(({ index, value, weight, product }) => h("tr", {}, h("th", { scope: "row" }, nameOf(index)),
      [value, weight, product].map((number) => h("td", {}, fixed(number))))),
  ];
  const line = (name, value, style) => h("tr", { class: style }, h("th", { scope: "row", colspan: 3 }, name),
    h("td", {}, fixed(value)));
  return {
    element: h("table", { class: "bw-table" }, head, body),
    show({ speaksFor, speaksAgainst, rest, others, bias, total }, nameOf) {
      body.replaceChildren(
        ...group("Speaks most for it", speaksFor, nameOf),
        ...group("Speaks most against it", speaksAgainst, nameOf),
        line(`the other ${whole(others)} products together`, rest, "bw-line"),
        line("bias", bias), line("sum", total, "bw-line bw-total"));
    },
  };
}
