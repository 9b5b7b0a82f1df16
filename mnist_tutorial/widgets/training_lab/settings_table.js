// What a reader can set in the lab, in the order in which it is shown, and ready-made settings by name. What a value
// may be is engine/settings.js's business; the lab adds how many images and how many workers there are.
import { checkSettings } from "../engine/settings.js";
import { whole } from "../frontend/arithmetic.js";

export const IMAGE_COUNTS = [500, 1000, 2000, 6000, 54000];
export const MAX_RUNS = 8;
const MAX_WORKERS = 8;

// name: as in Python and in links. engine: as the engine has it. choices: [value, what it is called]. isFirst: what the
// chapters have a reader change first; the other groups stand behind "More settings".
export const GROUPS = [
  { title: "How it is trained", isFirst: true, fields: [
    { name: "images", label: "training images",
      choices: IMAGE_COUNTS.map((count) => [count, whole(count)]) },
    { name: "epochs", engine: "epochs", label: "epochs" },
    { name: "batch_size", engine: "batchSize", label: "batch size" },
    { name: "learning_rate", engine: "learningRate", label: "learning rate" },
  ] },
  { title: "The optimizer and the seed", fields: [
    { name: "schedule", engine: "schedule", label: "schedule",
      choices: [["cosine", "falls to zero"], ["constant", "stays the same"]] },
    { name: "optimizer", engine: "optimizer", label: "optimizer",
      choices: [["adam", "Adam"], ["sgd", "plain SGD"]] },
    { name: "seed", engine: "seed", label: "seed" },
  ] },
  { title: "The network", fields: [
    { name: "filters", engine: "filters", label: "filters" },
    { name: "kernel_size", engine: "kernelSize", label: "filter size" },
    { name: "hidden_units", engine: "hiddenUnits", label: "hidden units" },
    { name: "dropout", engine: "dropout", label: "dropout" },
    { name: "shift", engine: "shift", label: "random shift (pixels)" },
  ] },
  { title: "Mistakes to make on purpose", fields: [
    { name: "softmax", engine: "softmax", label: "softmax",
      choices: [["once", "once (right)"], ["none", "left out"], ["twice", "twice"]] },
    { name: "loss", engine: "loss", label: "loss",
      choices: [["cross-entropy", "cross-entropy"], ["squared error", "squared error"]] },
    { name: "scaling", engine: "scaling", label: "pixels", choices: [[true, "divided by 255"], [false, "from 0 to 255"]] },
  ] },
  { title: "This computer", fields: [{ name: "workers", label: "workers" }] },
];
export const FIELDS = GROUPS.flatMap(({ fields }) => fields);

// What each changes, from the settings that the widget was made with.
export const PRESETS = [
  ["The book's network", {}],
  ["As the book trains it: all images", { images: 54000, epochs: 10, batch_size: 200 }],
  ["Ten times the learning rate", { learning_rate: 0.01 }],
  ["A hundred times the learning rate", { learning_rate: 0.1 }],
  ["A hundredth of the learning rate", { learning_rate: 0.00001 }],
  ["Very few images, for a long time", { images: 500, epochs: 40 }],
  ["Two filters instead of 30", { filters: 2 }],
  ["No hidden layer", { hidden_units: 0 }],
  ["Images shifted at random", { shift: 2 }],
  ["Mistake: no softmax", { softmax: "none" }],
  ["Mistake: softmax twice", { softmax: "twice" }],
  ["Mistake: pixels from 0 to 255", { scaling: false }],
  ["Mistake: squared error", { loss: "squared error" }],
];

// The engine's settings of the lab's. Throws an Error that says in words what does not fit.
export function engineSettings(given) {
  const fields = FIELDS.filter(({ engine }) => engine);
  return checkSettings(Object.fromEntries(fields.map(({ engine, name }) => [engine, given[name]])));
}

// The engine's settings with the names that the lab gives them.
export function labSettings(engine) {
  return Object.fromEntries(FIELDS.filter(({ engine: name }) => name).map(({ engine: own, name }) => [name, engine[own]]));
}

// The reason why a field cannot have a value, in words; null where it can.
export function refusal({ name, engine, label, choices }, value) {
  if (name === "workers") {
    return Number.isInteger(value) && value >= 1 && value <= MAX_WORKERS ? null
      : `expects a whole number from 1 to ${MAX_WORKERS}.`;
  }
  if (choices) {
    return choices.some(([choice]) => choice === value) ? null
      : `expects one of ${choices.map(([choice]) => choice).join(", ")}.`;
  }
  try {
    checkSettings({ [engine]: value });
    return null;
  } catch (error) {
    return error.message.replace(/^.*?; expected/, "expects").replace(/ The book has.*$/, "") || `cannot be ${label}.`;
  }
}

// What a reader has typed, as a number: a decimal comma is one. NaN where it is none.
export function numberOf(text) {
  const plain = text.trim().replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

// The settings in which some differ from others, as [label, value in words].
export function differences(settings, others) {
  return FIELDS.filter(({ name }) => settings[name] !== others[name])
    .map((field) => [field.label, inWords(field, settings[field.name])]);
}

export function inWords({ choices }, value) {
  return choices?.find(([choice]) => choice === value)?.[1] ?? String(value);
}
