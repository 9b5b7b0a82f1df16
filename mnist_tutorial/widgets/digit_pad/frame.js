// The frame on a photo: by pointer, touch and keyboard. A frame is [x, y, width, height] in pixels of the photo.
import { clamp } from "../frontend/arithmetic.js";
import { h } from "../frontend/controls.js";
import { arrowStep } from "../frontend/keyboard.js";
import { SHORTEST } from "./found.js";
import { photoPlace } from "../frontend/drawing_pad.js";

const CORNERS = [[0, 0], [1, 0], [0, 1], [1, 1]]; // from left to right, from top to bottom
const STEP = 1 / 50; // of the photo's longer side: what an arrow key moves
const PAUSE = 80; // milliseconds from one answer to the next while the frame is dragged: it moves smoothly in between
const STILL = 4; // pixels of the screen: what moves less is a click

const shortest = (length) => Math.min(SHORTEST, length);
const longest = ({ rows, columns }) => Math.max(rows, columns);

// A frame of whole numbers that lies on the photo, as near as can be to the one given.
export function fitted([x, y, width, height], { rows, columns }) {
  const along = (start, size, length) => {
    const whole = clamp(Math.round(size), shortest(length), length);
    return [clamp(Math.round(start), 0, length - whole), whole];
  };
  const [[left, wide], [top, high]] = [along(x, width, columns), along(y, height, rows)];
  return [left, top, wide, high];
}

// The frame between two corners, given as [x, y].
export function between([x, y], [a, b], photo) {
  const along = (one, other, length) => {
    const [from, to] = [one, other].map((value) => clamp(value, 0, length));
    const size = Math.max(Math.abs(to - from), shortest(length));
    return [to < from ? from - size : from, size];
  };
  const [[left, wide], [top, high]] = [along(x, a, photo.columns), along(y, b, photo.rows)];
  return fitted([left, top, wide, high], photo);
}

// The frame of the same shape whose middle is at a place.
export const centredAt = ([x, y], [, , width, height], photo) =>
  fitted([x - width / 2, y - height / 2, width, height], photo);

// The same middle, larger or smaller; as many pixels at each side.
export function grown([x, y, width, height], sign, photo) {
  const by = sign * Math.max(1, Math.round(longest(photo) * STEP));
  return fitted([x - by, y - by, width + 2 * by, height + 2 * by], photo);
}

// What an arrow key makes of a frame: it moves it, and with Shift its right and its lower side.
export function stepped([x, y, width, height], [rows, columns], resize, photo) {
  const by = Math.max(1, Math.round(longest(photo) * STEP));
  const [across, down] = [columns * by, rows * by];
  if (!resize) return fitted([x + across, y + down, width, height], photo);
  const limited = (size, start, length) => clamp(size, shortest(length), length - start);
  return [x, y, limited(width + across, x, photo.columns), limited(height + down, y, photo.rows)];
}

