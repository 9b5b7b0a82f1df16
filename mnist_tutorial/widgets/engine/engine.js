// The engine's interface: train the network in workers, so that the page stays responsive, and read its results.
import { checkData, checkSettings, joinWeights } from "./settings.js";

const SHARDS = 8;

// The workers' program, { url, source }, from its file, training_engine.js, loaded on first use by a script tag so that
// file:// works. In Jupyter, where there is no such file, Python hands over its text: { source }.
export function loadProgram(url = `${window.mnistTutorial?.folder}training_engine.js`) {
  const found = () => window.mnistTutorial?.trainingEngine;
  if (found()) return Promise.resolve(found());
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => found() ? resolve(found()) : script.onerror();
    script.onerror = () => {
      script.remove(); // the next call may try again
      reject(new Error("The training engine could not be loaded: the file training_engine.js is missing or damaged."));
    };
    document.head.append(script);
  });
}

// A training of the network, ready to start; a promise, as its workers come first. program: of loadProgram. images: a
// Uint8Array, 784 bytes per image. labels: a Uint8Array. validation: the same two, looked at after each epoch, or
// nothing. weights: to start from, instead of those that follow from the seed. workers: how many share each batch, 1
// to 8; what comes out does not depend on it. plain: without WebAssembly, as where there is none. onStep,
// onValidation: called with { step, epoch, loss, accuracy, ... }. onFailure: called once with an Error if a worker
// dies. startWorker: for places without browsers' workers.
export async function createTrainer({
  program, settings: given, images, labels, validation = null, weights = null, workers: count = 1, plain = false,
  onStep = () => {}, onValidation = () => {}, onFailure = () => {}, startWorker = startBrowsersWorker,
}) {
  const settings = checkSettings(given);
  checkData(images, labels);
  if (validation) checkData(validation.images, validation.labels);
  if (weights) joinWeights(settings, weights);
  const shares = shareOut(count);
  const workers = [];
  const pending = new Map(); // by the number of a request: the functions that settle its promise
  let questions = 0;
  let ended = null; // the error that ended the training

  function end(error) {
    if (ended) return;
    ended = error;
    for (const worker of workers) worker.terminate();
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  }

  function hear({ id, error, result, event, report }) {
    if (event) (event === "step" ? onStep : onValidation)(report);
    const waiting = pending.get(id);
    pending.delete(id);
    if (error !== undefined) waiting?.reject(new Error(error));
    else waiting?.resolve(result);
  }

  function ask(worker, question, transfer = []) {
    return new Promise((resolve, reject) => {
      if (ended) throw ended;
      questions += 1;
      pending.set(questions, { resolve, reject });
      worker.postMessage({ ...question, id: questions }, transfer);
    });
  }

  try {
    for (let i = 0; i < count; i++) {
      const worker = startWorker(program);
      worker.onmessage = ({ data }) => { if (!ended) hear(data); };
      worker.onerror = (event) => {
        event.preventDefault?.();
        const error = new Error(`A worker of the training has stopped${event.message ? `: ${event.message}` : ""}. ` +
          "Start the training again; if it happens again, with fewer workers or smaller batches.");
        const first = !ended;
        end(error);
        if (first) onFailure(error);
      };
      workers.push(worker);
    }
    const common = { settings: { ...settings }, images, labels, plain };
    const channels = shares.slice(1).map((share) => ({ share, channel: new MessageChannel() }));
    const helpers = channels.map(({ share, channel }) => ({ share, port: channel.port1 }));
    const ports = helpers.map(({ port }) => port);
    const [{ arithmetic, steps }] = await Promise.all([
      ask(workers[0], { ...common, validation, weights, share: shares[0], helpers }, ports),
      ...channels.map(({ share, channel: { port2 } }, i) =>
        ask(workers[i + 1], { ...common, share, leader: port2 }, [port2])),
    ]);
    const order = (name, more) => ask(workers[0], { order: name, ...more });
    return {
      settings, steps, workers: count,
      arithmetic, // "WebAssembly", or "JavaScript" where there is none: the same to float32's last digits, slower
      // Train until all steps are taken or something stops it: a promise of { step, finished }.
      train: () => order("train", { steps: Infinity }),
      // Take one step: a promise of the same.
      step: () => order("train", { steps: 1 }),
      // Stop at once. A step in progress is discarded, and taken again when the training continues.
      pause: () => order("pause"),
      startOver: () => order("startOver"),
      // Float32Arrays in Keras's order: kernel and bias of each layer.
      weights: () => order("weights"),
      async setWeights(list) {
        joinWeights(settings, list);
        return order("setWeights", { weights: list });
      },
      // A Float32Array of ten outputs for each image.
      predict: (some) => order("predict", { images: some }),
      // { loss, accuracy }
      evaluate: (some, answers) => order("evaluate", { images: some, labels: answers }),
      // End the workers and free their memory.
      dispose: () => end(new Error("The training was ended; create a new one to go on.")),
    };
  } catch (error) {
    end(error);
    throw error;
  }
}

// Which shards of a batch each worker has: [first, how many]. The largest share is halved until there are enough.
function shareOut(count) {
  if (!Number.isInteger(count) || count < 1 || count > SHARDS) {
    throw new Error(`The workers were given as ${count}; expected a whole number from 1 to ${SHARDS}.`);
  }
  const shares = [[0, SHARDS]];
  while (shares.length < count) {
    const largest = Math.max(...shares.map(([, many]) => many));
    const at = shares.findIndex(([, many]) => many === largest);
    const [first] = shares[at];
    shares.splice(at, 1, [first, largest / 2], [first + largest / 2, largest / 2]);
  }
  return shares;
}

// From a server, a worker starts from its file, which a strict security policy allows; from file://, only a blob works.
function startBrowsersWorker({ url, source }) {
  if (url && /^https?:/.test(url) && new URL(url).origin === location.origin) return new Worker(url);
  const blob = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(blob);
  worker.addEventListener("message", () => URL.revokeObjectURL(blob), { once: true }); // by then it has been read
  return worker;
}
