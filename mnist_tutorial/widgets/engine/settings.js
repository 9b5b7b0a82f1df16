// The settings of a training, with the book's own as defaults.

const SETTINGS = {
  filters: { initial: 30, from: 1, to: 64, whole: true, what: "the convolution's filters" },
  kernelSize: { initial: 5, from: 1, to: 9, whole: true, what: "rows and columns of the convolution's window" },
  hiddenUnits: { initial: 128, from: 0, to: 512, whole: true, what: "units of the hidden layer; 0 leaves it out" },
  dropout: { initial: 0.2, from: 0, to: 0.95, what: "the share of values that dropout sets to zero" },
  softmax: { initial: "once", choices: ["once", "none", "twice"], what: "what happens to the ten outputs" },
  loss: { initial: "cross-entropy", choices: ["cross-entropy", "squared error"], what: "what training makes small" },
  scaling: { initial: true, choices: [true, false], what: "whether pixels are divided by 255" },
  optimizer: { initial: "adam", choices: ["adam", "sgd"], what: "how a gradient becomes a step" },
  learningRate: { initial: 0.001, from: 1e-6, to: 100, what: "the size of a step" },
  schedule: { initial: "cosine", choices: ["cosine", "constant"], what: "how the learning rate changes" },
  batchSize: { initial: 200, from: 1, to: 1024, whole: true, what: "images in a batch" },
  epochs: { initial: 10, from: 1, to: 1000, whole: true, what: "how often training goes through all images" },
  shift: { initial: 0, from: 0, to: 8, whole: true, what: "by how many pixels, at most, an image is randomly moved" },
  seed: { initial: 1, from: 0, to: Number.MAX_SAFE_INTEGER, whole: true, what: "what all random numbers follow from" },
};

// All settings, the missing ones as in the book. Throws an Error that says in words what does not fit.
export function checkSettings(given = {}) {
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    throw new Error(`The settings were given as ${inWords(given)}; expected an object such as { filters: 30 }.`);
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(SETTINGS, name));
  if (unknown !== undefined) {
    throw new Error(`There is no setting ${inWords(unknown)}; the settings are ${Object.keys(SETTINGS).join(", ")}. ` +
      "Take it out, or give it one of these names.");
  }
  const settings = {};
  for (const [name, rule] of Object.entries(SETTINGS)) {
    const value = Object.hasOwn(given, name) ? given[name] : rule.initial;
    if (!fits(value, rule)) {
      throw new Error(`The setting ${name} was given as ${inWords(value)}; ` +
        `expected ${expected(rule)} (${rule.what}). The book has ${inWords(rule.initial)}.`);
    }
    settings[name] = value;
  }
  return Object.freeze(settings);
}

function fits(value, { choices, from, to, whole }) {
  if (choices) return choices.includes(value);
  return typeof value === "number" && value >= from && value <= to && (!whole || Number.isInteger(value));
}

function expected({ choices, from, to, whole }) {
  return choices ? choices.map(inWords).join(" or ") : `a ${whole ? "whole " : ""}number from ${from} to ${to}`;
}

function inWords(value) {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  return Array.isArray(value) ? "a list" : value !== null && typeof value === "object" ? "an object" : String(value);
}

const PIXELS = 784;

// Throws an Error unless images are whole images of 784 bytes each, as many as there are labels from 0 to 9.
export function checkData(images, labels) {
  checkImages(images);
  if (!(labels instanceof Uint8Array)) {
    throw new Error(`The labels were given as ${kindOf(labels)}; expected a Uint8Array of digits from 0 to 9.`);
  }
  if (labels.length * PIXELS !== images.length || labels.length === 0) {
    throw new Error(`${images.length / PIXELS} images were given, and ${labels.length} labels; ` +
      "expected one label for each image, and at least one image.");
  }
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0) throw new Error(`Label ${wrong} was given as ${labels[wrong]}; expected a digit from 0 to 9.`);
}

export function checkImages(images) {
  if (!(images instanceof Uint8Array)) {
    throw new Error(`The images were given as ${kindOf(images)}; expected a Uint8Array of pixels from 0 to 255.`);
  }
  if (images.length % PIXELS) {
    throw new Error(`The images were given as ${images.length} bytes; ` +
      `expected ${PIXELS} bytes for each image, row by row.`);
  }
}

function kindOf(value) {
  return value === null || value === undefined ? String(value) : value.constructor?.name ?? typeof value;
}

// The shapes of all weights in Keras's order: kernel and bias of each layer.
export function weightShapes({ filters, kernelSize, hiddenUnits }) {
  const inputs = Math.floor((28 - kernelSize + 1) / 2) ** 2 * filters;
  const dense = hiddenUnits ? [[inputs, hiddenUnits], [hiddenUnits], [hiddenUnits, 10], [10]] : [[inputs, 10], [10]];
  return [[kernelSize, kernelSize, 1, filters], [filters], ...dense];
}

// One row of all weights as a list of Float32Arrays, each a copy of its own.
export function splitWeights(settings, row) {
  let end = 0;
  return weightShapes(settings).map((shape) => row.slice(end, end += sizeOf(shape)));
}

// A list of weights as one row. Throws an Error unless they are finite numbers that fit the network.
export function joinWeights(settings, weights) {
  const shapes = weightShapes(settings);
  const [given, fit] = [weights?.length, shapes.map((shape) => shape.join(" x ")).join(", ")];
  if (given !== shapes.length || shapes.some((shape, i) => weights[i]?.length !== sizeOf(shape))) {
    throw new Error(`The weights were given as ${given ?? "no"} arrays of lengths ` +
      `${Array.from(weights ?? [], (one) => one?.length).join(", ")}; expected those of ${fit}. ` +
      "Were they made by a network of other settings?");
  }
  const row = new Float32Array(shapes.reduce((sum, shape) => sum + sizeOf(shape), 0));
  let end = 0;
  for (const one of weights) {
    row.set(one, end);
    end += one.length;
  }
  const wrong = row.findIndex((weight) => !Number.isFinite(weight));
  if (wrong >= 0) throw new Error(`Weight ${wrong} was given as ${row[wrong]}; expected finite numbers.`);
  return row;
}

function sizeOf(shape) {
  return shape.reduce((product, length) => product * length, 1);
}
