// The table of true digits and answers, to choose a cell of.
import { clamp } from "../frontend/arithmetic.js";
import { h } from "../frontend/controls.js";
import { arrowStep } from "../frontend/keyboard.js";

const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);
export const digitsAt = (place) => [Math.floor(place / 10), place % 10];
export const readAs = (place) => digitsAt(place).join(" read as ");

// choose(place, again): a cell, 10 times the true digit plus the answer; again: it was chosen by a press, which may be its second.
export function confusionTable(choose) {
  const cells = Array.from({ length: 100 }, (_, place) => h("button", {
    type: "button", onclick: () => choose(place, true), class: place % 11 ? "rb-cell" : "rb-cell rb-same",
  }));
  const element = h("table", {
    class: "rb-table",
    onkeydown: (event) => {
      const step = arrowStep(event);
      if (!step) return;
      event.preventDefault();
      const [row, column] = digitsAt(cells.indexOf(event.target)).map((digit, axis) => clamp(digit + step[axis], 0, 9));
      choose(10 * row + column, false);
      cells[10 * row + column].focus();
    },
  }, h("caption", {}, "Rows: the true digit. Columns: the answer. Framed: right."),
  h("thead", {}, h("tr", {}, h("td", {}), DIGITS.map((digit) => h("th", { scope: "col" }, String(digit))))),
  h("tbody", {}, DIGITS.map((digit) => h("tr", {}, h("th", { scope: "row" }, String(digit)),
    cells.slice(10 * digit, 10 * digit + 10).map((cell) => h("td", {}, cell))))));
  return {
    element,
    // place: of the chosen cell, -1 for none.
    show(confusion, place) {
      const largest = Math.max(...confusion);
      cells.forEach((cell, at) => {
        const count = confusion[at];
        cell.textContent = String(count);
        cell.setAttribute("aria-label", `${readAs(at)}: ${count}`);
        cell.setAttribute("aria-pressed", String(at === place));
        cell.tabIndex = at === Math.max(0, place) ? 0 : -1;
        cell.classList.toggle("rb-none", !count);
        cell.style.setProperty("--rb-shade", `${Math.round(45 * count / largest)}%`);
      });
    },
  };
}
