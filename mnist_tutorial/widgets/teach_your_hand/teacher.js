// Teaches a copy of a network a hand, in the engine's workers, and asks it before, meanwhile and after. It calls
// `changed` when there is something new to see.
import { createTrainer } from "../engine/engine.js";
import { digitsOf } from "./hand.js";
import { lessonOf, settingsOf, weightsOf } from "./recipe.js";

// network(): a promise of three layers. phase: "idle", "loading", "teaching", "done", "stopped" or "failed".
export function createTeacher({ source, network, changed, trainer: make = createTrainer }) {
  const teacher = { phase: "idle", problem: "", progress: null, step: 0, steps: 0, outcome: null };
  let attempt = 0; // a lesson that was given up must not go on when its digits arrive
  let trainer = null;
  let aborter = null;

  function enter(phase, problem = "") {
    Object.assign(teacher, { phase, problem });
    changed();
  }

  function letGo() {
    attempt += 1;
    aborter?.abort();
    trainer?.dispose();
    trainer = null;
  }

  // The answers for everything that is looked at, as { taught, kept, test }: the digits that are read.
  async function ask(parts) {
    const all = parts.flatMap(({ images }) => [images]);
    const images = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const one of all) {
      images.set(one, end);
      end += one.length;
    }
    const outputs = await trainer.predict(images);
    let first = 0;
    return parts.map(({ labels }) => Array.from(labels, () => {
      const ten = Array.from(outputs.subarray(10 * first, 10 * ++first));
      return ten.indexOf(Math.max(...ten));
    }));
  }

  async function loadAll(practise) {
    aborter = new AbortController();
    const { signal } = aborter;
    const onProgress = (progress) => {
      teacher.progress = progress;
      changed();
    };
    const layers = await network();
    const program = await source.program();
    const test = await source.test({ all: false, signal, onProgress });
    const old = practise ? await source.digits(0, { signal, onProgress }) : null;
    return { layers, program, test, old };
  }

  async function run(own, { taught, kept, practise, seed, workers }) {
    const { layers, program, test, old } = await loadAll(practise);
    if (own !== attempt) return;
    const parts = [digitsOf(taught), digitsOf(kept), test];
    const outcome = {
      drawings: { taught, kept }, test, practise, standIn: test.standIn,
      answers: [], // after each epoch, of the parts; the first ones are before it
      weights: null, settings: settingsOf(layers, seed), finished: false, arithmetic: "",
    };
    const asked = [];
    const made = await make({
      program, settings: outcome.settings, weights: weightsOf(layers), workers, ...lessonOf(parts[0], old, practise),
      onStep({ step, endOfEpoch }) {
        teacher.step = step;
        if (endOfEpoch && step < teacher.steps) asked.push(lookOn());
        changed();
      },
      onFailure: (error) => own === attempt && fail(error),
    });
    if (own !== attempt) return void made.dispose();
    trainer = made;
    const lookOn = async () => {
      const answers = await ask(parts).catch(() => null); // it was ended meanwhile
      if (answers && own === attempt) outcome.answers.push(answers);
      changed();
    };
    await lookOn();
    if (own !== attempt) return;
    outcome.arithmetic = made.arithmetic;
    Object.assign(teacher, { outcome, step: 0, steps: made.steps });
    enter("teaching");
    const { finished } = await made.train();
    await Promise.all(asked);
    await lookOn();
    const weights = await made.weights();
    if (own !== attempt) return;
    Object.assign(outcome, { weights, finished });
    trainer.dispose();
    trainer = null;
    enter(finished ? "done" : "stopped");
  }

  function fail(error) {
    trainer?.dispose();
    trainer = null;
    if (teacher.outcome && !teacher.outcome.weights) teacher.outcome = null;
    enter("failed", error.message);
  }

  return Object.assign(teacher, {
    // taught, kept: drawings. practise: whether old digits are learned as well.
    async teach(lesson) {
      letGo();
      const own = attempt;
      teacher.progress = null;
      enter("loading");
      try {
        await run(own, lesson);
      } catch (error) {
        if (own === attempt) fail(error);
      }
    },
    // Stops; what it has learned until then stays.
    async stop() {
      if (teacher.phase === "teaching") return void await trainer?.pause();
      if (teacher.phase !== "loading") return;
      letGo();
      enter(teacher.outcome ? "done" : "idle");
    },
    dispose: letGo,
  });
}
