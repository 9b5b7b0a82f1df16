// A digit that writes itself on the empty pad, once, to show what the pad is for. It is only a drawing: no stroke, no answer,
// and nothing for a screen reader. Where the reader has asked for less motion, the style leaves it out.
import { s } from "../frontend/charts.js";
import { exampleStrokes } from "./examples.js";

const DIGIT = 3;

// place: the element over whose ground it is written. isEmpty(): whether the pad is still empty. Returns its element,
// and stop(), for when the reader does something.
export function ghostDigit(place, isEmpty) {
  const path = exampleStrokes(DIGIT).map((stroke) => `M${stroke.map((point) => point.join(" ")).join("L")}`).join("");
  const element = s("svg", { class: "dp-ghost", viewBox: "0 0 1 1", "aria-hidden": "true" }, s("path", { d: path, pathLength: 1 }));
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    if (isEmpty()) place.classList.add("dp-writing");
  }, { threshold: 0.6 });
  const stop = () => {
    observer.disconnect();
    place.classList.remove("dp-writing");
  };
  element.addEventListener("animationend", ({ target }) => target === element && stop());
  observer.observe(place);
  return { element, stop };
}
