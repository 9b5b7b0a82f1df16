// The network a widget works with: the reader's own in Jupyter, the book's reference network in the page.
import { decodeWeights } from "./weights_format.js";

// A promise of the three layers that `forward` takes. `weights` is the trait that Python fills from a Keras model.
export async function networkOf(model) {
  const own = model.get("weights");
  if (own && Object.keys(own).length) return decodeWeights(own);
  if (window.mnistTutorial) return window.mnistTutorial.network();
  throw new Error("This widget has no network: give it one in Python, as in DigitPad(model).");
}
