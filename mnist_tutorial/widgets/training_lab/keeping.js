// The lab's runs, kept until the tab is closed: they are there again when the reader comes back to the page. Runs with
// their curves take little room; of the networks, the storage gets as many as it has room for, the latest first.
import { joinWeights, splitWeights, weightShapes } from "../engine/settings.js";
import { PIXELS } from "../frontend/image_data.js";
import { bytesOfText, textOfBytes } from "./dense_text.js";
import { WATCHED } from "./looks.js";
import { createHistory, createRecord } from "./record.js";
import { FIELDS, MAX_RUNS, engineSettings, refusal } from "./settings_table.js";

const FORBIDDEN = "The browser does not let this page keep runs: they are lost when you leave it.";
const FULL = "There is no room to keep the runs: they are lost when you leave the page.";
const HELD = "The runs stay until you close this tab, even when you leave the page";
const number = (value, from = -Infinity) => Number.isFinite(value) && value >= from;

// key: where in the storage. storage(): it, or an Error where it is forbidden.
export function createKeeper({ key, storage = () => window.sessionStorage }) {
  const nameOf = (run, place) => `${key} ${run.number} ${place} ${run.members[place].step}`;

  return {
    // Keeps the runs and the settings at hand, and returns in words what is kept. paused: { member, weights }, of the
    // member whose weights its worker has; null where they are not known. seen: what the latest run said of the watched
    // digits, or null.
    write({ runs, settings, seen = null }, paused = null) {
      const networks = inOrder(runs).map(([run, place]) => {
        const one = run.members[place];
        const weights = () => one.weights ?? (paused?.member === one ? paused.weights : null);
        return { name: nameOf(run, place), run, weights };
      });
      let place;
      try {
        place = storage();
        const others = Object.keys(place).filter((name) => name.startsWith(`${key} `))
          .filter((name) => !networks.some((one) => one.name === name));
        for (const name of others) place.removeItem(name);
        if (!runs.length) place.removeItem(key);
      } catch {
        return FORBIDDEN;
      }
      if (!runs.length) return "";
      const names = networks.map(({ name }) => name).reverse(); // the first to give way is the last in order
      if (!put(place, key, JSON.stringify({ settings, runs: runs.map(plainRun), seen: plainSeen(seen) }), names)) return FULL;
      const lacking = networks.filter(({ name, weights }, at) => {
        if (name in place || !weights()) return false;
        return !put(place, name, textOfWeights(weights()), names.slice(0, names.length - at - 1));
      }).map(({ run }) => run.number);
      return `${HELD}${lacking.length ? `, but without the network of ${runsInWords(lacking)}: there is no room` : ""}.`;
    },
    // { settings, runs, seen } of what was kept, without runs that are damaged; null where there is nothing.
    read() {
      try {
        const place = storage();
        const found = JSON.parse(place.getItem(key));
        const runs = found.runs.flatMap((one) => {
          try {
            return [runOf(one, {
              has: (run, at) => nameOf(run, at) in place, get: (run, at) => place.getItem(nameOf(run, at)),
            })];
          } catch { // other pages of the same host can also write there
            return [];
          }
        });
        if (!runs.length) return null;
        const isWhole = runs.length === found.runs.length; // else the latest may be the one that is missing
        return { runs, settings: settingsOf(found.settings), seen: isWhole ? seenOf(found.seen) : null };
      } catch { // forbidden, empty, or something else stands there
        return null;
      }
    },
  };
}

// Puts a text into the storage; where it is full, other entries give way, the first of their names first.
function put(place, name, text, others) {
  for (;;) {
    try {
      place.setItem(name, text);
      return true;
    } catch {
      const other = others.find((one) => one !== name && one in place);
      if (!other) return false;
      place.removeItem(other);
    }
  }
}

// Which networks to keep first, as [run, place among its members]: the latest of each run, from the latest run on.
function inOrder(runs) {
  const all = [...runs].sort((a, b) => b.number - a.number)
    .flatMap((run) => run.members.map((_, place) => [run, place]));
  const isLast = ([run, place]) => place === run.members.length - 1;
  return [...all.filter(isLast), ...all.filter((one) => !isLast(one))];
}

