// What runs in a worker. One leads: it handles the page's requests and takes the optimizer's steps. Others may help: each
// computes the gradients of its shards of every batch. Weights and gradients are transferred in buffers, without a
// copy.
import { createPlainNetwork } from "./plain_network.js";
import { createTraining, drain, evaluate, predict } from "./training.js";
import { createWebAssemblyNetwork } from "./webassembly_network.js";

const MAX_BUSY = 10; // milliseconds of work before messages are handled
const MIN_CAPACITY = 256; // images of a batch when the network only evaluates

// scope: what a worker calls self. code: engine.wasm in base64. The first message says what this worker has to do.
export function serve(scope, code) {
  scope.onmessage = ({ data: { id, ...order } }) => {
    try {
      const network = createNetwork(code, order);
      const training = createTraining({ network, images: order.images, labels: order.labels });
      if (order.weights) network.setWeights(order.weights);
      if (order.leader) help(order, network, training);
      else lead(scope, order, network, training);
      scope.postMessage({ id, result: { arithmetic: network.arithmetic, steps: training.steps } });
    } catch (error) {
      scope.postMessage({ id, error: error.message });
    }
  };
}

function createNetwork(code, { settings, plain }) {
  const capacity = Math.max(settings.batchSize, MIN_CAPACITY);
  const module = plain ? null : compile(code);
  if (!module) return { ...createPlainNetwork(settings, capacity), arithmetic: "JavaScript" };
  return { ...createWebAssemblyNetwork(module, settings, capacity), arithmetic: "WebAssembly" };
}

function compile(code) {
  try {
    return new WebAssembly.Module(Uint8Array.from(atob(code), (character) => character.charCodeAt(0)));
  } catch {
    return null; // there is none, or the page's security policy forbids it
  }
}

function help({ leader, share }, network, training) {
  leader.onmessage = ({ data: { step, buffer } }) => {
    network.parameters.set(new Float32Array(buffer));
    const found = drain(training.computeGradients(step, ...share));
    new Float32Array(buffer).set(network.gradients);
    leader.postMessage({ ...found, buffer }, [buffer]);
  };
}

function lead(scope, { validation, helpers: ports, share }, network, training) {
  const helpers = ports.map(({ port, share: [first, count] }) => {
    const helper = { port, first, count, buffer: new ArrayBuffer(network.parameters.byteLength), reply: null };
    port.onmessage = ({ data }) => {
      helper.buffer = data.buffer;
      helper.receive(data);
    };
    return helper;
  });
  const handleMessages = messageHandler();
  let step = 0;
  let toValidate = false; // an epoch has ended
  let going = false;
  let running = null; // a promise, of the current order to train
  let stop = () => {}; // stops a step in progress
  let idle = Promise.resolve();
  const waiting = []; // requests that must wait until a step is done

  // Run to a generator's end, handling messages in between; null if the run was stopped.
  async function runInPieces(generator, isWanted) {
    for (let lastPause = performance.now(); ;) {
      const { done, value } = generator.next();
      if (done) return value;
      if (performance.now() - lastPause < MAX_BUSY) continue;
      await handleMessages();
      if (!isWanted()) return null;
      lastPause = performance.now();
    }
  }

  // One step, or null if it was stopped: then nothing has changed, and it can be taken again.
  async function takeStep() {
    await Promise.all(helpers.map(({ reply }) => reply)); // that of a step that was stopped
    for (const helper of helpers) {
      const { port, buffer } = helper;
      new Float32Array(buffer).set(network.parameters);
      helper.reply = new Promise((resolve) => { helper.receive = resolve; });
      port.postMessage({ step, buffer }, [buffer]);
    }
    const stopped = new Promise((resolve) => { stop = () => resolve(null); });
    const own = await runInPieces(training.computeGradients(step, ...share), () => going);
    const others = own && going && await Promise.race([Promise.all(helpers.map(({ reply }) => reply)), stopped]);
    if (!others) return null;
    const parts = [[...share, network.gradients],
      ...helpers.map(({ first, count, buffer }) => [first, count, new Float32Array(buffer)])];
    addInPairs(parts, 0, 8);
    const report = training.takeStep(step, {
      losses: joined([own.losses, ...others.map(({ losses }) => losses)]),
      correct: joined([own.correct, ...others.map(({ correct }) => correct)]),
    });
    step += 1;
    return report;
  }

  async function validate() {
    const found = await runInPieces(evaluate(network, validation.images, validation.labels), () => going);
    if (found) scope.postMessage({ event: "validation", report: { step, ...found } });
    return found;
  }

  // Take some steps, unless something stops them; returns where that led.
  async function run(steps) {
    while (going && (toValidate || (steps > 0 && step < training.steps))) {
      if (toValidate) {
        if (await validate()) toValidate = false;
      } else {
        const report = await takeStep();
        if (!report) break;
        steps -= 1;
        toValidate = report.endOfEpoch && Boolean(validation);
        scope.postMessage({ event: "step", report });
      }
      await answerWaiting();
      await handleMessages();
    }
    return { step, finished: step === training.steps };
  }

  async function answerWaiting() {
    for (let answer = waiting.shift(); answer; answer = waiting.shift()) await answer();
  }

  function train({ steps }) {
    if (running) throw new Error("The training is running already; pause it first.");
    going = true;
    running = (async () => {
      await idle;
      try {
        return await run(steps);
      } finally {
        await answerWaiting();
        running = null;
      }
    })();
    return running;
  }

  async function pause() {
    going = false;
    stop();
    await running?.catch(() => {}); // its caller gets its error
    return { step, finished: step === training.steps };
  }

  // Answer between two steps, one request after the other: they share the network's memory for images.
  function between(question) {
    return new Promise((resolve, reject) => {
      const answer = () => Promise.resolve().then(question).then(resolve, reject);
      if (running) waiting.push(answer);
      else idle = idle.then(answer);
    });
  }

  const orders = {
    train,
    pause,
    async startOver() {
      await pause();
      return between(() => {
        network.initialize();
        [step, toValidate] = [0, false];
      });
    },
    weights: () => between(() => network.weights()),
    setWeights: ({ weights }) => between(() => network.setWeights(weights)),
    predict: ({ images }) => between(() => runInPieces(predict(network, images), () => true)),
    evaluate: ({ images, labels }) => between(() => runInPieces(evaluate(network, images, labels), () => true)),
  };
  scope.onmessage = async ({ data: { id, order, ...given } }) => {
    try {
      const result = await orders[order](given);
      scope.postMessage({ id, result });
    } catch (error) {
      scope.postMessage({ id, error: error.message });
    }
  };
}

// Add gradients as add_in_pairs of matrices.h does within one worker: halves of halves, each from left to right.
// parts: [first shard, how many, gradients], the first of which becomes the sum. Returns the sum of some shards.
function addInPairs(parts, first, count) {
  const whole = parts.find((part) => part[0] === first && part[1] === count);
  if (whole) return whole[2];
  const [left, right] = [first, first + count / 2].map((start) => addInPairs(parts, start, count / 2));
  for (let i = 0; i < left.length; i++) left[i] += right[i];
  return left;
}

function joined(arrays) {
  const all = new arrays[0].constructor(arrays.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const array of arrays) {
    all.set(array, end);
    end += array.length;
  }
  return all;
}

// Handles the messages that have arrived. A timer would wait for milliseconds, and longer in a hidden tab.
function messageHandler() {
  const { port1, port2 } = new MessageChannel();
  let resume;
  port1.onmessage = () => resume();
  return () => new Promise((resolve) => {
    resume = resolve;
    port2.postMessage(null);
  });
}
