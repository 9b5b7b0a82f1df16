import { diverging, drawPixels, freshId, grey, h, liveRegion } from "../frontend/controls.js";
import { framedImage } from "../frontend/framed_image.js";
import { imageAt, SIDE } from "../frontend/image_data.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";

const REACH = 2; // rows and columns of numbers shown on each side of the pixel that is read

function render({ model, el }) {
  const change = changer(model);
  const labels = () => model.get("labels");

  // Which samples the filter lets through.
  const listed = () => {
    const digit = model.get("digit");
    return labels().flatMap((label, index) => (digit < 0 || label === digit ? [index] : []));
  };
  const step = (by) => {
    const list = listed();
    const next = list[list.indexOf(model.get("index")) + by];
    if (next !== undefined) change({ index: next });
  };

  const filterId = freshId("digit");
  const sliderId = freshId("sample");
  const compareId = freshId("compare");
  const available = [...new Set(labels())].sort();
  const filter = h("select", {
    id: filterId,
    onchange: () => change({ digit: Number(filter.value) }),
  }, h("option", { value: -1 }, "all digits"), available.map((digit) => h("option", { value: digit }, `only ${digit}`)));
  const slider = h("input", {
    type: "range", id: sliderId, min: 0, oninput: () => change({ index: listed()[Number(slider.value)] }),
  });
  const previous = h("button", { type: "button", onclick: () => step(-1) }, "← previous");
  const next = h("button", { type: "button", onclick: () => step(1) }, "next →");
  const compare = h("input", {
    type: "checkbox", id: compareId, onchange: () => change({ compare: compare.checked }),
  });

  const { image, show } = framedImage((row, column) => change({ row, column }), {
    label: () => "the image; arrow keys move from pixel to pixel",
  });
  image.classList.add("si-image");
  const average = h("canvas", {});
  const averageTitle = h("p", { class: "bw-note" });
  const caption = h("p", { class: "si-caption" });
  const reading = h("p", { class: "si-reading" });
  const numbers = h("table", { class: "si-numbers", "aria-label": "the values around the pixel" });
  const live = liveRegion();

  // The pixels of the sample shown, and of the average of its digit.
  const pixels = () => {
    const index = model.get("index");
    return [imageAt(bytesOf(model, "images"), index), imageAt(bytesOf(model, "averages"), labels()[index])];
  };

  function showSample() {
    const list = listed();
    const index = model.get("index");
    const at = list.indexOf(index);
    const label = labels()[index];
    filter.value = model.get("digit");
    slider.max = list.length - 1;
    slider.value = at;
    slider.setAttribute("aria-valuetext", `sample ${at + 1} of ${list.length}, a ${label}`);
    previous.disabled = at <= 0;
    next.disabled = at < 0 || at >= list.length - 1;
    compare.checked = model.get("compare");
    drawPixels(average, pixels()[1], SIDE, SIDE, grey());
    caption.textContent = `Sample ${at + 1} of ${list.length}: label ${label} (number ${model.get("positions")[index]} ` +
      `of the set).${model.get("compare") ? " Red: more ink than the average; blue: less." : ""}`;
    averageTitle.textContent = `The average ${label}`;
    live.say(caption.textContent);
    showPixel();
  }

  function showPixel() {
    const [row, column] = [model.get("row"), model.get("column")];
    const [sample, mean] = pixels();
    const compared = model.get("compare");
    show({
      values: compared ? Array.from(sample, (value, i) => value - mean[i]) : sample, shape: [SIDE, SIDE],
      colour: compared ? diverging(255) : grey(), at: [row, column],
    });
    reading.textContent = `Row ${row}, column ${column}: value ${sample[row * SIDE + column]}, ` +
      `average ${mean[row * SIDE + column]}`;
    const around = (centre) => Array.from({ length: 2 * REACH + 1 }, (_, i) => centre - REACH + i);
    numbers.replaceChildren(...around(row).map((r) => h("tr", {}, around(column).map((c) => {
      const inside = r >= 0 && r < SIDE && c >= 0 && c < SIDE;
      return h("td", { class: r === row && c === column ? "si-here" : null }, inside ? String(sample[r * SIDE + c]) : "");
    }))));
    if (document.activeElement === image) live.say(reading.textContent);
  }

  // A filter that hides the sample shown moves on to the first one that it lets through.
  function applyFilter() {
    const list = listed();
    if (list.length && !list.includes(model.get("index"))) change({ index: list[0] });
    showSample();
  }

  el.append(h("div", { class: "bw si" },
    h("div", { class: "bw-controls" },
      h("label", { for: filterId }, "Show"), filter, previous, next,
      h("label", { for: sliderId }, "Sample"), slider),
    h("div", { class: "si-main" },
      h("div", {}, image, caption,
        h("p", {}, compare, " ", h("label", { for: compareId }, "Show the difference from the average"))),
      h("div", { class: "si-side" }, reading, numbers, averageTitle, average)),
    live.element));

  const stop = listen(model, {
    index: showSample, compare: showSample, digit: applyFilter, row: showPixel, column: showPixel,
  });
  showSample();
  live.stop(); // nothing has happened yet that would have to be said
  return () => {
    live.stop();
    stop();
  };
}

export default { render };
