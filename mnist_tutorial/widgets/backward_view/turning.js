// Turning one weight: the loss over it, with its slope, and steps of training.
import { clamp } from "../frontend/arithmetic.js";
import { s, ticksOf } from "../frontend/charts.js";
import { freshId, h, percent } from "../frontend/controls.js";
import { finiteDifference } from "./what_if.js";
import { gradientsAt, otherParameter, turnedWith } from "./path.js";
import { NAME_OF, signed, written } from "./format.js";
import { RATES } from "./training.js";

const [WIDTH, HEIGHT] = [320, 162]; // of the curve, in the units of its viewBox
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 304, 24, 134];
const POINTS = 80; // forward passes behind the curve, less one
// To either side of what the weight or bias was at first.
const REACH = {
  "filter weight": 1, "hidden weight": 3, "output weight": 2, "filter bias": 1, "hidden bias": 3, "output bias": 3,
};
const STEP = 1e-4; // of the finite differences
const lower = (text) => text[0].toLowerCase() + text.slice(1);
const kindOf = (number) => number.split(" ")[1]; // weight or bias
export const NUDGE = 0.01;

// set(number, index, value, going): gives a weight another value; `going` while the same gesture of the hand goes on.
// train(kind): takes a step. open(number, path): opens another number. undo() and redo() as they say. say(text): to a
// screen reader.
export function turningPanel({ set, train, open, undo, redo, say }) {
  let view;
  let now; // { number, index, value, gradient, low, high } of the weight or bias
  let gesture = false; // whether the slider is being moved
  let drawn = ""; // what the curve was drawn for
  const title = h("p", { class: "bv-heading" });
  const other = h("button", { type: "button", onclick: () => open(otherParameter(now.number), view.path) });
  const sliderId = freshId("weight");
  const sliderLabel = h("label", { for: sliderId, class: "bv-live-label" });
  const slider = h("input", {
    type: "range", id: sliderId, step: "any", class: "bv-slider",
    onpointerdown: () => { gesture = false; }, onfocus: () => { gesture = false; },
    oninput: () => {
      turn(Number(slider.value));
    },
    onkeydown: (event) => { // "any" has no steps of its own
      const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key];
      if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      turn(clamp(now.value + by * (now.high - now.low) / 100, now.low, now.high));
    },
  });
  const [curve, tangent] = [s("polyline", { class: "bv-curve" }), s("line", { class: "bv-tangent" })];
  const [dot, axes] = [s("circle", { class: "bv-dot", r: 5 }), s("g", {})];
  const chart = s("svg", { class: "bv-chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" },
    axes, curve, tangent, dot);
  const reading = h("p", { class: "bv-reading" });
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const [fill, share] = [h("i"), h("small")];
    return { fill, share, element: h("li", {}, share, h("span", {}, fill), h("b", {}, String(digit))) };
  });
  const probabilities = h("ol", { class: "bv-probabilities", "aria-label": "probability of each digit" },
    bars.map(({ element }) => element));
  const button = (text, small, onclick) =>
    h("button", { type: "button", onclick }, text, small && h("small", {}, small));
  const undoButton = button("↶ Undo", "0 changes", () => act("", undo));
  const redoButton = button("↷ Redo", "0 changes", () => act("", redo));
  const result = h("p", { class: "bv-result" });
  const buttons = h("div", { class: "bv-buttons" },
    button("Nudge", `+${NUDGE}`, () => act(NUDGE * now.gradient, () =>
      set(now.number, now.index, now.value + NUDGE, false))),
    button("Gradient descent", "one step, all weights", () =>
      act(-RATES.descent * squares(), () => train("descent"))),
    button("Adam", "one step, all", () =>
      act("Adam moves all weights about equally far.", () => train("adam"))),
    undoButton, button("Check", "by finite differences", check), redoButton);

  function turn(value) {
    result.textContent = "";
    set(now.number, now.index, value, gesture);
    gesture = true;
  }

  // The sum of all gradients' squares: what a step of gradient descent predicts, for each unit of its rate.
  function squares() {
    let sum = 0;
    for (const { kernel, bias } of Object.values(view.ofWeights)) {
      for (const values of [kernel, bias]) for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
    }
    return sum;
  }

  // Does something, and says what became of the loss. predicted: the change that the slopes predict, or a sentence.
  function act(predicted, change) {
    const before = view.gradients.loss;
    change();
    const after = view.gradients.loss;
    tell(`Loss ${written(before)} → ${written(after)}: ${signed(after - before)}. ` +
      (typeof predicted === "string" ? predicted : `The slope predicted ${signed(predicted)}.`));
  }

  function check() {
    const found = finiteDifference(view.what, now.number, now.index, STEP);
    const far = Math.abs(found - now.gradient) > 0.01 * Math.max(Math.abs(found), Math.abs(now.gradient));
    tell(`Backward pass: ${signed(now.gradient)}. ` +
      `Two forward passes, the ${kindOf(now.number)} ±${STEP}: ${signed(found)}. ` +
      (far ? "They differ: between the two, a ReLU or a maximum switches over." : "✓ They agree."));
  }

  function tell(text) {
    result.textContent = text;
    say(text);
  }

  const x = (value) => LEFT + (value - now.low) / (now.high - now.low) * (RIGHT - LEFT);

  function drawCurve() {
    const values = Array.from({ length: POINTS + 1 }, (_, i) => now.low + i / POINTS * (now.high - now.low));
    const losses = values.map((value) => view.what.lossWith(now.number, now.index, value));
    const [least, most] = [Math.min(...losses), Math.max(...losses)];
    const { step, values: ticks } = ticksOf(least, Math.max(most, least * 1.001, least + 1e-9), 3); // flat looks flat
    const [bottom, top] = [ticks[0], ticks[ticks.length - 1]];
    const y = (loss) => BOTTOM - (loss - bottom) / (top - bottom) * (BOTTOM - TOP);
    const decimals = Math.max(0, Math.min(9, -Math.floor(Math.log10(step) + 1e-6)));
    const text = (value) => (step < 1e-6 ? value.toExponential(1) : value.toFixed(decimals));
    const marks = ticksOf(now.low, now.high, 4).values.filter((value) => value >= now.low && value <= now.high);
    axes.replaceChildren(
      ...ticks.flatMap((tick) => [
        s("line", { class: "bv-grid", x1: LEFT, x2: RIGHT, y1: y(tick), y2: y(tick) }),
        s("text", { class: "bv-tick bv-end", x: LEFT - 5, y: y(tick) + 4 }, text(tick)),
      ]),
      ...marks.map((value) => s("text", { class: "bv-tick", x: x(value), y: BOTTOM + 14 }, written(value))),
      s("text", { class: "bv-tick", x: (LEFT + RIGHT) / 2, y: BOTTOM + 26 }, kindOf(now.number)),
      s("text", { class: "bv-tick bv-end", x: LEFT - 5, y: 11 }, "loss"));
    const points = values.map((value, i) => `${x(value).toFixed(1)},${y(losses[i]).toFixed(1)}`);
    curve.setAttribute("points", points.join(" "));
    return y;
  }

  let y;
  return {
    // For another network: the curve is drawn anew.
    forget() {
      drawn = "";
      result.textContent = "";
    },
    // What was said of a change that is gone.
    forgetWords() {
      result.textContent = "";
    },
    element: h("section", { class: "bv-panel bv-turning", "aria-label": "turning a weight" },
      h("div", { class: "bv-turned" }, title, other), chart, sliderLabel, slider, reading, probabilities, buttons,
      result),
    // first: the weight as it was at the beginning. key: says which network the view shows, apart from this weight.
    show(next, first, key) {
      const number = turnedWith(next.number);
      const index = next.indices[number];
      const value = next.what.valueOf(number, index);
      const isOther = next.image !== view?.image || next.label !== view.label || index !== now?.index ||
        number !== now.number;
      if (isOther) result.textContent = ""; // what was said of another one
      view = next;
      const reach = REACH[number] * 2 ** Math.max(0, Math.ceil(Math.log2(Math.abs(value - first) / REACH[number])));
      now = {
        number, index, value, gradient: gradientsAt(next.indices, next)[number],
        low: first - reach, high: first + reach,
      };
      const about = [number, index, now.low, now.high, key].join();
      if (about !== drawn) y = drawCurve();
      drawn = about;
      const kind = kindOf(number);
      title.textContent = `Turn: ${lower(NAME_OF[number](next.path))}`;
      other.textContent = `Turn its ${kindOf(otherParameter(number))}`;
      sliderLabel.textContent = kind;
      Object.assign(slider, { min: now.low, max: now.high, value });
      slider.value = value;
      slider.setAttribute("aria-valuetext", `${written(value)}; loss ${written(next.gradients.loss)}`);
      tangentEnds().flat().forEach((at, i) => tangent.setAttribute(["x1", "y1", "x2", "y2"][i], at));
      dot.setAttribute("cx", x(value));
      dot.setAttribute("cy", y(next.gradients.loss));
      chart.setAttribute("aria-label",
        `The loss over this ${kind}, from ${written(now.low)} to ${written(now.high)}. ` +
        `At ${written(value)} it is ${written(next.gradients.loss)}, and its slope is ${signed(now.gradient)}.`);
      reading.replaceChildren(...[
        [kind, written(value)], ["loss", written(next.gradients.loss)], ["slope = gradient", signed(now.gradient)],
      ].map(([name, text]) => h("span", {}, h("small", {}, name), h("b", {}, text))));
      bars.forEach(({ fill, share, element }, digit) => {
        const probability = next.results.probabilities[digit];
        fill.style.height = `${100 * probability}%`;
        share.textContent = probability >= 0.01 ? percent(probability).replace(/\.\d/, "") : "";
        element.classList.toggle("bv-right", digit === next.label);
        const right = digit === next.label ? ", the right answer" : "";
        element.setAttribute("aria-label", `${digit}: ${percent(probability)}${right}`);
      });
      const focused = document.activeElement; // which must not become disabled under the hand
      for (const [one, other, { length }] of [
        [undoButton, redoButton, next.changes], [redoButton, undoButton, next.undone],
      ]) {
        if (!length && focused === one) {
          other.disabled = false;
          other.focus({ preventScroll: true });
        }
        one.disabled = !length;
      }
      for (const [one, { length }] of [[undoButton, next.changes], [redoButton, next.undone]]) {
        one.lastChild.textContent = length === 1 ? "1 change" : `${length} changes`;
      }
    },
  };

  // A line through the dot as steep as the curve there, within the drawing.
  function tangentEnds() {
    const [cx, cy] = [x(now.value), y(view.gradients.loss)];
    const steep = (y(view.gradients.loss + now.gradient) - cy) / (x(now.value + 1) - cx);
    const half = 62 / Math.hypot(1, steep);
    return [-half, half].map((dx) => {
      const dy = clamp(cy + dx * steep, TOP - 4, BOTTOM + 4) - cy;
      return [cx + (steep ? dy / steep : dx), cy + dy].map((at) => Number(at.toFixed(2)));
    });
  }
}
