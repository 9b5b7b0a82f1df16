// The network on one screen: from left to right the values of the forward pass, below them their gradients.
import { channelOf, clamp, largestSize } from "../frontend/arithmetic.js";
import { s } from "../frontend/charts.js";
import { diverging, grey, h } from "../frontend/controls.js";
import { framedImage } from "../frontend/framed_image.js";
import { arrowStep } from "../frontend/keyboard.js";
import { gradientsAt, indicesOf, pixelOf, replaced, throughPixel, throughPooled } from "./path.js";
import { NAME_OF, share, signed, written } from "./format.js";

const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);
// Where the line from the loss ends for what has no place of its own in the figure.
const ENDS_AT = {
  "output weight": "unit", "hidden weight": "pooling",
  "output bias": "score", "hidden bias": "unit", "filter bias": "convolution",
};

// open(number, path): opens a number. hint(text): says what the pointer is on; "" for nothing.
export function networkFigure({ open, hint }) {
  let view; // what is shown
  const withPath = (at, ...values) => replaced(view.path, at, values);
  const across = () => Math.max(1, Math.round(Math.sqrt(view.network.hidden.shape[1] / 2)));
  const columns = [
    imageColumn(), column("filter weight", "Filter", filterLook, (row, one) => withPath(5, row, one)),
    column("convolution", "Map", mapLook, (row, one) => withPath(2, row, one)),
    column("pooling", "Pooled", poolingLook, (row, one) => throughPooled(view.path, [row, one], view.results)),
    column("unit", "Hidden", unitLook, (row, one) =>
      withPath(1, Math.min(view.network.hidden.shape[1] - 1, row * across() + one))),
    outputColumn(), lossColumn(),
  ];
  const [forwardArrow, backArrow] = [
    h("p", { class: "bv-band bv-forward" }, h("b", {}, "Forward"), h("span", {}, "values, from the image to the loss")),
    h("p", { class: "bv-band bv-back" }, h("b", {}, "Back"), h("span", {}, "gradients, from the loss to every weight")),
  ];
  const line = s("path", { class: "bv-glow" });
  const halo = s("path", { class: "bv-halo" });
  const lines = s("svg", { class: "bv-lines", "aria-hidden": "true" }, halo, line);
  const element = h("div", { class: "bv-figure", onpointerleave: () => hint("") },
    columns.map(({ title }) => title), forwardArrow, columns.map(({ top }) => top), backArrow,
    columns.map(({ bottom }) => bottom), lines);

  // An image whose numbers are chosen by a click, a tap or arrow keys. shape(): how many rows and columns it has.
  // pathAt(row, column): the path that opens `number` there. inWords(path): what the pointer is on.
  function choosing(number, shape, pathAt, inWords) {
    let moved = false;
    const image = framedImage((row, one) => {
      moved = true;
      open(number, pathAt(row, one));
    }, { click: true, label: (text) => text });
    image.image.addEventListener("click", () => {
      if (!moved) open(number, view.path); // where the frame was already
      moved = false;
    });
    image.image.addEventListener("keydown", (event) => {
      moved = false;
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open(number, view.path);
    });
    image.image.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      const box = image.image.getBoundingClientRect();
      const at = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width]
        .map((share, axis) => clamp(Math.floor(share * shape()[axis]), 0, shape()[axis] - 1));
      hint(inWords(pathAt(...at)));
    });
    return image;
  }

  // A column of two images with one frame. look(view): what is in them.
  function column(number, name, look, pathAt) {
    const title = h("p", { class: "bv-title" });
    const images = ["value", "gradient"].map((kind) => {
      const image = choosing(number, () => look(view).shape, pathAt, (path) => describe(number, path));
      if (kind === "value") { // the keyboard has the image below, with the same frame
        image.image.tabIndex = -1;
        image.image.setAttribute("role", "img");
      }
      return image;
    });
    const [top, bottom] = images.map(({ image }) =>
      h("div", { class: `bv-cell bv-${number.replace(" ", "-")}` }, image));
    return {
      title, top, bottom, number,
      show() {
        const { shape, values, gradients, colour, most, at, small, extent } = look(view);
        title.replaceChildren(h("b", {}, name), h("small", {}, small));
        const place = { shape, at };
        images[0].show({ ...place, name: `${name}: values. ${extent}`, values, colour });
        images[1].show({
          ...place, name: `${name}: gradients; arrow keys choose one. ${describe(number, view.path)}`,
          values: gradients, colour: diverging(most),
        });
        images.forEach(({ image }) => image.classList.toggle("bv-open", view.number === number));
      },
    };
  }

  // What stands behind a number, in a few words.
  function describe(number, path) {
    const indices = indicesOf(path, view.network, view.results.shapes);
    const gradient = gradientsAt(indices, view)[number];
    const value = view.what.valueOf(number, indices[number]);
    const cut = (number === "unit" || number === "convolution") && value < 0 ? " (0 after ReLU)" : "";
    return `${NAME_OF[number](path)}: value ${written(value)}${cut}, gradient ${signed(gradient)}`;
  }

  function filterLook({ network, ofWeights, path }) {
    const { kernel, shape: [rows, columns, , filters] } = network.convolution;
    const values = channelOf(kernel, [rows, columns, filters], path[4]);
    return {
      shape: [rows, columns], values, colour: diverging(largestSize(kernel)), at: path.slice(5),
      gradients: channelOf(ofWeights.convolution.kernel, [rows, columns, filters], path[4]),
      most: largestSize(ofWeights.convolution.kernel), small: `${path[4]} of ${filters}`,
      extent: `${rows} by ${columns} weights`,
    };
  }
  const layerLook = (layer) => ({ results, gradients, path }) => {
    const shape = results.shapes[layer];
    return {
      shape: shape.slice(0, 2), values: channelOf(results[layer], shape, path[4]),
      colour: grey(0, 0.7 * largestSize(results[layer]) || 1),
      gradients: channelOf(gradients[layer], shape, path[4]), most: 0.7 * largestSize(gradients[layer]),
      small: `${shape[0]} × ${shape[1]}`, extent: `${shape[0]} by ${shape[1]}`,
    };
  };
  function mapLook(now) {
    return { ...layerLook("convolution")(now), at: now.path.slice(2, 4) };
  }
  function poolingLook(now) {
    const look = layerLook("pooling")(now);
    return { ...look, at: look.shape.map((length, axis) => Math.min(now.path[2 + axis] >> 1, length - 1)) };
  }
  function unitLook({ results, gradients, path }) {
    const [width, count] = [across(), results.hidden.length];
    const length = Math.ceil(count / width) * width;
    const filled = (values) => Float32Array.from({ length }, (_, i) => values[i] ?? 0);
    return {
      shape: [length / width, width], values: filled(results.hidden), colour: grey(0, largestSize(results.hidden) || 1),
      gradients: filled(gradients.hidden), most: largestSize(gradients.hidden),
      at: [Math.floor(path[1] / width), path[1] % width], small: `${count}`, extent: `${count} units`,
    };
  }

  function imageColumn() {
    const at = (row, one) => throughPixel(view.path, [row, one], view.network, view.results.shapes);
    const inWords = (path) => {
      const [row, one] = pixelOf(path);
      return `Pixel, row ${row}, column ${one}: value ${written(view.pixels[row * 28 + one])}. ` +
        `It feeds row ${path[2]}, column ${path[3]} of the map.`;
    };
    const image = choosing("filter weight", () => [28, 28], at, inWords);
    const filterWindow = h("span", { class: "bv-window" });
    image.image.append(filterWindow);
    return {
      title: h("p", { class: "bv-title" }, h("b", {}, "Image"), h("small", {}, "28 × 28")),
      top: h("div", { class: "bv-cell" }, image.image),
      bottom: h("div", { class: "bv-cell bv-legend" },
        h("p", {}, h("i", { class: "bv-up" }), "red: raises the loss"),
        h("p", {}, h("i", { class: "bv-down" }), "blue: lowers it")),
      show() {
        image.show({
          name: `Image; arrow keys choose a pixel. ${inWords(view.path)}`, values: view.pixels, shape: [28, 28],
          colour: grey(0, 1), at: pixelOf(view.path),
        });
        const [rows, columns] = view.network.convolution.shape;
        const [top, left, height, width] =
          [view.path[2], view.path[3], rows, columns].map((one) => `${one / 28 * 100}%`);
        Object.assign(filterWindow.style, { top, left, height, width });
      },
    };
  }

  // Ten bars above, and ten bars to both sides of zero below.
  function outputColumn() {
    const choose = (digit) => open("score", withPath(0, digit));
    const bars = (attributes) => {
      const fills = DIGITS.map(() => h("i"));
      const rows = DIGITS.map((digit) =>
        h("span", { class: "bv-bar" }, h("b", {}, String(digit)), h("span", {}, fills[digit])));
      const box = h("div", {
        class: "bv-bars", ...attributes,
        onclick: (event) => choose(digitAt(event)),
        onpointermove: (event) => event.pointerType === "touch" || hint(describe("score", withPath(0, digitAt(event)))),
        onkeydown: (event) => {
          const step = arrowStep(event);
          if (!step && event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          choose(clamp(view.path[0] + (step ? step[0] + step[1] : 0), 0, 9));
        },
      }, rows);
      const digitAt = (event) => {
        const { top, height } = box.getBoundingClientRect();
        return clamp(Math.floor((event.clientY - top) / height * 10), 0, 9);
      };
      return { box, fills, rows };
    };
    const [above, below] = [bars({ role: "img" }), bars({ role: "application", tabindex: 0 })];
    below.box.classList.add("bv-two-sided");
    const cells = [above, below].map(({ box }) => h("div", { class: "bv-cell bv-score" }, box));
    return {
      title: h("p", { class: "bv-title" }, h("b", {}, "Output"), h("small", {}, "10")),
      top: cells[0], bottom: cells[1], number: "score",
      show() {
        const { results, gradients, path, label } = view;
        const most = largestSize(gradients.logits) || 1;
        DIGITS.forEach((digit) => {
          above.fills[digit].style.width = `${100 * results.probabilities[digit]}%`;
          const share = gradients.logits[digit] / most;
          below.fills[digit].style.cssText = `width: ${50 * Math.abs(share)}%; ${share < 0 ? "right" : "left"}: 50%`;
          below.fills[digit].className = share < 0 ? "bv-minus" : "bv-plus";
          for (const { rows } of [above, below]) {
            rows[digit].classList.toggle("bv-at", digit === path[0]);
            rows[digit].classList.toggle("bv-right", digit === label);
          }
        });
        [above, below].forEach(({ box }) => box.classList.toggle("bv-open", view.number === "score"));
        above.box.setAttribute("aria-label", `Output: probabilities. ${DIGITS.map((digit) =>
          `${digit}: ${written(results.probabilities[digit])}`).join(", ")}`);
        below.box.setAttribute("aria-label",
          `Output: gradients of the scores; arrow keys choose one. ${describe("score", path)}`);
      },
    };
  }

  function lossColumn() {
    const loss = h("b");
    const from = h("small");
    const start = h("b", { class: "bv-start" }, "1");
    return {
      title: h("p", { class: "bv-title" }, h("b", {}, "Loss"), h("small", {}, "to be low")),
      top: h("div", { class: "bv-cell bv-loss" }, loss, from),
      bottom: h("div", { class: "bv-cell bv-loss" }, start, h("small", {}, "begins here")),
      show() {
        loss.textContent = written(view.gradients.loss);
        from.textContent = `−ln ${share(view.results.probabilities[view.label])}`;
      },
    };
  }

  // The line from the loss back to the open number, through the frames on the path.
  function drawLines() {
    const box = element.getBoundingClientRect();
    if (!box.width || !view) return;
    const stops = [columns[6], columns[5], columns[4], columns[3], columns[2], columns[1]];
    const last = ["score", "unit", "pooling", "convolution", "filter weight"].indexOf(
      ENDS_AT[view.number] ?? view.number);
    const marks = stops.slice(0, last + 2)
      .map((one) => one.bottom.querySelector(".bw-frame, .bv-at > span, .bv-start"));
    const points = marks.map((mark) => {
      const { left, top, width, height } = mark.getBoundingClientRect();
      return [left - box.left + width / 2, top - box.top + height / 2];
    });
    const d = points.map(([x, y], i) => {
      if (!i) return `M${x.toFixed(1)} ${y.toFixed(1)}`;
      const middle = ((points[i - 1][0] + x) / 2).toFixed(1);
      const before = points[i - 1][1].toFixed(1);
      return `C${middle} ${before} ${middle} ${y.toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)}`;
    }).join("");
    lines.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
    if (line.getAttribute("d") === d) return;
    for (const path of [halo, line]) path.setAttribute("d", d);
    for (const flow of line.getAnimations()) { // once more, along the new line
      flow.cancel();
      flow.play();
    }
  }

  const observer = new ResizeObserver(drawLines);
  observer.observe(element);
  return {
    element, describe,
    stop: () => observer.disconnect(),
    show(now) {
      view = now;
      columns.forEach((one) => one.show());
      drawLines();
    },
  };
}
