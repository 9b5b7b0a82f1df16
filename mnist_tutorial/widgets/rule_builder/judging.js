// What rules answer; `judge` in __init__.py does the same.

const COMPARISONS = {
  "more than": (number, value) => number > value,
  "less than": (number, value) => number < value,
  exactly: (number, value) => number === value,
};
export const SIGNS = { "more than": ">", "less than": "<", exactly: "=" };

// Tries the rules from top to bottom on each sample: the first whose conditions all hold gives the answer.
// deciders: the place of that rule, rules.length for `otherwise`.
export function judge(rules, otherwise, measured, labels, names) {
  const result = {
    answers: [], deciders: [], right: 0,
    tallies: [...rules, otherwise].map(() => ({ right: 0, wrong: 0 })),
    confusion: Array(100).fill(0), // true digit 4 answered as 9: at 49
  };
  measured.forEach((sample, index) => {
    const holds = ([name, how, value]) => COMPARISONS[how](sample[names.indexOf(name)], value);
    const found = rules.findIndex((rule) => rule.if.every(holds));
    const decider = found < 0 ? rules.length : found;
    const answer = found < 0 ? otherwise : rules[found].then;
    const right = answer === labels[index];
    result.answers.push(answer);
    result.deciders.push(decider);
    result.right += right;
    result.tallies[decider][right ? "right" : "wrong"] += 1;
    result.confusion[10 * labels[index] + answer] += 1;
  });
  return result;
}

// Place of the most frequent mistake, or -1.
export function worst(confusion) {
  const mistakes = confusion.map((count, place) => (place % 11 ? count : 0));
  const largest = Math.max(...mistakes);
  return largest ? mistakes.indexOf(largest) : -1;
}
