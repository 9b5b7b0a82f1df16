import { diverging, drawPixels, freshId, grey, h, liveRegion } from "../frontend/controls.js";

const SIDE = 28;
const REACH = 2; // rows and columns of numbers shown on each side of the pixel that is read

function render({ model, el }) {
  const bytes = (name) => {
    const view = model.get(name);
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  };
  const imageOf = (all, index) => all.subarray(index * SIDE * SIDE, (index + 1) * SIDE * SIDE);
  const clamp = (value) => Math.max(0, Math.min(SIDE - 1, value));
  const change = (traits) => {
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.save_changes();
  };

  // The positions of the samples that the filter lets through.
  const chosen = () => {
    const digit = model.get("digit");
    return model.get("labels").flatMap((label, index) => (digit < 0 || label === digit ? [index] : []));
  };
  const step = (by) => {
    const list = chosen();
    const next = list[list.indexOf(model.get("index")) + by];
    if (next !== undefined) change({ index: next });
  };

  const filterId = freshId("digit");
  const sliderId = freshId("sample");
  const compareId = freshId("compare");
  const available = [...new Set(model.get("labels"))].sort();
  const filter = h("select", {
    id: filterId,
    onchange: () => change({ digit: Number(filter.value) }),
  }, h("option", { value: -1 }, "all digits"), available.map((digit) => h("option", { value: digit }, `only ${digit}`)));
  const slider = h("input", {
    type: "range", id: sliderId, min: 0, oninput: () => change({ index: chosen()[Number(slider.value)] }),
  });
  const previous = h("button", { type: "button", onclick: () => step(-1) }, "← previous");
  const next = h("button", { type: "button", onclick: () => step(1) }, "next →");
  const compare = h("input", {
    type: "checkbox", id: compareId, onchange: () => change({ compare: compare.checked }),
  });

  const canvas = h("canvas", {});
  const cursor = h("span", { class: "si-cursor" });
  const pad = h("div", {
    class: "si-image", tabindex: 0, role: "application",
    "aria-label": "the image; arrow keys move from pixel to pixel",
    onkeydown: (event) => {
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      change({ row: clamp(model.get("row") + move[0]), column: clamp(model.get("column") + move[1]) });
    },
    onpointermove: point,
    onpointerdown: point,
  }, canvas, cursor);
  const average = h("canvas", {});
  const averageTitle = h("p", { class: "bw-note" });
  const caption = h("p", { class: "si-caption" });
  const reading = h("p", { class: "si-reading" });
  const numbers = h("table", { class: "si-numbers", "aria-label": "the values around the pixel" });
  const live = liveRegion();

  function point(event) {
    const box = pad.getBoundingClientRect();
    change({
      row: clamp(Math.floor((event.clientY - box.top) / box.height * SIDE)),
      column: clamp(Math.floor((event.clientX - box.left) / box.width * SIDE)),
    });
  }

  function showSample() {
    const list = chosen();
    const position = model.get("index");
    const at = list.indexOf(position);
    const label = model.get("labels")[position];
    const sample = imageOf(bytes("images"), position);
    const mean = imageOf(bytes("averages"), label);
    filter.value = model.get("digit");
    slider.max = list.length - 1;
    slider.value = at;
    slider.setAttribute("aria-valuetext", `sample ${at + 1} of ${list.length}, a ${label}`);
    previous.disabled = at <= 0;
    next.disabled = at < 0 || at >= list.length - 1;
    compare.checked = model.get("compare");
    if (model.get("compare")) {
      drawPixels(canvas, Array.from(sample, (value, i) => value - mean[i]), SIDE, SIDE, diverging(255));
    } else drawPixels(canvas, sample, SIDE, SIDE);
    drawPixels(average, mean, SIDE, SIDE, grey());
    caption.textContent = `Sample ${at + 1} of ${list.length}: label ${label} (number ${model.get("positions")[position]} ` +
      `of the set).${model.get("compare") ? " Red: more ink than the average; blue: less." : ""}`;
    averageTitle.textContent = `The average ${label}`;
    live.say(caption.textContent);
    showPixel();
  }

  function showPixel() {
    const [row, column] = [model.get("row"), model.get("column")];
    const sample = imageOf(bytes("images"), model.get("index"));
    const mean = imageOf(bytes("averages"), model.get("labels")[model.get("index")]);
    cursor.style.left = `${column / SIDE * 100}%`;
    cursor.style.top = `${row / SIDE * 100}%`;
    reading.textContent = `Row ${row}, column ${column}: value ${sample[row * SIDE + column]}, ` +
      `average ${mean[row * SIDE + column]}`;
    const around = (centre) => Array.from({ length: 2 * REACH + 1 }, (_, i) => centre - REACH + i);
    numbers.replaceChildren(...around(row).map((r) => h("tr", {}, around(column).map((c) => {
      const inside = r >= 0 && r < SIDE && c >= 0 && c < SIDE;
      return h("td", { class: r === row && c === column ? "si-here" : null }, inside ? String(sample[r * SIDE + c]) : "");
    }))));
    if (document.activeElement === pad) live.say(reading.textContent);
  }

  // A filter that hides the sample shown moves on to the first one that it lets through.
  function applyFilter() {
    const list = chosen();
    if (list.length && !list.includes(model.get("index"))) change({ index: list[0] });
    showSample();
  }

  el.append(h("div", { class: "bw si" },
    h("div", { class: "bw-controls" },
      h("label", { for: filterId }, "Show"), filter, previous, next,
      h("label", { for: sliderId }, "Sample"), slider),
    h("div", { class: "bw-row" },
      h("div", {}, pad, caption),
      h("div", { class: "si-side" }, reading, numbers,
        h("p", {}, compare, " ", h("label", { for: compareId }, "Show the difference from the average")),
        averageTitle, average)),
    live.element));

  const listeners = {
    "change:index": showSample, "change:compare": showSample, "change:digit": applyFilter,
    "change:row": showPixel, "change:column": showPixel,
  };
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);
  showSample();
  live.stop(); // nothing has happened yet that would have to be said
  return () => {
    live.stop();
    for (const [event, listener] of Object.entries(listeners)) model.off(event, listener);
  };
}

export default { render };
