// Runs that differ in one number alone, such as the learning rate: their validation accuracy against that number.
import { interval } from "../frontend/arithmetic.js";
import { s } from "../frontend/charts.js";
import { h } from "../frontend/controls.js";
import { accuracyAxis, marker } from "./curves.js";
import { accuracyInWords, accuraciesOf } from "./runs_table.js";
import { mean } from "./record.js";
import { FIELDS, inWords } from "./settings_table.js";

const FEWEST = 3; // values, from which on there is something to see
const [WIDTH, HEIGHT] = [340, 150]; // of the drawing, in the units of its viewBox
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 322, 26, 120];
const APART = 40; // units between two names of values
const SWEPT = FIELDS.filter(({ name, choices }) => !["seed", "workers"].includes(name) &&
  (!choices || choices.every(([value]) => typeof value === "number")));
// Not the number of workers: what a run leads to does not depend on it.
const OTHERS = FIELDS.filter(({ name }) => name !== "workers");

// { field, runs } with at least three values of a field and all else alike, the runs in order of these values; those
// with the latest run first. null where there are none.
export function findSweep(runs) {
  const judged = runs.filter((run) => accuraciesOf(run).length);
  const found = SWEPT.flatMap((field) => {
    const groups = new Map();
    for (const run of judged) {
      const key = OTHERS.filter((one) => one !== field).map(({ name }) => run.settings[name]).join();
      groups.set(key, [...(groups.get(key) ?? []), run]);
    }
    return [...groups.values()].map((some) => ({ field, runs: some }));
  }).filter(({ field: { name }, runs: some }) => new Set(some.map(({ settings }) => settings[name])).size >= FEWEST);
  const latest = ({ runs: some }) => Math.max(...some.map(({ number }) => number));
  const best = found.sort((a, b) => latest(b) - latest(a) || b.runs.length - a.runs.length)[0];
  if (!best) return null;
  return { ...best, runs: [...best.runs].sort((a, b) => a.settings[best.field.name] - b.settings[best.field.name]) };
}

export function createSweepChart() {
  const title = h("p", { class: "tl-heading" });
  const drawing = s("svg", { class: "tl-chart tl-sweep", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  const note = h("p", { class: "bw-note" });
  const element = h("div", { hidden: true }, title, drawing, note);
  return {
    element,
    draw(runs) {
      const sweep = findSweep(runs);
      element.hidden = !sweep;
      if (sweep) drawSweep(sweep);
    },
  };

  function drawSweep({ field, runs }) {
    const valueOf = ({ settings }) => settings[field.name];
    const ends = runs.map((run) => interval(mean(accuraciesOf(run)), run.judged));
    const seeds = runs.map((run) => [Math.min(...accuraciesOf(run)), Math.max(...accuraciesOf(run))]);
    const hasSeeds = runs.some((run) => accuraciesOf(run).length > 1);
    const { ticks, place, text } = accuracyAxis([...ends, ...seeds].flat());
    const [low, high] = [valueOf(runs[0]), valueOf(runs[runs.length - 1])];
    const scale = low > 0 && high >= 8 * low ? Math.log : Number; // steps of ten are equally wide
    const x = (run) => LEFT + 18 + (scale(valueOf(run)) - scale(low)) / (scale(high) - scale(low)) * (RIGHT - LEFT - 36);
    const y = (share) => BOTTOM - Math.max(0, Math.min(1, place(share))) * (BOTTOM - TOP);
    const middles = runs.map((run) => [x(run), y(mean(accuraciesOf(run)))]);
    let end = -Infinity;
    const named = runs.filter((run) => {
      if (x(run) - end < APART) return false;
      end = x(run);
      return true;
    });
    title.textContent = `Validation accuracy by ${field.label}`;
    drawing.setAttribute("aria-label", `Validation accuracy by ${field.label}. ${runs.map((run) =>
      `${inWords(field, valueOf(run))}: ${accuracyInWords(accuraciesOf(run), run.judged)}`).join("; ")}.`);
    drawing.replaceChildren(
      ...ticks.map((tick) => s("g", {},
        s("line", { class: "tl-grid", x1: LEFT, x2: RIGHT, y1: y(tick), y2: y(tick) }),
        s("text", { class: "tl-tick tl-left", x: LEFT - 5, y: y(tick) + 4 }, text(tick)))),
      ...named.map((run) => s("text", { class: "tl-tick", x: x(run), y: BOTTOM + 14 }, inWords(field, valueOf(run)))),
      s("text", { class: "tl-tick", x: (LEFT + RIGHT) / 2, y: BOTTOM + 28 }, field.label),
      s("path", { class: "tl-between", d: middles.map(([a, b], i) => `${i ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join("") }),
      ...runs.flatMap((run, i) => [
        ...(accuraciesOf(run).length > 1 ? [s("path", {
          class: `tl-seeds tl-run-${run.style}`, d: `M${x(run)} ${y(seeds[i][0])}V${y(seeds[i][1])}`,
        })] : []),
        s("path", { class: `tl-line tl-interval tl-run-${run.style}`, d: whisker(x(run), ...ends[i].map(y)) }),
        marker(run.style, ...middles[i], 4),
      ]));
    const counts = [...new Set(runs.map(({ judged }) => judged.toLocaleString("en")))];
    note.textContent = `The thin lines are 95% intervals, on ${counts.join(" or ")} validation images` +
      `${hasSeeds ? "; the thick ones reach from a run's lowest seed to its highest" : ""}. Where they overlap widely, the ` +
      "order of two points may be due to chance.";
  }
}

// A line from an interval's one end to the other, with a short stroke at each that lies inside the drawing.
function whisker(x, low, high) {
  const ends = [low, high].filter((y) => y > TOP && y < BOTTOM).map((y) => `M${x - 4} ${y}H${x + 4}`);
  return `M${x} ${low}V${high}${ends.join("")}`;
}
