// The lab without its looks: trainings, one at a time, and what came of those before. It asks a source (training_source.js)
// for digits and for the engine's program, and calls `changed` when there is something new to see.
import { createTrainer } from "../engine/engine.js";
import { createHistory, createPace, createRecord, fingerprint } from "./record.js";
import { MAX_RUNS, engineSettings, labSettings } from "./settings_table.js";

// A run has `members`, one for each seed that was trained. phase: "idle", "loading", "training", "paused", "finished"
// or "failed".
export function createLaboratory({ source, changed, say, trainer: make = createTrainer }) {
  const lab = {
    phase: "idle",
    progress: null, // { loaded, total }, in images, while digits come
    problem: "", // what went wrong last, in words
    runs: [],
    run: null, // the one that trains, or did last
    digits: null, // those of the latest run: { images, labels, validation, standIn }
    removed: null, // { run, at }: the run that was taken out last
  };
  let trainer = null; // of the latest run's latest member
  let attempt = 0; // a training that was given up must not go on when its digits arrive
  let aborter = null;
  let runCount = 0;

  const pace = createPace();
  const member = () => lab.run?.members[lab.run.members.length - 1];

  function enter(phase, problem = "") {
    Object.assign(lab, { phase, problem });
    changed();
  }

  function letGo() {
    attempt += 1;
    aborter?.abort();
    trainer?.dispose();
    trainer = null;
  }

  function addRun(settings, seeds) {
    if (lab.runs.length >= MAX_RUNS) {
      removeRun(lab.runs[1]); // the first stays, to compare with
      say(`Run ${lab.removed.run.number} was removed to make room; Undo brings it back.`);
    }
    const taken = lab.runs.map(({ style }) => style);
    const style = Array.from({ length: MAX_RUNS }, (_, i) => i).find((i) => !taken.includes(i)) ?? 0;
    const judged = lab.digits.validation.labels.length; // images that its validation accuracy is found on
    lab.run = { number: ++runCount, settings, seeds, style, members: [], seconds: 0, test: null, judged };
    lab.runs.push(lab.run);
  }

  // Make the trainer of the next seed. weights: where it begins, if not at random.
  async function nextMember(own, weights = null) {
    const { settings, seeds, members } = lab.run;
    const seed = seeds[members.length];
    const engine = engineSettings({ ...settings, seed });
    const { images, labels, validation } = lab.digits;
    const count = Math.min(settings.images, labels.length);
    const one = {
      seed, record: createRecord(), history: createHistory(), validations: [], step: 0, weights: null, before: null,
      stepsInEpoch: Math.ceil(count / settings.batch_size),
    };
    const program = await source.program();
    if (own !== attempt) return false;
    trainer?.dispose();
    trainer = null;
    const made = await make({
      program, settings: engine, images: images.subarray(0, 784 * count), labels: labels.subarray(0, count),
      validation, weights, workers: settings.workers,
      onStep(report) {
        one.step = report.step;
        one.record.add(report);
        one.history.addStep(report);
        one.report = report;
        pace.add(report.images);
        changed();
      },
      onValidation(report) {
        one.validations.push(report);
        one.history.addValidation(report);
        changed();
      },
      onFailure: (error) => own === attempt && fail(error),
    });
    if (own !== attempt) {
      made.dispose();
      return false;
    }
    trainer = made;
    one.steps = made.steps;
    one.before = (await made.weights())[0]; // the filters, to see how far they move
    if (own !== attempt) return false;
    lab.run.arithmetic = made.arithmetic;
    lab.run.members.push(one);
    return true;
  }

  function fail(error) {
    trainer?.dispose();
    trainer = null;
    enter("failed", error.message);
    say(error.message);
  }

  // Train until the run's end, or a pause.
  async function trainOn(own) {
    try {
      for (;;) {
        enter("training");
        pace.start();
        const begun = performance.now();
        const { finished } = await trainer.train();
        if (own !== attempt) return;
        lab.run.seconds += (performance.now() - begun) / 1000;
        if (!finished) return void enter("paused");
        await keepWeights();
        if (own !== attempt) return;
        if (lab.run.members.length === lab.run.seeds.length) return void enter("finished");
        if (!await nextMember(own)) return;
      }
    } catch (error) {
      if (own === attempt) fail(error);
    }
  }

  async function keepWeights() {
    const [one, weights] = [member(), await trainer.weights()];
    Object.assign(one, { weights, fingerprint: fingerprint(weights) });
  }

  // End the training, but keep what a run that was paused has learned.
  async function leaveRun() {
    if (trainer && (member()?.step || lab.run?.opened)) await keepWeights().catch(() => {}); // the worker may have died
    letGo();
  }

  async function begin(settings, seeds, weights) {
    lab.progress = null;
    enter("loading");
    await leaveRun();
    const own = attempt;
    try {
      engineSettings(settings);
      aborter = new AbortController();
      const digits = await source.digits(settings.images, {
        signal: aborter.signal,
        onProgress: (progress) => {
          lab.progress = progress;
          changed();
        },
      });
      if (own !== attempt) return false;
      lab.digits = digits;
      addRun(settings, seeds);
      return await nextMember(own, weights);
    } catch (error) {
      if (own !== attempt) return false;
      if (error.name === "AbortError") enter(lab.run ? "finished" : "idle");
      else fail(error);
      return false;
    }
  }

  function removeRun(run) {
    const at = lab.runs.indexOf(run);
    lab.removed = { run, at };
    lab.runs.splice(at, 1);
  }

  return Object.assign(lab, {
    pace,
    member,
    // Train with some settings, from the start. seeds: several, one after the other, or one.
    async train(settings, seeds = [settings.seed]) {
      if (await begin(settings, seeds)) await trainOn(attempt);
    },
    // A network from elsewhere as a run that can be judged, and trained on: the run, or null if that failed. engine:
    // its settings; the others are as in `settings`.
    async open(settings, engine, weights) {
      const all = { ...settings, ...labSettings(engine) };
      if (!await begin(all, [all.seed], weights)) return null;
      const own = attempt;
      try {
        lab.run.opened = true;
        const { images, labels } = lab.digits.validation;
        const report = await trainer.evaluate(images, labels);
        if (own !== attempt) return null;
        member().validations.push({ step: 0, ...report });
        enter("paused");
        return lab.run;
      } catch (error) {
        if (own === attempt) fail(error);
        return null;
      }
    },
    async pause() {
      if (lab.phase === "loading") {
        letGo();
        return enter(lab.run?.members.length ? "finished" : "idle");
      }
      if (lab.phase === "training") await trainer?.pause();
    },
    async goOn() {
      if (lab.phase === "paused" && trainer && !lab.run.test) await trainOn(attempt);
    },
    // One step of the latest run, or the first of a new one.
    async step(settings) {
      const fresh = lab.phase !== "paused" || lab.run.test;
      if (fresh && !await begin(settings, [settings.seed])) return;
      const own = attempt;
      try {
        pace.start();
        const { finished } = await trainer.step();
        if (own !== attempt) return;
        if (finished) await keepWeights();
        if (own === attempt) enter(finished ? "finished" : "paused");
      } catch (error) {
        if (own === attempt) fail(error);
      }
    },
    async startOver() {
      await leaveRun();
      lab.run = null;
      enter("idle");
    },
    // What the network at hand makes of some images, and its weights; null where there is none.
    async look(images) {
      if (!trainer || !lab.run) return null;
      try {
        const [outputs, weights] = await Promise.all([trainer.predict(images), trainer.weights()]);
        return { outputs, weights };
      } catch {
        return null; // it was ended meanwhile
      }
    },
    // Open the test set for a run: once, since it can surprise only once.
    async openTest(run) {
      if (run.test) return;
      try {
        const { images, labels } = await source.test({ all: run.settings.images === 54000 });
        const scores = [];
        for (const one of run.members) {
          const weights = one.weights ?? (run === lab.run && one === member() ? await trainer.weights() : null);
          if (weights) scores.push(await scoreOf(run, one.seed, weights, images, labels));
        }
        if (!scores.length) throw new Error("This run has no trained network; train it first.");
        run.test = { accuracies: scores.map(({ accuracy }) => accuracy), count: labels.length };
      } catch (error) {
        lab.problem = error.message;
        say(error.message);
      }
      changed();
    },
    weightsOf: async (run) => {
      const one = run.members[run.members.length - 1];
      return one.weights ?? (run === lab.run && trainer ? trainer.weights() : null);
    },
    async remove(run) {
      if (run === lab.run) {
        await leaveRun();
        lab.run = null;
        lab.phase = "idle";
      }
      removeRun(run);
      changed();
    },
    // Runs from before the page was left, the latest of which is the one at hand.
    restore(runs) {
      runCount = Math.max(...runs.map(({ number }) => number));
      lab.runs.push(...runs);
      lab.run = runs.find(({ number }) => number === runCount);
      enter("finished");
    },
    undoRemove() {
      const { run, at } = lab.removed;
      lab.runs.splice(at, 0, run);
      lab.removed = null;
      changed();
    },
    dispose: letGo,
  });

  async function scoreOf(run, seed, weights, images, labels) {
    const judge = await make({
      program: await source.program(), settings: engineSettings({ ...run.settings, seed }), weights,
      images: images.subarray(0, 784), labels: labels.subarray(0, 1), workers: 1,
    });
    try {
      await judge.setWeights(weights);
      return await judge.evaluate(images, labels);
    } finally {
      judge.dispose();
    }
  }
}
