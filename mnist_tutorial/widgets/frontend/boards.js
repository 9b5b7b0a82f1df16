// What the widgets that look into the network are built from: images with a frame that moves, tables of numbers,
// and ways to choose.
import { diverging, drawPixels, freshId, grey, h } from "./controls.js";
import { convolutionSum, fixed, whole } from "./arithmetic.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// An image with a frame that pointer and arrow keys move. It calls move(row, column) with the frame's new place,
// counted in strides, and always one where the frame fits into the image. With `click`, a pointer has to press and
// let go, so that a finger that scrolls the page or a mouse that passes by moves nothing.
export function board(move, { click = false } = {}) {
  const canvas = h("canvas");
  const frame = h("span", { class: "bw-frame" });
  const crosses = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  crosses.append(path);
  crosses.setAttribute("aria-hidden", "true");
  const title = h("b");
  const length = h("small");
  let now = { shape: [1, 1], size: [1, 1], stride: [1, 1], at: [0, 0] };
  const go = (place) => {
    const [row, column] = place.map((position, axis) => {
      const last = Math.floor((now.shape[axis] - now.size[axis]) / now.stride[axis]);
      return Math.max(0, Math.min(last, position));
    });
    if (!now.at || row !== now.at[0] || column !== now.at[1]) move(row, column);
  };
  // The frame's middle follows the pointer.
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    const shares = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    go(shares.map((share, axis) =>
      Math.floor((share * now.shape[axis] - now.size[axis] / 2) / now.stride[axis] + 0.5)));
  };
  const image = h("div", {
    class: click ? "bw-framed bw-click" : "bw-framed", tabindex: 0, role: "application",
    ...(click ? { onclick: point } : { onpointermove: point, onpointerdown: point }),
    onkeydown: (event) => {
      const step = ARROWS[event.key];
      if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      go(now.at ? [now.at[0] + step[0], now.at[1] + step[1]] : [0, 0]);
    },
  }, canvas, crosses, frame);
  return {
    element: h("div", { class: "bw-place" }, h("p", { class: "bw-title" }, title, length), image),
    image, // without its title
    // values: row by row, of `shape` [rows, columns]. The frame has `size` [rows, columns] and stands at `at`; null for
    // no frame. stride: a number, or [of rows, of columns]. crossed: positions in `values` to cross out.
    show({ name, values, shape, colour, at, size = [1, 1], stride = 1, crossed = [] }) {
      const strides = [stride, stride].flat();
      now = { shape, size, stride: strides, at };
      title.textContent = name;
      length.textContent = shape.join(" × ");
      frame.hidden = !at;
      image.setAttribute("aria-label", `${name}; arrow keys move the frame`);
      image.style.aspectRatio = `${shape[1]} / ${shape[0]}`;
      drawPixels(canvas, values, ...shape, colour);
      ["top", "left"].forEach((side, axis) => {
        frame.style[side] = `${(at ?? [0, 0])[axis] * strides[axis] / shape[axis] * 100}%`;
        frame.style[axis ? "width" : "height"] = `${size[axis] / shape[axis] * 100}%`;
      });
      crosses.setAttribute("viewBox", `0 0 ${shape[1]} ${shape[0]}`);
      path.setAttribute("d", crossed.map((i) =>
        `M${i % shape[1] + 0.3} ${Math.floor(i / shape[1]) + 0.3}l.4 .4m0 -.4l-.4 .4`).join(""));
    },
  };
}

// A table of numbers on the colours of the image they come from.
export function numberTable(caption) {
  const body = h("tbody");
  let size = [];
  return {
    element: h("table", { class: "bw-numbers" }, h("caption", {}, caption), body),
    // marked: the position of a value to point out, or -1.
    show(values, shape, colour, marked = -1) {
      if (String(shape) !== String(size)) {
        size = shape;
        body.replaceChildren(...Array.from({ length: shape[0] }, () =>
          h("tr", {}, Array.from({ length: shape[1] }, () => h("td")))));
      }
      body.querySelectorAll("td").forEach((cell, i) => {
        cell.textContent = fixed(values[i], 2);
        cell.classList.toggle("bw-marked", i === marked);
        paint(cell, colour(values[i]));
      });
    },
  };
}

// One number of a convolution written out: pixels times weights are products, and their sum, the bias and ReLU.
export function windowTables() {
  const largestSize = 7; // a larger window has too many numbers to print
  const pixels = numberTable("pixels in the frame");
  const weights = numberTable("weights of the filter");
  const products = numberTable("their products");
  const tables = h("div", { class: "bw-tables" },
    pixels.element, h("span", {}, "×", weights.element), h("span", {}, "=", products.element));
  return {
    element: tables,
    // Returns the working in words.
    show(window, weightsOfFilter, shape, bias) {
      const sum = convolutionSum(window, weightsOfFilter, bias);
      tables.hidden = Math.max(...shape) > largestSize;
      if (!tables.hidden) {
        // Pale enough to read the numbers with ease.
        const colour = diverging(1.4 * weightsOfFilter.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0));
        pixels.show(window, shape, grey(0, 1));
        weights.show(weightsOfFilter, shape, colour);
        products.show(sum.products, shape, colour);
      }
      return `Sum of the ${window.length} products ${fixed(sum.sum)} + bias ${fixed(bias)} = ${fixed(sum.value)}. ` +
        `After ReLU: ${fixed(sum.afterRelu)}.`;
    },
  };
}

// A cell's ground, with black or white numbers on it, whichever reads better.
function paint(cell, colour) {
  const [red, green, blue] = colour.map((level) =>
    (level <= 10 ? level / 3295 : ((level / 255 + 0.055) / 1.055) ** 2.4));
  cell.style.background = `rgb(${colour.join(" ")})`;
  cell.style.color = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff"; // WCAG's luminance
}

// A list to choose a number from, with a button to either side: "← Filter 3 →".
export function stepper(name, choose) {
  const id = freshId("choice");
  const select = h("select", { id, onchange: () => choose(Number(select.value)) });
  const step = (by, sign, word) => h("button", {
    type: "button", "aria-label": `${word} ${name}`, onclick: () => choose(Number(select.value) + by),
  }, sign);
  const previous = step(-1, "←", "previous");
  const next = step(1, "→", "next");
  return {
    element: h("div", { class: "bw-controls" },
      h("label", { for: id }, name[0].toUpperCase() + name.slice(1)), previous, select, next),
    show(chosen, count) {
      if (select.length !== count) {
        select.replaceChildren(...Array.from({ length: count }, (_, i) => h("option", { value: i }, String(i))));
      }
      select.value = chosen;
      previous.disabled = chosen === 0;
      next.disabled = chosen === count - 1;
    },
  };
}

// Small images, one of which is chosen: one stop for the Tab key, then arrow keys.
export function imageChoice(label, choose) {
  const group = freshId("images");
  const element = h("div", { class: "bw-images", role: "radiogroup", "aria-label": label });
  return {
    element,
    // images: [{ name, values, shape }].
    fill(images, colour = grey()) {
      element.replaceChildren(...images.map(({ name, values, shape }, i) => {
        const canvas = h("canvas");
        drawPixels(canvas, values, shape[0], shape[1], colour);
        const radio = h("input", {
          type: "radio", name: group, value: i, "aria-label": name, title: name, onchange: () => choose(i),
        });
        return h("span", { class: "bw-image" }, radio, canvas);
      }));
    },
    show(chosen) {
      const radio = element.querySelectorAll("input")[chosen];
      if (radio) radio.checked = true;
    },
  };
}

// The table of one unit's sum. show(sum, nameOf): nameOf(index) tells where an input comes from, as text or as an
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
