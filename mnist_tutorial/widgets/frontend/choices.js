// Ways to choose one of several.
import { aDigit, drawPixels, freshId, grey, h } from "./controls.js";
import { imageAt, PIXELS, SIDE } from "./image_data.js";

// A list to choose a number from, with a button on either side: "← Filter 3 →".
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

// Small images, one of which is chosen. The Tab key stops once; arrow keys move between the images.
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
      if (!radio || radio.checked) return;
      radio.checked = true;
      const [box, own] = [element, radio.parentElement].map((one) => one.getBoundingClientRect());
      element.scrollLeft += Math.min(0, own.left - box.left) + Math.max(0, own.right - box.right); // a row may be too long
    },
  };
}

// The digits that a widget holds, to choose one of. labels: one for each image, or none. own: the number of the reader's
// own digit among them, which comes first; -1 if there is none.
export function digitChoice(images, labels, choose, own = -1) {
  const numbers = Array.from({ length: images.length / PIXELS }, (_, i) => i).sort((a, b) => (b === own) - (a === own));
  const choice = imageChoice("digits", (position) => choose(numbers[position]));
  const nameOf = (i) => (i === own ? "your digit" : `digit ${i + 1}${labels.length ? `, ${aDigit(labels[i])}` : ""}`);
  choice.fill(numbers.map((i) => ({ name: nameOf(i), values: imageAt(images, i), shape: [SIDE, SIDE] })));
  return { ...choice, show: (index) => choice.show(numbers.indexOf(index)) };
}
