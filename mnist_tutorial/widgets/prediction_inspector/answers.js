// The answers to the digits held: those that Python gave, or those of the reader's own network.
import { unpackedImageAt } from "../frontend/image_data.js";
import { quickForward } from "../frontend/quick_forward.js";
import { bytesOf } from "../frontend/traits.js";

const TURN = 10; // milliseconds of work, after which the page has its turn

const answerOf = (ten) => ten.indexOf(Math.max(...ten));
const confidenceOf = (probabilities) => probabilities.map((ten) => Math.max(...ten));

// { probabilities, answers, confidence, counts }: `counts` are of all the digits that Python was given.
export function recordedAnswers(model) {
  const numbers = new Float32Array(bytesOf(model, "probabilities").slice().buffer);
  const probabilities = model.get("labels").map((_, index) => Array.from(numbers.subarray(10 * index, 10 * index + 10)));
  return {
    probabilities, answers: probabilities.map(answerOf), confidence: confidenceOf(probabilities),
    counts: model.get("counts"),
  };
}

// A promise of the same from a network's three layers, where `counts` are of the digits held; null once isWanted()
// says no.
export async function answersOf(network, model, isWanted) {
  const [images, labels] = [bytesOf(model, "images"), model.get("labels")];
  const probabilities = [];
  let begun = performance.now();
  for (let index = 0; index < labels.length; index++) {
    if (performance.now() - begun > TURN) {
      await new Promise((resolve) => setTimeout(resolve));
      if (!isWanted()) return null;
      begun = performance.now();
    }
    const pixels = Float32Array.from(unpackedImageAt(images, index), (level) => level / 15);
    probabilities.push(Array.from(quickForward(network, pixels).probabilities));
  }
  const answers = probabilities.map(answerOf);
  const counts = Array(100).fill(0);
  answers.forEach((answer, index) => { counts[10 * labels[index] + answer] += 1; });
  return { probabilities, answers, confidence: confidenceOf(probabilities), counts };
}
