// What is said to an answer; mnist_tutorial/questions.py says the same in Jupyter's `check`.

// What a reader typed, such as 1,234 or .5 or, where percent is set, 50%; null for other text.
export function numberIn(text, percent = false) {
  let written = text.trim().replace("−", "-");
  const share = percent && written.endsWith("%");
  if (share) written = written.slice(0, -1).trimEnd();
  if (!/^[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+|(?=\.[0-9]))(\.[0-9]*)?$/.test(written)) return null;
  return Number(written.replaceAll(",", "")) / (share ? 100 : 1);
}

const near = (given, right, tolerance) => Math.abs(given - right) <= tolerance + 1e-9 * Math.max(1, Math.abs(right));

// { right: true, false or null (no answer at all), text }. The text never holds the solution of a wrong answer.
export function replyTo(question, given) {
  if (question.choices) {
    const { right, says } = question.choices[given];
    return { right, text: (right ? "Right. " : "No. ") + says };
  }
  const said = given.trim();
  const number = numberIn(given, question.percent);
  if (number === null) {
    const example = question.percent ? ", 0.5 or 50%" : " or 0.5";
    return { right: null, text: `“${said}” is no number that can be read here. Write it like 1234, 1,234${example}.` };
  }
  if (near(number, question.right, question.tolerance)) return { right: true, text: `Right. ${question.because}` };
  const foreseen = question.wrong.find((wrong) => near(number, wrong.number, question.tolerance));
  return { right: false, text: `${said} is not it. ${foreseen ? foreseen.says : question.hint}` };
}

// The right answer and the reason for it.
export function solution(question) {
  if (question.choices) {
    const { text, says } = question.choices.find((choice) => choice.right);
    return `${text}${/[.?!]$/.test(text) ? "" : "."} ${says}`;
  }
  const shown = (value) => value.toLocaleString("en", { maximumSignificantDigits: 10 });
  const right = question.percent ? `${shown(100 * question.right)}%` : shown(question.right);
  return `${right}. ${question.because}`;
}
