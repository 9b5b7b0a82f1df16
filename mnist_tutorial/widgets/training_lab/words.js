// What the lab says of itself.
import { whole } from "../frontend/arithmetic.js";
import { runsInWords } from "./keeping.js";
import { accuracyInWords } from "./runs_table.js";

const capital = (text) => text[0].toUpperCase() + text.slice(1);

// A few sentences on what is going on. isChanged: whether the settings are others than those of the latest run. ignored:
// what the latest link had that cannot be used.
export function statusInWords(lab, { isChanged, ignored }) {
  const { phase, run, problem, progress } = lab;
  const one = lab.member();
  if (problem) return problem;
  if (phase === "loading") {
    return progress ? `Loading the digits: ${whole(progress.loaded)} of ${whole(progress.total)}.`
      : "Loading the digits …";
  }
  if (phase === "training") return progressInWords(lab);
  const except = ignored.length ? `The link's settings are loaded, except: ${ignored.join("; ")}.` : "";
  if (!run || !one) return except || "Choose settings, guess what will happen, and press Train.";
  if (run.restored) return `${restoredInWords(lab)} ${except}`;
  const notes = [
    isChanged ? " The settings have changed: Train begins a new run." : "",
    run.arithmetic === "JavaScript"
      ? " WebAssembly is missing or forbidden here: plain JavaScript trains instead, many times more slowly." : "",
    lab.digits?.standIn ? " These are drawn stand-in digits, not MNIST's." : "",
    except && ` ${except}`,
  ];
  return `Run ${run.number} is ${phase === "finished" ? "done" : "paused"}: ${whereInWords(run, one)}.` +
    scoreInWords(lab) + notes.join("");
}

// What has come back with a page that was left.
function restoredInWords(lab) {
  const { run, runs } = lab;
  const back = runs.filter(({ restored }) => restored);
  const one = back.length === 1;
  const without = back.filter(({ members }) => !members[members.length - 1].hasNetwork).map(({ number }) => number);
  const what = without.length
    ? `curves and results, but without the ${without.length === 1 ? "network" : "networks"} of ${runsInWords(without)}`
    : `curves, results and ${one ? "network" : "networks"}`;
  const { step, steps } = lab.member();
  const left = step < steps || run.members.length < run.seeds.length
    ? ` Run ${run.number} ends where you left it: ${whereInWords(run, lab.member())}.` : "";
  return `${capital(runsInWords(back.map(({ number }) => number)))} ${one ? "is" : "are"} back, with ` +
    `${what}; the fields are as you left them.${left}${scoreInWords(lab)}`;
}

function whereInWords({ seeds, members, settings: { epochs } }, { step, steps, stepsInEpoch }) {
  const seed = seeds.length > 1 ? `seed ${members.length} of ${seeds.length}, ` : "";
  const epoch = Math.min(epochs, Math.floor(step / stepsInEpoch) + 1);
  return `${seed}epoch ${epoch} of ${epochs}, step ${whole(step)} of ${whole(steps)}`;
}

function progressInWords(lab) {
  const { run } = lab;
  const one = lab.member();
  const where = capital(whereInWords(run, one));
  const pace = lab.pace.imagesPerSecond();
  if (!pace) return `${where}.`;
  const steps = one.steps - one.step + (run.seeds.length - run.members.length) * one.steps;
  const left = timeInWords(steps * run.settings.batch_size / pace);
  return `${where}: ${whole(Math.round(pace / 10) * 10)} images per second, ${left} left.`;
}

function scoreInWords(lab) {
  const accuracies = lab.run.members.flatMap(({ validations }) => validations.slice(-1)).map(({ accuracy }) => accuracy);
  const { judged } = lab.run;
  if (accuracies.length) {
    return ` Validation accuracy ${accuracyInWords(accuracies, judged)} on ${whole(judged)} images.`;
  }
  const { report } = lab.member();
  return report ? ` Loss of the latest batch ${report.loss.toFixed(4)}.` : "";
}

function timeInWords(seconds) {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}
