import { aDigit, ADigit, diverging, freshId, grey, h, liveRegion } from "../frontend/controls.js";
import { framedImage } from "../frontend/framed_image.js";
import { imageAt, SIDE } from "../frontend/image_data.js";
import { withOwnDigit } from "../frontend/own_digit.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";

const REACH = 2; // rows and columns of numbers shown on each side of the pixel that is read

function render({ model, el }) {
  const change = changer(model);
  // The reader's own digit has no label: it counts as what the network took it for.
  const found = withOwnDigit(model);
  const [images, own] = found.answer === null ? [bytesOf(model, "images"), -1] : [found.images, found.own];
  const labels = () => (own < 0 ? model.get("labels") : [...model.get("labels"), found.answer]);

  // Which samples the filter lets through.
  const listed = () => {
    const digit = model.get("digit");
    const list = labels().flatMap((label, index) => (digit < 0 || label === digit ? [index] : []));
    return list.sort((a, b) => (b === own) - (a === own)); // it comes first
  };
  const step = (by) => {
    const list = listed();
    const next = list[list.indexOf(model.get("index")) + by];
    if (next !== undefined) change({ index: next });
  };

  const [filterId, sliderId, withId] = ["digit", "sample", "with"].map(freshId);
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

  // What the sample is compared with: the average of its digit, or another sample, to be chosen by its digit.
  const others = (digit) => labels().flatMap((label, index) => (label === digit && index !== model.get("index") ? [index] : []));
  const against = h("select", {
    id: withId,
    onchange: () => change({ other: against.value === "" ? -1 : others(Number(against.value))[0] ?? -1 }),
  }, h("option", { value: "" }, "its average"), available.map((digit) => h("option", { value: digit }, aDigit(digit))));
  const another = h("button", {
    type: "button",
    onclick: () => {
      const list = others(labels()[model.get("other")]);
      change({ other: list[(list.indexOf(model.get("other")) + 1) % list.length] });
    },
  }, "another one");

  const framed = (name, label) => {
    const { image, show } = framedImage((row, column) => change({ row, column }), {
      label: () => `${label}; arrow keys move from pixel to pixel`,
    });
    image.classList.add(name);
    const title = h("p", { class: "si-title" });
    return { element: h("div", {}, title, image), image, title, show };
  };
  const sample = framed("si-image", "the image");
  const other = framed("si-other", "what it is compared with");
  const difference = framed("si-difference", "the difference");
  difference.title.textContent = "Difference";
  const caption = h("p", { class: "si-caption" });
  const reading = h("p", { class: "si-reading" });
  const numbers = h("table", { class: "si-numbers", "aria-label": "the values around the pixel" });
  const live = liveRegion();

  // The pixels of the sample shown, and of what it is compared with.
  const pixels = () => {
    const [index, otherIndex] = [model.get("index"), model.get("other")];
    return [imageAt(images, index), otherIndex < 0 ? imageAt(bytesOf(model, "averages"), labels()[index]) : imageAt(images, otherIndex)];
  };

  function showSample() {
    const list = listed();
    const [index, otherIndex] = [model.get("index"), model.get("other")];
    const at = list.indexOf(index);
    const label = labels()[index];
    filter.value = model.get("digit");
    slider.max = list.length - 1;
    slider.value = at;
    slider.setAttribute("aria-valuetext", `sample ${at + 1} of ${list.length}, ${aDigit(label)}`);
    previous.disabled = at <= 0;
    next.disabled = at < 0 || at >= list.length - 1;
    against.value = otherIndex < 0 ? "" : labels()[otherIndex];
    another.disabled = otherIndex < 0 || others(labels()[otherIndex]).filter((one) => one !== otherIndex).length < 1;
    const titleOf = (one) => (one === own ? "Your digit" : ADigit(labels()[one]));
    sample.title.textContent = titleOf(index);
    other.title.textContent = otherIndex < 0 ? `The average ${label}` : titleOf(otherIndex);
    caption.textContent = index === own ? `Sample ${at + 1} of ${list.length}: your digit, which the network took for ${aDigit(label)}.` :
      `Sample ${at + 1} of ${list.length}: label ${label} (number ${model.get("positions")[index]} of the set).`;
    live.say(`${caption.textContent} Compared with ${otherIndex < 0 ? "the average of its digit" : aDigit(labels()[otherIndex])}.`);
    showPixel();
  }

  function showPixel() {
    const [row, column] = [model.get("row"), model.get("column")];
    const [values, beside] = pixels();
    const place = { shape: [SIDE, SIDE], at: [row, column] };
    sample.show({ ...place, values, colour: grey() });
    other.show({ ...place, values: beside, colour: grey() });
    difference.show({ ...place, values: Array.from(values, (value, i) => value - beside[i]), colour: diverging(255) });
    const [one, two] = [values, beside].map((image) => image[row * SIDE + column]);
    const more = one - two;
    reading.textContent = `Row ${row}, column ${column}: value ${one}, ${model.get("other") < 0 ? "average" : "other"} ${two}, ` +
      `difference ${more > 0 ? "+" : ""}${String(more).replace("-", "−")}`;
    const around = (centre) => Array.from({ length: 2 * REACH + 1 }, (_, i) => centre - REACH + i);
    numbers.replaceChildren(...around(row).map((r) => h("tr", {}, around(column).map((c) => {
      const inside = r >= 0 && r < SIDE && c >= 0 && c < SIDE;
      return h("td", { class: r === row && c === column ? "si-here" : null }, inside ? String(values[r * SIDE + c]) : "");
    }))));
    if (el.contains(document.activeElement) && document.activeElement.matches(".bw-framed")) live.say(reading.textContent);
  }

  // A filter that hides the sample shown moves on to the first one that it lets through.
  function applyFilter() {
    const list = listed();
    if (list.length && !list.includes(model.get("index"))) change({ index: list[0] });
    showSample();
  }

  el.append(h("div", { class: "bw si" },
    h("div", { class: "bw-controls si-which" },
      h("label", { for: filterId }, "Show"), filter, previous, next,
      h("label", { for: sliderId }, "Sample"), slider),
    h("div", { class: "bw-controls si-with" }, h("label", { for: withId }, "Compare with"), against, another),
    caption,
    h("div", { class: "si-main" }, sample.element, other.element, difference.element,
      h("div", { class: "si-side" }, numbers, reading,
        h("p", { class: "bw-note" }, "Red: more ink. Blue: less ink. No colour: the same."))),
    live.element));

  const stop = listen(model, {
    index: showSample, other: showSample, digit: applyFilter, row: showPixel, column: showPixel,
  });
  showSample();
  live.stop(); // nothing has happened yet that would have to be said
  return () => {
    live.stop();
    stop();
  };
}

export default { render };
