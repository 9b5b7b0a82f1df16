// The weights after what the reader has done to them: turned one, or taken steps of training.
//
// A change is { kind: "set", number, index, value }: one weight is given another value; or { kind: "descent" or "adam",
// label, image }: a step of training on one image, with `image` its position or, of a drawing, its strokes.
// All weights follow from the first ones and the list of changes, so that undoing is leaving out the last.
import { backward, weightGradients } from "../frontend/backward_pass.js";
import { forward } from "../frontend/forward_pass.js";

export const RATES = { descent: 0.001, adam: 0.001 };
const LAYERS = ["convolution", "hidden", "output"];
export const LAYER_OF = { "filter weight": "convolution", "hidden weight": "hidden", "output weight": "output" };

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
  const arrays = () => LAYERS.flatMap((layer) => [[layer, "kernel"], [layer, "bias"]]);

  function restart() {
    network = Object.fromEntries(LAYERS.map((layer) => {
      const { shape, kernel, bias } = first[layer];
      return [layer, { shape, kernel: kernel.slice(), bias: bias.slice() }];
    }));
    adam = { steps: 0, averages: {} };
    done = [];
  }

  function apply(change) {
    if (change.kind === "set") {
      network[LAYER_OF[change.number]].kernel[change.index] = change.value;
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

  restart();
  return {
    // The network after these changes. What has been done already is not done again, where that is possible.
    after(changes) {
      const texts = changes.map((change) => JSON.stringify(change));
      let same = 0;
      while (same < texts.length && texts[same] === done[same]) same++;
      if (same < done.length && !(same === done.length - 1 && turnsOn(done[same], changes[same]))) {
        restart();
        same = 0;
      }
      changes.slice(same).forEach(apply);
      done = texts;
      return network;
    },
  };
}

// Whether a change gives another value to the very weight that the last one, as text, has set.
function turnsOn(text, change) {
  const last = JSON.parse(text);
  return last.kind === "set" && change?.kind === "set" && last.number === change.number && last.index === change.index;
}
