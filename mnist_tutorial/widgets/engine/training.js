// A training, step by step: which images a batch holds, how large the step is, what is reported.
import { PURPOSES, randomWords, shuffled } from "./random_numbers.js";
import { checkData, checkImages } from "./settings.js";

const PIXELS = 784;
const SIDE = 28;
export const SHARDS = 8; // of a batch, however many workers share it; as in matrices.h

// network: of webassembly_network.js or plain_network.js. images: a Uint8Array, 784 bytes per image. labels: a
// Uint8Array. Generators yield between pieces of work; `drain` runs them to their end.
export function createTraining({ network, images, labels }) {
  checkData(images, labels);
  const { settings } = network;
  const { batchSize, epochs, seed } = settings;
  const count = labels.length;
  const stepsInEpoch = Math.ceil(count / batchSize);
  const decaySteps = Math.max(1, Math.floor(count / batchSize) * epochs); // as the book's compile_model counts them
  let order = { epoch: -1 };

  // The images of a step, as their numbers in the data.
  function batchOf(step) {
    const epoch = Math.floor(step / stepsInEpoch);
    if (order.epoch !== epoch) order = { epoch, numbers: shuffled(seed, epoch, count) };
    const first = step % stepsInEpoch * batchSize;
    return order.numbers.subarray(first, first + batchSize);
  }

  function rateOf(step) {
    const done = Math.min(step / decaySteps, 1);
    return settings.learningRate * (settings.schedule === "cosine" ? 0.5 * (1 + cosineOfHalfTurns(done)) : 1);
  }

  // The gradients of some shards of a step's batch, in network.gradients; returns for each image its loss and whether it is right.
  function* computeGradients(step, firstShard = 0, shards = SHARDS) {
    const batch = batchOf(step);
    const [first, end] = [firstShard, firstShard + shards].map((shard) => Math.floor(shard * batch.length / SHARDS));
    for (let i = first; i < end; i++) {
      const image = images.subarray(batch[i] * PIXELS, (batch[i] + 1) * PIXELS);
      const target = network.images.subarray((i - first) * PIXELS, (i - first + 1) * PIXELS);
      if (settings.shift) moveImage(image, target, randomWords(seed, PURPOSES.shift, step, i, 2), settings.shift);
      else target.set(image);
      network.labels[i - first] = labels[batch[i]];
    }
    const { losses, correct } = yield* network.computeGradients({ total: batch.length, firstShard, shards, step });
    return { losses: losses.slice(), correct: correct.slice() };
  }

  // Update the weights by the gradients in the network. found: what computeGradients returned, of all shards.
  function takeStep(step, { losses, correct }) {
    const loss = mean(losses);
    if (!Number.isFinite(loss)) {
      throw new Error(`The loss of step ${step + 1} is no longer a number: the training has diverged. ` +
        "Start again with a smaller learning rate.");
    }
    const rate = rateOf(step);
    network.update(rate);
    return {
      step: step + 1, epoch: Math.floor(step / stepsInEpoch) + 1, endOfEpoch: (step + 1) % stepsInEpoch === 0,
      loss, accuracy: mean(correct), rate, images: losses.length,
    };
  }

  return {
    steps: stepsInEpoch * epochs, stepsInEpoch, batchOf, rateOf, computeGradients, takeStep,
    // One whole step at once, for a caller that has no messages to handle.
    step: (step) => takeStep(step, drain(computeGradients(step))),
  };
}

// Outputs for any images, an array of ten for each.
export function* predict(network, images) {
  checkImages(images);
  const outputs = new Float32Array(images.length / PIXELS * 10);
  for (const [first, count] of parts(network, images)) {
    outputs.set((yield* network.computeOutputs(count)).outputs, first * 10);
  }
  return outputs;
}

// Mean loss and accuracy.
export function* evaluate(network, images, labels) {
  checkData(images, labels);
  const [losses, correct] = [new Float32Array(labels.length), new Uint8Array(labels.length)];
  for (const [first, count] of parts(network, images)) {
    network.labels.set(labels.subarray(first, first + count));
    const found = yield* network.computeOutputs(count);
    losses.set(found.losses, first);
    correct.set(found.correct, first);
  }
  return { loss: mean(losses), accuracy: mean(correct) };
}

// Copy images into the network, as many at a time as fit.
function* parts(network, images) {
  const capacity = network.images.length;
  for (let start = 0; start < images.length; start += capacity) {
    const part = images.subarray(start, start + capacity);
    network.images.set(part);
    yield [start / PIXELS, part.length / PIXELS];
  }
}

// Run a generator to its end; return what it returns.
export function drain(generator) {
  let result;
  do result = generator.next(); while (!result.done);
  return result.value;
}

// Move an image by whole pixels, at most `most` in each direction; what comes in is empty.
function moveImage(image, to, words, most) {
  const [down, across] = Array.from(words, (word) => Math.floor(word * (2 * most + 1) / 2 ** 32) - most);
  to.fill(0);
  for (let row = Math.max(0, down); row < SIDE + Math.min(0, down); row++) {
    const from = (row - down) * SIDE;
    const [first, end] = [Math.max(0, across), SIDE + Math.min(0, across)];
    to.set(image.subarray(from + first - across, from + end - across), row * SIDE + first);
  }
}

// cos(pi x) for x from 0 to 1, by its series: Math.cos may differ in its last digits between browsers.
function cosineOfHalfTurns(x) {
  if (x > 0.5) return -cosineOfHalfTurns(1 - x);
  const square = 3.141592653589793 * x * (3.141592653589793 * x);
  let sum = 1;
  for (let i = 20; i > 0; i -= 2) sum = 1 - sum * square / (i * (i - 1));
  return sum;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
