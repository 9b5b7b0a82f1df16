import { clamp, fixed } from "../frontend/arithmetic.js";
import { accuracyText, diverging, drawPixels, freshId, grey, h, liveRegion, percent, probabilityBars } from "../frontend/controls.js";
import { imageAt, SIDE } from "../frontend/image_data.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";
import { curve } from "./curve.js";

const STEP = 900; // milliseconds for which Play shows an epoch

function render({ model, el }) {
  const change = changer(model);
  const [loss, accuracy] = [model.get("loss"), model.get("accuracy")];
  const [labels, positions] = [model.get("labels"), model.get("positions")];
  const [count, rows, columns] = model.get("shape");
  const last = loss.length - 1;
  const filters = new Int8Array(bytesOf(model, "filters").slice().buffer);
  const shares = new Float32Array(bytesOf(model, "probabilities").slice().buffer);
  const images = bytesOf(model, "images");
  const within = (name, highest) => clamp(model.get(name), 0, highest);
  const epochShown = () => within("epoch", last);
  const sharesOf = (epoch, digit) => {
    const start = (epoch * labels.length + digit) * 10;
    return Array.from(shares.subarray(start, start + 10));
  };
  const answerOf = (list) => list.indexOf(Math.max(...list));
  const besideShown = () => (Number.isInteger(model.get("beside")) ? within("beside", last) : null);
  const moment = (epoch) => (epoch ? `After epoch ${epoch} of ${last}` : "Before the training");

  // The slider, and Play: one epoch after the other, in steps, and only on request.
  let timer;
  const go = (epoch) => {
    pause();
    change({ epoch });
  };
  const sliderId = freshId("epoch");
  const slider = h("input", {
    type: "range", id: sliderId, min: 0, max: last, oninput: () => go(Number(slider.value)),
  });
  const play = h("button", { type: "button", class: "ts-play", onclick: () => (timer ? pause() : start()) }, "▶ Play");
  function start() {
    play.textContent = "❚❚ Pause";
    timer = setInterval(() => {
      const next = epochShown() + 1;
      change({ epoch: next });
      if (next >= last) pause();
    }, STEP);
    if (epochShown() >= last) change({ epoch: 0 });
  }
  function pause() {
    if (!timer) return;
    clearInterval(timer);
    timer = undefined;
    play.textContent = "▶ Play";
    live.say(reading.textContent);
  }
  const reading = h("p", { class: "ts-reading" });
  const besideId = freshId("beside");
  const beside = h("select", {
    id: besideId, onchange: () => change({ beside: beside.value === "" ? null : Number(beside.value) }),
  }, h("option", { value: "" }, "nothing"), loss.map((_, epoch) =>
    h("option", { value: epoch }, epoch ? `after epoch ${epoch}` : "before the training")));
  const besideReading = h("p", { class: "ts-beside-reading", hidden: true });
  const live = liveRegion();

  const curves = [
    curve({
      title: "Loss on validation data", values: loss, format: (value) => value.toFixed(4), choose: go,
      // An axis in equal steps would show one fall, and a flat line after it.
      ...(loss.every((value) => value > 0) ? { logarithmic: true } : { low: 0 }),
    }),
    curve({ title: "Accuracy on validation data", values: accuracy, share: true, format: accuracyText, choose: go }),
  ];

  // The filters, on one scale of colours for all epochs, so that they can be compared.
  const colour = diverging(127);
  const galleries = [0, 1].map(() => {
    const canvases = Array.from({ length: count }, () => h("canvas"));
    const [name, image] = [h("p", { class: "ts-moment" }), h("div", { class: "ts-filters", role: "img" }, canvases)];
    return { canvases, name, image, element: h("div", {}, name, image) };
  });
  const filterNote = h("p", { class: "bw-note" });

  // The digits, one of which is looked at: one stop for the Tab key, then arrow keys.
  const group = freshId("digits");
  const cards = labels.map((label, digit) => {
    const image = h(images.length ? "canvas" : "b");
    if (images.length) drawPixels(image, imageAt(images, digit), SIDE, SIDE, grey());
    else image.textContent = String(label);
    const radio = h("input", { type: "radio", name: group, onchange: () => change({ index: digit }) });
    const [answer, share, other] = ["ts-answer", "bw-share", "ts-other"].map((name) => h("span", { class: name }));
    const fill = h("span", { class: "bw-fill" });
    return {
      radio, answer, share, fill, other,
      element: h("label", { class: "ts-card" }, radio, h("span", { class: "ts-image" }, image), answer,
        h("span", { class: "bw-track" }, fill), share, other),
    };
  });
  const chosenTitle = h("p", { class: "ts-chosen" });
  const bars = probabilityBars();
  const curvePlace = h("div");
  let digitCurve;

  function drawDigit() {
    const digit = within("index", labels.length - 1);
    const label = labels[digit];
    cards.forEach(({ radio }, i) => { radio.checked = i === digit; });
    const values = Array.from({ length: last + 1 }, (_, epoch) => sharesOf(epoch, digit)[label]);
    digitCurve = curve({
      title: `Probability of ${label}, over the epochs`, values, low: 0, high: 1, share: true, format: percent, choose: go,
    });
    curvePlace.replaceChildren(digitCurve.element);
    draw();
  }

  function draw() {
    const epoch = epochShown();
    const digit = within("index", labels.length - 1);
    const at = besideShown();
    slider.value = epoch;
    beside.value = at ?? "";
    slider.setAttribute("aria-valuetext", epoch ? `epoch ${epoch} of ${last}` : "before the training");
    drawFilters(galleries[0], epoch);
    if (at !== null) drawFilters(galleries[1], at);
    galleries[1].element.hidden = at === null;
    galleries[0].name.textContent = at === null ? "" : moment(epoch);
    filterNote.textContent = `${movedInWords(epoch)} Red is above zero, blue below; full colour is ${fixed(model.get("largest_weight"), 2)}, ` +
      "at every epoch.";
    cards.forEach(({ radio, answer, share, fill, other }, i) => {
      const list = sharesOf(epoch, i);
      const [label, best] = [labels[i], answerOf(list)];
      answer.textContent = `${best === label ? "✓" : "✗"} says ${best}`;
      answer.classList.toggle("ts-wrong", best !== label);
      share.textContent = percent(list[label]);
      fill.style.width = `${100 * list[label]}%`;
      radio.setAttribute("aria-label", `digit ${i + 1}, a ${label}: the network says ${best}, which is ` +
        `${best === label ? "right" : "wrong"}; ${percent(list[label])} for ${label}`);
      if (at === null) {
        other.textContent = "";
        return;
      }
      const others = sharesOf(at, i);
      other.textContent = `beside: ${answerOf(others) === label ? "✓" : "✗"} ${answerOf(others)}, ${percent(others[label])}`;
      radio.ariaLabel += `. ${moment(at)}, it says ${answerOf(others)}; ${percent(others[label])} for ${label}`;
    });
    for (const one of [...curves, digitCurve]) one.read(epoch);
    const list = sharesOf(epoch, digit);
    bars.show(list);
    chosenTitle.textContent = `Digit ${digit + 1} of ${labels.length}, a ${labels[digit]} (number ${positions[digit]} of ` +
      `the test set). ${moment(epoch)}, the network says ${answerOf(list)}.`;
    reading.textContent = readingOf(epoch);
    besideReading.hidden = at === null;
    besideReading.textContent = at === null ? "" : `Beside it: ${readingOf(at)}`;
    if (!timer) live.say(`${reading.textContent} ${besideReading.textContent}`);
  }

  function readingOf(epoch) {
    const right = labels.filter((label, i) => answerOf(sharesOf(epoch, i)) === label).length;
    return `${moment(epoch)}: loss ${loss[epoch].toFixed(4)}, accuracy ${accuracyText(accuracy[epoch])}; ` +
      `${right} of these ${labels.length} digits right.`;
  }

  function movedInWords(epoch) {
    return epoch ? `On average, a weight is ${fixed(model.get("changes")[epoch])} away from where it began.`
      : "Their weights are random numbers still.";
  }

  function drawFilters({ canvases, name, image }, epoch) {
    const size = rows * columns;
    canvases.forEach((canvas, i) => {
      const start = (epoch * count + i) * size;
      drawPixels(canvas, filters.subarray(start, start + size), rows, columns, colour);
    });
    name.textContent = moment(epoch);
    image.setAttribute("aria-label", `The ${count} filters. ${moment(epoch)}. ${movedInWords(epoch)}`);
  }

  const onIndex = () => {
    drawDigit();
    live.say(chosenTitle.textContent);
  };

  el.append(h("div", { class: "bw ts" },
    h("p", {}, "Move the slider, or press Play: the curves, the filters and the answers show the same epoch."),
    // The moment that is shown, and its numbers, stay in sight: all that follows shows the same moment.
    h("div", { class: "bw-sticky" },
      h("div", { class: "bw-controls" }, play, h("label", { for: sliderId }, "Epoch"), slider),
      reading),
    h("p", { class: "ts-beside" }, h("label", { for: besideId }, "Beside it"), " ", beside),
    besideReading,
    h("div", { class: "ts-curves" }, curves.map(({ element }) => element)),
    h("p", { class: "ts-heading" }, `The ${count} filters`),
    h("div", { class: "ts-pair" }, galleries.map(({ element }) => element)), filterNote,
    h("p", { class: "ts-heading" }, "Answers to a few digits"),
    h("p", { class: "bw-note" }, "The bar is the probability of the right digit. Choose one to see all ten." +
      (images.length ? "" : " This book was built without MNIST's images, so each digit is shown by its label; " +
        "the answers are those of the recorded training.")),
    h("div", { class: "ts-cards", role: "radiogroup", "aria-label": "digits" }, cards.map(({ element }) => element)),
    chosenTitle,
    h("div", { class: "bw-row" }, bars.element, curvePlace),
    live.element));

  const stop = listen(model, { epoch: draw, beside: draw, index: onIndex });
  drawDigit();
  live.stop(); // nothing has happened yet that would have to be said
  return () => {
    clearInterval(timer);
    live.stop();
    stop();
  };
}


export default { render };
