// The runs side by side: what each was set to, what came of it, and its test set, sealed until the reader opens it.
import { interval } from "../frontend/arithmetic.js";
import { accuracyText, h } from "../frontend/controls.js";
import { sign } from "./curves.js";
import { mean } from "./record.js";
import { differences } from "./settings_table.js";


// An accuracy on `count` images in words: with its interval, or with its spread over several seeds.
export function accuracyInWords(accuracies, count) {
  if (accuracies.length > 1) {
    return `${accuracyText(mean(accuracies))} (${accuracies.length} seeds: ${accuracyText(Math.min(...accuracies))} to ` +
      `${accuracyText(Math.max(...accuracies))})`;
  }
  const [low, high] = interval(accuracies[0], count);
  return `${accuracyText(accuracies[0])} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}%)`;
}

const latest = (run, name) => run.members.map(({ validations }) => validations[validations.length - 1]?.[name])
  .filter((value) => value !== undefined);

// The latest validation accuracy of each of a run's seeds.
export const accuraciesOf = (run) => latest(run, "accuracy");

// Of all weights, once they are trained: the same signs mean the same network.
const fingerprintOf = ({ members }) => (members.length === 1 && members[0].fingerprint) || "–";

const COLUMNS = [
  { title: "run", value: ({ number }) => number },
  { title: "what differs", value: ({ members, seeds }) => members.length / seeds.length },
  { title: "validation loss", value: (run) => mean(latest(run, "loss")) },
  { title: "validation accuracy", value: (run) => mean(latest(run, "accuracy")) },
  { title: "test accuracy", value: ({ test }) => (test ? mean(test.accuracies) : NaN) },
  { title: "seconds", value: ({ seconds }) => seconds },
  { title: "fingerprint", value: (run) => parseInt(fingerprintOf(run), 16) },
];

// act: { openTest(run), remove(run), load(run), again(run) }.
export function createRunsTable({ initial, act }) {
  let order = { column: 0, down: false };
  let drawn;
  const body = h("tbody");
  const heads = COLUMNS.map(({ title }, i) => h("th", { scope: "col" }, h("button", {
    type: "button", class: "tl-sort",
    onclick: () => {
      order = { column: i, down: order.column === i ? !order.down : false };
      draw(drawn);
    },
  }, title)));
  const table = h("table", { class: "tl-table" }, h("caption", {}, "Your runs"),
    h("thead", {}, h("tr", {}, heads)), body);
  const element = h("div", { class: "tl-scroll", tabindex: 0, role: "region", "aria-label": "your runs" }, table,
    h("p", { class: "bw-note" }, "In brackets: the 95% interval of a single run's share; of five seeds, the lowest and the " +
      "highest. The test accuracy is from 2,000 of MNIST's test images, every fifth, or from all 10,000 if the run learns " +
      "from 54,000. Losses of different kinds cannot be compared."));

  function draw(lab) {
    drawn = lab;
    element.hidden = !lab.runs.length;
    const { value } = COLUMNS[order.column];
    const rank = (run) => (Number.isFinite(value(run)) ? value(run) : Infinity);
    const runs = [...lab.runs].sort((a, b) => (order.down ? rank(b) - rank(a) : rank(a) - rank(b)));
    heads.forEach((head, i) => {
      if (i === order.column) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    body.replaceChildren(...runs.map((run) => row(run, lab)));
  }

  function row(run, lab) {
    const changes = differences(run.settings, initial);
    const [losses, accuracies] = [latest(run, "loss"), latest(run, "accuracy")];
    const busy = run === lab.run && ["training", "loading"].includes(lab.phase);
    const trained = run.opened || run.members.some(({ step }) => step > 0);
    const button = (text, name, does, disabled = false) =>
      h("button", { type: "button", "aria-label": `${name} run ${run.number}`, disabled, onclick: does }, text);
    const cell = (i, ...content) => h(i ? "td" : "th", { "data-title": COLUMNS[i].title, ...(i ? {} : { scope: "row" }) }, ...content);
    return h("tr", {},
      cell(0, h("span", {}, sign(run.style), ` ${run.number}`)),
      cell(1, h("div", { class: "tl-what" }, changes.length ? changes.map(([label, text]) =>
        h("span", { class: "tl-change" }, `${label}: ${text}`))
        : "as the lab begins",
      run.opened ? h("span", { class: "tl-change" }, "opened from a file") : null,
      run.seeds.length > 1 ? h("span", { class: "tl-change" }, `${run.members.length} of ${run.seeds.length} seeds`) : null,
      h("div", { class: "tl-actions" },
        button("Five seeds", "train with five seeds what is set as in", () => act.again(run), busy),
        button("Load", "load the settings of", () => act.load(run)),
        button("Remove", "remove", () => act.remove(run), busy)))),
      cell(2, losses.length ? mean(losses).toFixed(4) : "–"),
      cell(3, accuracies.length ? accuracyInWords(accuracies, run.judged) : "–"),
      cell(4, run.test ? accuracyInWords(run.test.accuracies, run.test.count)
        : button("Open the test set", "open the test set of", () => act.openTest(run), busy || !trained)),
      cell(5, run.seconds ? run.seconds.toFixed(1) : "–"),
      cell(6, h("code", { class: "tl-code" }, fingerprintOf(run))));
  }

  return { element, draw };
}
