import { aDigit, ADigit, freshId, h, liveRegion } from "../frontend/controls.js";
import { createSource } from "../frontend/training_source.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";
import { createHandFiles } from "./files.js";
import { createHand, fromBytes, isHeldOut, toBytes } from "./hand.js";
import { createOffer } from "./offer.js";
import { createOutcome, resultOf } from "./outcome.js";
import { createReader } from "./reading.js";
import { createRows } from "./rows.js";
import { createTeacher } from "./teacher.js";
import { createUse } from "./use_taught.js";
import { addedInWords, drawingInWords, lessonInWords, promptInWords, statusInWords } from "./words.js";
import { createWriting, exampleImage } from "./writing.js";

const EACH = [2, 4, 6, 8]; // of a digit; as in __init__.py
const WORKERS = 4; // at most

function render({ model, el }) {
  const change = changer(model);
  const live = liveRegion();
  let pinned = null; // the digit that the reader has chosen to write
  let picked = null; // the drawing that is looked at
  let updating = false;
  let frame = 0;

  const hand = createHand(() => {
    if (picked && !hand.drawings().includes(picked)) picked = null;
    tellHand();
    requestDraw();
  });
  // The trait is what is there, also after a link has set it to what is only offered.
  function tellHand() {
    updating = true;
    change({ drawings: new DataView(toBytes(hand.drawings()).buffer) });
    updating = false;
  }
  const reader = createReader({ start: () => model.get("start"), loaded: requestDraw });
  const teacher = createTeacher({ source: createSource(model), network: reader.network, changed: requestDraw });

  // Writing
  const prompt = h("p", { class: "th-prompt" });
  const said = h("p", { class: "th-said" });
  const writing = createWriting({
    begun: () => reader.network().catch(() => {}), // what it reads is said after the drawing
    say: (text) => live.say(text),
    add(image) {
      const digit = wanted();
      attempt(() => {
        if (!image.some((level) => level > 0)) throw new Error("That drawing is too small to see. Draw it larger.");
        const added = hand.add([{ digit, image }], `${aDigit(digit)} was added`);
        if (!added) return "This drawing is already there.";
        const drawing = hand.of(digit).at(-1);
        return () => addedInWords(digit, reader.before(drawing), `${hand.drawings().length} of ${10 * model.get("each")}.`);
      });
    },
  });
  const rows = createRows({
    choose(digit) {
      pinned = digit;
      requestDraw();
      live.say(promptInWords(wanted()));
    },
    pick(drawing) {
      picked = drawing;
      requestDraw();
      live.say(drawing ? inWords(drawing) : "");
    },
    remove: removeOne,
  });
  const about = h("span", {});
  const removeButton = h("button", { type: "button", onclick: () => {
    const { digit } = picked;
    removeOne(picked);
    rows.focus(digit);
  } }, "Remove");
  const undo = h("button", { type: "button", onclick: () => attempt(() => `Undone: ${hand.undo()}.`) }, "Undo");
  const clear = h("button", { type: "button", onclick: () => attempt(() => {
    hand.clear();
    return "All drawings are removed. Undo brings them back.";
  }) }, "Remove all");
  const fill = h("button", { type: "button", onclick: () => attempt(fillUp) }, "Fill with examples");
  const eachId = freshId("each");
  const each = h("select", { id: eachId, onchange: () => {
    change({ each: Number(each.value) });
    requestDraw();
  } }, EACH.map((count) => h("option", { value: count }, String(count))));
  const files = createHandFiles({ hand, root: el, attempt: (does) => attempt(does, "files") });
  const fileSays = h("p", { class: "th-file-says" });
  const drawer = h("details", { class: "th-files" }, h("summary", {}, "Save, open, keep, remove"),
    h("p", { class: "bw-note" }, "Everything stays on this computer. Files of several people can be opened together."),
    h("div", { class: "th-buttons" }, files.buttons, clear), fileSays);

  const offer = createOffer({ hand, attempt, say: live.say });

  // Teaching
  const teach = h("button", { type: "button", class: "th-teach", onclick: onTeach });
  const practiseId = freshId("practise");
  const practise = h("input", { type: "checkbox", id: practiseId, onchange: () => {
    change({ practise: practise.checked });
    requestDraw();
  } });
  const lesson = h("p", { class: "bw-note th-lesson" });
  const bar = h("progress", { max: 1, value: 0, "aria-label": "progress of the lesson" });
  const status = h("p", { class: "th-status" });
  const outcome = createOutcome();
  const use = createUse({ outcome: () => teacher.outcome, attempt: (does) => attempt(does, "network") });
  const message = h("p", { class: "th-message" });

  const isBusy = () => ["loading", "teaching"].includes(teacher.phase);
  const wanted = () => pinned ?? hand.next(model.get("each"));

  // Do something, and say in words what came of it. What it returns may be a function, for words that come later.
  // place: where it is said, "hand", "files" or "network".
  async function attempt(does, place = "hand") {
    let text = "";
    try {
      text = await does() ?? "";
    } catch (error) {
      text = error.message;
    }
    try {
      files.follow();
    } catch (error) {
      text = `${typeof text === "function" ? "" : text} ${error.message}`;
    }
    tell(text, place);
  }

  let words = { hand: "" }; // by place; functions return them
  function tell(text, place = "hand") {
    words = { [place]: text };
    requestDraw();
    live.say(typeof text === "function" ? text() : text);
  }

  function removeOne(drawing) {
    attempt(() => {
      hand.remove(drawing);
      return `${ADigit(drawing.digit)} is removed. Undo brings it back.`;
    });
  }

  function fillUp() {
    const count = model.get("each");
    const more = [];
    for (let digit = 0; digit < 10; digit++) {
      const there = hand.of(digit).length;
      for (let n = there; n < count; n++) more.push({ digit, image: exampleImage(digit, n) });
    }
    if (!more.length) return "Every row is full.";
    hand.add(more, `${more.length} examples were added`);
    reader.network().catch(() => {});
    return `${more.length} examples are added: a made-up hand, with a long 1 and a hooked 9.`;
  }

  const inWords = (drawing) => drawingInWords(drawing, {
    n: hand.of(drawing.digit).indexOf(drawing), each: model.get("each"),
    before: reader.before(drawing), after: reader.after(drawing, teacher.outcome),
  });

  function onTeach() {
    if (isBusy()) return void teacher.stop();
    const { taught, kept } = hand.split(model.get("each"));
    view(true);
    follow(teacher.teach({
      taught, kept, practise: model.get("practise"), seed: model.get("seed"),
      workers: Math.max(1, Math.min(WORKERS, navigator.hardwareConcurrency || 1)),
    }));
  }

  async function follow(running) {
    await running;
    tell("");
    live.say(status.textContent);
    if (teacher.outcome?.weights && !window.mnistTutorial) change(resultOf(teacher.outcome)); // for Python
  }

  // On a narrow page one of the two is shown: the writing, or the teaching.
  const [toWriting, toTeaching] = [["1. Write", false], ["2. Teach", true]].map(([text, teaching]) =>
    h("button", { type: "button", onclick: () => view(teaching) }, text));
  function view(teaching) {
    columns.classList.toggle("th-show-writing", !teaching);
    columns.classList.toggle("th-show-teaching", teaching);
    toWriting.setAttribute("aria-pressed", String(!teaching));
    toTeaching.setAttribute("aria-pressed", String(teaching));
    // The button that was pressed may be on the other side.
    if (teaching && document.activeElement === document.body) teach.focus({ preventScroll: true });
  }

  function requestDraw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  }

  function draw() {
    const count = model.get("each");
    const digit = wanted();
    prompt.textContent = promptInWords(digit);
    writing.show(digit);
    said.textContent = (typeof words.hand === "function" ? words.hand() : words.hand) || (digit === null
      ? "Now teach the network. To write more of a digit, press it in the list."
      : hand.drawings().length ? `${hand.drawings().length} of ${10 * count}.`
      : "Draw it on the pad with a finger, a pen or the mouse.");
    fileSays.textContent = words.files ?? "";
    message.textContent = words.network ?? "";
    each.value = String(count);
    rows.show({
      of: hand.of, each: count, isHeldOut: (n) => isHeldOut(n, count), answer: (one) => reader.after(one, teacher.outcome) ?? reader.before(one), inWords, picked, wanted: digit, pinned: pinned !== null,
    });
    about.replaceChildren(...(picked ? [inWords(picked)]
      : [h("i", { class: "th-key th-kept" }), "held out, ✗ read wrong"]));
    removeButton.disabled = !picked;
    undo.disabled = !hand.undoable();
    undo.setAttribute("aria-label", hand.undoable() ? `Undo: ${hand.undoable()}` : "Undo");
    clear.disabled = !hand.drawings().length;
    fill.disabled = Array.from({ length: 10 }, (_, i) => hand.of(i).length).every((many) => many >= count);
    files.draw();
    const { phase, step, steps } = teacher;
    teach.textContent = { teaching: "■ Stop", loading: "Cancel" }[phase] ?? "▶ Teach it";
    teach.disabled = !isBusy() && !hand.split(count).taught.length;
    const lessonNow = { hand, each: count, practise: model.get("practise") };
    practise.checked = lessonNow.practise;
    practise.disabled = isBusy();
    lesson.textContent = lessonInWords(lessonNow);
    bar.value = phase === "teaching" ? step / steps : phase === "loading" && teacher.progress
      ? 0 : ["done", "stopped"].includes(phase) ? step / steps : 0;
    status.textContent = statusInWords(teacher, lessonNow);
    status.classList.toggle("th-problem", phase === "failed");
    outcome.show(teacher.outcome);
    use.draw();
  }

  const columns = h("div", { class: "th-columns" },
    h("div", { class: "th-hand" },
      h("div", { class: "th-writing" }, writing.pad,
        h("div", { class: "th-side" }, prompt, h("div", { class: "th-buttons" }, writing.buttons), said, writing.hint)),
      rows.element, offer.element,
      h("div", { class: "th-about" }, about, removeButton, undo),
      h("div", { class: "th-choice" }, h("label", { for: eachId }, "Of each digit"), each, fill),
      drawer),
    h("div", { class: "th-teaching" },
      h("div", { class: "th-choice" }, teach,
        h("span", { class: "th-switch" }, practise, h("label", { for: practiseId }, "also practise old digits"))),
      lesson, bar, status, outcome.element, use.element, message));
  el.append(h("div", { class: "bw th" }, h("div", { class: "th-views" }, toWriting, toTeaching), columns, live.element));

  // What is there from the start: what this browser has kept, and else Python's or that of a link.
  const given = fromBytes(bytesOf(model, "drawings"));
  if (given.length) hand.replace(given);
  if (given.length && window.mnistTutorial) reader.network().catch(() => {}); // what it reads is marked
  try {
    const earlier = files.earlier();
    if (earlier) {
      hand.replace(earlier);
      words = { hand: `${earlier.length === 1 ? "Your drawing is" : `Your ${earlier.length} drawings are`} back, from this browser.` };
      offer.take(given);
    }
  } catch (error) {
    words = { hand: error.message };
  }
  view(false);
  draw();
  live.stop();
  const stop = listen(model, {
    drawings() {
      if (updating) return;
      const found = fromBytes(bytesOf(model, "drawings"));
      if (!window.mnistTutorial) return void hand.replace(found); // Python's
      tellHand();
      offer.take(found);
      if (found.length) reader.network().catch(() => {}); // what it reads is marked
    },
    each: requestDraw,
    practise: requestDraw,
  });
  return () => {
    cancelAnimationFrame(frame);
    teacher.dispose();
    files.stop();
    use.stop();
    live.stop();
    stop();
  };
}

export default { render };
