// A histogram of one measurement, a row for each digit, with a threshold to drag.
import { clamp } from "../frontend/arithmetic.js";
import { s } from "../frontend/charts.js";
import { h } from "../frontend/controls.js";
import { amount } from "./parts.js";

const BINS = 36;
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

// The part of a measurement's range where samples are, and the value of the rule.
export function rangeOf(values, [low, high, step], value) {
  if (step === 1) return [low, high];
  const all = value === null ? values : [...values, value];
  const round = (number) => Math.round(number / step) * step;
  return [Math.max(low, round(Math.min(...all) - step)), Math.min(high, round(Math.max(...all) + step))];
}

// set(value): the reader has moved the threshold; done(): and let go of it.
export function histogram(set, done) {
  const paths = ["rest", "wrong", "right", "mean"].map((name) => s("path", { class: `rb-${name}-bars` }));
  const side = s("rect", { class: "rb-caught-side", y: 0, height: 10 });
  const line = s("path", { class: "rb-threshold" });
  const drawing = s("svg", { viewBox: `0 0 ${BINS} 10`, preserveAspectRatio: "none", "aria-hidden": "true" }, side, ...paths, line);
  const slider = h("input", { type: "range", oninput: () => set(Number(slider.value)), onchange: done });
  const names = DIGITS.map((digit) => h("span", {}, String(digit)));
  const counts = DIGITS.map(() => h("span", { class: "rb-count" }));
  const [low, high, title] = ["rb-low", "rb-high", "rb-what"].map((name) => h("span", { class: name }));
  const heads = ["digit", "images here", "caught", "average of this digit"];
  const body = h("tbody");
  const table = h("table", { class: "rb-averages" }, h("caption"),
    h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), body);

  // A mouse drags the line itself; a finger that passes on its way down the page does not.
  const at = (event) => {
    const box = drawing.getBoundingClientRect();
    const [from, to, step] = [slider.min, slider.max, slider.step].map(Number);
    const share = clamp((event.clientX - box.left) / box.width, 0, 1);
    const value = step === 1 ? clamp(Math.floor(share * (to - from + 1)), from, to) : from + share * (to - from);
    slider.value = Math.round(value / step) * step;
    set(Number(slider.value));
  };
  drawing.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || slider.disabled) return;
    drawing.setPointerCapture(event.pointerId);
    at(event);
  });
  drawing.addEventListener("pointermove", (event) => {
    if (drawing.hasPointerCapture(event.pointerId)) at(event);
  });
  drawing.addEventListener("lostpointercapture", done);
  drawing.addEventListener("click", (event) => {
    if (event.pointerType !== "touch" || slider.disabled) return;
    at(event);
    done();
  });

  const element = h("div", { class: "rb-histogram" },
    h("p", { class: "rb-axis" }, title), names, drawing, counts, low, slider, high,
    h("div", { class: "visually-hidden" }, table));
  names.forEach((one, digit) => { one.style.gridRow = digit + 2; });
  counts.forEach((one, digit) => { one.style.gridRow = digit + 2; });

  return {
    element, slider,
    // samples: [{ digit, value, caught }]. then: the digit that the rule answers. limits: [lowest, highest, step], in all;
    // range: of the axis, or null for the one before. threshold: { how, value, label }, or null. means: of each digit, undefined for none.
    show({ name, samples, then, limits, range, threshold, means, words }) {
      const step = limits[2];
      const [from, to] = range ?? [Number(slider.min), Number(slider.max)];
      const whole = step === 1;
      const width = whole ? BINS / (to - from + 1) : 1;
      const placeOf = (value) => (whole ? (value - from + 0.5) * width : clamp((value - from) / (to - from), 0, 1) * BINS);
      const left = (value) => (whole ? (value - from) * width : Math.min(BINS - 1, Math.floor(placeOf(value))));
      const bars = { rest: "", wrong: "", right: "", mean: "" };
      body.replaceChildren(...DIGITS.map((digit) => {
        const here = samples.filter((one) => one.digit === digit);
        const caught = here.filter((one) => one.caught);
        const bins = new Map(); // from a bar's left edge to how many there are, and how many of them are caught
        for (const { value, caught: isCaught } of here) {
          const bin = bins.get(left(value)) ?? [0, 0];
          bins.set(left(value), [bin[0] + 1, bin[1] + isCaught]);
        }
        const most = Math.max(4, ...[...bins.values()].map(([all]) => all));
        for (const [x, [all, some]] of bins) {
          const scale = 0.9 / most;
          const bar = (top, height) => `M${x + width * 0.06} ${digit + 1 - top * scale}h${width * 0.88}v${height * scale}h${-width * 0.88}z`;
          if (some) bars[digit === then ? "right" : "wrong"] += bar(some, some);
          if (all > some) bars.rest += bar(all, all - some);
        }
        if (means[digit] !== undefined) bars.mean += `M${placeOf(means[digit])} ${digit + 0.1}V${digit + 1}`;
        names[digit].classList.toggle("rb-then", digit === then);
        counts[digit].textContent = `${caught.length}/${here.length}${caught.length ? (digit === then ? " ✓" : " ✗") : ""}`;
        counts[digit].classList.toggle("rb-some", caught.length > 0);
        const mean = means[digit] === undefined ? "" : means[digit].toFixed(2);
        return h("tr", {}, h("th", { scope: "row" }, String(digit)), [here.length, caught.length, mean].map((one) => h("td", {}, String(one))));
      }));
      ["rest", "wrong", "right", "mean"].forEach((kind, at) => paths[at].setAttribute("d", bars[kind]));
      title.textContent = `${name}: ${words}`;
      table.caption.textContent = `${name}: ${words}`;
      [low.textContent, high.textContent] = [amount(from, step), amount(to, step)];
      Object.assign(slider, { min: from, max: to, step, disabled: !threshold });
      slider.classList.toggle("rb-gone", !threshold);
      if (threshold) {
        slider.value = threshold.value;
        slider.setAttribute("aria-label", threshold.label);
      }
      const x = threshold ? placeOf(threshold.value) : 0;
      const half = whole ? width / 2 : 0;
      const edge = { "more than": x + half, "less than": x - half }[threshold?.how] ?? x;
      line.setAttribute("d", threshold ? `M${edge} 0V10` : "");
      element.style.setProperty("--rb-inset", `${100 * half / BINS}%`); // the slider's thumb stands below the bar that it means
      const [start, end] = !threshold ? [0, 0] : threshold.how === "exactly" ? [x - half, x + half]
        : threshold.how === "more than" ? [x + half, BINS] : [0, x - half];
      side.setAttribute("x", start);
      side.setAttribute("width", Math.max(0, end - start));
    },
  };
}
