// The answer at a glance: the digit, large, and the three that are most probable.
import { h, percent, setText } from "../frontend/controls.js";

const BEST = 3;

export function createAnswer() {
  const digit = h("span", { class: "dp-digit", "aria-hidden": "true" });
  const rows = Array.from({ length: BEST }, () => {
    const [name, fill, share] = ["bw-digit", "bw-fill", "bw-share"].map((one) => h("span", { class: one }));
    const row = h("li", {}, name, h("span", { class: "bw-track" }, fill), share);
    return { row, name, fill, share };
  });
  const list = h("ol", { class: "dp-best", "aria-label": "the most probable digits" }, rows.map(({ row }) => row));
  return {
    element: h("div", { class: "dp-glance" }, digit, list),
    // probabilities: ten numbers, or none. sure: whether it is clear which digit it is, and that it is one.
    show(probabilities, sure) {
      const ranked = probabilities.map((share, i) => ({ share, i })).sort((one, other) => other.share - one.share);
      setText(digit, ranked.length ? `${ranked[0].i}${sure ? "" : "?"}` : "\u00a0");
      digit.classList.toggle("dp-unsure", !sure);
      rows.forEach(({ row, name, fill, share }, rank) => {
        const one = ranked[rank];
        setText(name, one ? String(one.i) : "\u00a0");
        fill.style.width = `${(one?.share ?? 0) * 100}%`;
        setText(share, one ? percent(one.share) : "–");
        row.classList.toggle("bw-best", Boolean(one) && rank === 0);
      });
    },
  };
}
