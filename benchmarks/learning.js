// What benchmarks/learning.py runs in its page. Each contender is made once, and then trains whenever it is its turn.
const toBytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const contenders = {};
let digits;

function setDigits(images, labels) {
  digits = { images: toBytes(images), labels: toBytes(labels) };
}

const pixelsOf = (first, count) =>
  Float32Array.from(digits.images.subarray(first * 784, (first + count) * 784), (value) => value / 255);

// Batches of at most 200 images, as [first, count].
function* batches(count) {
  for (let first = 0; first < count; first += 200) yield [first, Math.min(200, count - first)];
}

function oneHot(first, count) {
  const rows = new Float32Array(count * 10);
  for (let i = 0; i < count; i++) rows[i * 10 + digits.labels[first + i]] = 1;
  return rows;
}

// Ours. settings: beside one epoch and a constant rate.
async function addOurs(name, count, workers, settings = {}) {
  const trainer = await face.createTrainer({
    program: await face.loadProgram("training_engine.js"),
    settings: { epochs: 1, schedule: "constant", ...settings },
    images: digits.images.subarray(0, count * 784), labels: digits.labels.subarray(0, count), workers,
  });
  contenders[name] = {
    count,
    async train() {
      await trainer.train();
      await trainer.startOver();
    },
  };
}

async function addTensorFlow(backend, count) {
  if (backend === "webgpu" && !await navigator.gpu?.requestAdapter()) return null;
  if (!await tf.setBackend(backend)) return null;
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.conv2d({ inputShape: [28, 28, 1], filters: 30, kernelSize: 5, activation: "relu" }),
      layers.maxPooling2d({ poolSize: 2 }), layers.dropout({ rate: 0.2 }), layers.flatten(),
      layers.dense({ units: 128, activation: "relu" }), layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.001), loss: "categoricalCrossentropy" });
  contenders[`TensorFlow.js, ${backend}`] = {
    count,
    async train() {
      await tf.setBackend(backend);
      for (const [first, many] of batches(count)) {
        const [x, y] = [tf.tensor4d(pixelsOf(first, many), [many, 28, 28, 1]), tf.tensor2d(oneHot(first, many), [many, 10])];
        await model.trainOnBatch(x, y);
        tf.dispose([x, y]);
      }
    },
  };
  return tf.version.tfjs;
}

// An image at a time; without dropout, and with its simplest optimizer.
function addConvNet(count) {
  const net = new convnetjs.Net();
  net.makeLayers([
    { type: "input", out_sx: 28, out_sy: 28, out_depth: 1 },
    { type: "conv", sx: 5, filters: 30, stride: 1, pad: 0, activation: "relu" },
    { type: "pool", sx: 2, stride: 2 },
    { type: "fc", num_neurons: 128, activation: "relu" },
    { type: "softmax", num_classes: 10 },
  ]);
  const trainer = new convnetjs.SGDTrainer(net, { method: "sgd", learning_rate: 0.01, momentum: 0.9, batch_size: 200 });
  contenders.ConvNetJS = {
    count,
    train() {
      for (let i = 0; i < count; i++) {
        const x = new convnetjs.Vol(28, 28, 1, 0);
        x.w.set(pixelsOf(i, 1));
        trainer.train(x, digits.labels[i]);
      }
    },
  };
}

// Without dropout. A function of jax-js uses up what it is given, unless that is passed as .ref.
async function addJax(count) {
  const { init, defaultDevice, jit, lax, nn, numpy: np, valueAndGrad } = await import("/index.js");
  if (!(await init()).includes("wasm")) return;
  defaultDevice("wasm");
  const lossOf = ([filters, filterBias, hidden, hiddenBias, output, outputBias], x, y) => {
    const count = x.shape[0];
    const maps = nn.relu(lax.conv(x, filters, [1, 1], "VALID").add(filterBias.reshape([1, 30, 1, 1])));
    const flat = np.max(maps.reshape([count, 30, 12, 2, 12, 2]), [3, 5]).reshape([count, 4320]);
    const units = nn.relu(np.dot(flat, hidden).add(hiddenBias));
    return nn.logSoftmax(np.dot(units, output).add(outputBias), -1).mul(y).sum().mul(-1 / count);
  };
  const step = jit((weights, moments, squares, x, y) => {
    const [loss, gradients] = valueAndGrad(lossOf)(weights.map((one) => one.ref), x, y);
    const newMoments = moments.map((one, i) => one.mul(0.9).add(gradients[i].ref.mul(0.1)));
    const newSquares = squares.map((one, i) => one.mul(0.999).add(np.square(gradients[i]).mul(0.001)));
    const newWeights = weights.map((one, i) =>
      one.sub(newMoments[i].ref.mul(0.001).div(np.sqrt(newSquares[i].ref).add(1e-7))));
    return [newWeights, newMoments, newSquares, loss];
  });
  const shapes = [[30, 1, 5, 5], [30], [4320, 128], [128], [128, 10], [10]];
  const filled = (make) => shapes.map((shape) => {
    const numbers = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, make);
    return np.array(numbers).reshape(shape);
  });
  let state = [filled(() => (Math.random() - 0.5) / 10), filled(() => 0), filled(() => 0)];
  contenders["jax-js, wasm"] = {
    count,
    async train() {
      for (const [first, many] of batches(count)) {
        const x = np.array(pixelsOf(first, many)).reshape([many, 1, 28, 28]);
        const y = np.array(oneHot(first, many)).reshape([many, 10]);
        const [weights, moments, squares, loss] = step(...state, x, y);
        state = [weights, moments, squares];
        const [value] = await loss.data();
        if (!Number.isFinite(value)) throw new Error(`jax-js: a loss of ${value}`);
      }
    },
  };
}

// Images in a second of one turn.
async function turn(name) {
  const { train, count } = contenders[name];
  const start = performance.now();
  await train();
  return 1000 * count / (performance.now() - start);
}

// Operations in a second: nothing but products and sums, for a third of a second.
function peak(text) {
  const { run, operations_each_time } = new WebAssembly.Instance(new WebAssembly.Module(toBytes(text))).exports;
  let [times, seconds] = [1000, 0];
  while (seconds < 0.3) {
    times *= 2;
    const start = performance.now();
    run(times);
    seconds = (performance.now() - start) / 1000;
  }
  return times * operations_each_time() / seconds;
}
