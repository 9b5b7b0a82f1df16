// A small pad for a digit of the reader's own.
import { clamp } from "../frontend/arithmetic.js";
import { h } from "../frontend/controls.js";
import { arrowStep, hasModifier } from "../frontend/keyboard.js";
import { drawStrokes, strokeRecorder } from "../frontend/strokes.js";

export const PEN = 0.08; // its width as a share of the side
const CANVAS = 320; // the pad's own pixels
const STEP = 0.05; // what an arrow key moves
const inPad = (value) => Math.round(clamp(value, 0, 1) * 1e4) / 1e4;

// Keeps the trait `strokes`. done(): a stroke has come to its end.
export function smallPad(model, { changed, done, clear }) {
  const recorder = strokeRecorder(model, changed);
  let pointer = null;
  let down = false; // whether the keyboard's pen draws
  let position = [0.5, 0.2];
  const ink = h("canvas", { width: CANVAS, height: CANVAS });
  const cursor = h("span", { class: "bv-cursor" });
  const invitation = h("span", { class: "bv-invitation", "aria-hidden": "true" }, "Draw here");
  const pointOf = (event) => {
    const box = ink.getBoundingClientRect();
    return [inPad((event.clientX - box.left) / box.width), inPad((event.clientY - box.top) / box.height)];
  };
  const lift = () => {
    if (pointer === null && !down) return;
    pointer = null;
    down = false;
    place();
    done();
  };
  const pad = h("div", {
    class: "bv-pad", tabindex: 0, role: "application",
    "aria-label": "pad to draw a digit on: arrow keys move the pen, Space puts it down and lifts it, Delete clears",
    "data-lm-suppress-shortcuts": "true",
    onpointerdown(event) {
      if (pointer !== null || event.button !== 0) return;
      event.preventDefault();
      pad.focus({ preventScroll: true });
      pointer = event.pointerId;
      try {
        pad.setPointerCapture(pointer);
      } catch { /* the pointer is gone already */ }
      recorder.begin(pointOf(event));
    },
    onpointermove(event) {
      if (event.pointerId !== pointer) return;
      const events = event.getCoalescedEvents?.() ?? [];
      recorder.extend((events.length ? events : [event]).map(pointOf));
    },
    onpointerup: lift, onpointercancel: lift, onblur: lift,
    onkeydown(event) {
      if (hasModifier(event) || pointer !== null) return;
      const step = arrowStep(event);
      if (step) {
        position = [inPad(position[0] + step[1] * STEP), inPad(position[1] + step[0] * STEP)];
        if (down) recorder.extend([position]);
      } else if (event.key === " " || event.key === "Enter") {
        if (down) lift();
        else {
          down = true;
          recorder.begin(position);
        }
      } else if (event.key === "Delete" || event.key === "Backspace") clear();
      else return;
      event.preventDefault();
      place();
    },
  }, ink, invitation, cursor);
  function place() {
    cursor.style.left = `${100 * position[0]}%`;
    cursor.style.top = `${100 * position[1]}%`;
    cursor.classList.toggle("bv-down", down);
  }
  place();
  return {
    pad,
    show(strokes) {
      invitation.hidden = strokes.length > 0;
      const context = ink.getContext("2d");
      context.clearRect(0, 0, CANVAS, CANVAS);
      drawStrokes(context, CANVAS, strokes, PEN);
    },
  };
}
