// What the network says to the numbers of a step, and why they are as good or as bad for it.
import { h, percent } from "../frontend/controls.js";
import { convolve, dense, forward, pool, relu, softmax } from "../frontend/forward_pass.js";
import { PIXELS, SIDE } from "../frontend/image_data.js";
import { lateNetwork } from "../frontend/late_network.js";
import { whenIdle } from "../frontend/when_idle.js";

const TOO_LARGE = "is sure of everything, right or wrong.";
// By step; of the last one, by how often it divides.
const WHY = [
  "It also expects a channel. With one, it would give this answer to the same numbers.",
  `The shape fits. But it learned from numbers from 0 to 1: with these large ones, it ${TOO_LARGE}`,
  `The type fits. But the numbers are as large as before: it ${TOO_LARGE}`,
];
const DIVIDED = [
  `The numbers are 255 times larger than in its training: it ${TOO_LARGE}`,
  "The numbers are as in its training: now its confidence means something.",
  "The numbers are far smaller than in its training: it sees next to nothing.",
];
const WAITING = "Its answer appears once it has loaded.";

// Ten probabilities, for numbers of any size: `forward` takes those from 0 to 1 alone, as they are right for the network.
function answerTo(values, { convolution, hidden, output }) {
  const [rows, columns, , filters] = convolution.shape;
  const maps = relu(convolve(values, [SIDE, SIDE, 1], convolution));
  const pooled = pool(maps, [SIDE - rows + 1, SIDE - columns + 1, filters]);
  return Array.from(softmax(dense(relu(dense(pooled, hidden)), output)));
}

// changed(): called when there is something else to show.
export function networkAnswer(model, element, changed) {
  const late = lateNetwork(model, () => changed(), (network) => forward(network, new Float32Array(PIXELS)));
  const [digit, share] = ["ps-digit", "ps-share"].map((name) => h("b", { class: name }));
  const why = h("p", { class: "ps-why" });
  let callOff = () => {};
  if (window.mnistTutorial) callOff = whenIdle(element, late.load);
  else queueMicrotask(late.load); // in Jupyter it is there already
  return {
    element: h("div", { class: "ps-says" }, h("p", {}, h("span", {}, "The network says "), digit, " ", share), why),
    load: late.load,
    // values: the 784 numbers. Returns what is said.
    show(values, { step, divisions }) {
      const isReady = late.state === "ready";
      const ten = isReady ? answerTo(values, late.network) : [];
      const best = ten.indexOf(Math.max(...ten));
      digit.textContent = isReady ? String(best) : "…";
      share.textContent = isReady ? percent(ten[best]) : "";
      why.textContent = isReady ? [...WHY, DIVIDED[divisions]][step] : late.state === "failed" ? late.reason : WAITING;
      return isReady ? `The network says ${best}, ${share.textContent}. ${why.textContent}` : "";
    },
    // The reader has chosen another network.
    forget() {
      late.forget();
      late.load();
    },
    stop() {
      callOff();
      late.forget();
    },
  };
}
