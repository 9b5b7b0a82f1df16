// What came of a lesson: how many are right before and after, epoch by epoch, and whose answers changed.
import { interval, pValueOf, whole } from "../frontend/arithmetic.js";
import { s, ticksOf } from "../frontend/charts.js";
import { aDigit, drawPixels, h } from "../frontend/controls.js";
import { imageAt, SIDE } from "../frontend/image_data.js";
import { digitsOf } from "./hand.js";

const CHANGED = 12; // images in a row
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [340, 128, 34, 332, 22, 108];
const TITLE = "Read wrong, in percent";

// The counts of a part: labels, and the answers before and after.
export function compare(labels, before, after) {
  const right = (answers) => answers.reduce((sum, answer, i) => sum + (answer === labels[i]), 0);
  const numbers = Array.from(labels.keys());
  return {
    count: labels.length, before: right(before), after: right(after),
    gained: numbers.filter((i) => before[i] !== labels[i] && after[i] === labels[i]),
    lost: numbers.filter((i) => before[i] === labels[i] && after[i] !== labels[i]),
    other: numbers.filter((i) => before[i] !== after[i] && before[i] !== labels[i] && after[i] !== labels[i]),
  };
}

// What Python reads of an outcome, as traits.
export function resultOf({ weights, drawings, test, answers }) {
  const row = new Float32Array(weights.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of weights) {
    row.set(part, end);
    end += part.length;
  }
  const labels = [drawings.taught.map(({ digit }) => digit), drawings.kept.map(({ digit }) => digit), Array.from(test.labels)];
  const parts = ["taught", "kept", "mnist"].map((name, i) => {
    const { count, before, after } = compare(labels[i], answers[0][i], answers.at(-1)[i]);
    return [name, { count, before, after }];
  });
  return { result: Object.fromEntries(parts), weights: new DataView(row.buffer) };
}

// "25 of 30 (66 to 93%)"
export function share(right, count) {
  if (!count) return "none";
  const [low, high] = interval(right / count, count).map((one) => 100 * one);
  const digits = count < 1000 ? 0 : 1;
  return `${whole(right)} of ${whole(count)} (${low.toFixed(digits)} to ${high.toFixed(digits)}%)`;
}

function changes({ gained, lost, other }) {
  const more = other.length ? `, ${other.length} wrong in another way` : "";
  return `${gained.length} became right, ${lost.length} wrong${more}`;
}

