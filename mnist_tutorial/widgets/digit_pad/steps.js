// A switch for each step from drawing to image; for a photo, with an image of what the step makes.
import { drawPixels, freshId, h } from "../frontend/controls.js";

const LABELS = {
  background: "Even out the paper", invert: "Light ink on black", isolate: "Keep only the digit",
  crop: "Crop to the ink", thicken: "Widen thin strokes", scale: "Scale to 20\u00a0×\u00a020", centre: "Centre by weight",
};
const OF_PHOTOS = ["background", "invert", "isolate", "thicken"]; // a drawing on the pad needs none of them

// change: called with the names of the steps left out when the reader throws a switch.
export function stepSwitches(change) {
  const rows = Object.entries(LABELS).map(([name, label]) => {
    const id = freshId(name);
    const box = h("input", { type: "checkbox", id, onchange: () => change(leftOut()) });
    const canvas = h("canvas", { "aria-hidden": "true" });
    const element = h("div", { class: "dp-step" }, canvas, h("div", { class: "dp-check" }, box, h("label", { for: id }, label)));
    return { name, box, canvas, element };
  });
  const leftOut = () => rows.filter(({ box }) => !box.checked).map(({ name }) => name);
  return {
    element: h("fieldset", { class: "dp-steps" }, h("legend", {}, "Steps from ink to image: leave one out and see"), rows.map(({ element }) => element)),
    // skip: names of steps left out. steps: what the others make, as from fit(), for a photo; null for a drawing.
    show(skip, steps) {
      for (const { name, box, canvas, element } of rows) {
        box.checked = !skip.includes(name);
        element.hidden = !steps && OF_PHOTOS.includes(name);
        canvas.hidden = !steps;
        if (!steps) continue;
        const made = steps[name]?.();
        drawPixels(canvas, made ? made.values : [0], made ? made.rows : 1, made ? made.columns : 1);
        canvas.classList.toggle("dp-left-out", !made);
      }
    },
  };
}
