import { clamp } from "../frontend/arithmetic.js";
import { freshId, grey, h, liveRegion } from "../frontend/controls.js";
import { framedImage } from "../frontend/framed_image.js";
import { imageAt, SIDE } from "../frontend/image_data.js";
import { withOwnDigit } from "../frontend/own_digit.js";
import { changer, listen } from "../frontend/traits.js";
import { networkAnswer } from "./network_answer.js";

const LAST = 3; // the step that divides by 255
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);
const STEPS = [
  {
    name: "loaded", code: (source) => `image = ${source}`,
    what: "As it was loaded: 28 rows of 28 whole numbers, from 0 (black) to 255 (white).",
  },
  {
    name: "reshaped", code: () => "image = image.reshape(28, 28, 1)",
    what: "The shape now names the channels: one, for grey. No pixel has changed.",
  },
  {
    name: "float32", code: () => 'image = image.astype("float32")',
    what: "The same numbers, stored as decimal numbers. Each takes four bytes instead of one.",
  },
];
// The last step, by how often it divides.
const DIVIDED = [
  {
    name: "not divided", code: () => "# image = image / 255",
    what: "The numbers stay 255 times too large. Drawn with 1 as white, all greys turn white.",
  },
  {
    name: "scaled", code: () => "image = image / 255",
    what: "Each number is divided by 255: black is 0, white is 1. The image looks as before.",
  },
  {
    name: "divided twice", code: () => "image = image / 255 / 255",
    what: "The largest number is far below 1. The image is nearly black, and no error tells you.",
  },
];
const white = (step) => (step < LAST ? 255 : 1); // what is drawn as white
const stepsWith = (divisions) => [...STEPS, DIVIDED[divisions]];

// What a pixel, 0 to 255, has become at a step: numbers as float32 holds them.
function valueAt(pixel, step, divisions) {
  let value = pixel;
  for (let i = 0; step === LAST && i < divisions; i++) value = Math.fround(value / 255);
  return value;
}

// Digits after the point: 253, 253.0, 0.992, 0.00389.
const decimalsAt = (step, divisions) => (step < 2 ? 0 : step < LAST ? 1 : [1, 3, 5][divisions]);
const textAt = (pixel, step, divisions) => valueAt(pixel, step, divisions).toFixed(decimalsAt(step, divisions));

// Shape, type, range and memory of an image at a step, in words.
function factsAt(pixels, step, divisions) {
  const [low, high] = [Math.min(...pixels), Math.max(...pixels)].map((pixel) => textAt(pixel, step, divisions));
  return {
    shape: step < 1 ? "(28, 28)" : "(28, 28, 1)",
    dtype: step < 2 ? "uint8" : "float32",
    range: `${low} to ${high}`,
    memory: step < 2 ? "784 bytes" : "3,136 bytes",
  };
}

