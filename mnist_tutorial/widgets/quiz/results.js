// The answers in all chapters, kept in this browser, and the file that a reader can save of them: for a teacher, whose
// `python -m mnist_tutorial results` reads it, and for anyone who opens it as text.

const KEY = "mnist-tutorial quiz answers"; // { chapter: [answers] }; "Forget all this" on the first page forgets it
const FORMAT = "mnist-tutorial quiz results 1"; // as mnist_tutorial/exercises/results.py has it
const MAX_TEXT_LENGTH = 500; // characters of a name, a question or an answer
const MAX_TRIES = 1000;

const isText = (value) => typeof value === "string" && value.length <= MAX_TEXT_LENGTH;
const isAnswer = (one) => one !== null && typeof one === "object" && isText(one.question) && isText(one.asked) &&
  isText(one.answer) && typeof one.right === "boolean" && typeof one["answer shown"] === "boolean" &&
  Number.isInteger(one["wrong tries"]) && one["wrong tries"] >= 0 && one["wrong tries"] <= MAX_TRIES;

// Other pages of the same host can write there as well: what is not well formed is left out.
function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    const entries = found && typeof found === "object" ? Object.entries(found) : [];
    return Object.fromEntries(entries.filter(([chapter, answers]) => /^[\w-]+$/.test(chapter) && Array.isArray(answers))
      .map(([chapter, answers]) => [chapter, answers.filter(isAnswer)]));
  } catch {
    return {}; // the browser keeps nothing, or something else wrote there
  }
}

// Keeps the answers of a chapter for the file; all of them are replaced. chapter: "" keeps nothing.
export function keepAnswers(chapter, answers) {
  if (!chapter) return;
  try {
    const { [chapter]: before, ...others } = kept();
    if (JSON.stringify(before ?? []) === JSON.stringify(answers)) return;
    localStorage.setItem(KEY, JSON.stringify(answers.length ? { ...others, [chapter]: answers } : others));
  } catch { /* the browser keeps nothing: the file has the answers of this page alone */ }
}

// The answers of all chapters, each with its chapter: those of this page as given, the others as they are kept.
export function allAnswers(chapter, answers) {
  return Object.entries({ ...kept(), [chapter]: answers }).sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, some]) => some.map((one) => ({ chapter: name, ...one })));
}

// One question as the file has it.
export function answerOf({ id, ask, choices }, given, right, tries, shown) {
  return {
    question: id, asked: ask, answer: choices ? choices[given].text : given.trim(), right, "wrong tries": tries,
    "answer shown": shown,
  };
}

export const fileName = (name) => {
  const words = name.replace(/[^\p{L}\p{M}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 40);
  return `quiz-results${words && `-${words}`}.json`;
};

// The file's text. when: a Date, of which it has the day where the reader is.
export function fileOf(name, answers, when) {
  const two = (number) => String(number).padStart(2, "0");
  const saved = `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
  const right = answers.filter((one) => one.right).length;
  return `${JSON.stringify({ format: FORMAT, name, saved, answered: answers.length, right, answers }, null, 2)}\n`;
}
