// Numbers and names as the widget writes them.
import { short } from "../frontend/arithmetic.js";
import { h } from "../frontend/controls.js";

// -0.012345 -> "−0.0123"; 1.2345e-7 -> "1.23 × 10⁻⁷". Three digits that count.
export function written(value) {
  if (!Number.isFinite(value)) return "no number";
  const size = Math.abs(value);
  const text = size === 0 ? "0" : size >= 1e-4 && size < 1000 ? size.toPrecision(3) : short(size);
  return value < 0 ? `−${text}` : text;
}

// The same with a sign, as gradients are written.
export const signed = (value) => (value > 0 ? `+${written(value)}` : written(value));

// A probability; close to 1 with more digits, which make the difference there, and close to 0 as any small number.
export const share = (value) => (value < 0.01 ? written(value) : value.toFixed(value > 0.999 ? 6 : 3));

// A gradient with its sign, and a triangle that points to where the loss goes when the number grows.
export function gradientText() {
  const text = h("span");
  const element = h("span", { class: "bv-gradient" }, h("i", { "aria-hidden": "true" }), text);
  return {
    element,
    show(value) {
      text.textContent = signed(value);
      element.dataset.sign = String(Math.sign(value));
    },
  };
}

export const NAME_OF = {
  score: ([digit]) => `Score of ${digit}`,
  "output weight": ([digit, unit]) => `Weight, unit ${unit} to score ${digit}`,
  unit: ([, unit]) => `Unit ${unit}`,
  "hidden weight": ([, unit]) => `Weight, pooled to unit ${unit}`,
  pooling: ([, , row, column, map]) => `Pooled ${map}, row ${row >> 1}, column ${column >> 1}`,
  convolution: ([, , row, column, map]) => `Map ${map}, row ${row}, column ${column}`,
  "filter weight": ([, , , , map, i, j]) => `Filter ${map}, row ${i}, column ${j}`,
  "output bias": ([digit]) => `Bias of score ${digit}`,
  "hidden bias": ([, unit]) => `Bias of unit ${unit}`,
  "filter bias": ([, , , , map]) => `Bias of filter ${map}`,
};

// The same in fewer words, where map and unit are clear.
export const SHORT_NAME_OF = {
  ...NAME_OF,
  "output weight": ([digit]) => `Weight to score ${digit}`,
  "hidden weight": ([, unit]) => `Weight to unit ${unit}`,
  pooling: ([, , row, column]) => `Pooled, row ${row >> 1}, col ${column >> 1}`,
  convolution: ([, , row, column]) => `Map, row ${row}, col ${column}`,
  "filter weight": ([, , , , , i, j]) => `Filter, row ${i}, col ${j}`,
};
