// What PredictionInspector says of the digits it holds.
import { number, several } from "./numbers.js";

const errorsIn = (counts) => counts.reduce((sum, count, place) => sum + (place % 11 ? count : 0), 0);
const heldErrors = ({ answers }, labels) => answers.filter((answer, index) => answer !== labels[index]).length;

// The title above the digits listed. cell: [label, answer], or [] for all. only: only errors. shown: the answers.
export function titleOf({ cell: [label, answer], only, listed, shown: { answers, counts }, labels, isOwn }) {
  if (label === undefined) {
    const [errors, held] = [errorsIn(counts), heldErrors({ answers }, labels)];
    const wrong = held < errors ? `The most confident ${number(held)} of ${number(errors)} errors` :
      errors ? `${errors === 1 ? "The only error" : `All ${number(errors)} errors`}${isOwn ? " here" : ""}` : "No errors";
    return only ? wrong : `${wrong}, and ${several(listed - held, "right answer")}`;
  }
  const count = counts[10 * label + answer];
  const some = listed < count ? `, ${number(listed)} of them here` : "";
  if (label !== answer) return `Label ${label}, read as ${answer}: ${several(count, "digit")}${some}`;
  return `Label ${label}, read as ${label}: ${several(count, "right answer")}${some}`;
}

// Which of all digits are held. isOwn: whether the reader's own network is asked about them.
export function heldInWords(recorded, labels, perDigit, isOwn) {
  const [errors, held] = [errorsIn(recorded.counts), heldErrors(recorded, labels)];
  const [rights, total] = [labels.length - held, recorded.counts.reduce((sum, count) => sum + count, 0)];
  const whose = isOwn ? " of the book’s network" : "";
  const wrongs = held < errors ? `the most confident ${number(held)} of ${several(errors, "error")}` :
    errors === 1 ? "the only error" : errors ? `all ${number(errors)} errors` : "no errors";
  const some = rights < total - errors
    ? ` (at most ${perDigit} for each digit, half of them the least confident, half the most confident)` : "";
  const fair = isOwn ? " Because its answers chose them, they say nothing about how good yours is on other digits." : "";
  return `Stored here: ${wrongs}${whose}, and ${number(rights)} of ${isOwn ? "its" : "the"} ` +
    `${several(total - errors, "right answer")}${some}.${fair}`;
}

// What the reader's own network makes of the digits held, next to what the book's made of them.
export function ownInWords(own, recorded, labels) {
  const isRight = ({ answers }) => (index) => answers[index] === labels[index];
  const all = labels.map((_, index) => index);
  const before = all.filter(isRight(recorded));
  const among = (some) => `${number(some.filter(isRight(own)).length)} of the ${number(some.length)}`;
  return `Your network reads ${among(all)} digits stored here right: ${among(all.filter((index) => !before.includes(index)))} ` +
    `that the book’s network misread, and ${among(before)} that it read.`;
}
