// What benchmarks/drawing.py runs in its page.

// Collect in `times`, for each point that is answered, the milliseconds of script from its event to the probabilities.
// The widget listens on its pad: the window hears an event before it on the way down, and after it on the way up.
// Its handler only asks for a frame; what follows: the image, the network and what is written into the page.
const times = [];
const frame = window.requestAnimationFrame.bind(window);
function watchThePad() {
  const share = document.querySelector(".bw-share");
  let [start, spent] = [0, 0];
  for (const name of ["pointerdown", "pointermove"]) {
    window.addEventListener(name, () => { start = performance.now(); }, true);
    window.addEventListener(name, () => { spent += performance.now() - start; });
  }
  window.requestAnimationFrame = (callback) => frame((now) => {
    const begun = performance.now();
    callback(now);
    spent += performance.now() - begun;
    if (share.textContent !== "–") times.push(spent); // probabilities are written
    spent = 0;
  });
}
const settle = () => new Promise((done) => frame(() => frame(done)));

// Each contender is a function from 784 numbers to ten, or to a promise of them, and what has to be done before it.
const contenders = {};

async function addOurs() {
  const { forward } = await import("/forward_pass.js");
  const { quickForward } = await import("/quick_forward.js");
  const weights = await mnistTutorial.network();
  contenders["quick_forward.js"] = { run: (pixels) => quickForward(weights, pixels).probabilities };
  contenders["forward_pass.js"] = { run: (pixels) => forward(weights, pixels).probabilities };
  return weights;
}

// The weights in Keras's order, as base64 of their bytes.
function asTexts(weights) {
  return Object.values(weights).flatMap(({ kernel, bias }) => [kernel, bias]).map((floats) =>
    btoa(Array.from(new Uint8Array(floats.buffer), (byte) => String.fromCharCode(byte)).join("")));
}

// The same weights in TensorFlow.js, each layer with its bias and ReLU in one step, which is its fastest way.
// Threads are left out: a page has them only where the server sends headers for isolation.
async function addPeers(weights) {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  tf.wasm.setWasmPaths("/");
  for (const backend of ["cpu", "wasm"]) {
    if (!await tf.setBackend(backend)) throw new Error(`TensorFlow.js has no backend ${backend}.`);
    const [convolution, hidden, output] = ["convolution", "hidden", "output"].map((name) => {
      const { kernel, shape, bias } = weights[name];
      return { kernel: tf.tensor(kernel, shape), bias: tf.tensor1d(bias) };
    });
    const run = (pixels) => {
      let probabilities;
      tf.tidy(() => {
        const x = tf.tensor4d(pixels, [1, 28, 28, 1]);
        const maps = tf.fused.conv2d({
          x, filter: convolution.kernel, bias: convolution.bias, strides: 1, pad: "valid", activation: "relu",
        });
        const flat = tf.maxPool(maps, 2, 2, "valid").reshape([1, -1]);
        const units = tf.fused.matMul({ a: flat, b: hidden.kernel, bias: hidden.bias, activation: "relu" });
        probabilities = tf.softmax(tf.fused.matMul({ a: units, b: output.kernel, bias: output.bias })).dataSync();
      });
      return probabilities;
    };
    contenders[`TensorFlow.js, ${backend}`] = { run, before: () => tf.setBackend(backend) };
  }
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = "/";
  const session = await ort.InferenceSession.create("/network.onnx", { executionProviders: ["wasm"] });
  contenders["ONNX Runtime"] = {
    run: async (pixels) => {
      const { probabilities } = await session.run({ image: new ort.Tensor("float32", pixels, [1, 1, 28, 28]) });
      return probabilities.data;
    },
  };
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  return {
    "TensorFlow.js": `${tf.version.tfjs} (WebAssembly ${simd ? "with" : "without"} SIMD, one thread)`,
    "ONNX Runtime": `${ort.env.versions.web} (WebAssembly, one thread)`,
  };
}

// All contenders in turns, image by image. text: base64 of images of 784 bytes each.
// Returns the milliseconds by name, and the largest difference of a probability from ours.
async function compare(text, warmUp) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const passes = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  let difference = 0;
  for (let i = 0; i < warmUp + bytes.length / 784; i++) {
    const at = Math.max(0, i - warmUp) * 784;
    const pixels = Float32Array.from(bytes.subarray(at, at + 784), (level) => level / 255);
    let ours;
    for (const [name, { run, before }] of Object.entries(contenders)) {
      await before?.();
      const start = performance.now();
      const probabilities = await run(pixels);
      const time = performance.now() - start;
      if (i >= warmUp) passes[name].push(time);
      ours ??= probabilities;
      for (let digit = 0; digit < 10; digit++) {
        difference = Math.max(difference, Math.abs(probabilities[digit] - ours[digit])); // NaN stays NaN
      }
    }
  }
  return [passes, difference];
}
