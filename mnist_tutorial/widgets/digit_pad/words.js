// What ten probabilities mean in words.
import { percent } from "../frontend/controls.js";

const SURE = 0.75; // below, the widget says "unsure" and names every digit from POSSIBLE up
const POSSIBLE = 0.1;

// For the eye and for the ear.
export function verdict(probabilities) {
  const inWords = (share) => percent(share).replace("<", "less than ").replace(">", "more than ");
  const ranked = probabilities.map((share, digit) => ({ digit, share: inWords(share), likely: share >= POSSIBLE }));
  ranked.sort((a, b) => probabilities[b.digit] - probabilities[a.digit]);
  const spoken = ({ digit, share }) => `${digit}, ${share.replace("%", " percent")}`;
  const [{ digit, share }] = ranked;
  if (probabilities[digit] >= SURE) {
    return {
      seen: `It looks like ${digit === 8 ? "an" : "a"} ${digit}: the network gives it ${share}.`,
      heard: `The network says ${spoken(ranked[0])}.`,
    };
  }
  const choice = ranked.filter(({ likely }, i) => i < 2 || (i < 3 && likely));
  return {
    seen: `Unsure: ${choice.map((one) => `${one.digit} (${one.share})`).join(" or ")}.`,
    heard: `The network is unsure: ${choice.map(spoken).join(", or ")}.`,
  };
}
