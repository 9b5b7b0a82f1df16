import { clamp, fixed } from "../frontend/arithmetic.js";
import {
  accuracyText, aDigit, diverging, drawPixels, freshId, grey, h, liveRegion, probabilityBars,
} from "../frontend/controls.js";
import { imageAt, SIDE } from "../frontend/image_data.js";
import { hasModifier } from "../frontend/keyboard.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";
import { nearest, placesOf } from "./axis.js";
import { lossDrawing, rightDrawing } from "./drawings.js";

const PAUSE = 450; // milliseconds for which Play shows a step
const SCALE = 1000; // of the slider: as many places along the axis

// A probability of 8 bits, in whole percent.
const percent = (share) => (share < 0.005 ? "<1%" : share > 0.995 ? ">99%" : `${(100 * share).toFixed(0)}%`);
const signOf = (isRight) => (isRight ? "✓" : "✗");

function render({ model, el }) {
  const change = changer(model);
  const [steps, loss, accuracy, epochSteps] = ["steps", "loss", "accuracy", "epoch_steps"].map((name) => model.get(name));
  const [labels, positions] = [model.get("labels"), model.get("positions")];
  const [count, rows, columns] = model.get("shape");
  const last = steps.length - 1;
  const filters = new Int8Array(bytesOf(model, "filters").slice().buffer);
  const [shares, answers, images] = ["probabilities", "answers", "images"].map((name) => bytesOf(model, name));
  const places = placesOf(steps);
  // What a link or Python gives may be a step that is not there.
  const shown = () => Math.max(0, steps.indexOf(model.get("step")));
  const pinnedAt = () => (steps.includes(model.get("pinned")) ? steps.indexOf(model.get("pinned")) : null);
  const digitShown = () => clamp(model.get("index"), 0, labels.length - 1);
  const sharesOf = (at, digit) => {
    const start = (at * labels.length + digit) * 10;
    return Array.from(shares.subarray(start, start + 10), (share) => share / 255);
  };
  const answerOf = (at, digit) => answers[at * labels.length + digit];
  const isRight = (at, digit) => answerOf(at, digit) === labels[digit];
  const moment = (at) => {
    if (!steps[at]) return "Step 0, before the training";
    return `Step ${steps[at].toLocaleString("en")}, in epoch ${Math.ceil(steps[at] / epochSteps)}`;
  };
  const readingOf = (at) => `${moment(at)}: loss ${loss[at].toFixed(4)}, accuracy ${accuracyText(accuracy[at])}; ` +
    `${labels.filter((_, digit) => isRight(at, digit)).length} of these ${labels.length} digits right.`;

  // Moving: by the slider, along the drawings, step by step, or by Play, which runs only on request.
  let timer;
  const go = (at) => {
    pause();
    const step = steps[clamp(at, 0, last)];
    if (step !== model.get("step")) change({ step });
  };
  const keys = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5, Home: -last, End: last };
  const sliderId = freshId("step");
  const slider = h("input", {
    type: "range", id: sliderId, min: 0, max: SCALE, class: "ts-slider",
    oninput: () => {
      go(nearest(places, slider.value / SCALE));
      slider.value = SCALE * places[shown()]; // also where the nearest one is shown already
    },
    onkeydown: (event) => {
      if (hasModifier(event) || !Object.hasOwn(keys, event.key)) return;
      event.preventDefault();
      go(shown() + keys[event.key]);
    },
  });
  const button = (text, onclick, attributes = {}) => h("button", { type: "button", onclick, ...attributes }, text);
  const back = button("←", () => go(shown() - 1), { "aria-label": "one checkpoint back", class: "ts-one" });
  const onward = button("→", () => go(shown() + 1), { "aria-label": "one checkpoint on", class: "ts-one" });
  const play = button("Play", () => (timer ? pause() : start()), { class: "ts-play" });
  const pin = button("◆ Pin", () => change({ pinned: steps[shown()] }), { "aria-label": "Pin this moment" });
  const unpin = button("Unpin", () => {
    change({ pinned: null });
    pin.focus(); // the button that was pressed has nothing more to do
  });
  function start() {
    play.textContent = "Pause";
    timer = setInterval(() => {
      const next = shown() + 1;
      change({ step: steps[next] });
      if (next >= last) pause();
    }, PAUSE);
    if (shown() >= last) change({ step: steps[0] });
  }
  function pause() {
    if (!timer) return;
    clearInterval(timer);
    timer = undefined;
    play.textContent = "Play";
    live.say(reading.textContent);
  }
  const [reading, pinnedReading] = ["ts-reading", "ts-pinned-reading"].map((name) => h("p", { class: name }));
  const live = liveRegion();

  const all = labels.map((_, digit) => steps.map((_, at) => isRight(at, digit)));
  const stays = all.map((list) => (list[last] ? list.lastIndexOf(false) + 1 : -1));
  const lossCurve = lossDrawing({ steps, places, epochSteps, loss, choose: go });
  const rightRows = rightDrawing({ steps, places, epochSteps, labels, right: all, stays, choose: go });

  // The digits, one of which is looked at: one stop for the Tab key, then arrow keys.
  const group = freshId("digits");
  const cards = labels.map((label, digit) => {
    const image = h(images.length ? "canvas" : "b");
    if (images.length) drawPixels(image, imageAt(images, digit), SIDE, SIDE, grey());
    else image.textContent = String(label);
    const radio = h("input", { type: "radio", name: group, onchange: () => change({ index: digit }) });
    const [answer, other] = ["ts-answer", "ts-other"].map((name) => h("span", { class: name }));
    const fill = h("span", { class: "bw-fill" });
    return {
      radio, answer, fill, other,
      element: h("label", { class: "ts-card" }, radio, h("span", { class: "ts-image" }, image), answer,
        h("span", { class: "bw-track" }, fill), other),
    };
  });
  const chosenTitle = h("p", { class: "ts-chosen" });
  const bars = probabilityBars(percent);

  // The filters, on one scale of colours for all steps, so that they can be compared.
  const galleries = [0, 1].map(() => {
    const canvases = Array.from({ length: count }, () => h("canvas"));
    const [name, image] = [h("span", { class: "ts-moment" }), h("div", { class: "ts-filters", role: "img" }, canvases)];
    return { canvases, name, image, element: h("div", { class: "ts-gallery" }, name, image) };
  });
  const note = h("p", { class: "bw-note" });
  const distances = steps.map((_, at) => meanDistance(filters, at, count * rows * columns) / 127 * model.get("largest_weight"));

  function drawFilters({ canvases, name, image }, at, sign) {
    const colour = diverging(127);
    const size = rows * columns;
    canvases.forEach((canvas, i) => {
      const start = (at * count + i) * size;
      drawPixels(canvas, filters.subarray(start, start + size), rows, columns, colour);
    });
    name.textContent = `${sign} ${steps[at].toLocaleString("en")}`;
    image.setAttribute("aria-label",
      `${count} filters. ${moment(at)}: ${at ? movedInWords(at) : "their weights are still random."}`);
  }
  function drawGalleries() {
    const pinned = pinnedAt();
    drawFilters(galleries[0], shown(), "step");
    galleries[1].element.classList.toggle("ts-unseen", pinned === null); // its room is kept
    if (pinned !== null) drawFilters(galleries[1], pinned, "◆");
  }
  const movedInWords = (at) => `a weight is ${fixed(distances[at])} away from its start on average.`;

  function drawCard({ radio, answer, fill, other }, digit, at, pinned) {
    const [label, says] = [labels[digit], answerOf(at, digit)];
    const ofLabel = sharesOf(at, digit)[label];
    const right = says === label;
    answer.textContent = `${signOf(right)} ${says}`;
    answer.classList.toggle("ts-wrong", !right);
    fill.style.width = `${100 * ofLabel}%`;
    let name = `${aDigit(label)}: the network says ${says}, which is ${right ? "right" : "wrong"}; ` +
      `${percent(ofLabel)} for ${label}`;
    other.textContent = "";
    if (pinned !== null) {
      other.textContent = `◆ ${signOf(isRight(pinned, digit))} ${answerOf(pinned, digit)}`;
      name += `. Pinned, step ${steps[pinned]}: it says ${answerOf(pinned, digit)}; ` +
        `${percent(sharesOf(pinned, digit)[label])} for ${label}`;
    }
    radio.setAttribute("aria-label", name);
  }

  function draw() {
    const [at, pinned, digit] = [shown(), pinnedAt(), digitShown()];
    slider.value = SCALE * places[at];
    slider.setAttribute("aria-valuetext", `step ${steps[at]} of ${steps[last]}`);
    back.disabled = at === 0;
    onward.disabled = at === last;
    unpin.disabled = pinned === null;
    cards.forEach((card, i) => drawCard(card, i, at, pinned));
    drawGalleries();
    reading.textContent = readingOf(at);
    pinnedReading.textContent = pinned === null ? "◆ Pin a moment to compare it with any other." : `◆ Pinned: ${readingOf(pinned)}`;
    lossCurve.show(at, pinned, `${moment(at)}, ${loss[at].toFixed(4)}.` +
      (pinned === null ? "" : ` Pinned: ${moment(pinned)}, ${loss[pinned].toFixed(4)}.`));
    drawChosen(at, pinned, digit);
    if (!timer) live.say(pinned === null ? reading.textContent : `${reading.textContent} ${pinnedReading.textContent}`);
  }

  function drawChosen(at, pinned, digit) {
    cards.forEach(({ radio }, i) => { radio.checked = i === digit; });
    rightRows.show(at, pinned, digit);
    bars.show(sharesOf(at, digit), answerOf(at, digit));
    const stay = stays[digit] < 0 ? "misread at the end" : `read correctly from step ${steps[stays[digit]].toLocaleString("en")} on`;
    chosenTitle.textContent = `This ${labels[digit]} is ${stay}.`;
    note.textContent = `The first ${count} filters: ${movedInWords(at)} Red is above zero, blue below; full colour is ` +
      `${fixed(model.get("largest_weight"), 2)} at every step.` +
      (images.length ? ` The chosen digit is X_test[${positions[digit]}].` : "");
  }

  const onIndex = () => {
    drawChosen(shown(), pinnedAt(), digitShown());
    live.say(chosenTitle.textContent);
  };

  el.append(h("div", { class: "bw ts" },
    h("div", { class: "ts-parts" },
      h("div", { class: "ts-time" },
        lossCurve.element,
        h("div", { class: "ts-slide" }, h("label", { for: sliderId, class: "visually-hidden" }, "Step"), slider),
        h("div", { class: "bw-controls" }, back, play, onward, pin, unpin),
        reading, pinnedReading),
      h("div", { class: "ts-digits" },
        h("div", { class: "ts-cards", role: "radiogroup", "aria-label": "digits" }, cards.map(({ element }) => element)),
        h("div", { class: "ts-galleries" }, galleries.map(({ element }) => element))),
      h("div", { class: "ts-one-digit" }, chosenTitle, bars.element),
      h("div", { class: "ts-all-digits" }, rightRows.element)),
    note,
    images.length ? null : h("p", { class: "bw-note" }, "This book was built without MNIST's images, so each digit is " +
      "shown by its label; the answers are those of the recorded training."),
    live.element));

  const stop = listen(model, { step: draw, pinned: draw, index: onIndex });
  draw();
  live.stop(); // nothing has happened yet that would have to be said
  return () => {
    clearInterval(timer);
    live.stop();
    stop();
  };
}

// How far the weights at a step are from those at the first one, on average, in the units of `filters`.
function meanDistance(filters, at, size) {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += Math.abs(filters[at * size + i] - filters[i]);
  return sum / size;
}

export default { render };
