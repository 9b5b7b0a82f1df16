// The pad to draw on, by pointer and by keyboard.
import { clamp } from "./arithmetic.js";
import { drawPixels, h, setAttribute } from "./controls.js";
import { arrowStep, hasModifier } from "./keyboard.js";
import { drawStrokes } from "./strokes.js";

const CANVAS = 640; // the pad's own pixels at most, enough for sharp lines
const STEP = 0.025; // what an arrow key moves; with Shift, four times as far
// Into the pad, and short: four decimals are a twentieth of a screen's pixel.
const inPad = (value) => Math.round(clamp(value, 0, 1) * 1e4) / 1e4;

// begin(point) and extend(points) are called as a stroke is drawn, clear() when Delete is pressed, and announce() when
// the keyboard has moved, lowered or lifted the pen. hintId: of the element that says how the keys work; keys: the same in
// words, to be shown on an empty pad to those who come by keyboard.
export function drawingPad({ hintId, begin, extend, clear, announce, keys = "" }) {
  let pointer = null; // the pointer that draws
  let position = [0.5, 0.5]; // of the keyboard's pen
  let down = false; // whether that pen draws
  let holding = false; // the key that put the pen down has not been let go
  let moved = false; // ... and the pen has moved since
  const arrows = new Map(); // the arrow keys held, with their steps: two together go diagonally

  const ink = h("canvas", { width: CANVAS, height: CANVAS });
  const invitation = h("span", { class: "dp-invitation", "aria-hidden": "true" }, "Draw here",
    h("span", { class: "dp-keys-shown" }, keys));
  const cursor = h("span", { class: "dp-cursor" });
  const element = h("div", {
    class: "dp-pad", tabindex: 0, role: "application", "aria-label": "pad to draw a digit on",
    "aria-describedby": hintId, "data-lm-suppress-shortcuts": "true", // JupyterLab's own keys stay out of it
    onpointerdown: onPointerDown, onpointermove: onPointerMove, onpointerup: onPointerEnd,
    onpointercancel: onPointerEnd, onlostpointercapture: onPointerEnd,
    onkeydown: onKeyDown, onkeyup: onKeyUp, onblur: onBlur,
  }, ink, invitation, cursor);

  // Ends the stroke, whatever draws it.
  function lift() {
    pointer = null;
    down = false;
    holding = false;
    showCursor();
  }

  function showCursor() {
    cursor.style.left = `${position[0] * 100}%`;
    cursor.style.top = `${position[1] * 100}%`;
    cursor.classList.toggle("dp-down", down);
  }

  function pointOf(event) {
    const box = ink.getBoundingClientRect();
    return [inPad((event.clientX - box.left) / box.width), inPad((event.clientY - box.top) / box.height)];
  }

  function onPointerDown(event) {
    if (pointer !== null || event.button !== 0) return; // a second finger draws nothing
    event.preventDefault();
    lift();
    element.classList.remove("dp-keys");
    element.classList.add("dp-pointer"); // the keyboard's cursor would lie on the drawing
    element.focus({ preventScroll: true });
    pointer = event.pointerId;
    try {
      element.setPointerCapture(pointer); // the line goes on along the edge when the pointer leaves the pad
    } catch { /* the pointer is gone already */ }
    begin(pointOf(event));
  }

  function onPointerMove(event) {
    if (event.pointerId !== pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    extend((events.length ? events : [event]).map(pointOf));
  }

  function onPointerEnd(event) {
    if (event.pointerId === pointer) lift();
  }

  function onKeyDown(event) {
    if (hasModifier(event) || pointer !== null || element.tabIndex < 0) return; // something else lies over the pad
    const { key } = event;
    const step = arrowStep(event);
    if (step) {
      arrows.set(key, step);
      move(event.shiftKey ? 4 * STEP : STEP);
    } else if (key === " " || key === "Enter") {
      if (!event.repeat) press();
    } else if (key === "Escape" && down) lift();
    else if (key === "Delete" || key === "Backspace") clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
    element.classList.remove("dp-pointer");
    element.classList.add("dp-keys");
    showCursor();
    announce();
  }

  function move(length) {
    const [rows, columns] = [0, 1].map((axis) => [...arrows.values()].reduce((sum, step) => sum + step[axis], 0));
    position = [inPad(position[0] + columns * length), inPad(position[1] + rows * length)];
    moved = true;
    if (down) extend([position]);
  }

  // Pressed once, the pen stays down until the next press; held while moving, until the key is let go.
  function press() {
    if (down) {
      lift();
      return;
    }
    [down, holding, moved] = [true, true, false];
    begin(position);
  }

  function onKeyUp(event) {
    arrows.delete(event.key);
    if (event.key !== " " && event.key !== "Enter") return;
    if (holding && moved) lift();
    holding = false;
    announce();
  }

  function onBlur() {
    arrows.clear();
    element.classList.remove("dp-pointer");
    if (down) lift();
  }

  // As many pixels as the screen has there: more would be drawn at each frame of a stroke, and shown by none.
  let paint = () => {};
  new ResizeObserver(() => {
    const side = Math.min(CANVAS, Math.round(ink.clientWidth * window.devicePixelRatio));
    if (!side || side === ink.width) return;
    ink.width = ink.height = side;
    paint();
  }).observe(ink);

  showCursor();
  return {
    element, lift,
    // photo: as photoOf() returns it, or null; it is shown instead of the strokes.
    show(strokes, pen, photo) {
      paint = () => {
        const context = ink.getContext("2d");
        context.clearRect(0, 0, ink.width, ink.height);
        if (photo) drawPhoto(context, ink.width, photo);
        else drawStrokes(context, ink.width, strokes, pen);
      };
      paint();
      invitation.hidden = strokes.length > 0 || photo !== null;
      setAttribute(element, "aria-label", photo ? "pad with a photo; a drawing replaces it" : "pad to draw a digit on");
    },
    // While something else lies over the pad, the Tab key passes it by.
    rest(covered) {
      element.tabIndex = covered ? -1 : 0;
    },
    // Where the keyboard's pen is, in words; nothing while the reader does not draw by keyboard.
    penInWords() {
      if (!element.matches(".dp-keys:focus")) return "";
      const [across, along] = position.map((value) => Math.round(value * 100));
      return `Pen ${down ? "down" : "up"}, ${across} percent across, ${along} percent down. `;
    },
  };
}

// Where a photo stands on the pad, in shares of the pad's side: its left and top, and the side of its pixels. Around it
// there is room for the handles of a frame.
const MARGIN = 0.07;

export function photoPlace({ rows, columns }) {
  const pixel = (1 - 2 * MARGIN) / Math.max(rows, columns);
  return { left: (1 - columns * pixel) / 2, top: (1 - rows * pixel) / 2, pixel };
}

// Into the middle of a square canvas; photo: grey levels as values, with rows and columns.
function drawPhoto(context, side, photo) {
  const { values, rows, columns } = photo;
  const small = h("canvas");
  drawPixels(small, values, rows, columns);
  const { left, top, pixel } = photoPlace(photo);
  context.drawImage(small, left * side, top * side, columns * pixel * side, rows * pixel * side);
}
