import { drawPixels, freshId, h, liveRegion, probabilityBars } from "../frontend/controls.js";
import { fit, rasterise, SIDE } from "../frontend/handwriting.js";
import { preparePhoto } from "../frontend/photo.js";
import { quickForward } from "../frontend/quick_forward.js";
import { networkOf } from "../frontend/network.js";
import { readPhoto } from "./photo_file.js";
import { bytesOf, paint, photoOf } from "./photo_trait.js";
import { stepSwitches } from "./steps.js";
import { verdict } from "./words.js";

const RASTER = 112; // rows and columns on which the strokes are laid out: four for each of the image's
const DOT = 3; // drawings smaller than so many widths of the pen are not enlarged to fill the box
const CANVAS = 640; // the pad's own pixels, enough for sharp lines
const NEAR = 0.005; // points closer to the last one than this share of the pad add nothing
const STEP = 0.025; // what an arrow key moves; with Shift, four times as far
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
// Into the pad, and short: four decimals are a twentieth of a screen's pixel.
const inPad = (value) => Math.round(Math.max(0, Math.min(1, value)) * 1e4) / 1e4;

function render({ model, el }) {
  let network = null;
  let state = "asleep"; // then "loading", then "ready" or "failed"
  let reason = ""; // why it failed
  let asked = 0; // counts what is waited for: an answer that comes too late is dropped
  let opening = 0; // the same for photos
  let frame = 0;
  let updating = false;
  let pointer = null; // the pointer that draws
  let current = null; // the stroke being drawn, and the strokes before it
  let before = [];
  let place = [0.5, 0.5]; // of the keyboard's pen
  let down = false;
  let holding = false; // the key that put the pen down has not been let go
  let moved = false; // ... and the pen has moved since
  const arrows = new Set(); // the arrow keys held: two together go diagonally

  const change = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };

  // The network comes with the first use, not with the page.
  async function wake() {
    if (state === "loading" || state === "ready") return;
    state = "loading";
    const turn = ++asked;
    showAnswer();
    try {
      const found = await networkOf(model);
      if (turn !== asked) return;
      network = found;
      state = "ready";
    } catch (error) {
      if (turn !== asked) return;
      state = "failed";
      reason = error.message;
    }
    request();
  }

  // Drawing. A new array each time: a changed one would not count as another value.
  function commit() {
    model.set("strokes", [...before, current]); // saved with the next frame
    request();
  }
  function begin(point) {
    if (photoOf(model)) model.set("photo", bytesOf(null)); // a drawing takes its place
    complain("");
    before = model.get("strokes");
    current = [point];
    wake();
    commit();
  }
  function extend(points) {
    const strokes = model.get("strokes");
    if (strokes.length !== before.length + 1 || strokes[before.length].length !== current.length) {
      before = strokes; // somebody else has changed the drawing: go on from there
      current = [current[current.length - 1]];
    }
    const longer = [...current];
    for (const point of points) {
      const last = longer[longer.length - 1];
      if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= NEAR) longer.push(point);
    }
    if (longer.length === current.length) return;
    current = longer;
    commit();
  }
  function lift() {
    pointer = null;
    current = null;
    down = false;
    holding = false;
    showCursor();
  }
  function clear() {
    lift();
    complain("");
    if (photoOf(model)) model.set("photo", bytesOf(null));
    change("strokes", []);
  }
  function undo() {
    lift();
    change("strokes", model.get("strokes").slice(0, -1));
  }

  // A photo takes the drawing's place. One that cannot be used is told, and all stays as it was.
  async function open(file) {
    const turn = ++opening;
    complain("Opening the photo …");
    try {
      const photo = await readPhoto(file);
      if (turn !== opening) return;
      if (!preparePhoto(photo)) throw new Error("No ink was found on this photo. Use a darker pen or more light.");
      lift();
      model.set("strokes", []);
      change("photo", bytesOf(photo));
      complain("");
      wake();
    } catch (error) {
      if (turn === opening) complain(error.message);
    }
  }
  function complain(text) {
    if (!text) opening++; // what was asked for before counts no more
    trouble.textContent = text;
    if (text) live.say(text);
  }
  function openFirst(files, event) {
    if (!files?.length) return;
    event?.preventDefault();
    open([...files].find(({ type }) => type.startsWith("image/")) ?? files[0]);
  }
  function onDrag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // or the browser would leave the page and show the file
    root.classList.toggle("dp-over", event.type === "dragover");
    if (event.type === "drop") openFirst(event.dataTransfer.files);
  }

  function pointOf(event) {
    const box = ink.getBoundingClientRect();
    return [inPad((event.clientX - box.left) / box.width), inPad((event.clientY - box.top) / box.height)];
  }
  function onPointerDown(event) {
    if (pointer !== null || event.button !== 0) return; // a second finger draws nothing
    event.preventDefault();
    lift();
    pad.classList.remove("dp-keys");
    pad.classList.add("dp-pointer"); // the keyboard's cursor would lie on the drawing
    pad.focus({ preventScroll: true });
    pointer = event.pointerId;
    try {
      pad.setPointerCapture(pointer); // the line goes on along the edge when the pointer leaves the pad
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
    if (event.ctrlKey || event.altKey || event.metaKey || pointer !== null) return;
    const { key } = event;
    if (ARROWS[key]) {
      arrows.add(key);
      const step = event.shiftKey ? 4 * STEP : STEP;
      place = place.map((value, axis) => inPad([...arrows].reduce((sum, held) => sum + ARROWS[held][axis] * step, value)));
      moved = true;
      if (down) extend([place]);
    } else if (key === " " || key === "Enter") {
      if (!event.repeat) press();
    } else if (key === "Escape" && down) lift();
    else if (key === "Delete" || key === "Backspace") clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
    pad.classList.remove("dp-pointer");
    pad.classList.add("dp-keys");
    showCursor();
    announce();
  }
  // Pressed once, the pen stays down until the next press; held while moving, until the key is let go.
  function press() {
    if (down) {
      lift();
      return;
    }
    [down, holding, moved] = [true, true, false];
    begin(place);
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
    pad.classList.remove("dp-pointer");
    if (down) lift();
  }
  function showCursor() {
    cursor.style.left = `${place[0] * 100}%`;
    cursor.style.top = `${place[1] * 100}%`;
    cursor.classList.toggle("dp-down", down);
  }

  // Everything that follows from the strokes, once a frame at most.
  function request() {
    frame ||= requestAnimationFrame(update);
  }
  function update() {
    frame = 0;
    const strokes = model.get("strokes");
    const image = showDrawing();
    let probabilities = [];
    if ((strokes.length || photoOf(model)) && network) {
      const pixels = Float32Array.from(image, (level) => level / 255);
      probabilities = Array.from(quickForward(network, pixels).probabilities);
      if (!probabilities.every(Number.isFinite)) probabilities = [];
    }
    const old = model.get("pixels");
    if (image.some((level, i) => level !== old.getUint8(i))) model.set("pixels", new DataView(image.buffer));
    updating = true; // one showAnswer is enough
    model.set("probabilities", probabilities);
    updating = false;
    model.save_changes();
    showAnswer();
  }

  function showDrawing() {
    const [strokes, pen, skip, photo] = ["strokes", "pen", "skip"].map((name) => model.get(name)).concat(photoOf(model));
    const context = ink.getContext("2d");
    context.clearRect(0, 0, CANVAS, CANVAS);
    if (photo) paint(context, CANVAS, photo);
    else showStrokes(context, strokes, pen);
    invitation.hidden = strokes.length > 0 || photo !== null;
    const { image, steps } = photo
      ? preparePhoto(photo, skip) ?? { image: new Uint8Array(SIDE * SIDE), steps: {} }
      : fit(rasterise(strokes, pen, RASTER), skip, DOT * pen * RASTER);
    drawPixels(picture, image, SIDE, SIDE);
    slider.value = pen;
    slider.setAttribute("aria-valuetext", `${Math.round(pen * 100)} percent of the pad`);
    switches.show(skip, photo && steps);
    pad.setAttribute("aria-label", photo ? "pad with a photo; a drawing takes its place" : "pad to draw a digit on");
    return image;
  }
  function showStrokes(context, strokes, pen) {
    context.lineWidth = pen * CANVAS;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = "#fff";
    context.beginPath();
    for (const stroke of strokes) {
      context.moveTo(stroke[0][0] * CANVAS, stroke[0][1] * CANVAS);
      // A line of no length may be left out, so that of a dot has a little.
      for (const [x, y] of stroke) context.lineTo(x * CANVAS + 0.01, y * CANVAS);
    }
    context.stroke();
  }
  function showAnswer() {
    const probabilities = model.get("probabilities");
    bars.show(probabilities.length ? probabilities : null);
    words.textContent = sentence().seen;
    announce();
  }
  function sentence() {
    const same = (text) => ({ seen: text, heard: text });
    if (state === "loading") return same("Loading the network …");
    if (state === "failed") return same(`There is no answer, only the image. ${reason}`);
    if (!model.get("strokes").length && !photoOf(model)) return { seen: "Nothing is drawn yet.", heard: "The pad is empty." };
    const probabilities = model.get("probabilities");
    if (probabilities.length) return verdict(probabilities);
    return same(network ? "The network gives no numbers: its weights are broken. Train it again." : "–");
  }
  function announce() {
    const [across, along] = place.map((value) => Math.round(value * 100));
    const byKeys = pad.matches(".dp-keys:focus");
    const pen = byKeys ? `Pen ${down ? "down" : "up"}, ${across} percent across, ${along} percent down. ` : "";
    if (ready) live.say(pen + sentence().heard);
  }

  const hintId = freshId("hint");
  const penId = freshId("pen");
  const ink = h("canvas", { width: CANVAS, height: CANVAS });
  const invitation = h("span", { class: "dp-invitation", "aria-hidden": "true" }, "Draw here");
  const cursor = h("span", { class: "dp-cursor" });
  const pad = h("div", {
    class: "dp-pad", tabindex: 0, role: "application", "aria-label": "pad to draw a digit on",
    "aria-describedby": hintId, "data-lm-suppress-shortcuts": "true", // JupyterLab's own keys stay out of it
    onpointerdown: onPointerDown, onpointermove: onPointerMove, onpointerup: onPointerEnd,
    onpointercancel: onPointerEnd, onlostpointercapture: onPointerEnd,
    onkeydown: onKeyDown, onkeyup: onKeyUp, onblur: onBlur,
  }, ink, invitation, cursor);
  const slider = h("input", {
    type: "range", id: penId, min: 0.02, max: 0.2, step: 0.01, oninput: () => change("pen", Number(slider.value)),
  });
  const switches = stepSwitches((skip) => change("skip", skip));
  const chooser = h("input", { type: "file", accept: "image/*", hidden: true, onchange: () => {
    openFirst(chooser.files);
    chooser.value = ""; // the same file may be chosen again
  } });
  const trouble = h("p", { class: "dp-trouble" });
  const picture = h("canvas", { role: "img", "aria-label": "the image that the network sees, 28 × 28 pixels" });
  const bars = probabilityBars();
  const words = h("p", { class: "dp-words" });
  const live = liveRegion(600);
  let ready = false; // nothing is said of what stood there from the start

  const root = h("div", {
    class: "bw dp", onfocusin: wake, ondragover: onDrag, ondragleave: onDrag, ondrop: onDrag,
    onpaste: (event) => openFirst(event.clipboardData?.files, event),
  },
    h("p", { id: hintId, class: "dp-hint" }, "Draw a digit with the mouse, a finger or a pen. On the keyboard, the arrow keys move " +
      "(with Shift further), Space puts the pen down and lifts it, Delete clears."),
    h("div", { class: "bw-row" },
      h("div", { class: "dp-drawing" },
        pad,
        h("div", { class: "bw-controls" },
          h("button", { type: "button", onclick: clear }, "Clear"),
          h("button", { type: "button", onclick: undo }, "Undo last stroke"),
          h("span", { class: "dp-pen" }, h("label", { for: penId }, "Pen width"), slider)),
        h("div", { class: "bw-controls" },
          h("button", { type: "button", onclick: () => chooser.click() }, "Open a photo"), chooser,
          h("span", { class: "bw-note dp-note" }, "or drop or paste one here. It does not leave this computer.")),
        trouble),
      h("div", { class: "dp-answer" },
        h("div", { class: "dp-seen" },
          picture,
          h("p", {}, "What the network sees: 28\u00a0×\u00a028\u00a0pixels")),
        switches.element,
        bars.element, words)),
    live.element);
  el.append(root);

  const onInk = () => {
    if (state === "asleep") wake();
    request();
  };
  const onWeights = () => {
    [network, state] = [null, "asleep"];
    asked++;
    if (model.get("strokes").length || photoOf(model)) wake();
    request();
  };
  const listeners = {
    "change:strokes": onInk, "change:photo": onInk, "change:pen": request, "change:skip": request,
    "change:probabilities": () => updating || showAnswer(), "change:weights": onWeights,
  };
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);
  showCursor();
  showDrawing();
  showAnswer();
  ready = true;
  return () => {
    asked++;
    opening++;
    live.stop();
    cancelAnimationFrame(frame);
    for (const [event, listener] of Object.entries(listeners)) model.off(event, listener);
  };
}

export default { render };
