// The generator of random_numbers.h, in JavaScript; random_numbers.py describes it and its uses.

export const PURPOSES = { convolutionWeights: 0, hiddenWeights: 1, outputWeights: 2, shuffle: 3, dropout: 4, shift: 5 };

const MULTIPLIER_1 = 0xD2511F53;
const MULTIPLIER_2 = 0xCD9E8D57;

// The upper 32 bits of the product of two words, by halves: a product of words is more than a number holds exactly.
function upperHalf(a, b) {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xFFFF, a >>> 16, b & 0xFFFF, b >>> 16];
  const middle = aHigh * bLow + Math.floor(aLow * bLow / 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor((middle % 0x10000 + aLow * bHigh) / 0x10000)) >>> 0;
}

function philox(words, keyLow, keyHigh) {
  for (let round = 0; round < 10; round++) {
    const [a, b, c, d] = words;
    words[0] = upperHalf(MULTIPLIER_2, c) ^ b ^ keyLow;
    words[1] = Math.imul(MULTIPLIER_2, c);
    words[2] = upperHalf(MULTIPLIER_1, a) ^ d ^ keyHigh;
    words[3] = Math.imul(MULTIPLIER_1, a);
    keyLow = (keyLow + 0x9E3779B9) >>> 0;
    keyHigh = (keyHigh + 0xBB67AE85) >>> 0;
  }
}

// `count` random words, a Uint32Array: always the same for the same seed, purpose, occasion (the step or epoch) and
// place (of an image in its batch).
export function randomWords(seed, purpose, occasion, place, count) {
  const words = new Uint32Array(Math.ceil(count / 4) * 4);
  const block = new Uint32Array(4);
  const [keyLow, keyHigh] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  for (let i = 0; i < words.length; i += 4) {
    block.set([i / 4, place, occasion, purpose]);
    philox(block, keyLow, keyHigh);
    words.set(block, i);
  }
  return words.subarray(0, count);
}

// The numbers from 0 to count - 1 in the order of an epoch, a Uint32Array: Fisher and Yates's shuffle, from the end.
export function shuffled(seed, epoch, count) {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const words = randomWords(seed, PURPOSES.shuffle, epoch, 0, count);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(words[i] * (i + 1) / 2 ** 32);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
