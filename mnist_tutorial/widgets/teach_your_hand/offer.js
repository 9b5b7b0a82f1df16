// Drawings that come with the page's address never take the place of the reader's own: a button adds them.
import { h } from "../frontend/controls.js";

// attempt(does): does something and says what came of it. say(text): to the ear.
export function createOffer({ hand, attempt, say }) {
  let offered = [];
  const text = h("span", {});
  const button = h("button", { type: "button", onclick: () => attempt(() => add(offered)) }, "Add them");
  const element = h("p", { class: "th-offer", hidden: true }, text, " ", button);

  function add(drawings) {
    const added = hand.add(drawings, "those of the link were added");
    show([]);
    return `${inWords(added)} of the link ${added === 1 ? "is" : "are"} added. Undo takes them back.`;
  }

  function show(drawings) {
    offered = drawings;
    element.hidden = !drawings.length;
    text.textContent = drawings.length ? `${inWords(drawings.length)} came with the link; yours stay as they are.` : "";
  }

  const inWords = (count) => `${count} drawing${count === 1 ? "" : "s"}`;
  return {
    element,
    // Takes those that are not there yet into an empty hand, and offers them to another one.
    take(drawings) {
      const fresh = hand.missing(drawings);
      if (fresh.length && !hand.drawings().length) return void attempt(() => add(fresh));
      show(fresh);
      if (fresh.length) say(text.textContent);
    },
  };
}
