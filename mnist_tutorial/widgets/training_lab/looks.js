// What the network at hand makes of some digits, and its filters: looked at a few times a second while it learns.
import { aDigit, diverging, drawPixels, grey, h, percent } from "../frontend/controls.js";
import { imageAt, PIXELS, SIDE } from "../frontend/image_data.js";
import { fixed, largestSize } from "../frontend/arithmetic.js";
import { shuffled } from "../engine/random_numbers.js";

export const WATCHED = 12;
const IN_BATCH = 12;

function card() {
  const canvas = h("canvas");
  const answer = h("span", { class: "tl-answer" });
  const element = h("li", { class: "tl-card" }, canvas, answer);
  return {
    element,
    show(image, label, outputs) {
      element.hidden = false;
      drawPixels(canvas, image, SIDE, SIDE, grey());
      const best = outputs.indexOf(Math.max(...outputs));
      const right = best === label;
      answer.textContent = `${right ? "✓" : "✗"} ${best}`;
      element.classList.toggle("tl-wrong", !right);
      element.setAttribute("aria-label", `${aDigit(label)}: the network says ${best}, ${right ? "right" : "wrong"}` +
        (outputs.every((one) => one >= 0 && one <= 1) ? `, ${percent(outputs[best])}` : ""));
      return right;
    },
  };
}

function row(title, count) {
  const cards = Array.from({ length: count }, card);
  for (const { element } of cards) element.hidden = true; // until there is something to show
  const score = h("span", { class: "tl-score" });
  return {
    element: h("div", { class: "tl-row" }, h("p", { class: "tl-heading" }, title, " ", score),
      h("ul", { class: "tl-cards", "aria-label": title }, cards.map(({ element }) => element))),
    clear() {
      score.textContent = "";
      for (const { element } of cards) element.hidden = true;
    },
    // images: 784 bytes each. outputs: ten for each.
    show(images, labels, outputs) {
      let right = 0;
      cards.forEach((one, i) => {
        if (i >= labels.length) one.element.hidden = true;
        else right += one.show(imageAt(images, i), labels[i], Array.from(outputs.subarray(10 * i, 10 * i + 10)));
      });
      score.textContent = `${right} of ${Math.min(labels.length, count)} right`;
      return right;
    },
  };
}

export function createLooks() {
  const watched = row("Digits it does not learn from", WATCHED);
  const batch = row("From the current batch", IN_BATCH);
  const gallery = h("div", { class: "tl-filters", role: "img", "aria-label": "The filters: nothing yet" });
  const note = h("p", { class: "bw-note" });
  const details = h("details", { class: "tl-more" }, h("summary", {}, "The current batch and the filters"),
    batch.element, h("p", { class: "tl-heading" }, "The filters"), gallery, note);
  let order = {};
  let seen = null; // what was shown of the watched digits last: { images, labels, outputs }

  // The first digits of the latest step's batch, as the engine shuffles them.
  function batchOf({ seed, step, stepsInEpoch }, { batch_size: size }, count) {
    const epoch = Math.floor(Math.max(0, step - 1) / stepsInEpoch);
    const key = `${seed} ${epoch} ${count}`;
    if (order.key !== key) order = { key, numbers: shuffled(seed, epoch, count) };
    const first = Math.max(0, step - 1) % stepsInEpoch * size;
    return order.numbers.subarray(first, Math.min(first + size, first + IN_BATCH));
  }

  function drawFilters(weights, before, { kernel_size: side, filters }) {
    const kernel = weights[0];
    const colour = diverging(largestSize(kernel));
    if (gallery.children.length !== filters) {
      gallery.replaceChildren(...Array.from({ length: filters }, () => h("canvas")));
    }
    for (let i = 0; i < filters; i++) {
      const values = Array.from({ length: side * side }, (_, place) => kernel[place * filters + i]);
      drawPixels(gallery.children[i], values, side, side, colour);
    }
    const moved = kernel.reduce((sum, weight, i) => sum + Math.abs(weight - before[i]), 0) / kernel.length;
    note.textContent = `Red is above zero, blue below. On average, a weight is ${fixed(moved)} away from where it began.`;
    gallery.setAttribute("aria-label", `The ${filters} filters. ${note.textContent}`);
  }

  function watch(latest) {
    seen = latest;
    return watched.show(seen.images, seen.labels, seen.outputs);
  }

  return {
    watched: watched.element,
    details,
    seen: () => seen,
    restore: watch, // what was seen before the page was left
    clear() {
      seen = null;
      for (const one of [watched, batch]) one.clear();
      gallery.replaceChildren();
      note.textContent = "";
    },
    // Ask the lab, and draw what it says.
    async look(lab) {
      const one = lab.member();
      if (!one || !lab.digits) return null;
      const { settings } = lab.run;
      const { images, labels, validation } = lab.digits;
      const some = Math.min(WATCHED, validation.labels.length);
      const numbers = batchOf(one, settings, Math.min(settings.images, labels.length));
      const asked = new Uint8Array((some + numbers.length) * PIXELS);
      asked.set(validation.images.subarray(0, some * PIXELS));
      numbers.forEach((number, i) => asked.set(imageAt(images, number), (some + i) * PIXELS));
      const found = await lab.look(asked);
      if (!found || lab.member() !== one) return null;
      const right = watch({
        images: asked.slice(0, some * PIXELS), labels: validation.labels.slice(0, some), outputs: found.outputs.slice(0, 10 * some),
      });
      const answers = Uint8Array.from(numbers, (number) => labels[number]);
      batch.show(asked.subarray(some * PIXELS), answers, found.outputs.subarray(some * 10));
      drawFilters(found.weights, one.before, settings);
      return { right, of: some };
    },
  };
}
