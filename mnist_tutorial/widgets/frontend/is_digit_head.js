// Written by scripts/train_is_digit.py: a weight for each hidden unit of the book's network.
export const HEAD = {
  weights: "BSYI3/v++wA/HPtK9gC9IM4CJpwY1+cTKDG2TjYLLu05F/gUAAn69AMG1t0JBQYAf+cd6wD4/wD9Ok44C/ZA0Tkn" +
    "KUMAx/TgAA4YHN75EQdb6A3qMQDnruwAFRGo7AASACZAyRf27ysAGxIvFBn0AOIABPUAANUPAAD/L/cB6bs=",
  scale: 0.01333342, bias: -5.5038851, limit: -0.87889375,
  sumOfBiases: 0.66187378, // of the hidden layer: which network it was trained on
};
