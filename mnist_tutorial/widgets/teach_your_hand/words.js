// What the widget says of drawings, of a lesson, and of what came of it.
import { whole } from "../frontend/arithmetic.js";
import { aDigit, ADigit } from "../frontend/controls.js";
import { isHeldOut } from "./hand.js";

export const promptInWords = (digit) => (digit === null ? "All digits are written" : `Write ${aDigit(digit)}`);

// answer: what the network reads the new drawing as; null while it is not here. all: how many of how many are there.
export function addedInWords(digit, answer, all) {
  if (answer === null) return `${ADigit(digit)} is added. ${all}`;
  return answer === digit ? `The network reads your ${digit} right. ${all}`
    : `The network reads your ${digit} as ${aDigit(answer)}. ${all}`;
}

// before, after: what it is read as before a lesson and after it, or null.
export function drawingInWords({ digit }, { n, each, before, after }) {
  return `${ADigit(digit)}, drawing ${n + 1}, ${isHeldOut(n, each) ? "held out" : "to teach"}` +
    (before === null ? "" : `; read as ${before}`) + (after === null ? "" : `, taught: ${after}`) + ".";
}

export function lessonInWords({ hand, each, practise }) {
  const { taught, kept } = hand.split(each);
  const old = practise ? " The lesson includes old digits." : " The lesson includes no old digits.";
  if (!taught.length) return `Write at least one digit, or fill in examples.${old}`;
  const missing = Array.from({ length: 10 }, (_, digit) => digit).filter((digit) => !hand.of(digit).length);
  return `${taught.length} to teach, ${kept.length} held out.` +
    (missing.length ? ` You have written none of ${missing.join(", ")}.` : "") + `${old} Each lesson begins with the original network.`;
}

// teacher: in which phase it is, and what came of its latest lesson.
export function statusInWords({ phase, problem, progress, step, steps, outcome: found }, { hand, each, practise }) {
  if (problem) return problem;
  if (phase === "loading") {
    return progress ? `Loading the digits: ${whole(progress.loaded)} of ${whole(progress.total)} …` : "Loading the network …";
  }
  if (phase === "teaching") {
    return `Step ${whole(step)} of ${whole(steps)}, ${found.practise ? "old digits and yours" : "your drawings only"}.`;
  }
  if (!found) return "Guess first: how many of your drawings will it read right afterwards, and what will it forget?";
  const { taught, kept } = hand.split(each);
  const same = [[taught, found.drawings.taught], [kept, found.drawings.kept]].every(([now, then]) =>
    now.length === then.length && now.every((one, i) => one === then[i]));
  const notes = (same ? "" : " Your drawings have changed since then: teach it again.") +
    (found.practise === practise ? "" : " You have changed the switch since then: teach it again and compare.") +
    (found.arithmetic === "JavaScript" ? " WebAssembly is missing or forbidden here: plain JavaScript did it, more slowly." : "");
  const how = found.practise ? "with old digits in the lesson" : "from your drawings alone";
  return `${found.finished ? "Taught" : `Stopped after ${whole(step)} of ${whole(steps)} steps`}, ${how}.${notes}`;
}