// Lies over the pad while there is a photo. change(frame): the reader has moved or drawn the frame; take(frame): has
// pressed one of the thin ones. hintId: of the element that says how the frame is used.
export function frameEditor({ change, take, hintId }) {
  let now = null; // { photo, frame, frames, active }
  let later = null; // the timer of a frame that is not yet told
  let drag = null; // { pointer, from, frame, corner, moved }

  const body = h("div", { class: "dp-frame", role: "application", "aria-describedby": hintId, onkeydown: onKey });
  const handles = CORNERS.map((corner) => h("span", { class: "dp-handle", "data-corner": corner.join("") }));
  const choices = h("div", { class: "dp-choices" });
  const element = h("div", {
    class: "dp-frames", hidden: true, onpointerdown: onDown, onpointermove: onMove, onpointerup: onUp,
    onpointercancel: () => { drag = null; tell(); },
  }, choices, body, h("div", { class: "dp-outline" }), handles);

  const placeOn = (event) => {
    const box = element.getBoundingClientRect();
    const { left, top, pixel } = photoPlace(now.photo);
    return [(event.clientX - box.left) / box.width - left, (event.clientY - box.top) / box.height - top]
      .map((share) => share / pixel);
  };

  function onDown(event) {
    if (!now.active || drag || event.button !== 0 || event.target.closest("button")) return;
    const corner = event.target.dataset.corner;
    const isFinger = event.pointerType === "touch";
    const outside = event.target === element;
    if (!(isFinger && outside)) event.preventDefault(); // a finger beside the frame scrolls the page
    drag = {
      pointer: event.pointerId, at: [event.clientX, event.clientY], from: placeOn(event), frame: now.frame, corner, outside,
      still: isFinger && outside, // ... and draws no new frame
    };
    body.focus({ preventScroll: true });
    try {
      element.setPointerCapture(event.pointerId);
    } catch { /* the pointer is gone already */ }
  }

  function onMove(event) {
    if (event.pointerId !== drag?.pointer) return;
    drag.moved ||= Math.hypot(event.clientX - drag.at[0], event.clientY - drag.at[1]) >= STILL;
    if (!drag.moved || drag.still) return;
    const [x, y, width, height] = drag.frame;
    const to = placeOn(event);
    const by = [to[0] - drag.from[0], to[1] - drag.from[1]];
    if (drag.corner) { // the opposite one stays
      const [right, bottom] = [...drag.corner].map(Number);
      const fixed = [right ? x : x + width, bottom ? y : y + height];
      set(between(fixed, [(right ? x + width : x) + by[0], (bottom ? y + height : y) + by[1]], now.photo));
    } else if (drag.outside) set(between(drag.from, to, now.photo));
    else set(fitted([x + by[0], y + by[1], width, height], now.photo));
  }

  function onUp(event) {
    if (event.pointerId !== drag?.pointer) return;
    const { moved, corner, from, frame } = drag;
    drag = null;
    tell();
    if (!moved && !corner) set(centredAt(from, frame, now.photo)); // nobody has to drag
  }

  function onKey(event) {
    const step = now.active && arrowStep(event);
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    set(stepped(now.frame, step, event.shiftKey, now.photo));
  }

  function set(frame) {
    if (frame.every((value, i) => value === now.frame[i])) return;
    now = { ...now, frame };
    place();
    if (drag) later ??= setTimeout(tell, PAUSE);
    else change(frame);
  }

  function tell() {
    if (later === null) return;
    stop();
    change(now.frame);
  }

  function stop() {
    clearTimeout(later);
    later = null;
  }

  function put(one, [x, y, width, height]) {
    const { left, top, pixel } = photoPlace(now.photo);
    const values = { left: left + x * pixel, top: top + y * pixel, width: width * pixel, height: height * pixel };
    for (const [name, share] of Object.entries(values)) one.style.setProperty(`--dp-${name}`, `${share * 100}%`);
  }

  // What is smaller lies above what is larger: each can be pressed.
  function place() {
    put(element, now.frame);
    const area = ([, , width, height]) => width * height;
    for (const one of choices.children) one.style.zIndex = area(JSON.parse(one.dataset.frame)) < area(now.frame) ? 1 : 0;
  }

  function showChoices(others) {
    const key = JSON.stringify([now.photo.rows, now.photo.columns, others]);
    if (choices.dataset.key === key) return;
    const focused = choices.contains(document.activeElement);
    choices.dataset.key = key;
    choices.replaceChildren(...others.map((one, i) => {
      const button = h("button", {
        type: "button", class: "dp-choice", "data-frame": JSON.stringify(one),
        "aria-label": `take this one instead: ${inWords(one, now.photo)}`, onclick: () => take(one),
      }, h("span", {}, String(i + 1)));
      put(button, one);
      return button;
    }));
    if (focused) body.focus({ preventScroll: true }); // the pressed one is gone
  }

  return {
    element, stop,
    focus: () => body.focus({ preventScroll: true }),
    hasFocus: () => body.matches(":focus"),
    // photo: as photoOf() returns it, or null. frame: the one that counts. others: what else could be taken. active:
    // whether the reader moves the frame; if not, it is only seen, and the pad below is there to draw on.
    show({ photo, frame, others, active }) {
      element.hidden = !photo;
      if (photo?.values.buffer !== now?.photo.values.buffer) { // nothing of another photo's frame is left
        stop();
        [now, drag] = [null, null];
      }
      if (!photo) return;
      now = { photo, frame: drag && later !== null ? now.frame : frame, active };
      element.classList.toggle("dp-active", active);
      body.tabIndex = active ? 0 : -1;
      body.setAttribute("aria-label", "frame around the digit; arrow keys move it, with Shift they change its size");
      showChoices(active ? others : []);
      if (!drag) place();
    },
  };
}

// Where a frame's middle is and how large it is, for those who do not see it.
export function inWords([x, y, width, height], { rows, columns }) {
  const share = (part, length) => Math.round(100 * part / length);
  return `${share(x + width / 2, columns)} percent across, ${share(y + height / 2, rows)} percent down, ` +
    `${share(width, columns)} percent wide, ${share(height, rows)} percent high`;
}
