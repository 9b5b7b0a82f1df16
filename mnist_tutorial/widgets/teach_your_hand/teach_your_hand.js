import { aDigit, ADigit, freshId, h, liveRegion } from "../frontend/controls.js";
import { scaledImageAt } from "../frontend/image_data.js";
import { whole } from "../frontend/arithmetic.js";
import { quickForward } from "../frontend/quick_forward.js";
import { createSource } from "../frontend/training_source.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";
import { decodeWeights } from "../frontend/weights_format.js";
import { createHandFiles } from "./files.js";
import { createHand, fromBytes, isHeldOut, toBytes } from "./hand.js";
import { compare, createOutcome } from "./outcome.js";
import { createRows } from "./rows.js";
import { createTeacher } from "./teacher.js";
import { createUse } from "./use_taught.js";
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
  let network = null; // the one that is taught, once it is here
  const read = new WeakMap(); // what that one reads each drawing as

  const hand = createHand(() => {
    if (picked && !hand.drawings().includes(picked)) picked = null;
    updating = true;
    change({ drawings: new DataView(toBytes(hand.drawings()).buffer) });
    updating = false;
    requestDraw();
  });
  let asked = null;
  const networkToTeach = () => {
    const own = model.get("start");
    asked ??= (own && Object.keys(own).length ? Promise.resolve(own).then(decodeWeights)
      : window.mnistTutorial?.bookNetwork() ?? Promise.reject(new Error("There is no network to teach: give it one in Python.")))
      .then((layers) => {
        network = layers;
        requestDraw();
        return layers;
      }).catch((error) => {
        asked = null; // the next call may try again
        throw error;
      });
    return asked;
  };
  const teacher = createTeacher({ source: createSource(model), network: networkToTeach, changed: onTeacher });

  // Writing
  const prompt = h("p", { class: "th-prompt" });
  const said = h("p", { class: "th-said" });
  const writing = createWriting({
    begun: () => networkToTeach().catch(() => {}), // what it reads is said after the drawing
    say: (text) => live.say(text),
    add(image) {
      const digit = wanted();
      attempt(() => {
        if (!image.some((level) => level > 0)) throw new Error("That drawing is too small to see. Draw it larger.");
        const added = hand.add([{ digit, image }], `${aDigit(digit)} was added`);
        return added ? () => addedInWords(digit, hand.of(digit).at(-1)) : "This drawing is already there.";
      });
    },
  });
  const rows = createRows({
    choose(digit) {
      pinned = digit;
      requestDraw();
      live.say(promptInWords());
    },
    pick(drawing) {
      picked = drawing;
      requestDraw();
      live.say(drawing ? aboutInWords(drawing) : "");
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
    networkToTeach().catch(() => {});
    return `${more.length} examples are added: a made-up hand, with a long 1 and a hooked 9.`;
  }

  // What the network makes of a drawing: before the lesson, or null while it is not here.
  function readBefore(drawing) {
    if (!network) return null;
    if (!read.has(drawing)) {
      const ten = Array.from(quickForward(network, scaledImageAt(drawing.image, 0)).probabilities);
      read.set(drawing, ten.indexOf(Math.max(...ten)));
    }
    return read.get(drawing);
  }

  // ... and after it, or null.
  function readAfter(drawing) {
    const found = teacher.outcome;
    if (!found?.weights) return null;
    const [taught, kept] = found.answers.at(-1);
    const at = { taught: found.drawings.taught.indexOf(drawing), kept: found.drawings.kept.indexOf(drawing) };
    return at.taught >= 0 ? taught[at.taught] : at.kept >= 0 ? kept[at.kept] : null;
  }

  function promptInWords() {
    const digit = wanted();
    return digit === null ? "All digits are written" : `Write ${aDigit(digit)}`;
  }

  function addedInWords(digit, drawing) {
    const answer = readBefore(drawing);
    const all = `${hand.drawings().length} of ${10 * model.get("each")}.`;
    if (answer === null) return `${ADigit(digit)} is added. ${all}`;
    return answer === digit ? `The network reads your ${digit} right. ${all}`
      : `The network reads your ${digit} as ${aDigit(answer)}. ${all}`;
  }

  function aboutInWords(drawing) {
    const list = hand.of(drawing.digit);
    const n = list.indexOf(drawing);
    const [before, after] = [readBefore(drawing), readAfter(drawing)];
    return `${ADigit(drawing.digit)}, drawing ${n + 1}, ${isHeldOut(n, model.get("each")) ? "held out" : "to teach"}` +
      (before === null ? "" : `; read as ${before}`) + (after === null ? "" : `, taught: ${after}`) + ".";
  }

  function lessonInWords() {
    const { taught, kept } = hand.split(model.get("each"));
    const old = model.get("practise") ? " The lesson includes old digits." : " The lesson includes no old digits.";
    if (!taught.length) return `Write at least one digit, or fill in examples.${old}`;
    const missing = Array.from({ length: 10 }, (_, digit) => digit).filter((digit) => !hand.of(digit).length);
    return `${taught.length} to teach, ${kept.length} held out.` +
      (missing.length ? ` You have written none of ${missing.join(", ")}.` : "") + `${old} Each lesson begins with the original network.`;
  }

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
    tellPython();
  }

  // What Python can read.
  function tellPython() {
    const found = teacher.outcome;
    if (!found?.weights || window.mnistTutorial) return;
    const row = new Float32Array(found.weights.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const part of found.weights) {
      row.set(part, end);
      end += part.length;
    }
    const labels = [found.drawings.taught.map(({ digit }) => digit), found.drawings.kept.map(({ digit }) => digit),
      Array.from(found.test.labels)];
    const parts = ["taught", "kept", "mnist"].map((name, i) => {
      const { count, before, after } = compare(labels[i], found.answers[0][i], found.answers.at(-1)[i]);
      return [name, { count, before, after }];
    });
    change({ result: Object.fromEntries(parts), weights: new DataView(row.buffer) });
  }

  function onTeacher() {
    requestDraw();
  }

  function statusInWords() {
    const { phase, problem, progress, step, steps, outcome: found } = teacher;
    if (problem) return problem;
    if (phase === "loading") {
      return progress ? `Loading the digits: ${whole(progress.loaded)} of ${whole(progress.total)} …` : "Loading the network …";
    }
    if (phase === "teaching") {
      return `Step ${whole(step)} of ${whole(steps)}, ${found.practise ? "old digits and yours" : "your drawings only"}.`;
    }
    if (!found) return "Guess first: how many of your drawings will it read right afterwards, and what will it forget?";
    const { taught, kept } = hand.split(model.get("each"));
    const same = [[taught, found.drawings.taught], [kept, found.drawings.kept]].every(([now, then]) =>
      now.length === then.length && now.every((one, i) => one === then[i]));
    const notes = (same ? "" : " Your drawings have changed since then: teach it again.") +
      (found.practise === model.get("practise") ? "" : " You have changed the switch since then: teach it again and compare.") +
      (found.arithmetic === "JavaScript" ? " WebAssembly is missing or forbidden here: plain JavaScript did it, more slowly." : "");
    const how = found.practise ? "with old digits in the lesson" : "from your drawings alone";
    return `${found.finished ? "Taught" : `Stopped after ${whole(step)} of ${whole(steps)} steps`}, ${how}.${notes}`;
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
    prompt.textContent = promptInWords();
    writing.show(digit);
    said.textContent = (typeof words.hand === "function" ? words.hand() : words.hand) || (digit === null
      ? "Now teach the network. To write more of a digit, press it in the list."
      : hand.drawings().length ? `${hand.drawings().length} of ${10 * count}.`
      : "Draw it on the pad with a finger, a pen or the mouse.");
    fileSays.textContent = words.files ?? "";
    message.textContent = words.network ?? "";
    each.value = String(count);
    rows.show({
      of: hand.of, each: count, isHeldOut: (n) => isHeldOut(n, count), answer: (one) => readAfter(one) ?? readBefore(one),
      inWords: aboutInWords, picked, wanted: digit, pinned: pinned !== null,
    });
    about.replaceChildren(...(picked ? [aboutInWords(picked)]
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
    practise.checked = model.get("practise");
    practise.disabled = isBusy();
    lesson.textContent = lessonInWords();
    bar.value = phase === "teaching" ? step / steps : phase === "loading" && teacher.progress
      ? 0 : ["done", "stopped"].includes(phase) ? step / steps : 0;
    status.textContent = statusInWords();
    status.classList.toggle("th-problem", phase === "failed");
    outcome.show(teacher.outcome);
    use.draw();
  }

  const columns = h("div", { class: "th-columns" },
    h("div", { class: "th-hand" },
      h("div", { class: "th-writing" }, writing.pad,
        h("div", { class: "th-side" }, prompt, h("div", { class: "th-buttons" }, writing.buttons), said, writing.hint)),
      rows.element,
      h("div", { class: "th-about" }, about, removeButton, undo),
      h("div", { class: "th-choice" }, h("label", { for: eachId }, "Of each digit"), each, fill),
      drawer),
    h("div", { class: "th-teaching" },
      h("div", { class: "th-choice" }, teach,
        h("span", { class: "th-switch" }, practise, h("label", { for: practiseId }, "also practise old digits"))),
      lesson, bar, status, outcome.element, use.element, message));
  el.append(h("div", { class: "bw th" }, h("div", { class: "th-views" }, toWriting, toTeaching), columns, live.element));

  // What is there from the start: Python's, or what this browser has kept.
  const given = fromBytes(bytesOf(model, "drawings"));
  if (given.length) hand.replace(given);
  try {
    const earlier = files.earlier();
    if (earlier) {
      hand.replace(earlier);
      words = { hand: `Your ${earlier.length} drawings are back, from this browser.` };
    }
  } catch (error) {
    words = { hand: error.message };
  }
  view(false);
  draw();
  live.stop();
  const stop = listen(model, {
    drawings() {
      if (!updating) hand.replace(fromBytes(bytesOf(model, "drawings")));
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
