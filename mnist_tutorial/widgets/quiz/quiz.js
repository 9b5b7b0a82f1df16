import { freshId, h } from "../frontend/controls.js";
import { download } from "../frontend/download.js";
import { changer, listen } from "../frontend/traits.js";
import { orderOf, replyTo, solution } from "./judging.js";
import { allAnswers, answerOf, fileName, fileOf, keepAnswers } from "./results.js";
import { IN_BOOK, chapterOfPage, noteResults } from "./totals.js";

const WRONG_TRIES = 2; // before the solution is offered

const SEED = "mnist-tutorial order of choices"; // where the browser keeps the seed

// The seed of this reader, drawn at the first visit; 0, the order in print, where the browser keeps nothing.
function seedOfReader() {
  try {
    const kept = Number(localStorage.getItem(SEED));
    if (Number.isInteger(kept) && kept > 0 && kept < 2 ** 32) return kept;
    const [drawn] = crypto.getRandomValues(new Uint32Array(1));
    localStorage.setItem(SEED, String(drawn || 1));
    return drawn || 1;
  } catch {
    return 0;
  }
}

// Text with `backticks` around code.
function rich(text) {
  return text.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));
}

// The section that gives the answer, as a link where the page gives it an address. words: what stands before it.
function pointer(words, heading) {
  const text = (element) => [...element.childNodes].filter((node) => node.className !== "headerlink")
    .map((node) => node.textContent).join("").trim().replace(/[“”]/g, '"').replace(/[‘’]/g, "'"); // the book curls them
  const place = [...document.querySelectorAll("section[id] > :is(h1, h2, h3, h4)")].find((one) => text(one) === heading);
  const name = `‘${heading}’`;
  return [`${words} `, place ? h("a", { href: `#${place.parentElement.id}` }, name) : name, "."];
}

// A place for words. A screen reader reads them as they appear, and once only as long as they stay.
function statusPlace(attributes) {
  const element = h("div", { role: "status", ...attributes });
  let said = "";
  return {
    element,
    say(text, ...paragraphs) {
      if (text === said) return;
      said = text;
      element.replaceChildren(...paragraphs.map((content) => h("p", {}, content)));
    },
  };
}

// What saves a file of all answers, folded away. answers(): those of this page.
function createSaving(answers) {
  const id = freshId("name");
  const file = h("span", {});
  const said = h("p", { class: "qz-saved", role: "status" });
  const name = h("input", {
    type: "text", id, maxlength: 100, autocomplete: "name", spellcheck: "false",
    oninput: () => {
      file.textContent = fileName(name.value);
      said.textContent = "";
    },
    onkeydown: (event) => { if (event.key === "Enter") save(); },
  });
  file.textContent = fileName("");

  function save() {
    const all = allAnswers(chapterOfPage(), answers());
    download(fileOf(name.value.trim(), all, new Date()), fileName(name.value));
    const chapters = new Set(all.map(({ chapter }) => chapter)).size;
    said.textContent = `Saved: ${all.length} ${all.length === 1 ? "answer" : "answers"} from ${chapters} ` +
      `${chapters === 1 ? "chapter" : "chapters"}. The file is among your downloads.`;
  }

  const element = h("details", { class: "qz-saving" }, h("summary", {}, "Save my results"),
    h("p", {}, "A file with your answers in all chapters, as this browser knows them: for yourself, or to hand in. " +
      "It is text that you can read, and this page sends it to nobody."),
    h("div", { class: "qz-buttons" }, h("label", { for: id }, "Your name, if you like"), name,
      h("button", { type: "button", onclick: save }, "Save")),
    h("p", { class: "bw-note" }, "It will be called ", file, "."), said);
  return { element, changed() { said.textContent = ""; } };
}

