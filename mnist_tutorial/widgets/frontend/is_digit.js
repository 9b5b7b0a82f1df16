// Whether an image is a digit at all: a second head on the book's network, as the chapter on the Functional API has one.
// scripts/train_is_digit.py trains it, and measures what it is worth.
import { HEAD } from "./is_digit_head.js";

const weights = Int8Array.from(atob(HEAD.weights), (character) => character.charCodeAt(0));
const known = new WeakMap(); // from networks to whether the head belongs to them

function belongsTo({ hidden }) {
  const sum = hidden.bias.reduce((all, value) => all + value, 0);
  return hidden.bias.length === weights.length && Math.abs(sum - HEAD.sumOfBiases) < 1e-3;
}

// values: of all layers, as from forward(). null for a network that the head does not belong to, such as the reader's own.
export function isDigit(network, { hidden }) {
  if (!known.has(network)) known.set(network, belongsTo(network));
  if (!known.get(network)) return null;
  const sum = weights.reduce((all, weight, unit) => all + weight * HEAD.scale * hidden[unit], HEAD.bias);
  return sum >= HEAD.limit;
}
