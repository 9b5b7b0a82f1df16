// How a network is taught a hand: with which digits, and at which settings. scripts/teach_writers.py measures the same
// recipe on the writers of MNIST's test set. It was chosen on others: on those of the validation images, and on drawings.

const PIXELS = 784;
const OLD = 2000; // MNIST's digits that are practised, the first ones for training
const LEAST = 250; // drawings in an epoch, as often as each is needed for that

// The engine's settings for a network of three layers, as `forward` takes them. A fifth of the book's learning rate:
// the network is to change a little, not to begin anew.
export function settingsOf({ convolution, hidden }, seed) {
  const [kernelSize, , , filters] = convolution.shape;
  return { filters, kernelSize, hiddenUnits: hidden.shape[1], learningRate: 0.0002, batchSize: 25, epochs: 5, seed };
}

// The network's weights in the engine's order.
export function weightsOf({ convolution, hidden, output }) {
  return [convolution, hidden, output].flatMap(({ kernel, bias }) => [kernel, bias]);
}

// What it learns from in an epoch: { images, labels }, Uint8Arrays, of drawings and, if they are practised as well, of
// old digits. Both are given in the same form.
export function lessonOf(drawings, old, practise) {
  const parts = Array(Math.ceil(LEAST / drawings.labels.length)).fill(drawings);
  if (practise) parts.push({ images: old.images.subarray(0, OLD * PIXELS), labels: old.labels.subarray(0, OLD) });
  return { images: joined(parts.map(({ images }) => images)), labels: joined(parts.map(({ labels }) => labels)) };
}

function joined(rows) {
  const all = new Uint8Array(rows.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const row of rows) {
    all.set(row, end);
    end += row.length;
  }
  return all;
}