function chart() {
  const drawing = s("g");
  const element = s("svg", { class: "th-chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": TITLE },
    s("text", { class: "th-title", x: 2, y: 13 }, `${TITLE}, after each epoch`), drawing);
  return {
    element,
    // curves: [{ name, shares }], percentages from before the first epoch on. epochs: how far the axis reaches.
    show(curves, epochs) {
      const { values } = ticksOf(0, Math.max(1, ...curves.flatMap(({ shares }) => shares)), 3);
      const top = values[values.length - 1];
      const x = (epoch) => LEFT + epoch / epochs * (RIGHT - LEFT);
      const y = (value) => BOTTOM - value / top * (BOTTOM - TOP);
      drawing.replaceChildren(
        ...values.map((value) => s("g", {},
          s("line", { class: "th-grid", x1: LEFT, x2: RIGHT, y1: y(value), y2: y(value) }),
          s("text", { class: "th-left", x: LEFT - 5, y: y(value) + 4 }, String(Number(value.toFixed(2)))))),
        ...Array.from({ length: epochs + 1 }, (_, epoch) =>
          s("text", { class: "th-tick", x: x(epoch), y: BOTTOM + 14 }, epoch ? String(epoch) : "before")),
        ...curves.flatMap(({ name, shares }) => [
          s("path", { class: `th-line th-${name}`,
            d: shares.map((value, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`).join("") }),
          ...shares.map((value, i) => (name === "own"
            ? s("circle", { class: "th-mark th-own", cx: x(i), cy: y(value), r: 3.5 })
            : s("rect", { class: "th-mark th-old", x: x(i) - 3, y: y(value) - 3, width: 6, height: 6 }))),
        ]));
      const ends = curves.filter(({ shares }) => shares.length).map(({ title, shares }) =>
        `${title}: from ${shares[0].toFixed(1)} to ${shares[shares.length - 1].toFixed(1)}`);
      element.setAttribute("aria-label", `${TITLE}, over ${epochs} epochs. ${ends.join("; ")}.`);
    },
  };
}

// Images whose answers changed, in a row with a title.
function gallery() {
  const title = h("p", { class: "th-heading" });
  const list = h("ul", { class: "th-cards" });
  return {
    element: h("div", {}, title, list),
    show(words, images, labels, before, after, found) {
      const all = [...found.lost, ...found.gained, ...found.other];
      list.hidden = !all.length;
      title.textContent = `${words}: ${all.length ? changes(found) : "no answer changed"}` +
        `${all.length > CHANGED ? `; the first ${CHANGED}:` : "."}`;
      list.setAttribute("aria-label", words);
      list.replaceChildren(...all.slice(0, CHANGED).map((i) => {
        const canvas = h("canvas");
        drawPixels(canvas, imageAt(images, i), SIDE, SIDE);
        const right = after[i] === labels[i];
        return h("li", {
          class: right ? "" : "th-wrong", "aria-label": `${aDigit(labels[i])}: read as ${before[i]} before, as ${after[i]} after`,
        }, canvas, h("span", {}, `${before[i]} → ${after[i]} ${right ? "✓" : "✗"}`));
      }));
    },
  };
}

export function createOutcome() {
  const curves = chart();
  const legend = h("p", { class: "th-legend" },
    h("span", {}, h("i", { class: "th-key th-own" }), "held-out drawings"),
    h("span", {}, h("i", { class: "th-key th-old" }), "MNIST’s test images"));
  const cells = Array.from({ length: 3 }, () => [h("td"), h("td")]);
  const heads = ["Held-out drawings", "Taught drawings", "MNIST’s test images"];
  const table = h("table", { class: "th-table" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Right"), h("th", { scope: "col" }, "before"),
      h("th", { scope: "col" }, "after"))),
    h("tbody", {}, heads.map((head, i) => h("tr", {}, h("th", { scope: "row" }, head), cells[i]))));
  const words = h("p", { class: "th-words" });
  const [own, old] = [gallery(), gallery()];
  const element = h("div", { class: "th-outcome" }, curves.element, legend, table, words, own.element, old.element);
  const wrong = (labels, answers) =>
    100 * answers.reduce((sum, answer, i) => sum + (answer !== labels[i]), 0) / labels.length;

  return {
    element,
    // outcome: as the teacher has it, while it is taught and afterwards; null for nothing.
    show(outcome) {
      element.hidden = !outcome?.answers.length;
      if (element.hidden) return;
      const { answers, test, drawings, settings } = outcome;
      const [taught, kept] = [digitsOf(drawings.taught), digitsOf(drawings.kept)];
      const [first, last] = [answers[0], answers[answers.length - 1]];
      curves.show([
        ...(kept.labels.length ? [{ name: "own", title: "held-out drawings",
          shares: answers.map((all) => wrong(kept.labels, all[1])) }] : []),
        { name: "old", title: "MNIST’s test images", shares: answers.map((all) => wrong(test.labels, all[2])) },
      ], settings.epochs);
      const parts = [[kept, 1], [taught, 0], [test, 2]];
      const found = parts.map(([{ labels }, i]) => compare(labels, first[i], last[i]));
      found.forEach(({ before, after, count }, i) => {
        cells[i][0].textContent = share(before, count);
        cells[i][1].textContent = answers.length > 1 ? share(after, count) : "…";
      });
      words.textContent = inWords(outcome, found);
      own.show("Held-out drawings", kept.images, kept.labels, first[1], last[1], found[0]);
      old.show("MNIST’s test images", test.images, test.labels, first[2], last[2], found[2]);
    },
  };
}

function inWords({ weights, standIn }, [kept, , test]) {
  const sentences = ["In brackets: the 95% interval of the share."];
  if (!weights) return sentences[0];
  if (!kept.count) {
    sentences.push("No drawing is held out, so nothing can be said about drawings that it has not seen.");
  } else if (kept.count < 100) {
    sentences.push(`${kept.count} held-out drawing${kept.count === 1 ? " is" : "s are"} few, ` +
      `so it is wide${kept.before === kept.count ? ", and there was nothing to gain on these" : ""}.`);
  }
  const [lost, gained] = [test.lost.length, test.gained.length];
  const verdict = pValueOf(lost, gained) > 0.05 ? "fair coins could fall like this, so it shows no forgetting"
    : lost > gained ? "that is what it forgot" : "it reads them better than before";
  sentences.push(`Of MNIST’s images, ${lost} became wrong and ${gained} right: ${verdict}.`);
  if (standIn) sentences.push("They are drawn stand-in digits, not MNIST’s.");
  return sentences.join(" ");
}
