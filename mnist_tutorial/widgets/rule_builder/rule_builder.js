import { clamp } from "../frontend/arithmetic.js";
import { drawPixels, grey, h, liveRegion, percent } from "../frontend/controls.js";
import { SIDE, unpackedImageAt } from "../frontend/image_data.js";
import { arrowStep } from "../frontend/keyboard.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";

const MAX_IMAGES = 12; // of one cell of the table, at most
const MAX_RULES = 20; // Python refuses more
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);
const COMPARISONS = {
  "more than": (number, value) => number > value,
  "less than": (number, value) => number < value,
  exactly: (number, value) => number === value,
};

// Tries the rules from top to bottom on each sample: the first whose conditions all hold gives the answer.
// deciders: the place of that rule, rules.length for `otherwise`.
function judge(rules, otherwise, measured, labels, names) {
  const result = {
    answers: [], deciders: [], right: 0,
    tallies: [...rules, otherwise].map(() => ({ right: 0, wrong: 0 })),
    confusion: Array(100).fill(0), // true digit 4 answered as 9: at 49
  };
  measured.forEach((sample, index) => {
    const holds = ([name, how, value]) => COMPARISONS[how](sample[names.indexOf(name)], value);
    const found = rules.findIndex((rule) => rule.if.every(holds));
    const decider = found < 0 ? rules.length : found;
    const answer = found < 0 ? otherwise : rules[found].then;
    const right = answer === labels[index];
    result.answers.push(answer);
    result.deciders.push(decider);
    result.right += right;
    result.tallies[decider][right ? "right" : "wrong"] += 1;
    result.confusion[10 * labels[index] + answer] += 1;
  });
  return result;
}

// Place of the most frequent mistake, or -1.
function worst(confusion) {
  const mistakes = confusion.map((count, place) => (place % 11 ? count : 0));
  const largest = Math.max(...mistakes);
  return largest ? mistakes.indexOf(largest) : -1;
}

const words = (name) => name.replace("_", " ");
const widen = (element, part) => {
  element.style.width = `${100 * part}%`;
  return element;
};
const amount = (value, step) => value.toFixed(step < 1 ? 2 : 0);

