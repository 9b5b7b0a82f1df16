// What is said to an answer; mnist_tutorial/exercises/bank.py says the same in Jupyter's `check`.

const NUMBER = /^[+-]?([1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]+|(?=\.[0-9]))(\.[0-9]*)?$/;
const DECIMAL_COMMA = /^[+-]?([1-9][0-9]{0,2}(\.[0-9]{3})+|[0-9]*),[0-9]+$/; // tried after the form above
const THOUSANDS_OR_DECIMALS = /^[+-]?[1-9][0-9]{0,2},[0-9]{3}$/;

// A text with a plain minus sign and without its percent sign, and whether it had one that counts.
function withoutPercent(text, percent) {
  const written = text.trim().replaceAll("−", "-");
  const share = percent && written.endsWith("%");
  return [share ? written.slice(0, -1).trimEnd() : written, share];
}

// What a reader typed, such as 1,234 or .5 or, where percent is set, 50%; null for other text.
// A comma counts as a decimal comma where it cannot separate thousands: 0,693 and 12,5 and 1.234,5.
export function numberIn(text, percent = false) {
  const [written, share] = withoutPercent(text, percent);
  let number;
  if (NUMBER.test(written)) number = Number(written.replaceAll(",", ""));
  else if (DECIMAL_COMMA.test(written)) number = Number(written.replaceAll(".", "").replace(",", "."));
  else return null;
  return number / (share ? 100 : 1);
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
  const [written] = withoutPercent(given, question.percent);
  if (question.right % 1 && THOUSANDS_OR_DECIMALS.test(written)) { // it may have been typed with a decimal comma
    const forms = `${written.replace(",", ".")} or ${written.replace(",", "")}`;
    return { right: null, text: `“${said}” can mean two numbers. Write it with a point or no comma: ${forms}.` };
  }
  if (near(number, question.right, question.tolerance)) return { right: true, text: `Right. ${question.because}` };
  const foreseen = question.wrong.find((wrong) => near(number, wrong.number, question.tolerance));
  return { right: false, text: `${said} is not it. ${foreseen ? foreseen.says : question.hint}` };
}

// In which order `count` choices of the question `name` are shown: their positions, from 0.
export function orderOf(name, count, seed = 0) {
  let state = 2166136261;
  for (const character of `${seed} ${name}`) state = Math.imul(state ^ character.codePointAt(0), 16777619); // FNV-1a
  const order = Array.from({ length: count }, (_, position) => position);
  for (let last = count - 1; last > 0; last -= 1) {
    state ^= state << 13; // xorshift
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
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
