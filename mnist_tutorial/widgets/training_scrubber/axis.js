// The logarithmic axis of steps that both drawings and the slider share. Step 0 has no logarithm: it stands left of 1,
// after a gap in the line.
import { s } from "../frontend/charts.js";

export const WIDTH = 360; // of a drawing, in the units of its viewBox
export const LEFT = 44; // ends of the axis
export const RIGHT = 338;
const GAP = 0.45; // from step 0 to step 1, in powers of ten

// The place of a step, 0 to 1, on an axis that ends with `last`.
const placeOf = (step, last) => ((step ? Math.log10(step) : -GAP) + GAP) / (Math.log10(Math.max(last, 1)) + GAP);

// From the recorded steps, 0 first, to their places.
export const placesOf = (steps) => steps.map((step) => placeOf(step, steps[steps.length - 1]));

// A function from the place of a step, 0 to 1, to that in a drawing.
export const across = (place) => LEFT + place * (RIGHT - LEFT);

// The index of the recorded step that is nearest to a place from 0 to 1.
export function nearest(places, at) {
  return places.reduce((best, place, i) => (Math.abs(place - at) < Math.abs(places[best] - at) ? i : best), 0);
}

// 0, 1, 3, 10, 30, ... and the last step, each with its name where there is room for it.
function ticksOf(last) {
  const round = Array.from({ length: 16 }, (_, i) => Number(`${i % 2 ? 3 : 1}e${i >> 1}`));
  return [0, ...round.filter((step) => step < last && placeOf(step, last) < 0.88), last]
    .map((step) => ({ place: placeOf(step, last), name: step.toLocaleString("en") }));
}

// The axis below a drawing, and the ends of the first and of the last epoch as lines through it.
export function axis({ steps, places, epochSteps, top, bottom }) {
  const epochs = [1, Math.round(steps[steps.length - 1] / epochSteps)];
  const ends = [...new Set(epochs)].flatMap((epoch) => {
    const at = steps.indexOf(epoch * epochSteps);
    return at > 0 ? [{ x: across(places[at]), name: `${epoch} epoch${epoch > 1 ? "s" : ""}` }] : [];
  });
  return [
    s("line", { class: "ts-axis", x1: LEFT - 6, x2: LEFT + 8, y1: bottom, y2: bottom }),
    s("line", { class: "ts-axis", x1: LEFT + 14, x2: RIGHT + 4, y1: bottom, y2: bottom }),
    ...ends.flatMap(({ x, name }, i) => [
      s("line", { class: "ts-epoch", x1: x, x2: x, y1: top - 4, y2: bottom }),
      s("text", { class: "ts-tick ts-left", x: x + (i ? 18 : 14), y: top - 7 }, name),
    ]),
    ...ticksOf(steps[steps.length - 1]).flatMap(({ place, name }) => [
      s("line", { class: "ts-axis", x1: across(place), x2: across(place), y1: bottom, y2: bottom + 4 }),
      s("text", { class: "ts-tick", x: across(place), y: bottom + 20 }, name),
    ]),
    s("text", { class: "ts-tick ts-left", x: LEFT - 10, y: bottom + 20 }, "step"),
  ];
}

// Calls choose(index) where a reader presses or drags along the axis of a drawing; a swipe up or down scrolls the page.
export function dragAlong(element, places, choose) {
  const go = (event) => {
    const box = element.getBoundingClientRect();
    choose(nearest(places, ((event.clientX - box.left) / box.width * WIDTH - LEFT) / (RIGHT - LEFT)));
  };
  let [from, isDragged] = [null, false];
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    element.setPointerCapture(event.pointerId);
    [from, isDragged] = [event, event.pointerType === "mouse"];
    if (isDragged) go(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (!element.hasPointerCapture(event.pointerId)) return;
    const [right, down] = [event.clientX - from.clientX, event.clientY - from.clientY].map(Math.abs);
    isDragged ||= right > 5 && right > down; // until then, a finger may be about to scroll
    if (isDragged) go(event);
  });
  element.addEventListener("click", go);
}
