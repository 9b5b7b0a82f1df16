// All drawings, a row for each digit: which digit is written, which drawing is looked at.
import { aDigit, drawPixels, h } from "../frontend/controls.js";
import { SIDE } from "../frontend/image_data.js";
import { arrowStep, hasModifier } from "../frontend/keyboard.js";

const SHOWN = 40; // of a row; there may be hundreds

// choose(digit): to be written next, or null to leave it to the widget. pick(drawing): to look at, or null.
// remove(drawing).
export function createRows({ choose, pick, remove }) {
  const thumbs = new Map(); // by drawing
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const label = h("button", { type: "button", class: "th-digit", "aria-label": `write ${aDigit(digit)}`, "aria-pressed": "false",
      onclick: () => choose(label.getAttribute("aria-pressed") === "true" ? null : digit) }, String(digit));
    const list = h("div", { class: "th-thumbs" });
    const count = h("span", { class: "th-count" });
    return { digit, label, list, count, element: h("div", { class: "th-row" }, label, list, count) };
  });
  const element = h("div", { class: "th-rows", role: "group", "aria-label": "your drawings", onkeydown: onKey },
    rows.map((row) => row.element));

  function thumbOf(drawing) {
    if (!thumbs.has(drawing)) {
      const canvas = h("canvas");
      drawPixels(canvas, drawing.image, SIDE, SIDE);
      const button = h("button", { type: "button", class: "th-thumb", tabindex: -1,
        onclick: () => pick(button.getAttribute("aria-pressed") === "true" ? null : drawing) }, canvas);
      thumbs.set(drawing, { drawing, button });
    }
    return thumbs.get(drawing).button;
  }

  const buttonsOf = ({ list }) => [...list.querySelectorAll("button")];

  // The arrow keys go from drawing to drawing: all of them are one stop of the Tab key.
  function onKey(event) {
    const button = event.target.closest(".th-thumb");
    if (!button || hasModifier(event)) return;
    const step = arrowStep(event);
    if (step) {
      const all = rows.map(buttonsOf);
      let row = all.findIndex((list) => list.includes(button));
      let column = all[row].indexOf(button) + step[1];
      if (step[0]) {
        const filled = all.map((list, i) => (list.length ? i : -1)).filter((i) => i >= 0);
        row = filled[Math.max(0, Math.min(filled.length - 1, filled.indexOf(row) + step[0]))];
      }
      column = Math.max(0, Math.min(all[row].length - 1, column));
      enter(all[row][column]);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      const found = [...thumbs.values()].find((one) => one.button === button);
      const list = rows.map(buttonsOf).find((all) => all.includes(button));
      const at = list.indexOf(button);
      const next = list[at + 1] ?? list[at - 1];
      if (next) enter(next);
      else rows[found.drawing.digit].label.focus();
      remove(found.drawing);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function enter(button) {
    for (const one of element.querySelectorAll(".th-thumb")) one.tabIndex = one === button ? 0 : -1;
    button.focus();
  }

  return {
    element,
    focus: (digit) => rows[digit].label.focus({ preventScroll: true }),
    // of(digit): its drawings. answer(drawing): the digit that is read, or null. isHeldOut(n): of the n-th of a row.
    // wanted: the digit that is asked for; pinned: whether the reader chose it.
    show({ of, each, isHeldOut, answer, inWords, picked, wanted, pinned }) {
      const there = new Set();
      for (const { digit, label, list, count } of rows) {
        const drawings = of(digit);
        const buttons = drawings.slice(0, SHOWN).map((drawing, n) => {
          there.add(drawing);
          const button = thumbOf(drawing);
          const [kept, read] = [isHeldOut(n), answer(drawing)];
          button.classList.toggle("th-kept", kept);
          button.classList.toggle("th-wrong", read !== null && read !== digit);
          button.setAttribute("aria-pressed", String(drawing === picked));
          button.setAttribute("aria-label", inWords(drawing));
          return button;
        });
        for (const one of buttonsOf({ list })) if (!buttons.includes(one)) one.remove();
        buttons.forEach((one, i) => { // those that stay are not moved: one of them may have the focus
          if (one !== list.children[i]) list.insertBefore(one, list.children[i] ?? null);
        });
        count.textContent = `${drawings.length}/${each}`;
        label.setAttribute("aria-pressed", String(pinned && digit === wanted));
        label.classList.toggle("th-wanted", digit === wanted);
      }
      for (const drawing of thumbs.keys()) if (!there.has(drawing)) thumbs.delete(drawing);
      const all = [...element.querySelectorAll(".th-thumb")];
      if (all.length && !all.some(({ tabIndex }) => tabIndex === 0)) all[0].tabIndex = 0;
    },
  };
}
