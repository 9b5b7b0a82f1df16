// The reader's own network: in the form that the widgets compute with, and in the browser's storage.
import { checkSettings, joinWeights, weightShapes } from "../engine/settings.js";

const [DATABASE, STORE, KEY] = ["mnist-tutorial", "networks", "own"];

// The three layers that `forward` takes. settings, weights: of the engine, the weights as Float32Arrays in Keras's
// order. Throws an Error in words for weights that do not fit the settings, and for a network that widgets cannot use.
export function layersOf({ settings, weights } = {}) {
  const checked = checkSettings(settings);
  const row = joinWeights(checked, weights); // a copy: a training may go on with the given ones
  const reason = refusal(checked);
  if (reason) throw new Error(`The widgets of this book cannot use this network: ${reason}`);
  let end = 0;
  const [convolution, hidden, output] = weightShapes(checked).reduce((layers, shape, i) => {
    const part = row.subarray(end, end += shape.reduce((product, length) => product * length, 1));
    if (i % 2) layers[layers.length - 1].bias = part;
    else layers.push({ shape, kernel: part });
    return layers;
  }, []);
  return { convolution, hidden, output };
}

// Why widgets cannot use a network of these settings, in words; "" if they can.
export function refusal({ hiddenUnits, softmax, scaling }) {
  if (!hiddenUnits) return "it has no hidden layer, and they show one. Train one with hidden units.";
  if (softmax === "none") return "it has no softmax, so that its outputs are not the probabilities that they show.";
  if (softmax === "twice") return "it has softmax twice, and they compute it once.";
  if (!scaling) return "it has learned from pixels from 0 to 255, and they give a network pixels from 0 to 1.";
  return "";
}

// Keeps { settings, weights, name } until it is forgotten; what was kept before stays if this fails, with an Error in
// words.
export async function keepRecord({ settings, weights, name }) {
  try {
    await inStore("readwrite", (store) => store.put({ settings: { ...settings }, weights, name }, KEY));
  } catch (error) {
    const full = error?.name === "QuotaExceededError";
    throw new Error(`The network was not kept: ${full ? "the browser's storage is full" : "the browser forbids it"}. ` +
      "It stays in use until you leave this page; to have it later, save it as a file.");
  }
}

// What was kept; null where there is nothing, or the browser forbids to look.
export async function readRecord() {
  try {
    return await inStore("readonly", (store) => store.get(KEY)) ?? null;
  } catch {
    return null;
  }
}

export function deleteRecord() {
  return inStore("readwrite", (store) => store.delete(KEY));
}

// A promise of what one request gives, once its transaction is complete.
function inStore(mode, ask) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const end = (settle, value) => {
        database.close();
        settle(value);
      };
      try {
        const transaction = database.transaction(STORE, mode);
        const request = ask(transaction.objectStore(STORE));
        transaction.oncomplete = () => end(resolve, request.result);
        transaction.onabort = () => end(reject, transaction.error ?? request.error);
      } catch (error) { // such as a database that another program has made
        end(reject, error);
      }
    };
  });
}
