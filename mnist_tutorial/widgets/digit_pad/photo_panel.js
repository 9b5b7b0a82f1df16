// What is said of a photo, and the buttons for its frame.
import { h } from "../frontend/controls.js";

// adjust(): the reader wants to move the frame. resize(1 or -1), chooseWhole(), chooseBook(): set a frame.
export function photoPanel({ adjust, resize, chooseWhole, chooseBook }) {
  const button = (text, onclick, label) => h("button", { type: "button", onclick, "aria-label": label }, text);
  const taken = h("p", { class: "dp-taken" });
  const doubtful = h("div", { class: "dp-doubts" });
  const move = button("Move the frame", adjust);
  const whole = button("Whole photo", chooseWhole);
  const book = button("Let the book choose", chooseBook);
  const sizes = [button("−", () => resize(-1), "smaller frame"), button("+", () => resize(1), "larger frame")];
  const element = h("div", { class: "dp-photo", hidden: true }, doubtful, taken,
    h("div", { class: "bw-controls" }, move, sizes, whole, book));
  return {
    element,
    // said: as from photoInWords(). active: whether the frame can be moved. choice: "book", "whole" or "".
    show({ said, active, choice }) {
      element.hidden = !said;
      if (!said) return;
      taken.textContent = said.taken;
      const doubts = said.doubts.join("\n");
      if (doubtful.dataset.doubts !== doubts) {
        doubtful.dataset.doubts = doubts;
        doubtful.replaceChildren(...said.doubts.map((doubt) => h("p", {}, doubt)));
      }
      move.hidden = active;
      for (const one of [...sizes, whole, book]) one.hidden = !active;
      whole.setAttribute("aria-pressed", String(choice === "whole"));
      book.setAttribute("aria-pressed", String(choice === "book"));
    },
  };
}