function render({ model, el }) {
  const questions = model.get("questions");
  const change = changer(model);
  const seed = seedOfReader();

  function build(question, index) {
    const { id, choices, percent } = question;
    const group = freshId("quiz");
    let asked = null; // "nothing is chosen yet", which no trait holds
    let last; // the answer that the controls were set to

    const typed = choices ? null : h("input", {
      type: "text", maxlength: 30, inputmode: percent ? "text" : "decimal", id: group, autocomplete: "off", spellcheck: "false",
      oninput: touched,
    });
    // In the order of the choices as they are written: an answer is the position there, wherever it is shown.
    const radios = (choices ?? []).map((choice, position) => h("input", {
      type: "radio", name: group, value: position, onchange: touched,
    }));
    const given = () => {
      if (typed) return typed.value.trim() || undefined;
      const position = radios.findIndex((radio) => radio.checked);
      return position < 0 ? undefined : position;
    };
    const labels = orderOf(id, radios.length, seed).map((position) => h("label", { class: "qz-choice" }, radios[position],
      h("span", {}, rich(choices[position].text))));
    const reply = statusPlace({});
    const answer = statusPlace({ class: "qz-answer", id: freshId("answer") });
    const show = h("button", {
      type: "button", hidden: true, "aria-controls": answer.element.id,
      onclick: () => {
        const shown = model.get("shown");
        change({ shown: shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id] });
      },
    });

    function touched() {
      asked = null;
      follow();
    }

    function check(event) {
      event.preventDefault();
      const value = given();
      if (value === undefined) {
        asked = typed ? "Type a number first." : "Choose an answer first.";
        return follow();
      }
      const answers = model.get("answers");
      if (answers[id] === value) return follow();
      const tries = model.get("tries");
      const wrong = replyTo(question, value).right === false;
      last = value;
      change({ answers: { ...answers, [id]: value }, ...(wrong ? { tries: { ...tries, [id]: (tries[id] ?? 0) + 1 } } : {}) });
    }

    // Bring the controls and the reply in line with the traits.
    function follow() {
      const now = model.get("answers")[id];
      if (now !== last) {
        if (typed) typed.value = now ?? "";
        else radios.forEach((radio, position) => { radio.checked = position === now; });
        last = now;
        asked = null;
      }
      // A reply stands only beside the answer it was given to.
      const stands = now !== undefined && given() === (typed ? now.trim() : now);
      const { right, text } = stands && !asked ? replyTo(question, now) : { right: null, text: asked ?? "" };
      reply.element.className = `qz-reply${text ? " qz-said" : ""}${right ? " qz-right" : ""}`;
      const sign = right === null ? [] : h("strong", { "aria-hidden": "true" }, right ? "✓ " : "✗ ");
      reply.say(text, ...(text ? [[sign, rich(text)].flat()] : []),
        ...(right === null ? [] : [pointer(right ? "See" : "Look again at", question.where)]));
      const open = model.get("shown").includes(id);
      show.hidden = !open && (model.get("tries")[id] ?? 0) < WRONG_TRIES;
      show.textContent = open ? "Hide the answer" : "Show the answer";
      show.setAttribute("aria-expanded", String(open));
      answer.say(open ? "open" : "",
        ...(open ? [[h("strong", {}, "Answer: "), ...rich(solution(question))], pointer("See", question.where)] : []));
    }

    const field = typed ? [h("label", { for: group }, "Your number"), typed] : [];
    const element = h("form", { onsubmit: check, novalidate: true, "data-question": id },
      h("fieldset", {},
        h("legend", {}, `${index + 1}. `, rich(question.ask)), labels,
        h("div", { class: "qz-buttons" }, field, h("button", { type: "submit" }, "Check"), show),
        reply.element, answer.element));
    const clear = () => {
      if (typed) typed.value = "";
      radios.forEach((radio) => { radio.checked = false; });
      asked = null;
      last = undefined;
    };
    return { question, element, follow, clear };
  }

  const parts = questions.map(build);
  const score = h("p", { class: "qz-score", role: "status" });
  const total = h("p", { class: "qz-total" });
  const note = h("p", { class: "bw-note" }, "Your answers stay in this browser, and nowhere else.");
  const again = h("button", {
    type: "button",
    onclick: () => {
      parts.forEach((part) => part.clear());
      change({ answers: {}, tries: {}, shown: [] });
      followAll();
    },
  }, "Start again");

  // What is answered here, as the file of results has it.
  function answered() {
    const [answers, tries, shown] = ["answers", "tries", "shown"].map((name) => model.get(name));
    return questions.filter(({ id }) => id in answers).flatMap((question) => {
      const { id } = question;
      const { right } = replyTo(question, answers[id]);
      return right === null ? [] : [answerOf(question, answers[id], right, tries[id] ?? 0, shown.includes(id))];
    });
  }
  const saving = createSaving(answered);

  function followAll() {
    parts.forEach((part) => part.follow());
    const answers = model.get("answers");
    const results = questions.filter(({ id }) => id in answers)
      .map((question) => ({ id: question.id, right: replyTo(question, answers[question.id]).right }))
      .filter(({ right }) => right !== null);
    const known = results.filter(({ right }) => right);
    const right = known.length;
    const atFirst = known.filter(({ id }) => !(model.get("tries")[id] > 0)).length;
    const text = `${results.length} of ${parts.length} answered, ${right} right`
      + `${atFirst < right ? `, ${atFirst} of them at the first try` : ""}.`;
    if (score.textContent !== text) score.textContent = text;
    const inBook = model.get("kept") ? noteResults(right, results.length, parts.length) : null;
    total.textContent = inBook === null ? "" : `${right} of ${parts.length} right here, ${inBook} of ${IN_BOOK} in the book.`;
    note.hidden = !model.get("kept");
    const here = answered();
    if (model.get("kept")) keepAnswers(chapterOfPage(), here);
    saving.element.hidden = !allAnswers(chapterOfPage(), here).length;
    saving.changed();
  }

  el.append(h("div", { class: "bw qz", role: "group", "aria-label": "Questions" },
    parts.map(({ element }) => element), h("div", { class: "qz-end" }, score, again), total, saving.element, note));

  const stop = listen(model, { answers: followAll, tries: followAll, shown: followAll, kept: followAll });
  followAll();
  return stop;
}

export default { render };
