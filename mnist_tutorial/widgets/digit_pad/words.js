// What ten probabilities mean in words.
import { aDigit, percent } from "../frontend/controls.js";

const SURE = 0.75; // below, the widget says "unsure" and names every digit from POSSIBLE up
const POSSIBLE = 0.1;

// Whether it is told without a doubt which digit it is.
export const isSure = (probabilities, { isNone, isDoubtful }) =>
  !isNone && !isDoubtful && Math.max(...probabilities) >= SURE;

// For the eye and for the ear. isDoubtful: the photo leaves doubt whether it was the digit that the network has seen, which
// the network cannot know. isNone: the network's second head takes it for no digit.
export function verdict(probabilities, { isNone = false, isDoubtful = false } = {}) {
  const inWords = (share) => percent(share).replace("<", "less than ").replace(">", "more than ");
  const ranked = probabilities.map((share, digit) => ({ digit, share: inWords(share), likely: share >= POSSIBLE }));
  ranked.sort((a, b) => probabilities[b.digit] - probabilities[a.digit]);
  const spoken = ({ digit, share }) => `${digit}, ${share.replace("%", " percent")}`;
  const [{ digit, share }] = ranked;
  if (isNone && !isDoubtful) {
    return {
      seen: `Not sure that this is a digit. If it is one: ${aDigit(digit)} (${share}).`,
      heard: `The network is not sure that this is a digit. If it is one: ${spoken(ranked[0])}.`,
    };
  }
  if (probabilities[digit] >= SURE && isDoubtful) {
    return {
      seen: `Unsure: what was taken for the digit looks like ${aDigit(digit)} (${share}).`,
      heard: `Unsure, because the photo leaves doubt: ${spoken(ranked[0])}.`,
    };
  }
  if (probabilities[digit] >= SURE) {
    return {
      seen: `It looks like ${aDigit(digit)}: the network gives it ${share}.`,
      heard: `The network says ${spoken(ranked[0])}.`,
    };
  }
  const choice = ranked.filter(({ likely }, i) => i < 2 || (i < 3 && likely));
  return {
    seen: `Unsure: ${choice.map((one) => `${one.digit} (${one.share})`).join(" or ")}.`,
    heard: `The network is unsure: ${choice.map(spoken).join(", or ")}.`,
  };
}

// The same for the answer of a copy of the network, until the whole one is there.
export function firstVerdict(probabilities, { isNone = false, isDoubtful = false } = {}) {
  const ranked = probabilities.map((share, digit) => ({ digit, share })).sort((a, b) => b.share - a.share);
  const likely = ranked.slice(0, ranked[0].share >= SURE ? 1 : 2);
  const answer = isNone && !isDoubtful ? "perhaps no digit"
    : likely.map(({ digit, share }) => `${digit} (${percent(share)})`).join(" or ");
  return {
    seen: `First answer: ${answer}. The whole network is loading …`,
    heard: `First answer, while the whole network is loading: ${answer.replaceAll("%", " percent")}.`,
  };
}

const NUMBERS = ["no", "one", "two", "three", "four", "five", "six"];

// What was taken for the digit on a photo, and each doubt, in sentences, and whether there is no ink. frame: the
// reader's, or null. found: as from foundOn(). made: as from prepareInside(), or null.
export function photoInWords({ photo, frame, found, made }) {
  const taken = frame
    ? `Your frame: x ${frame[0]}, y ${frame[1]}, ${frame[2]} × ${frame[3]} of ${photo.columns} × ${photo.rows} pixels.`
    : "The frame shows what was taken.";
  if (!made) return { taken, doubts: ["No ink was found in the frame."], isEmpty: true };
  const count = found.frames.length;
  const several = `There are ${NUMBERS[count]} things in this photo that could be the digit. Press a thin frame to take ` +
    `${count === 2 ? "the other" : "another"} one.`;
  const doubts = made.doubts.map((doubt) => (!frame && count > 1 && doubt.includes("more than one digit") ? several : doubt));
  return { taken, doubts, isEmpty: false };
}