function render({ model, el }) {
  const [limits, measured, labels] = ["limits", "measured", "labels"].map((name) => model.get(name));
  const names = Object.keys(limits);
  const packed = bytesOf(model, "images");
  const live = liveRegion();
  let result;
  let [shown, share, before] = ["", null, null]; // the rules, their accuracy, and the one before the last edit
  let tallies = []; // of each rule
  let [dragging, slide] = [false, 0]; // a slider's whole way is one edit; slide: 1 at its first step, 2 later
  let [waiting, removed] = [false, false];
  let focus = null; // the key of the control to go on with

  const change = changer(model);
  const edit = (alter, next = null) => {
    const rules = structuredClone(model.get("rules"));
    focus = next;
    alter(rules);
    change({ rules });
  };
  const button = (text, onclick, attributes = {}) =>
    h("button", { type: "button", title: attributes["aria-label"], onclick, ...attributes }, text);
  const choice = (label, key, values, value, onchange) => {
    const select = h("select", { "aria-label": label, "data-key": key, onchange: () => onchange(select.value) },
      values.map((one) => h("option", { value: one }, words(String(one)))));
    select.value = value;
    return select;
  };

  function conditionRow([name, how, value], at, place) {
    const which = `rule ${at + 1}${place ? ", second condition" : ""}`;
    const key = `${at}-${place}`;
    const step = limits[name][2];
    const set = (position) => (given) => edit((rules) => {
      const condition = rules[at].if[place];
      condition[position] = given;
      if (position) return;
      const [low, high, newStep] = limits[given];
      condition[2] = (low + high) / 2; // another measurement: begin in the middle
      if (newStep < 1 && how === "exactly") condition[1] = "more than";
    });
    const text = h("span", { class: "rb-value" }, amount(value, step));
    const slider = h("input", {
      type: "range", "aria-label": `${which}: value`, "data-key": `${key}-value`,
      min: limits[name][0], max: limits[name][1], step, value,
      oninput: () => {
        slide = dragging ? 2 : 1;
        dragging = true;
        text.textContent = amount(Number(slider.value), step);
        set(2)(Number(slider.value));
      },
      onchange: () => { dragging = false; },
    });
    return h("div", { class: "rb-condition" }, h("span", {}, place ? "and" : "if"),
      choice(`${which}: measurement`, `${key}-name`, names, name, set(0)), "is",
      choice(`${which}: comparison`, `${key}-how`, Object.keys(COMPARISONS).slice(0, step < 1 ? 2 : 3), how, set(1)),
      h("span", { class: "rb-amount" }, slider, text));
  }

  function tally() {
    const [text, right, wrong] = [h("span", {}), h("span", { class: "rb-right" }), h("span", { class: "rb-wrong" })];
    return {
      element: h("div", { class: "rb-tally" }, h("span", { class: "rb-bar", "aria-hidden": "true" }, right, wrong), text),
      show(counts) {
        widen(right, counts.right / labels.length);
        widen(wrong, counts.wrong / labels.length);
        text.textContent = counts.right + counts.wrong ? `${counts.right} right, ${counts.wrong} wrong` : "fits none that is left";
      },
    };
  }

  function ruleRow(rule, at, rules) {
    const counts = tally();
    tallies.push(counts);
    const sign = rule.if.length > 1 ? "−" : "+";
    const swap = (by) => (list) => { [list[at], list[at + by]] = [list[at + by], list[at]]; };
    const small = (text, alter, next, does, disabled) =>
      button(text, () => edit(alter, next), { "aria-label": `${does} rule ${at + 1}`, "data-key": `${at}-${text}`, disabled });
    return h("li", { class: "rb-rule" }, h("span", { class: "rb-number" }, String(at + 1)),
      h("div", { class: "rb-what" },
        rule.if.map((condition, place) => conditionRow(condition, at, place)),
        h("div", { class: "rb-condition" }, "then answer", choice(`rule ${at + 1}: answer`, `${at}-then`, DIGITS, rule.then,
          (digit) => edit((list) => { list[at].then = Number(digit); })),
        small(`${sign} condition`, (list) => (sign === "+" ? list[at].if.push(["ink", "more than", 0.15]) : list[at].if.pop()),
          `${at}-${sign === "+" ? "−" : "+"} condition`, `${sign} condition of`))),
      h("div", { class: "rb-side" }, counts.element, h("div", { class: "rb-moves" },
        small("↑", swap(-1), `${at - 1}-↑`, "move up", at === 0),
        small("↓", swap(1), `${at + 1}-↓`, "move down", at === rules.length - 1),
        small("✕", (list) => list.splice(at, 1), `${Math.min(at, rules.length - 2)}-✕`, "remove"))));
  }

  const list = h("ol", { class: "rb-rules" });
  const otherwise = choice(null, null, DIGITS, 0, (digit) => change({ otherwise: Number(digit) }));
  const rest = tally();
  const add = button("Add a rule", () => edit((rules) => rules.push({ if: [["ink", "more than", 0.2]], then: 0 }),
    `${model.get("rules").length}-0-name`));
  const load = (preset) => () => change(model.get("presets")[preset]);

  function showRules(rules) {
    focus ??= list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    [tallies, dragging] = [[], false];
    list.replaceChildren(...rules.map(ruleRow));
    tallies.push(rest);
    if (focus === null) return;
    const wanted = list.querySelector(`[data-key="${focus}"]`) ?? add;
    (wanted.disabled ? wanted.parentElement.querySelector("button:enabled") : wanted).focus();
  }

  // The score, and the baselines beside it.
  const [large, difference, note] = ["rb-large", "rb-difference", "bw-note"].map((name) => h("span", { class: name }));
  const bars = h("ul", { class: "bw-bars", "aria-label": "shares of right answers" });
  function showScore() {
    const points = ((share - (before ?? share)) * 100).toFixed(1);
    large.textContent = percent(share);
    difference.textContent = before === null ? "" : Number(points) === 0 ? "no change"
      : `${points > 0 ? "▲ +" : "▼ −"}${points.replace("-", "")} points`;
    note.textContent = `${result.right} of ${labels.length} samples right`;
    bars.replaceChildren(...[["your rules", share], ...Object.entries(model.get("baselines"))].map(([name, value], at) => {
      const fill = widen(h("span", { class: "bw-fill" }), value);
      return h("li", { class: at ? null : "bw-best" }, h("span", {}, name), h("span", { class: "bw-track" }, fill),
        h("span", { class: "bw-share" }, percent(value)));
    }));
  }

  // The table of true digits and answers, and the images of one of its cells.
  const digitsAt = (place) => [Math.floor(place / 10), place % 10];
  const cells = Array.from({ length: 100 }, (_, place) => button("", () => {
    const next = digitsAt(place);
    change({ cell: String(model.get("cell")) === String(next) ? [] : next });
  }, { class: place % 11 ? "rb-cell" : "rb-cell rb-same" }));
  const table = h("table", {
    class: "rb-table",
    onkeydown: (event) => {
      const step = arrowStep(event);
      if (!step) return;
      event.preventDefault();
      const next = digitsAt(cells.indexOf(event.target)).map((digit, axis) => clamp(digit + step[axis], 0, 9));
      change({ cell: next });
      cells[10 * next[0] + next[1]].focus();
    },
  }, h("caption", {}, "Rows: the true digit. Columns: the answer. Framed cells are right. Choose a cell to see its images."),
  h("thead", {}, h("tr", {}, h("td", {}), DIGITS.map((digit) => h("th", { scope: "col" }, String(digit))))),
  h("tbody", {}, DIGITS.map((digit) => h("tr", {}, h("th", { scope: "row" }, String(digit)),
    cells.slice(10 * digit, 10 * digit + 10).map((cell) => h("td", {}, cell))))));
  const title = h("p", { class: "rb-title" });
  const gallery = h("div", { class: "rb-gallery" });
  const detail = h("p", { class: "bw-note rb-detail" });
  const decider = (index) =>
    (result.deciders[index] < model.get("rules").length ? `rule ${result.deciders[index] + 1}` : "otherwise");

  function showTable() {
    const [label, answer] = model.get("cell");
    const place = label === undefined ? worst(result.confusion) : 10 * label + answer;
    const largest = Math.max(...result.confusion);
    const name = (at) => digitsAt(at).join(" read as ");
    cells.forEach((cell, at) => {
      const count = result.confusion[at];
      cell.textContent = String(count);
      cell.setAttribute("aria-label", `${name(at)}: ${count}`);
      cell.setAttribute("aria-pressed", String(at === place));
      cell.tabIndex = at === Math.max(0, place) ? 0 : -1;
      cell.classList.toggle("rb-none", !count);
      cell.style.setProperty("--rb-shade", `${Math.round(45 * count / largest)}%`);
    });
    const all = labels.flatMap((one, index) => (10 * one + result.answers[index] === place ? [index] : []));
    title.textContent = place < 0 ? "No mistake: every answer is right."
      : `${label === undefined ? "The most frequent mistake: " : ""}${name(place)}. Samples: ${all.length}` +
        (all.length > MAX_IMAGES ? `, ${MAX_IMAGES} of them shown` : "");
    gallery.replaceChildren(...all.slice(0, MAX_IMAGES).map((index) => {
      const canvas = h("canvas", {});
      drawPixels(canvas, unpackedImageAt(packed, index), SIDE, SIDE, grey(0, 15));
      return button([canvas, decider(index)], () => change({ index }), { "data-index": index });
    }));
    showMeasurements();
    if (table.contains(document.activeElement)) live.say(title.textContent);
  }

  // What was measured in one of the images, and which rule answered.
  function showMeasurements() {
    const images = [...gallery.children];
    const picked = images.find((one) => Number(one.dataset.index) === model.get("index")) ?? images[0];
    images.forEach((one) => one.setAttribute("aria-pressed", String(one === picked)));
    const index = picked?.dataset.index;
    const values = names.map((name, at) => `${words(name)} ${picked && amount(measured[index][at], limits[name][2])}`);
    detail.textContent = picked ? `${values.join(", ")}: ${decider(index)} answers ${result.answers[index]}.` : "";
    if (gallery.contains(document.activeElement)) live.say(detail.textContent);
  }

  function update() {
    const [rules, last] = [model.get("rules"), model.get("otherwise")];
    const given = JSON.stringify([rules, last]);
    result = judge(rules, last, measured, labels, names);
    if (given !== shown && slide < 2) before = share;
    share = result.right / labels.length;
    if (given !== shown && !slide) showRules(rules);
    [shown, slide, focus] = [given, 0, null];
    otherwise.value = last;
    add.disabled = rules.length >= MAX_RULES;
    tallies.forEach((one, at) => one.show(result.tallies[at]));
    showScore();
    live.say(`${large.textContent} right. ${difference.textContent}`);
    showTable();
  }

  // Rules and `otherwise` that change together are one edit.
  function later() {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      if (!removed) update();
    });
  }

  el.append(h("div", { class: "bw rb" },
    h("div", { class: "rb-score" }, h("p", {}, large, " ", difference, " ", note), bars),
    h("p", {}, "The rules are tried from top to bottom; the first that fits gives the answer. ",
      "Change one, and watch the number above."),
    list,
    h("div", { class: "rb-rule rb-last" },
      h("label", { class: "rb-condition" }, "otherwise answer", otherwise), rest.element),
    h("div", { class: "bw-controls" }, add,
      button("Load the chapter's rules", load("chapter")), button("Start over", load("start"))),
    h("div", { class: "rb-result" }, table, h("div", {}, title, gallery, detail)),
    h("details", {}, h("summary", {}, "What each digit measures on average"), h("table", { class: "rb-averages" },
      h("thead", {}, h("tr", {}, ["digit", ...names].map((name) => h("th", { scope: "col" }, words(name))))),
      h("tbody", {}, model.get("averages").map((row, digit) => h("tr", {},
        h("th", { scope: "row" }, String(digit)), row.map((mean) => h("td", {}, mean.toFixed(2)))))))),
    live.element));

  const stop = listen(model, {
    rules: later, otherwise: later, cell: showTable, index: showMeasurements, baselines: showScore,
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
