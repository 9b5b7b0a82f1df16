// What the parts of this widget are built from.
import { h } from "../frontend/controls.js";

export const words = (name) => name.replace("_", " ");
export const amount = (value, step) => value.toFixed(step < 1 ? 2 : 0);

export const button = (text, onclick, attributes = {}) => h("button", { type: "button", onclick, ...attributes }, text);

// Gives a list the values to choose from, unless it has as many.
export function fill(select, values) {
  if (select.length !== values.length) {
    select.replaceChildren(...values.map((value) => h("option", { value }, words(String(value)))));
  }
}

export function choice(values, onchange, attributes = {}) {
  const select = h("select", { onchange: () => onchange(select.value), ...attributes });
  fill(select, values);
  return select;
}
