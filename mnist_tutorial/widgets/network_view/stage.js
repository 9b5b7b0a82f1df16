// The stages from maps to probabilities: one canvas, and over it the parts that can be opened.
import { whole } from "../frontend/arithmetic.js";
import { freshId, h, percent, setAttribute, setText } from "../frontend/controls.js";
import { arrowStep } from "../frontend/keyboard.js";
import { boxOf, layOut, placeAt } from "./geometry.js";
import { createPainting } from "./painting.js";

// Loops, not spread arguments or new arrays: each frame of a stroke asks for them.
function aboveZero(values) {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > 0) count++;
  return count;
}
function bestOf(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
const STAGES = {
  convolution: ["Convolution", ([rows, columns, maps]) => `${maps} maps of ${rows}\u00a0×\u00a0${columns}`],
  pooling: ["Pooling", ([rows, columns, maps]) => `${maps} maps of ${rows}\u00a0×\u00a0${columns}`],
  flatten: ["Flatten", ([length]) => `one row of ${whole(length)}`],
  hidden: ["Hidden layer", ([units]) => `${whole(units)} units`],
  output: ["Output", () => "10 probabilities"],
};

// open(layer, unit): what a choice calls; of a map without a place, `unit` is [null, null, map]; without a unit, it is the
// strongest one. preview(of): the pointer rests on a unit, { layer, unit }, or on none, null.
export function createStage({ open, preview }) {
  const painting = createPainting();
  let width = 0;
  let layout;
  let layoutFor = "";
  let entry = null; // where the image is, seen from the canvas
  let view; // what is shown

  const parts = {
    convolution: part("convolution", (map) => [null, null, map]),
    pooling: part("pooling", (map) => [null, null, map]),
    hidden: part("hidden", (unit) => [unit]),
    output: outputs(),
  };
  const labels = Object.fromEntries(Object.keys(STAGES).map((layer) => {
    const shape = h("small");
    return [layer, { element: h("p", { class: `nv-label nv-label-${layer}` }, h("b", {}, STAGES[layer][0]), " ", shape), shape }];
  }));
  const element = h("div", { class: "nv-stage" }, painting.canvas, painting.flatten,
    Object.keys(STAGES).map((layer) => [labels[layer].element, parts[layer]?.element]).flat());
  painting.flatten.className = "nv-flatten";

  // A layer of maps or of units: a button that a click or a tap opens where it is hit, the Enter key where it is strongest,
  // and from where the arrow keys go to the neighbours.
  function part(layer, unitOf) {
    const at = (event) => {
      const box = element.getBoundingClientRect();
      return placeAt(layout[layer], [event.clientX - box.left, event.clientY - box.top]);
    };
    const chosen = () => (view.open.layer === layer ? view.open.unit[view.open.unit.length - 1] : -1);
    const button = h("button", {
      type: "button", class: `nv-part nv-${layer}`,
      onclick: (event) => (event.detail ? open(layer, unitOf(at(event))) : open(layer)),
      onkeydown(event) {
        const step = arrowStep(event);
        if (!step) return;
        event.preventDefault();
        const { across, count } = layout[layer];
        const now = chosen();
        const next = now + step[0] * across + step[1];
        if (now < 0) open(layer, unitOf(0));
        else if (next >= 0 && next < count) open(layer, unitOf(next));
      },
    });
    if (layer === "hidden") {
      button.addEventListener("pointermove", (event) => {
        if (event.pointerType === "mouse") preview({ layer, unit: [at(event)] });
      });
      button.addEventListener("pointerleave", () => preview(null));
    }
    return {
      element: button,
      focus: () => button.focus({ preventScroll: true }),
      show({ values, shapes }) {
        const many = shapes[layer].length === 3 ? `${shapes[layer][2]} maps` : `${shapes[layer][0]} units`;
        const found = values[layer];
        let now = "";
        if (found && shapes[layer].length === 1) now = `, ${aboveZero(found)} of them above 0, the strongest is unit ${bestOf(found)}`;
        else if (found) now = `, the brightest is map ${bestOf(found) % shapes[layer][2]}`;
        setAttribute(button, "aria-label", `${STAGES[layer][0]}: ${many}${now}. Open; the arrow keys go from one to the next`);
        setAttribute(button, "aria-expanded", String(view.open.layer === layer));
      },
    };
  }

  // Ten bars to choose from: one stop for the Tab key, then arrow keys.
  function outputs() {
    const group = freshId("output");
    const rows = Array.from({ length: 10 }, (_, digit) => {
      const radio = h("input", { type: "radio", name: group, onchange: () => open("output", [digit]) });
      const share = h("span", { class: "nv-share" });
      const row = h("label", {
        onpointerenter: ({ pointerType }) => pointerType === "mouse" && preview({ layer: "output", unit: [digit] }),
        onpointerleave: () => preview(null),
      }, radio, h("span", { class: "nv-digit" }, String(digit)), share);
      return { radio, share, row };
    });
    return {
      element: h("div", { class: "nv-part nv-output", role: "radiogroup", "aria-label": "outputs" }, rows.map(({ row }) => row)),
      focus: () => (rows.find(({ radio }) => radio.checked) ?? rows[0]).radio.focus({ preventScroll: true }),
      place(grid) {
        rows.forEach(({ row }, digit) => put(row, relative(boxOf(grid, digit), grid)));
      },
      show({ values: { probabilities }, open: { layer, unit } }) {
        const best = probabilities ? bestOf(probabilities) : -1;
        rows.forEach(({ radio, share, row }, digit) => {
          const value = probabilities?.[digit];
          radio.checked = layer === "output" && unit[0] === digit;
          setAttribute(radio, "aria-label", value === undefined ? String(digit) : `${digit}: ${percent(value)}`);
          const words = value === undefined ? "–" : `${percent(value)}${digit === best ? " ◀" : ""}`;
          setText(share, layout?.form === "beside" ? words : ""); // elsewhere there is room for the bars alone
          row.classList.toggle("nv-best", digit === best);
        });
      },
    };
  }

  const relative = ({ x, y, width, height }, from) => ({ x: x - from.x, y: y - from.y, width, height });
  function put(one, { x, y, width, height }) {
    Object.assign(one.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
  }

  // Where everything stands; only when the width, the network's sizes or what is open has changed.
  function arrange({ shapes, open: { layer }, entryOf }) {
    const now = `${width} ${shapes.convolution} ${shapes.hidden} ${layer !== ""}`;
    if (now === layoutFor) return;
    layoutFor = now;
    layout = layOut(width, shapes, layer !== "");
    element.dataset.form = layout.form;
    element.style.height = `${layout.height}px`;
    put(painting.canvas, { x: 0, y: 0, width, height: layout.height });
    painting.flatten.hidden = !layout.flatten;
    if (layout.flatten) put(painting.flatten, layout.flatten);
    for (const name of Object.keys(STAGES)) {
      const { x, y, size } = layout[name] ?? { x: 0, y: 0 };
      if (parts[name]) put(parts[name].element, { x, y, width: size[0], height: size[1] });
      const isUpright = layout.form === "below";
      const place = layout.form === "beside" ? { top: "0", bottom: "" } : { top: "", bottom: `${layout.height - y}px` };
      Object.assign(labels[name].element.style, { left: `${isUpright ? 0 : x}px`, ...place });
    }
    parts.output.place(layout.output);
    entry = layout.form === "strip" ? null : entryOf(element);
  }

  return {
    ...parts, element,
    // The stage has got another width.
    resize(to) {
      width = to;
    },
    // view: { values, shapes, connections, open: { layer, unit }, entryOf }. values: of the layers, of which hidden and
    // probabilities may be missing. entryOf(element): where the image is on the canvas, [x, y].
    show(now) {
      view = now;
      if (!width) return; // it is not in the page yet
      arrange(now);
      for (const layer of Object.keys(STAGES)) {
        setText(labels[layer].shape, STAGES[layer][1](now.shapes[layer === "output" ? "probabilities" : layer]));
        parts[layer]?.show(now);
      }
      const { pooling } = now.values;
      setAttribute(painting.flatten, "aria-label",
        `${whole(pooling.length)} numbers in a row, ${whole(aboveZero(pooling))} of them above 0`);
      painting.draw({ ...now, layout, entry });
    },
    // For a drawing in which only numbers on the canvas differ, such as a frame of an animation.
    paint: (now) => layout && painting.draw({ ...now, layout, entry }),
  };
}
