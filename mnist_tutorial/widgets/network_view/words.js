// What the network says, in a sentence.
import { aDigit, h, percent } from "../frontend/controls.js";
import { PIXELS } from "../frontend/image_data.js";

export const bestOf = (probabilities) => probabilities.indexOf(Math.max(...probabilities));

// label: the right answer, if it is known. isNoDigit: whether the network's second head takes the image for no digit.
export function answerInWords(probabilities, label, isNoDigit) {
  const best = bestOf(probabilities);
  const doubt = isNoDigit ? ", but is not sure that this is a digit" : "";
  const verdict = label === undefined ? "" : ` It is ${aDigit(label)} ${label === best ? "✓" : "✗"}.`;
  return `The network says ${best}, with a probability of ${percent(probabilities[best])}${doubt}.${verdict}`;
}

// What to do, and what the lines mean. images: those that the widget holds.
export const hint = (images) => h("p", { class: "nv-hint" },
  `${images.length > PIXELS ? "Draw or choose a digit." : "Draw a digit."} Press a part to open it. `,
  h("span", { class: "nv-for" }, "Orange"), " lines speak for the answer, ",
  h("span", { class: "nv-against" }, "blue"), " ones against it.");
