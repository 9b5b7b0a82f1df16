// The network in WebAssembly: engine.c, with the same interface as plain_network.js.
import { checkSettings, joinWeights, splitWeights } from "./settings.js";

const PIXELS = 784;
const CLASSES = 10;
const PLACES = ["images", "labels", "outputs", "losses", "correct", "exchange", "parameters", "gradients"];
const SAVE_WEIGHTS = 0; // arguments of translate(); these numbers, and the order of PLACES, are those of engine.c
const SAVE_GRADIENTS = 1;
const RESTORE_WEIGHTS = 2;
const PIECE = 2e8; // products of two numbers, about 20 milliseconds: the longest piece of work before messages are handled

// module: engine.wasm, compiled. capacity: the most images of a batch. What is named with a * yields between its
// pieces.
export function createWebAssemblyNetwork(module, given, capacity) {
  const settings = checkSettings(given);
  const { filters, kernelSize, hiddenUnits, dropout, seed } = settings;
  const engine = new WebAssembly.Instance(module).exports;
  if (!engine.create(kernelSize, filters, hiddenUnits, capacity)) {
    throw new Error(`There is not enough memory for this network with ${capacity} images in a batch; ` +
      "choose smaller batches, fewer filters or fewer hidden units.");
  }
  const { buffer } = engine.memory; // its size is final now
  const places = Object.fromEntries(PLACES.map((name, i) => [name, engine.place(i)]));
  const bytes = (name, count) => new Uint8Array(buffer, places[name], count);
  const floats = (name, count) => new Float32Array(buffer, places[name], count);
  const softmaxes = { none: 0, once: 1, twice: 2 }[settings.softmax];
  engine.set_rules(softmaxes, Number(settings.loss === "squared error"), Number(settings.scaling),
    Math.floor(dropout * 2 ** 32), dropout);
  engine.set_seed(seed >>> 0, Math.floor(seed / 2 ** 32));
  engine.initialize();
  const layers = engine.count_layers();
  const weightsOf = (layer) => layer + 1 < layers ? hiddenUnits : CLASSES;
  const parameterCount = engine.count_parameters();

  function* forward(count, training) {
    const products = kernelSize ** 2 * filters * 600 + 8 * engine.count_input_panels(0) * weightsOf(0);
    const together = Math.max(8, Math.floor(PIECE / products / 8) * 8);
    for (let first = 0; first < count; first += together) {
      engine.forward(first, Math.min(together, count - first), Number(training));
      yield;
    }
    engine.judge();
  }

  function* backward(count) {
    for (let layer = layers - 1; layer >= 0; layer--) {
      const panels = engine.count_input_panels(layer);
      const together = Math.max(1, Math.floor(PIECE / (2 * 8 * count * weightsOf(layer))));
      for (let first = 0; first < panels; first += together) {
        engine.backward(layer, first, Math.min(together, panels - first));
        yield;
      }
    }
    for (let first = 0; first < count; first += 128) {
      engine.backward_convolution(first, Math.min(128, count - first));
      yield;
    }
    engine.finish_convolution();
  }

  // Results for the images in memory, as views: [image][10] outputs, and for each image its loss and whether it is
  // right.
  const results = (count) => ({
    outputs: floats("outputs", count * CLASSES), losses: floats("losses", count), correct: bytes("correct", count),
  });

  return {
    settings,
    parameters: floats("parameters", parameterCount), // in the engine's own order, as the gradients
    gradients: floats("gradients", parameterCount),
    // Memory for a batch: write images and labels here.
    images: bytes("images", capacity * PIXELS),
    labels: bytes("labels", capacity),

    // Gradients from the images in memory: the shards from firstShard on, of a batch of `total` images.
    * computeGradients({ total, firstShard, shards, step }) {
      const count = engine.begin(total, firstShard, shards, step);
      yield* forward(count, true);
      const found = results(count);
      yield* backward(count);
      return found;
    },
    * computeOutputs(count) {
      engine.begin(count, 0, 8, 0);
      yield* forward(count, false);
      return results(count);
    },
    update: (rate) => (settings.optimizer === "adam" ? engine.update_adam : engine.update_sgd)(rate),
    initialize: engine.initialize,
    weights: () => splitWeights(settings, floats("exchange", engine.translate(SAVE_WEIGHTS))),
    gradientsByLayer: () => splitWeights(settings, floats("exchange", engine.translate(SAVE_GRADIENTS))),
    setWeights(weights) {
      const row = joinWeights(settings, weights);
      floats("exchange", row.length).set(row);
      engine.translate(RESTORE_WEIGHTS);
    },
    // For a test: random words as the engine draws them.
    randomWords(purpose, occasion, place, count) {
      engine.random_words(purpose, occasion, place, count);
      return new Uint32Array(buffer, places.exchange, count).slice();
    },
  };
}
