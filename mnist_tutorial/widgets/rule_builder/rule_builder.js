import { aDigit, ADigit, h, liveRegion, percent } from "../frontend/controls.js";
import { createHistory } from "../frontend/history.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";
import { imageGallery } from "./gallery.js";
import { histogram, rangeOf } from "./histogram.js";
import { judge, worst } from "./judging.js";
import { amount, button, choice, words } from "./parts.js";
import { ruleForm } from "./rule_form.js";
import { ruleList } from "./rule_list.js";
import { confusionTable, digitsAt, readAs } from "./table.js";

const MAX_RULES = 20; // Python refuses more
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

function render({ model, el }) {
  const [limits, measured, labels, averages] = ["limits", "measured", "labels", "averages"].map((name) => model.get(name));
  const names = Object.keys(limits);
  const live = liveRegion();
  const history = createHistory();
  let result;
  let [shown, share, before] = ["", null, null]; // the rules, their accuracy, and the one before the last edit
  let place = 0; // of the chosen rule when they were shown
  let [dragging, slide] = [false, 0]; // a slider's whole way is one edit; slide: 1 at its first step, 2 later
  let [stepping, waiting, removed] = [false, false, false];
  let next = null; // what gets the focus once an edit is shown
  let said = ""; // of what is chosen
  let shownImages = []; // their places among the samples

  const change = changer(model);
  const rulesNow = () => model.get("rules");
  // The chosen rule's place, that of `otherwise`, or -1 for the table of all answers.
  const chosen = () => Math.min(model.get("chosen"), rulesNow().length);
  // Which of the chosen rule's conditions is in the histogram, 0 or 1.
  const active = () => Math.min(model.get("condition"), (rulesNow()[chosen()]?.if.length ?? 1) - 1);
  const edit = (alter, choose = chosen(), focus = null) => {
    const rules = structuredClone(rulesNow());
    next = focus;
    alter(rules);
    change({ rules, chosen: choose });
  };

  // The score, and the baselines beside it.
  const [large, difference, note] = ["rb-large", "rb-difference", "rb-note"].map((name) => h("span", { class: name }));
  const bars = h("ul", { class: "bw-bars", "aria-label": "shares of right answers" });
  const step = (direction) => {
    const { given, place: there } = history[direction]({ given: shown, place: model.get("chosen") });
    const [rules, last] = JSON.parse(given);
    stepping = true;
    change({ rules, otherwise: last, chosen: there });
  };
  const [undo, redo] = [["↶", "undo"], ["↷", "redo"]].map(([sign, name]) =>
    button(sign, () => step(name), { "aria-label": name, title: name }));
  function showScore() {
    const points = ((share - (before ?? share)) * 100).toFixed(1);
    large.textContent = percent(share);
    difference.textContent = before === null ? "" : Number(points) === 0 ? "no change"
      : `${points > 0 ? "▲ +" : "▼ −"}${points.replace("-", "")} points`;
    note.textContent = `${result.right} of ${labels.length} images right`;
    bars.replaceChildren(...[["your rules", share], ...Object.entries(model.get("baselines"))].map(([name, value], at) => {
      const bar = h("span", { class: "bw-fill" });
      bar.style.width = `${100 * value}%`;
      return h("li", { class: at ? null : "bw-best" }, h("span", {}, name), h("span", { class: "bw-track" }, bar),
        h("span", { class: "bw-share" }, percent(value)));
    }));
    // A button that would change nothing is off; the focus goes on to what takes the change back.
    const focused = document.activeElement;
    [undo.disabled, redo.disabled] = [!history.canUndo(), !history.canRedo()];
    for (const { preset, element } of loads) {
      const { rules, otherwise: last } = model.get("presets")[preset];
      element.disabled = JSON.stringify([rules, last]) === shown;
    }
    const ours = [undo, redo, ...loads.map(({ element }) => element)].includes(focused);
    if (ours && focused.disabled) (undo.disabled ? redo : undo).focus();
  }

  // The rules, and what can be done with the chosen one.
  const list = ruleList((at) => change({ chosen: at }), limits, labels.length);
  const form = ruleForm({
    limits,
    edit: (alter, focus) => edit((rules) => alter(rules[chosen()]), chosen(), focus),
    activate: (condition) => change({ condition }),
    move: (by) => edit((rules) => {
      const at = chosen();
      [rules[at], rules[at + by]] = [rules[at + by], rules[at]];
    }, chosen() + by),
    remove() {
      const [at, left] = [chosen(), rulesNow().length - 1];
      edit((rules) => rules.splice(at, 1), Math.max(0, Math.min(at, left - 1)), left ? null : () => add);
    },
  });
  const otherwise = choice(DIGITS, (digit) => change({ otherwise: Number(digit) }));
  const look = choice(names, (measurement) => change({ measurement }));
  const lastForm = h("div", { class: "rb-form" },
    h("label", { class: "rb-condition" }, "otherwise answer", otherwise),
    h("label", { class: "rb-condition" }, "look at the", look),
    h("p", { class: "bw-note" }, "These are the images that no rule fits. Which measurement would separate some of them?"));
  const graph = histogram((value) => {
    slide = dragging ? 2 : 1;
    dragging = true;
    edit((rules) => { rules[chosen()].if[active()][2] = Number(value.toFixed(2)); });
  }, () => { dragging = false; });
  const table = confusionTable((at, again) => {
    const cell = digitsAt(at);
    change({ cell: again && String(model.get("cell")) === String(cell) ? [] : cell, chosen: -1 });
  });
  const images = imageGallery(bytesOf(model, "images"), (index) => change({ index }));
  // A condition that no rule consists of yet: a second rule with the same one would catch nothing. There are more of them
  // than there may be rules.
  function newCondition() {
    const taken = new Set(rulesNow().map((rule) => JSON.stringify(rule.if)));
    const at = ([low, high, step], part) => Number((low + part * (high - low)).toFixed(step < 1 ? 2 : 0));
    const all = [0.5, 0.25, 0.75].flatMap((part) => names.flatMap((name) =>
      ["more than", "less than"].map((how) => [name, how, at(limits[name], part)])));
    return [["ink", "more than", 0.2], ...all].find((one) => !taken.has(JSON.stringify([one])));
  }
  const add = button("", () => {
    change({ condition: 0 });
    edit((rules) => rules.push({ if: [newCondition()], then: 0 }), rulesNow().length, () => form.first);
  });
  const loads = [["chapter", "Chapter's rules", "Load the chapter's rules"], ["start", "Start over", null]]
    .map(([preset, text, label]) => ({
      preset, element: button(text, () => change(model.get("presets")[preset]), { "aria-label": label }),
    }));
  const all = button("All answers", () => change({ chosen: chosen() < 0 ? 0 : -1 }));

  // What is chosen, and what it catches.
  function showChosen() {
    const [rules, at] = [rulesNow(), chosen()];
    const rule = rules[at];
    said = list.choose(at);
    all.setAttribute("aria-pressed", String(at < 0));
    const parts = [[form.element, rule], [lastForm, at === rules.length], [graph.element, at >= 0], [table.element, at < 0]];
    for (const [part, isShown] of parts) part.classList.toggle("rb-away", !isShown);
    if (rule) form.show(rule, at, rules.length, active());
    look.value = model.get("measurement");
    if (at >= 0) showHistogram(rule, at);
    showImages(at);
  }

  function showHistogram(rule, at) {
    const [name, how, value] = rule ? rule.if[active()] : [model.get("measurement"), "", null];
    const column = names.indexOf(name);
    const here = labels.flatMap((_, index) => (result.deciders[index] >= at ? [index] : []));
    graph.show({
      name: words(name), limits: limits[name], then: rule ? rule.then : model.get("otherwise"),
      // While the threshold is dragged, the axis stays.
      range: dragging ? null : rangeOf(measured.map((sample) => sample[column]), limits[name], value),
      samples: here.map((index) => ({ digit: labels[index], value: measured[index][column], caught: result.deciders[index] === at })),
      threshold: rule ? { how, value, label: `rule ${at + 1}${active() ? ", second condition" : ""}: value` } : null,
      means: averages.map((row) => row[column]),
      words: at ? `the ${here.length} images that no rule above catches` : `all ${here.length} images`,
    });
  }

  function showImages(at) {
    const isRight = (index) => result.answers[index] === labels[index];
    const cell = model.get("cell");
    const cellAt = cell.length ? 10 * cell[0] + cell[1] : worst(result.confusion);
    table.show(result.confusion, at < 0 ? cellAt : -1);
    const found = labels.flatMap((label, index) =>
      ((at < 0 ? 10 * label + result.answers[index] === cellAt : result.deciders[index] === at) ? [index] : []));
    const tableTitle = cellAt < 0 ? "No mistake: every answer is right."
      : `${cell.length ? "" : "Most frequent mistake: "}${readAs(cellAt)}: ${found.length}`;
    const [wrong, right] = [found.filter((index) => !isRight(index)), found.filter(isRight)];
    shownImages = images.fill(at < 0 ? [{ title: tableTitle, indices: found }] : [
      { title: `✗ ${wrong.length} caught by mistake`, indices: wrong }, { title: `✓ ${right.length} caught correctly`, indices: right },
    ], (index) => `image: ${aDigit(labels[index])}, read as ${result.answers[index]}, ${isRight(index) ? "right" : "wrong"}`);
    showMeasurements();
  }

  // What was measured in one of the images, and which rule answered.
  function showMeasurements() {
    const index = shownImages.includes(model.get("index")) ? model.get("index") : shownImages[0];
    const [rules, at] = [rulesNow(), result.deciders[index]];
    const value = (one) => amount(measured[index][names.indexOf(one)], limits[one][2]);
    const measurement = rules[at] ? rules[at].if[chosen() < 0 ? 0 : active()][0] : model.get("measurement");
    const sentence = index === undefined ? images.showNone() : images.show(index, {
      measurement, value: value(measurement),
      title: `${result.answers[index] === labels[index] ? "✓" : "✗"} ${ADigit(labels[index])}: ` +
        `${rules[at] ? `rule ${at + 1}` : "otherwise"} answers ${result.answers[index]}.`,
      all: names.map((one) => `${words(one)} ${value(one)}`).join(", "),
    });
    if (images.hasFocus()) live.say(sentence);
    if (table.element.contains(document.activeElement)) live.say(`${images.title()}. ${sentence}`);
  }

  function update() {
    const [rules, last] = [rulesNow(), model.get("otherwise")];
    const given = JSON.stringify([rules, last]);
    const isEdit = given !== shown;
    result = judge(rules, last, measured, labels, names);
    if (isEdit && slide < 2) {
      before = share;
      if (shown && !stepping) history.remember({ given: shown, place });
    }
    if (!slide) dragging = false;
    share = result.right / labels.length;
    list.show(rules, last, result.tallies);
    showChosen();
    otherwise.value = last;
    add.disabled = rules.length >= MAX_RULES;
    add.textContent = add.disabled ? `${MAX_RULES} rules: full` : "Add a rule";
    add.title = add.disabled ? `There may be ${MAX_RULES} rules. Remove one to add another.` : "";
    [shown, slide, stepping, place] = [given, 0, false, model.get("chosen")];
    showScore();
    live.say(isEdit ? `${large.textContent} right. ${difference.textContent} ${add.title}`.trim() : said || images.title());
    next?.().focus();
    next = null;
  }

  // Rules, `otherwise` and what is chosen that change together are one edit.
  function later() {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      if (!removed) update();
    });
  }

  // A cell that is chosen from elsewhere brings the table.
  function showCell() {
    if (model.get("cell").length && model.get("chosen") >= 0) change({ chosen: -1 });
    else showChosen();
  }

  el.append(h("div", { class: "bw rb" }, h("div", { class: "rb-parts" },
    h("div", { class: "rb-score" }, h("p", {}, large, " ", difference, " ", note), bars, h("span", { class: "rb-steps" }, undo, redo)),
    h("div", { class: "rb-list" }, list.element),
    h("div", { class: "rb-stage" }, h("div", { class: "rb-forms" }, form.element, lastForm), graph.element, table.element),
    images.gallery, images.chosen,
    h("div", { class: "bw-controls rb-tools" }, add, loads.map(({ element }) => element), all)), live.element));

  const stop = listen(model, {
    rules: later, otherwise: later, chosen: later, cell: showCell, condition: showChosen, measurement: showChosen,
    index: showMeasurements, baselines: showScore,
  });
  update();
  live.stop();
  return () => {
    removed = true;
    live.stop();
    stop();
  };
}

export default { render };