function render({ model, el }) {
  const change = changer(model);
  const { images, own, answer: guess } = withOwnDigit(model);
  const labels = model.get("labels");
  const live = liveRegion();
  let isUsed = false; // nothing is said of what stood there from the start
  const button = (text, onclick, attributes = {}) => h("button", { type: "button", onclick, ...attributes }, text);
  const pixels = () => imageAt(images, model.get("index"));

  // The stepper.
  const go = (by) => change({ step: clamp(model.get("step") + by, 0, LAST) });
  const previous = button("← previous step", () => go(-1));
  const next = button("next step →", () => go(1));
  const marks = stepsWith(1).map(({ name }, step) => button(`${step + 1} ${name}`, () => change({ step })));
  const choiceId = freshId("image");
  const choice = h("select", {
    id: choiceId, "aria-label": "Image", // where there is no room for the label
    onchange: () => change({ index: Number(choice.value), label: labels[Number(choice.value)] ?? guess ?? model.get("label") }),
  }, own < 0 ? null : h("option", { value: own }, "your digit"), labels.map((label, at) => h("option", { value: at }, `number ${at + 1}: label ${label}`)));

  // The image and the pixel that is read.
  const { image, show } = framedImage((row, column) => change({ row, column }), {
    label: () => "the image; arrow keys move from pixel to pixel",
  });
  image.classList.add("ps-image");
  const answer = networkAnswer(model, el, () => (isUsed ? showStep() : showAnswer()));
  const scale = h("p", { class: "bw-note" });
  const what = h("p", { class: "ps-what" });
  const code = h("code", {});
  const facts = h("tbody", {});
  const before = h("th", { scope: "col" }, "before");
  const place = h("code", { class: "ps-place" });
  const journey = h("ol", { class: "ps-journey" });
  const mistakes = [["forget to divide", 0], ["divide by 255 twice", 2]].map(([text, divisions]) => {
    const toggle = button(text, () => {
      change({ divisions: model.get("divisions") === divisions ? 1 : divisions, step: LAST });
    });
    return { toggle, divisions };
  });

  function showStep() {
    const [step, divisions] = [model.get("step"), model.get("divisions")];
    const values = pixels();
    const shown = stepsWith(divisions)[step];
    choice.value = model.get("index");
    previous.disabled = step === 0;
    next.disabled = step === LAST;
    marks.forEach((mark, at) => {
      if (at === step) mark.setAttribute("aria-current", "step");
      else mark.removeAttribute("aria-current");
    });
    mistakes.forEach((one) => one.toggle.setAttribute("aria-pressed", String(one.divisions === divisions)));
    scale.textContent = `Drawn with 0 as black and ${white(step)} as white.`;
    what.textContent = shown.what;
    code.textContent = shown.code(model.get("index") === own ? "your_digit" : `images[${model.get("index")}]`);
    const now = factsAt(values, step, divisions);
    const then = step ? factsAt(values, step - 1, divisions) : now;
    before.hidden = step === 0;
    facts.replaceChildren(...Object.keys(now).map((name) => {
      const same = now[name] === then[name];
      return h("tr", { class: same ? null : "ps-changed" }, h("th", { scope: "row" }, name),
        step ? h("td", {}, h("span", {}, then[name])) : null,
        h("td", {}, h("span", {}, now[name]), same ? null : [" ", h("strong", {}, "← changed")]));
    }));
    const heard = showAnswer();
    live.say(`${shown.name}: shape ${now.shape}, ${now.dtype}, range ${now.range}. ${heard}`);
    showPixel();
  }

  function showAnswer() {
    const [step, divisions] = [model.get("step"), model.get("divisions")];
    return answer.show(Float32Array.from(pixels(), (pixel) => valueAt(pixel, step, divisions)), { step, divisions });
  }

  // The reader does not wait until the browser is idle.
  function use() {
    isUsed = true;
    answer.load();
    showStep();
  }

  function showPixel() {
    const [step, divisions, row, column] = ["step", "divisions", "row", "column"].map((name) => model.get(name));
    const pixel = pixels()[row * SIDE + column];
    show({
      values: Array.from(pixels(), (value) => valueAt(value, step, divisions)), shape: [SIDE, SIDE],
      colour: grey(0, white(step)), at: [row, column],
    });
    place.textContent = `image[${row}, ${column}${step ? ", 0" : ""}]`;
    journey.replaceChildren(...stepsWith(divisions).map(({ name }, at) =>
      h("li", { "aria-current": at === step ? "step" : null },
        h("span", { class: "ps-number" }, at > step ? "…" : textAt(pixel, at, divisions)),
        h("span", { class: "bw-note" }, name))));
    if (document.activeElement === image) live.say(`${place.textContent}: ${textAt(pixel, step, divisions)}`);
  }

  // The label.
  const group = freshId("label");
  const choices = DIGITS.map((digit) => h("input", {
    type: "radio", name: group, id: `${group}-${digit}`, onchange: () => change({ label: digit }),
  }));
  const cells = DIGITS.map(() => h("td", {}));
  const back = h("p", {});

  function showLabel() {
    const label = model.get("label");
    const row = DIGITS.map((digit) => Number(digit === label));
    choices.forEach((choice, digit) => { choice.checked = digit === label; });
    cells.forEach((cell, digit) => {
      cell.textContent = String(row[digit]);
      cell.classList.toggle("ps-hot", row[digit] === 1);
    });
    const found = row.indexOf(Math.max(...row));
    back.replaceChildren("The way back: ", h("code", {}, "argmax"),
      ` finds the largest number in place ${found}, so the label is ${found}.`);
    live.say(`Label ${label}: a 1 in place ${label}, zeros elsewhere.`);
  }

  el.append(h("div", { class: "bw ps" },
    h("p", { class: "ps-first" }, "Step through what happens to an image before the network gets it. Point at a pixel to follow it."),
    h("div", { class: "bw-controls" }, h("label", { for: choiceId }, "Image"), choice, previous, next),
    h("ol", { class: "ps-steps", "aria-label": "steps" }, marks.map((mark) => h("li", {}, mark))),
    h("div", { class: "ps-stage" },
      h("div", { class: "ps-seen" }, image, h("div", {}, scale, answer.element)),
      h("div", {}, what, h("p", {}, code),
        h("table", { class: "ps-facts" },
          h("thead", {}, h("tr", {}, h("td", {}), before, h("th", { scope: "col" }, "now"))), facts),
        h("p", {}, "What happens to the pixel ", place, ":"), journey)),
    h("div", { class: "bw-controls" }, "What if you", mistakes.map(({ toggle }) => toggle)),
    h("fieldset", { class: "ps-label" }, h("legend", {}, "The label becomes one-hot: choose a digit"),
      h("div", { class: "ps-digits" },
        choices.map((choice, digit) => h("span", {}, choice, h("label", { for: choice.id }, String(digit))))),
      h("table", { class: "ps-row" }, h("caption", {}, "Ten places, one for each digit, and the number in each:"),
        h("thead", {}, h("tr", {}, DIGITS.map((digit) => h("th", { scope: "col" }, String(digit))))),
        h("tbody", {}, h("tr", {}, cells))),
      back),
    live.element));

  const stop = listen(model, {
    index: use, step: use, divisions: use, row: showPixel, column: showPixel, label: showLabel, weights: answer.forget,
  });
  showLabel();
  showStep();
  live.stop(); // nothing has happened yet that would have to be said
  return () => {
    answer.stop();
    live.stop();
    stop();
  };
}

export default { render };
