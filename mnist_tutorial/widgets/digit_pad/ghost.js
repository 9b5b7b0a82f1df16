// A digit that writes itself on the empty pad, once, to show what the pad is for, and that the network reads along. It is only
// an example: no stroke, and nothing for a screen reader. Where the reader has asked for less motion, the style leaves it out.
import { s } from "../frontend/charts.js";
import { exampleStrokes } from "./examples.js";

const DIGIT = 3;
const LOOK_EVERY = 120; // milliseconds between two looks at what is written

// place: the element over whose ground it is written. isEmpty(): whether the pad is still empty. look(strokes): called
// with what is written so far, on and on. end(): called when nothing is written any more. Returns its element, and stop(),
// for when the reader does something.
export function ghostDigit(place, { isEmpty, look, end }) {
  const strokes = exampleStrokes(DIGIT);
  const path = s("path", { d: strokes.map((stroke) => `M${stroke.map((point) => point.join(" ")).join("L")}`).join(""), pathLength: 1 });
  const element = s("svg", { class: "dp-ghost", viewBox: "0 0 1 1", "aria-hidden": "true" }, path);
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    if (isEmpty()) place.classList.add("dp-writing");
  }, { threshold: 0.6 });
  let timer;
  const lookOn = () => look(beginning(strokes, 1 - parseFloat(getComputedStyle(path).strokeDashoffset)));
  const stop = () => {
    observer.disconnect();
    clearInterval(timer);
    if (!place.classList.contains("dp-writing")) return;
    place.classList.remove("dp-writing");
    end();
  };
  path.addEventListener("animationstart", () => { timer = setInterval(lookOn, LOOK_EVERY); });
  element.addEventListener("animationend", ({ target }) => {
    clearInterval(timer);
    if (target === element) stop();
    else look(strokes);
  });
  observer.observe(place);
  return { element, stop };
}

// What is written of strokes, point by point, when a share of their length is.
export function beginning(strokes, share) {
  const lengthTo = (stroke, i) => Math.hypot(stroke[i][0] - stroke[i - 1][0], stroke[i][1] - stroke[i - 1][1]);
  const lengths = strokes.map((stroke) => stroke.map((_, i) => (i ? lengthTo(stroke, i) : 0)));
  let left = share * lengths.flat().reduce((sum, length) => sum + length);
  return strokes.map((stroke, at) => stroke.filter((_, i) => {
    left -= lengths[at][i];
    return left >= -1e-9;
  })).filter((stroke) => stroke.length);
}
