// The weights after what the reader has done to them: turned one, or taken steps of training.
//
// A change is { kind: "set", number, index, value }: one weight or bias is given another value; or { kind: "descent" or
// "adam", label, image }: a step of training on one image, with `image` its position or, of a drawing, its strokes.
// All weights follow from the first ones and the list of changes, so that undoing is leaving out the last.
import { backward, weightGradients } from "../frontend/backward_pass.js";
import { forward } from "../frontend/forward_pass.js";

export const RATES = { descent: 0.001, adam: 0.001 };
const MARK_EVERY = 5; // changes
const MAX_MARKS = 6; // of two to seven megabytes each
const LAYERS = ["convolution", "hidden", "output"];
const LAYER_OF = { filter: "convolution", hidden: "hidden", output: "output" };

// The weights or biases that a number such as "filter bias" is one of.
export function parametersOf(network, number) {
  const [layer, kind] = number.split(" ");
  return network[LAYER_OF[layer]][kind === "bias" ? "bias" : "kernel"];
}

// All that is to be known of a network and an image: what `forward`, `backward` and `weightGradients` return.
export function examine(network, pixels, label) {
  const results = forward(network, pixels);
  const gradients = backward(network, results, label);
  const ofWeights = weightGradients(network, pixels, results, gradients);
  return { network, pixels, label, results, gradients, ofWeights };
}

// pixelsOf(image): the 784 numbers of a change's image.
export function trainer(first, pixelsOf) {
  let network; // a copy: other widgets of the page work with the first one
  let adam; // the optimizer's averages, and how many steps it has taken
  let done; // the changes in `network`, each as text
  let marks = []; // copies of both after some of the changes, to go back to: { count, network, adam }
  const arrays = () => LAYERS.flatMap((layer) => [[layer, "kernel"], [layer, "bias"]]);

  const copyOf = (layers) => Object.fromEntries(LAYERS.map((layer) => {
    const { shape, kernel, bias } = layers[layer];
    return [layer, { shape, kernel: kernel.slice(), bias: bias.slice() }];
  }));
  const copyOfAdam = ({ steps, averages }) => ({
    steps, averages: Object.fromEntries(Object.entries(averages).map(([name, pair]) =>
      [name, pair.map((values) => values.slice())])),
  });

  // Goes back to the last mark, or to the beginning.
  function goBack() {
    const mark = marks[marks.length - 1] ?? { count: 0, network: first, adam: { steps: 0, averages: {} } };
    network = copyOf(mark.network);
    adam = copyOfAdam(mark.adam);
    done = (done ?? []).slice(0, mark.count);
  }

  function setMark(count) {
    if (count % MARK_EVERY) return;
    marks.push({ count, network: copyOf(network), adam: copyOfAdam(adam) });
    if (marks.length > MAX_MARKS) marks.shift();
  }

  function apply(change) {
    if (change.kind === "set") {
      parametersOf(network, change.number)[change.index] = change.value;
      return;
    }
    const { ofWeights } = examine(network, pixelsOf(change.image), change.label);
    if (change.kind === "adam") adam.steps++;
    for (const [layer, name] of arrays()) {
      const [weights, gradient] = [network[layer][name], ofWeights[layer][name]];
      if (change.kind === "descent") {
        for (let i = 0; i < weights.length; i++) weights[i] -= RATES.descent * gradient[i];
      } else {
        const averages = adam.averages[`${layer} ${name}`] ??= [0, 0].map(() => new Float32Array(weights.length));
        adamStep(weights, gradient, averages);
      }
    }
  }

  // Adam as Keras has it: the averages of the gradient and of its square begin at 0, for which the first steps make up.
  function adamStep(weights, gradient, [mean, square]) {
    const rate = RATES.adam * Math.sqrt(1 - 0.999 ** adam.steps) / (1 - 0.9 ** adam.steps);
    for (let i = 0; i < weights.length; i++) {
      if (gradient[i] === 0 && square[i] === 0) continue; // most are
      mean[i] += (gradient[i] - mean[i]) * (1 - 0.9);
      square[i] += (gradient[i] ** 2 - square[i]) * (1 - 0.999);
      weights[i] -= rate * mean[i] / (Math.sqrt(square[i]) + 1e-7);
    }
  }

  goBack();
  return {
    // The network after these changes. What has been done already is not done again, where that is possible.
    after(changes) {
      const texts = changes.map((change) => JSON.stringify(change));
      let same = 0;
      while (same < texts.length && texts[same] === done[same]) same++;
      marks = marks.filter(({ count }) => count <= same);
      if (same < done.length && !(same === done.length - 1 && turnsOn(done[same], changes[same]))) {
        goBack();
        same = done.length;
      }
      for (; same < changes.length; same++) {
        apply(changes[same]);
        setMark(same + 1);
      }
      done = texts;
      return network;
    },
    // How many weights and biases are others than at the beginning, and how many there are.
    countChanged() {
      let [changed, all] = [0, 0];
      for (const [layer, name] of arrays()) {
        const [before, after] = [first[layer][name], network[layer][name]];
        for (let i = 0; i < before.length; i++) if (before[i] !== after[i]) changed++;
        all += before.length;
      }
      return { changed, all };
    },
  };
}

// Whether a change gives another value to the very weight that the last one, as text, has set.
function turnsOn(text, change) {
  const last = JSON.parse(text);
  return last.kind === "set" && change?.kind === "set" && last.number === change.number && last.index === change.index;
}
