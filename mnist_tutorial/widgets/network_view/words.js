// What the network says, in a sentence.
import { percent } from "../frontend/controls.js";

export const bestOf = (probabilities) => probabilities.indexOf(Math.max(...probabilities));

// label: the right answer, if it is known. isNoDigit: whether the network's second head takes the image for no digit.
export function answerInWords(probabilities, label, isNoDigit) {
  const best = bestOf(probabilities);
  const doubt = isNoDigit ? ", but is not sure that this is a digit" : "";
  const verdict = label === undefined ? "" : ` It is a ${label} ${label === best ? "✓" : "✗"}.`;
  return `The network says ${best}, with a probability of ${percent(probabilities[best])}${doubt}.${verdict}`;
}
