// The book's network backwards, as pure functions: the gradient of each number of the forward pass, and of each weight.
//
// The gradient of a number says how fast the loss rises when this number alone grows: by how much for each unit.
// What forward_pass.js computes from the image to the probabilities is taken up here from the loss on, in the same
// order of values, without dropout, as in use. Sums are kept in 64 bits.

// The gradients of what the layers return, and the loss, for one image.
// weights: { convolution, hidden, output }, as decodeWeights returns them. results: what `forward` returns for the
// image. label: the digit that is the right answer, 0 to 9.
// Returns { loss, logits, hidden, pooling, convolution }: a number, and a gradient for each value of `results`. Those
// of hidden and convolution are by the sums before the ReLU.
export function backward(weights, results, label) {
  const { loss, gradient: logits } = crossEntropy(results.logits, label);
  const hidden = throughRelu(throughDense(logits, weights.output), results.hidden);
  const pooling = throughDense(hidden, weights.hidden);
  const convolution = throughRelu(
    throughPooling(pooling, results.convolution, results.shapes.convolution), results.convolution);
  return { loss, logits, hidden, pooling, convolution };
}

// The gradients of all weights and biases. gradients: what `backward` returns.
// Returns { convolution, hidden, output }, each { kernel, bias }, in the order of the weights.
export function weightGradients(weights, pixels, results, gradients) {
  return {
    convolution: kernelsOfConvolution(
      pixels, gradients.convolution, results.shapes.convolution, weights.convolution.shape),
    hidden: kernelOfDense(results.flatten, gradients.hidden),
    output: kernelOfDense(results.hidden, gradients.logits),
  };
}

// The loss, minus the logarithm of the right answer's probability, and the gradient of each score: its probability,
// minus 1 for the right answer. Worked out from the scores: close to 0 and 1 the probabilities are too coarse.
export function crossEntropy(logits, label) {
  const largest = Math.max(...logits);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const others = powers.reduce((sum, power, digit) => (digit === label ? sum : sum + power), 0);
  const gradient = powers.map((power, digit) => (digit === label ? -others : power) / total);
  // Where the right answer's share is nearly 1, its logarithm is that of 1 + something small.
  const loss = label === logits.indexOf(largest) ? Math.log1p(others) : Math.log(total) + largest - logits[label];
  return { loss, gradient };
}

// From a dense layer's sums to its inputs: each input's weights times the gradients of the sums they go to.
export function throughDense(gradient, { shape: [inputs, units], kernel }) {
  const open = [...gradient.keys()].filter((unit) => gradient[unit] !== 0);
  const result = new Float64Array(inputs);
  for (let input = 0; input < inputs; input++) {
    let sum = 0;
    for (const unit of open) sum += gradient[unit] * kernel[input * units + unit];
    result[input] = sum;
  }
  return result;
}

// A gate: what came out above 0 lets its gradient through; where 0 came out, nothing comes back.
export function throughRelu(gradient, values) {
  return gradient.map((one, i) => (values[i] > 0 ? one : 0));
}

// Of each 2 x 2 block, only the largest value gets the block's gradient; of equal ones the first, as in TensorFlow.
// values: those before pooling, of `shape` [height, width, channels].
export function throughPooling(gradient, values, shape) {
  const result = new Float64Array(values.length);
  gradient.forEach((one, i) => { result[winnerOf(i, values, shape)] = one; });
  return result;
}

// Where in `values` the number stands that pooling kept at `index` of its result.
export function winnerOf(index, values, [, width, channels]) {
  const [channel, pixel] = [index % channels, Math.floor(index / channels)];
  const across = width >> 1;
  const corner = (2 * Math.floor(pixel / across) * width + 2 * (pixel % across)) * channels + channel;
  const block = [corner, corner + channels, corner + width * channels, corner + (width + 1) * channels];
  return block.reduce((best, at) => (values[at] > values[best] ? at : best));
}

// A dense layer's weights: the input times the gradient of the sum it goes to. A bias counts as a weight whose input
// is 1.
export function kernelOfDense(inputs, gradient) {
  const units = gradient.length;
  const kernel = new Float64Array(inputs.length * units);
  inputs.forEach((value, input) => {
    if (value === 0) return;
    for (let unit = 0; unit < units; unit++) kernel[input * units + unit] = value * gradient[unit];
  });
  return { kernel, bias: gradient };
}

// A filter's weights are used at every place of the map: the sum over all places of the pixel below the weight times
// the place's gradient.
export function kernelsOfConvolution(pixels, gradient, [height, width, filters], shape) {
  const [rows, columns] = shape;
  const side = width + columns - 1;
  const kernel = new Float64Array(rows * columns * filters);
  const bias = new Float64Array(filters);
  for (let at = 0; at < height * width * filters; at++) {
    const one = gradient[at];
    if (one === 0) continue; // three of four, at least: pooling has not kept them
    const [filter, place] = [at % filters, Math.floor(at / filters)];
    const corner = Math.floor(place / width) * side + place % width;
    bias[filter] += one;
    for (let i = 0; i < rows * columns; i++) {
      kernel[i * filters + filter] += one * pixels[corner + Math.floor(i / columns) * side + i % columns];
    }
  }
  return { kernel, bias };
}