function textOfWeights(weights) {
  const row = new Float32Array(weights.reduce((sum, { length }) => sum + length, 0));
  weights.reduce((end, part) => (row.set(part, end), end + part.length), 0);
  return textOfBytes(new Uint8Array(row.buffer));
}

function floatsOf(text, count) {
  return new Float32Array(bytesOfText(text, 4 * count).buffer);
}

const plainSeen = (seen) => seen && {
  labels: Array.from(seen.labels), images: textOfBytes(seen.images),
  outputs: textOfBytes(new Uint8Array(Float32Array.from(seen.outputs).buffer)),
};

// What plainSeen made; null for anything else.
function seenOf(given) {
  const labels = given?.labels;
  const fits = Array.isArray(labels) && labels.length > 0 && labels.length <= WATCHED &&
    labels.every((label) => Number.isInteger(label) && label >= 0 && label <= 9) &&
    [given.images, given.outputs].every((text) => typeof text === "string");
  if (!fits) return null;
  const outputs = floatsOf(given.outputs, 10 * labels.length);
  return outputs.every(Number.isFinite) ? { labels, images: bytesOfText(given.images, PIXELS * labels.length), outputs } : null;
}

// A run as JSON can hold it, without its networks.
function plainRun({ members, ...run }) {
  return {
    ...run,
    members: members.map(({ seed, step, steps, stepsInEpoch, fingerprint, validations, record: { points } }) => ({
      seed, step, steps, stepsInEpoch, fingerprint, validations, count: points.length,
      points: textOfBytes(new Uint8Array(Float32Array.from(
        points.flatMap(({ step: at, loss, accuracy }) => [at, loss, accuracy])).buffer)),
    })),
  };
}

// A run from what plainRun made. networks: whether it has that of a member, and its text. Throws for what is no such run.
function runOf({ number: which, seeds, style, seconds, test, opened, judged, arithmetic, settings: given, members }, networks) {
  const settings = settingsOf(given);
  const fits = [which, seconds, judged, style].every((one) => number(one, 0)) && style < MAX_RUNS &&
    Array.isArray(seeds) && members.length > 0 && members.length <= seeds.length &&
    (test === null || (test.accuracies.every((one) => number(one, 0)) && number(test.count, 1)));
  if (!fits) throw new Error("This is no run.");
  const run = { number: which, settings, seeds, style, seconds, test, opened: opened === true, judged, arithmetic, restored: true };
  run.members = members;
  run.members = members.map((one, place) =>
    memberOf(one, engineSettings({ ...settings, seed: one.seed }), networks.has(run, place), () => networks.get(run, place)));
  return run;
}

function memberOf({ seed, step, steps, stepsInEpoch, fingerprint, validations, count, points: text }, settings, hasNetwork, textOf) {
  const row = floatsOf(text, 3 * count);
  const points = Array.from({ length: count }, (_, i) => ({ step: row[3 * i], loss: row[3 * i + 1], accuracy: row[3 * i + 2] }));
  if (![step, steps, stepsInEpoch].every((one) => number(one, 0))) throw new Error("This is no training.");
  const size = weightShapes(settings).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0);
  let weights; // read when they are first needed: they are many
  return {
    seed, step, steps, stepsInEpoch, hasNetwork, record: createRecord(points), history: createHistory(), before: null,
    fingerprint: /^[0-9a-f]{8}$/.test(fingerprint) ? fingerprint : undefined,
    validations: validations.filter(({ loss, accuracy }) => number(loss) && number(accuracy)),
    get weights() {
      if (weights === undefined) {
        const found = textOf();
        weights = found === null ? null : splitWeights(settings, floatsOf(found, size));
        try {
          if (weights) joinWeights(settings, weights);
        } catch { // damaged
          weights = null;
        }
      }
      return weights;
    },
  };
}

function settingsOf(given) {
  const settings = Object.fromEntries(FIELDS.map(({ name }) => [name, given[name]]));
  if (FIELDS.some((field) => refusal(field, settings[field.name]))) throw new Error("These are no settings.");
  return settings;
}

export function runsInWords(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  if (sorted.length === 1) return `run ${sorted[0]}`;
  return `runs ${sorted.slice(0, -1).join(", ")} and ${sorted[sorted.length - 1]}`;
}
