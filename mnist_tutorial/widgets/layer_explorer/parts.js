// What the panels of the layers are built from.
//
// A panel is { element, show(view) }, and perhaps pause() and isPlaying(). show draws `view`, what layer_explorer.js knows of
// the network and of the reader's choices, and returns it in words. act.change({ trait: value }) says what the reader has
// chosen; act.set does the same without a word to Python, and act.save() tells it later.
import { fixed, largestSize } from "../frontend/arithmetic.js";
import { h } from "../frontend/controls.js";
import { framedImage } from "../frontend/framed_image.js";

const SVG = "http://www.w3.org/2000/svg";

export const instruction = (text) => h("p", { class: "le-instruction" }, text);

// A framed image that draws its pixels only when there are others, and otherwise only moves its frame. What is drawn comes
// with the next frame of the screen, but its own frame is at once where the reader has put it, unless move() returns false.
export function keptImage(move, options) {
  const framed = framedImage((row, column) => {
    if (move(row, column) !== false) framed.moveTo([row, column]);
  }, options);
  let last = {};
  return {
    ...framed,
    show(next) {
      const same = ["name", "values", "colour", "crossed"].every((name) => last[name] === next[name]);
      last = next;
      if (same) framed.moveTo(next.at);
      else framed.show(next);
    },
  };
}

// Signs on an image: + and − where a value is far from zero, so that not only the colour tells it.
export function signsOn({ image }) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "le-signs");
  svg.append(path);
  image.querySelector(".bw-frame").before(svg);
  let last;
  return (values, [rows, columns]) => {
    if (values === last) return;
    last = values;
    const enough = largestSize(values) / 5;
    svg.setAttribute("viewBox", `0 0 ${columns} ${rows}`);
    path.setAttribute("d", Array.from(values, (value, i) => {
      if (Math.abs(value) <= enough) return "";
      const [x, y] = [i % columns, Math.floor(i / columns)];
      return `M${x + 0.25} ${y + 0.5}h.5${value > 0 ? "m-.25 -.25v.5" : ""}`;
    }).join(""));
  };
}

// Covers what is not filled in yet of a map: show(place, shape) leaves the places up to this one, in reading order; null
// leaves all.
export function coverOn({ image }) {
  const [below, beside] = [h("span", { class: "le-cover" }), h("span", { class: "le-cover" })];
  image.querySelector(".bw-frame").before(below, beside);
  return (place, [rows, columns]) => {
    below.hidden = beside.hidden = place === null;
    if (place === null) return;
    const [row, column] = [Math.floor(place / columns), place % columns];
    below.style.inset = `${(row + 1) / rows * 100}% 0 0 0`;
    beside.style.inset = `${row / rows * 100}% 0 ${(rows - row - 1) / rows * 100}% ${(column + 1) / columns * 100}%`;
  };
}

// What speaks for a unit and against it, as bars on both sides of zero, and what they come to.
export function balanceBars() {
  const rows = ["for it", "against it", "bias", "sum"].map((name) => {
    const [bar, number] = [h("span"), h("b")];
    return { bar, number, row: h("li", {}, h("span", {}, name), h("span", { class: "le-scale" }, bar), number) };
  });
  return {
    element: h("ul", { class: "le-balance", "aria-label": "what its sum is made of" }, rows.map(({ row }) => row)),
    show({ above, below, bias, total }) {
      const values = [above, below, bias, total];
      const most = largestSize(values) || 1;
      rows.forEach(({ bar, number }, i) => {
        const share = values[i] / most * 50;
        bar.className = share < 0 ? "le-minus" : "le-plus";
        bar.style.left = `${50 + Math.min(0, share)}%`;
        bar.style.width = `${Math.abs(share)}%`;
        number.textContent = (values[i] > 0 ? "+" : "") + fixed(values[i]);
      });
    },
  };
}

// A table that is shown when the reader asks for it: until then, draw() is not called.
export function onDemand(words, table, changed) {
  const element = h("details", { class: "le-more", ontoggle: changed }, h("summary", {}, words), table.element);
  return {
    element,
    show(draw) {
      if (element.open) draw(table);
    },
  };
}
