import { clamp, whole } from "../frontend/arithmetic.js";
import { digitChoice } from "../frontend/choices.js";
import { freshId, h, liveRegion, percent } from "../frontend/controls.js";
import { forward } from "../frontend/forward_pass.js";
import { fit, rasterise } from "../frontend/handwriting.js";
import { PIXELS, scaledImageAt } from "../frontend/image_data.js";
import { lateNetwork } from "../frontend/late_network.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";
import { chainPanel } from "./chain.js";
import { PEN, smallPad } from "./drawing.js";
import { networkFigure } from "./figure.js";
import { gradientsAt, indicesOf, replaced, strongestPath, turnedWith, withinNetwork } from "./path.js";
import { examine, parametersOf, trainer } from "./training.js";
import { turningPanel } from "./turning.js";
import { whatIf } from "./what_if.js";

const OWN = -1; // the index of the reader's own drawing
const RASTER = 112; // rows and columns on which the strokes are laid out
const DOT = 3; // drawings smaller than so many widths of the pen are not enlarged
const LOADING = "The network is loading …";

// Stands in for the network until it is there, to keep the room free; nothing of it is shown.
function standIn() {
  const layer = (...shape) => ({
    shape, kernel: new Float32Array(shape.reduce((product, length) => product * length)).fill(0.01),
    bias: new Float32Array(shape[shape.length - 1]),
  });
  return { convolution: layer(5, 5, 1, 30), hidden: layer(4320, 128), output: layer(128, 10) };
}

