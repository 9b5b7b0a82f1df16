// How the values of traits stand in an address, a kind for each: { expects, read, write }. Addresses come from anyone:
// read(text, model) returns undefined for what is no value, and expects(model, text) says in words what would be one.
// write(value) is String where a kind has none; leftOut(value) says what a link lacks if the value is too long for it.

const MAX_STROKES = 4000; // characters of a drawing's points

const isWhole = (text) => /^-?\d{1,9}$/.test(text);

// high: a number, or a function from the model to one.
export const whole = (low, high) => {
  const highest = (model) => (typeof high === "function" ? high(model) : high);
  return {
    expects: (model) => `a whole number from ${low} to ${highest(model)}`,
    read: (text, model) => (isWhole(text) && text >= low && text <= highest(model) ? Number(text) : undefined),
  };
};

// One of the numbers of a list. what: the list in words.
export const numberOf = (listOf, what) => ({
  expects: what,
  read: (text, model) => (isWhole(text) && listOf(model).includes(Number(text)) ? Number(text) : undefined),
});

// One of several names; "-" stands for a space.
export const inAddress = (name) => name.replaceAll(" ", "-");
export const nameOf = (...names) => ({
  expects: () => `one of ${names.map(inAddress).join(", ")}`,
  read: (text) => names.find((name) => inAddress(name) === text),
  write: inAddress,
});

export const yesOrNo = {
  expects: () => "yes or no",
  read: (text) => (text === "yes" || (text === "no" ? false : undefined)),
  write: (value) => (value ? "yes" : "no"),
};

// Whole numbers from 0, with "-" between them; highs: the largest of each. none: the word for an empty list.
export const wholes = (highs, none) => ({
  expects: () => `${highs.length} whole numbers with - between them, from 0 to ${highs.join(", ")}; or ${none}`,
  read(text) {
    if (text === none) return [];
    const numbers = /^\d{1,4}(-\d{1,4})*$/.test(text) ? text.split("-").map(Number) : [];
    return numbers.length === highs.length && numbers.every((one, i) => one <= highs[i]) ? numbers : undefined;
  },
  write: (value) => value.join("-") || none,
});

// Strokes: a number from 0 to `largest` in hexadecimal digits for each coordinate, a point after the other, and "-"
// between strokes.
export function strokesOf(largest) {
  const digits = largest.toString(16).length;
  const strokes = new RegExp(`^([0-9a-f]{${2 * digits}})+(-([0-9a-f]{${2 * digits}})+)*$`);
  const coordinates = new RegExp(`.{${digits}}`, "g");
  return {
    expects: () => "a drawing as a copied link has it",
    read(text) {
      if (!strokes.test(text)) return undefined;
      const drawing = text.split("-").map((stroke) => {
        const numbers = stroke.match(coordinates).map((one) => parseInt(one, 16) / largest);
        return Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]]);
      });
      return drawing.flat(2).every((one) => one <= 1) ? drawing : undefined;
    },
    write(drawing) {
      const every = Math.ceil(drawing.flat().length * 2 * digits / MAX_STROKES);
      const written = (value) => Math.round(largest * Math.min(1, Math.max(0, value))).toString(16).padStart(digits, "0");
      return drawing.map((points) => points.filter((_, i) => i % every === 0 || i === points.length - 1)
        .map((point) => point.map(written).join("")).join("")).join("-");
    },
  };
}
