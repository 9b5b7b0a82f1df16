import { aDigit, freshId, h } from "../frontend/controls.js";
import { DIGITS, several } from "./numbers.js";

const CANNOT_TELL = -1; // the judgement "nobody can tell"

// The published votes on a digit, in words.
function votesInWords([given, suggested, forGiven, forSuggested, neither]) {
  const same = given === suggested; // the people had no other digit to choose
  const people = forGiven + neither + (same ? 0 : forSuggested);
  const confirmed = 2 * forGiven > people ? "Most confirmed the label." : "Most did not confirm the label.";
  const asked = `${several(people, "person was", "people were")} asked: ${forGiven} chose the label ${given}, `;
  return same ? `${asked}${neither} did not. ${confirmed}` :
    `${asked}${forSuggested} the ${suggested} that a program had suggested, ${neither} neither of the two. ${confirmed}`;
}

// The reader's own judgement of a label; then, and only then, what others have said.
// labelOf: a position in the test set -> its label. change: sets traits. live: a liveRegion.
export function judgingPanel(model, labelOf, change, live) {
  const titleId = freshId("judge");
  const right = h("button", { type: "button", onclick: () => judge(labelOf(model.get("index"))) });
  const nobody = h("button", { type: "button", onclick: () => judge(CANNOT_TELL) }, "Nobody can tell");
  const read = DIGITS.map((digit) => h("button", {
    type: "button", "aria-label": `I read ${aDigit(digit)}`, onclick: () => judge(digit),
  }, String(digit)));
  const verdict = h("p", { class: "pi-verdict" });
  const tally = h("p", { class: "bw-note pi-tally" });

  // The same judgement a second time takes it back.
  function judge(answer) {
    const place = model.get("index");
    const { [place]: before, ...others } = model.get("judgements");
    change({ judgements: before === answer ? others : { ...others, [place]: answer } });
    live.say(before === answer ? "Judgement taken back." : `${verdict.textContent} ${tally.textContent}`);
  }

  function othersInWords(place) {
    const votes = model.get("votes");
    if (!Object.keys(votes).length) return "";
    if (!votes[place]) return " There are no published votes on this digit.";
    return ` ${votesInWords(votes[place])}${model.get("source") ? ` (${model.get("source")}.)` : ""}`;
  }

  function show() {
    const [place, judgements] = [model.get("index"), model.get("judgements")];
    const [label, own] = [labelOf(place), judgements[place]];
    right.textContent = `The label ${label} is right`;
    right.setAttribute("aria-pressed", String(own === label));
    nobody.setAttribute("aria-pressed", String(own === CANNOT_TELL));
    read.forEach((button, digit) => button.setAttribute("aria-pressed", String(own === digit)));
    if (own === undefined) {
      verdict.textContent = Object.keys(model.get("votes")).length
        ? "Judge first; then you will see whether others have also judged this digit." : "";
    } else {
      const said = own === CANNOT_TELL ? "You say: nobody can tell." :
        own === label ? `You say: the label ${label} is right.` : `You read ${aDigit(own)}, not ${aDigit(label)}.`;
      verdict.textContent = said + othersInWords(place);
    }
    const all = Object.entries(judgements);
    const agreed = all.filter(([key, answer]) => labelOf(Number(key)) === answer).length;
    tally.textContent = all.length
      ? `You have judged ${several(all.length, "digit")} and found the label right on ${agreed}.` : "";
  }

  const element = h("div", { role: "group", "aria-labelledby": titleId, class: "pi-judge" },
    h("p", { class: "pi-title", id: titleId }, "Is the label right?"),
    h("div", { class: "bw-controls" }, right, nobody),
    h("p", { class: "pi-ask" }, "Or I read a …"), h("div", { class: "pi-read" }, read), verdict, tally);
  return { element, show };
}