function render({ model, el }) {
  const change = changer(model);
  // What the reader does shows at once: the next thing may come before the next frame, and goes on from there.
  const act = (traits) => {
    change(traits);
    update();
  };
  const images = bytesOf(model, "images");
  const labels = model.get("labels");
  const live = liveRegion();
  let first = standIn(); // the network as it came
  let ready = false; // whether it is the one to show
  let nameOfOwn = ""; // of the reader's own network, while it is the one to show in a page
  let training; // that network after the reader's changes
  let view; // what is shown
  let frame = 0;
  let chosen = false; // whether the reader has opened another number

  const ownPixels = (strokes) => scaledImageAt(fit(rasterise(strokes, PEN, RASTER), [], DOT * PEN * RASTER).image, 0);
  const indexNow = () => clamp(model.get("index"), OWN, images.length / PIXELS - 1);
  const imageNow = () => (indexNow() === OWN ? model.get("strokes") : indexNow());
  const pixelsOf = (image) => (Array.isArray(image) ? ownPixels(image)
    : scaledImageAt(images, clamp(image, 0, images.length / PIXELS - 1)));

  // Choosing a digit, an answer and a number.
  const digits = digitChoice(images, labels, (index) => act({ index, label: labels[index], path: [] }));
  const draw = h("button", {
    type: "button", class: "bv-draw", "aria-pressed": "false",
    onclick: () => act(indexNow() === OWN ? { index: 0, label: labels[0], path: [] } : { index: OWN, path: [] }),
  }, "✎ Draw");
  const numbered = (count) => Array.from({ length: count }, (_, i) => h("option", { value: i }, String(i)));
  const labelId = freshId("answer");
  const label = h("select", { id: labelId, onchange: () => act({ label: Number(label.value), path: [] }) },
    numbered(10));
  const pad = smallPad(model, {
    changed: request, done: () => act({ path: [] }), clear: () => act({ strokes: [], path: [] }),
  });
  const drawing = h("div", { class: "bv-drawing" }, pad.pad, h("div", {},
    h("p", {}, "Draw a digit and choose above which one you mean."),
    h("button", {
      type: "button", onclick: () => act({ strokes: model.get("strokes").slice(0, -1), path: [] }),
    }, "Undo stroke"),
    h("button", { type: "button", onclick: () => act({ strokes: [], path: [] }) }, "Clear")));
  const open = (number, to) => act({ number, path: to });
  const select = (name, at, number) => {
    const id = freshId(name);
    const element = h("select", { id, onchange: () => open(number, replaced(view.path, at, [Number(element.value)])) });
    return {
      element: h("span", {}, h("label", { for: id }, name), element),
      show(count, chosen) {
        if (element.length !== count) element.replaceChildren(...numbered(count));
        element.value = chosen;
      },
    };
  };
  const selects = [select("Map", 4, "convolution"), select("Unit", 1, "unit"), select("Score", 0, "score")];
  const strongest = h("button", { type: "button", onclick: () => act({ path: [] }) }, "Strongest");

  // What the reader does to the weights.
  const changesNow = () => model.get("changes");
  function add(one, going = false) {
    const changes = changesNow();
    const last = changes[changes.length - 1];
    const goesOn = going && last?.kind === "set" && last.number === one.number && last.index === one.index;
    act({ changes: [...(goesOn ? changes.slice(0, -1) : changes), one], undone: [], path: view.path });
  }
  const figure = networkFigure({ open, hint: (text) => { reading.textContent = text || pinned; } });
  const chain = chainPanel(open, h("div", { class: "bv-choose" }, selects.map(({ element }) => element), strongest));
  const turning = turningPanel({
    say: live.say,
    set: (number, index, value, going) => add({ kind: "set", number, index, value: Math.fround(value) }, going),
    train: (kind) => add({ kind, label: view.label, image: imageNow() }),
    open,
    undo() {
      const changes = changesNow();
      const undone = [...model.get("undone"), changes[changes.length - 1]];
      act({ changes: changes.slice(0, -1), undone, path: view.path });
    },
    redo() {
      const undone = model.get("undone");
      act({ changes: [...changesNow(), undone[undone.length - 1]], undone: undone.slice(0, -1), path: view.path });
    },
  });

  let pinned = ""; // the open number in words
  const reading = h("p", { class: "bv-hint" });
  const verdict = h("p", { class: "bv-verdict" });
  // What has been done to the network, however far away the buttons are that did it.
  const changedText = h("span");
  const reset = h("button", {
    type: "button", onclick() {
      const [changes, undone] = [changesNow(), model.get("undone")];
      act(changes.length ? { changes: [], undone: [...undone, ...changes.slice().reverse()], path: view.path }
        : { changes: undone.slice().reverse(), undone: [], path: view.path });
      turning.forgetWords();
      live.say(`${changedText.textContent} ${verdict.textContent}`);
    },
  });
  const changed = h("p", { class: "bv-changed" }, changedText, " ", reset);
  const note = h("p", { class: "bv-note" });
  const again = h("button", { type: "button", onclick: () => { note.focus(); late.load(); } }, "Try again");
  const waiting = h("div", { class: "bv-waiting" }, note, again);
  const shown = h("div", { class: "bv-shown" },
    h("div", { class: "bv-state" }, verdict, changed), figure.element, reading,
    h("div", { class: "bv-panels" }, chain.element, turning.element));
  note.tabIndex = -1;
  const root = h("div", { class: "bw bv" },
    h("p", { class: "bv-intro" }, h("b", {}, "Forward"), ", an image becomes a loss. ", h("b", {}, "Back"),
      ", every number gets its gradient: how fast the loss rises if that number grows. ",
      h("b", {}, "Click any number"), " to see where its gradient comes from. " +
      "Rows, columns, maps and units are counted from 0."),
    h("div", { class: "bv-top" }, digits.element, draw,
      h("span", { class: "bv-answer" }, h("label", { for: labelId }, "Right answer"), label)),
    drawing, h("div", { class: "bv-frame" }, shown, waiting), live.element);
  el.append(root);

  function update() {
    cancelAnimationFrame(frame);
    frame = 0;
    const changes = changesNow();
    const network = training.after(changes);
    const wanted = clamp(model.get("label"), 0, 9);
    const now = examine(network, pixelsOf(imageNow()), wanted);
    const wish = model.get("path");
    const path = wish.length === 7 ? withinNetwork(wish, network, now.results.shapes) : strongestPath(now);
    const indices = indicesOf(path, network, now.results.shapes);
    view = {
      ...now, path, indices, changes, undone: model.get("undone"), number: model.get("number"), image: imageNow(),
      what: whatIf(network, now.pixels, now.results, wanted),
    };
    const gradient = gradientsAt(indices, view)[view.number];
    if (ready && model.get("gradient") !== gradient && Number.isFinite(gradient)) change({ gradient });
    const words = showAll();
    if (chosen && ready) live.say(words);
    chosen = false;
  }

  function showAll() {
    const { results, number, changes, path } = view;
    const own = indexNow() === OWN;
    digits.show(indexNow());
    if (own) digits.element.querySelectorAll(":checked").forEach((one) => { one.checked = false; });
    draw.setAttribute("aria-pressed", String(own));
    drawing.hidden = !own;
    if (own) pad.show(model.get("strokes"));
    label.value = view.label;
    const best = results.probabilities.indexOf(Math.max(...results.probabilities));
    const isEmpty = own && !model.get("strokes").length;
    verdict.textContent = isEmpty ? "Nothing is drawn yet."
      : `${nameOfOwn ? "Your network" : "The network"} says ${best} (${percent(results.probabilities[best])}) ` +
        `${best === view.label ? "✓" : "✗"}${nameOfOwn ? ` (“${nameOfOwn}”)` : ""}.`;
    verdict.title = nameOfOwn ? verdict.textContent : ""; // a long name is cut off
    const count = training.countChanged();
    changedText.textContent = changes.length
      ? `You changed ${whole(count.changed)} of ${whole(count.all)} parameters.`
      : view.undone.length ? "It is again as it was at first." : `None of its ${whole(count.all)} parameters is changed.`;
    reset.textContent = changes.length ? "Reset" : "Redo all";
    reset.disabled = !changes.length && !view.undone.length;
    reset.hidden = reset.disabled;
    figure.show(view);
    const words = chain.show(view);
    pinned = figure.describe(number, path);
    reading.textContent = pinned;
    const { shapes } = results;
    selects[0].show(shapes.convolution[2], path[4]);
    selects[1].show(shapes.hidden[0], path[1]);
    selects[2].show(10, path[0]);
    strongest.disabled = model.get("path").length === 0;
    // The curve over a weight is another one when any other weight has changed.
    const turned = turnedWith(number);
    const index = view.indices[turned];
    const others = changes.filter((one) => one.number !== turned || one.index !== index);
    turning.show(view, parametersOf(first, turned)[index], JSON.stringify([view.image, view.label, others, ready]));
    return words;
  }
  function request() {
    frame ||= requestAnimationFrame(() => { update(); model.save_changes(); });
  }

  // Until another network is there, the one before it stays on show.
  const late = lateNetwork(model, () => {
    if (late.state === "loading") stopWaiting();
    if (late.state === "loading" && ready) return;
    if (late.state === "ready") {
      first = late.network;
      training = trainer(first, pixelsOf);
      turning.forget();
      const given = Object.keys(model.get("weights") ?? {}).length > 0;
      const own = given ? null : window.mnistTutorial?.ownNetwork();
      nameOfOwn = own?.chosen ? own.name : "";
    }
    ready = late.state === "ready";
    note.textContent = late.state === "failed" ? late.reason : LOADING;
    again.hidden = late.state !== "failed";
    waiting.hidden = ready;
    shown.classList.toggle("bv-unseen", !ready);
    if (ready) update();
    live.say(ready ? verdict.textContent : note.textContent);
  }, (found) => {
    if (!forward(found, new Float32Array(PIXELS)).probabilities.every(Number.isFinite)) {
      throw new Error("This network's weights are not numbers: its training has failed.");
    }
  });

  // The weights are many, so they wait until a reader comes near.
  const observer = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) late.load();
  }, { rootMargin: "200px" });
  function stopWaiting() {
    observer.disconnect();
    root.removeEventListener("focusin", late.load);
  }

  training = trainer(first, pixelsOf);
  note.textContent = LOADING;
  again.hidden = true;
  shown.classList.add("bv-unseen");
  update();
  root.addEventListener("focusin", late.load);
  observer.observe(root);

  const stop = listen(model, {
    ...Object.fromEntries(["index", "label", "strokes", "changes", "undone"].map((name) => [name, request])),
    ...Object.fromEntries(["number", "path"].map((name) => [name, () => { chosen = true; request(); }])),
    weights() { // Python has given another network, or the reader has chosen one in the page
      if (!Object.keys(model.get("weights") ?? {}).length) change({ changes: [], undone: [], path: [] });
      late.forget();
      late.load();
    },
  });
  return () => {
    late.forget();
    live.stop();
    stopWaiting();
    figure.stop();
    cancelAnimationFrame(frame);
    stop();
  };
}

export default { render };
