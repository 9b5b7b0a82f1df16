// The network to teach, and what it reads drawings as.
import { scaledImageAt } from "../frontend/image_data.js";
import { quickForward } from "../frontend/quick_forward.js";
import { decodeWeights } from "../frontend/weights_format.js";

// start(): Python's weights; none for the book's. loaded(): called when the network is here.
export function createReader({ start, loaded }) {
  let layers = null; // of the network, once it is here
  let asked = null;
  const read = new WeakMap(); // by drawing
  return {
    // A promise of its three layers.
    network() {
      const own = start();
      asked ??= (own && Object.keys(own).length ? Promise.resolve(own).then(decodeWeights)
        : window.mnistTutorial?.bookNetwork() ?? Promise.reject(new Error("There is no network to teach: give it one in Python.")))
        .then((found) => {
          layers = found;
          loaded();
          return found;
        }).catch((error) => {
          asked = null; // the next call may try again
          throw error;
        });
      return asked;
    },
    // Before a lesson; null while the network is not here.
    before(drawing) {
      if (!layers) return null;
      if (!read.has(drawing)) {
        const ten = Array.from(quickForward(layers, scaledImageAt(drawing.image, 0)).probabilities);
        read.set(drawing, ten.indexOf(Math.max(...ten)));
      }
      return read.get(drawing);
    },
    // After the lesson of an outcome; null for a drawing that had no part in it, or no lesson.
    after(drawing, outcome) {
      if (!outcome?.weights) return null;
      const [taught, kept] = outcome.answers.at(-1);
      const at = { taught: outcome.drawings.taught.indexOf(drawing), kept: outcome.drawings.kept.indexOf(drawing) };
      return at.taught >= 0 ? taught[at.taught] : at.kept >= 0 ? kept[at.kept] : null;
    },
  };
}
