import { clamp } from "../frontend/arithmetic.js";
import { s, roundStep, ticksOf } from "../frontend/charts.js";
import { accuracyText, freshId, h, liveRegion } from "../frontend/controls.js";
import { changer, listen } from "../frontend/traits.js";

// Where a number was measured, by the beginning of its name; Keras says val_. Each has a line and a marker of its own.
const KINDS = [["", "training"], ["val_", "validation"], ["test_", "test"]];
const WIDTH = 360; // of a chart and its parts, in the units of its viewBox
const HEIGHT = 230;
const LEFT = 54;
const RIGHT = 346;
const TOP = 34;
const BOTTOM = 188;
const MAX_MARKERS = 30;

const lengthOf = (history) => Math.max(0, ...Object.values(history).map((values) => values.length));
const kindOf = (name) => KINDS.find(([prefix]) => prefix && name.startsWith(prefix)) ?? KINDS[0];
const metricOf = (name) => name.slice(kindOf(name)[0].length);
const heading = (name) => `${kindOf(name)[0] ? `${kindOf(name)[1]} ` : ""}${metricOf(name).replaceAll("_", " ")}`;
const isShare = (name) => name.includes("accuracy");

// The loss and the accuracy are those of the book; of others, a widget cannot know which way is better.
function titleOf(metric) {
  const better = { loss: " (smaller is better)", accuracy: " (larger is better)" }[metric] ?? "";
  return heading(metric).replace(/^./, (letter) => letter.toUpperCase()) + better;
}

// The metrics that have a chart; seconds are in the table only.
function metricsOf(history) {
  const metrics = [...new Set(Object.keys(history).filter((name) => name !== "seconds").map(metricOf))];
  return metrics.length ? metrics : ["loss", "accuracy"];
}

// NaN and infinities come as words, and what was not measured as null: none of them has a place in a chart.
const canBeDrawn = (value) => typeof value === "number" && Math.abs(value) < 1e100;

function numberText(name, value) {
  if (value === null || value === undefined) return "not measured";
  if (typeof value === "string") {
    return { NaN: "not a number", Infinity: "infinite", "-Infinity": "minus infinity" }[value] ?? value;
  }
  if (name === "seconds") return value.toFixed(1);
  if (isShare(name)) return accuracyText(value);
  const size = Math.abs(value);
  return size === 0 || (size >= 0.001 && size < 1e4) ? value.toFixed(4) : value.toExponential(2);
}

function tickText(metric, value, step) {
  const scale = isShare(metric) ? 100 : 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(step * scale) + 1e-6));
  if (decimals > 5 || Math.abs(value) >= 1e5) return value.toExponential(1);
  return (value * scale).toFixed(decimals) + (isShare(metric) ? "%" : "");
}

// Epochs that get a label: all of them as long as there is room, then the first and round numbers.
function epochTicks(epochs) {
  const step = Math.max(1, roundStep(Math.max(epochs, 1), 10));
  return Array.from({ length: epochs }, (_, i) => i + 1).filter((epoch) => epoch === 1 || epoch % step === 0);
}

function marker(kind, x, y, size) {
  const shapes = [
    () => s("circle", { cx: x, cy: y, r: size }),
    () => s("rect", { x: x - size, y: y - size, width: 2 * size, height: 2 * size }),
    () => s("path", { d: `M${x} ${y - 1.3 * size}L${x + 1.3 * size} ${y + size}H${x - 1.3 * size}Z` }),
  ];
  const shape = shapes[kind]();
  shape.setAttribute("class", `tm-marker tm-kind-${kind}`);
  return shape;
}

// One chart: the curves of a metric over the epochs, and a line at the epoch that is read.
function chart(metric, history, epochs) {
  const curves = KINDS.flatMap(([prefix, word], kind) => {
    const values = history[prefix + metric];
    return values ? [{ kind, word, values }] : [];
  });
  const known = curves.flatMap(({ values }) => values.filter(canBeDrawn));
  const { step, values: ticks } = ticksOf(known.length ? Math.min(...known) : 0, known.length ? Math.max(...known) : 1, 5);
  const low = ticks[0];
  const high = ticks[ticks.length - 1];
  const x = (epoch) => (epochs > 1 ? LEFT + (epoch - 1) / (epochs - 1) * (RIGHT - LEFT) : (LEFT + RIGHT) / 2);
  const y = (value) => BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP);
  const every = Math.ceil(epochs / MAX_MARKERS);

  const drawn = curves.map(({ kind, values }) => {
    let pen = "M";
    const path = values.map((value, i) => {
      const command = canBeDrawn(value) ? `${pen}${x(i + 1).toFixed(1)} ${y(value).toFixed(1)}` : "";
      pen = command ? "L" : "M"; // what cannot be drawn leaves a gap
      return command;
    }).join("");
    const marks = values.flatMap((value, i) => {
      if (typeof value === "string") return [s("text", { class: "tm-missing", x: x(i + 1), y: TOP - 6 }, "×")];
      return canBeDrawn(value) && (i % every === 0 || i === values.length - 1) ? [marker(kind, x(i + 1), y(value), 3)] : [];
    });
    return s("g", {}, s("path", { class: `tm-line tm-kind-${kind}`, d: path }), marks);
  });

  const cursor = s("g", { class: "tm-cursor" });
  const ends = curves.map(({ word, values }) => values.length
    ? `${word} from ${numberText(metric, values[0])} to ${numberText(metric, values[values.length - 1])}` : word);
  const element = s("svg", {
    class: "tm-chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
    "aria-label": `${heading(metric)} over ${lengthOf(history)} epochs: ${ends.join("; ") || "nothing yet"}`,
  },
  s("text", { class: "tm-title", x: 4, y: 16 }, titleOf(metric)),
  ticks.map((tick) => [
    s("line", { class: "tm-grid", x1: LEFT, x2: RIGHT, y1: y(tick), y2: y(tick) }),
    s("text", { class: "tm-tick tm-left", x: LEFT - 6, y: y(tick) + 4 }, tickText(metric, tick, step)),
  ]).flat(),
  epochTicks(epochs).map((epoch) => s("text", { class: "tm-tick", x: x(epoch), y: BOTTOM + 17 }, String(epoch))),
  s("text", { class: "tm-tick", x: (LEFT + RIGHT) / 2, y: BOTTOM + 35 }, "epoch"),
  cursor, drawn);

  return {
    element,
    read(epoch) {
      cursor.replaceChildren(...(epoch ? [
        s("line", { x1: x(epoch), x2: x(epoch), y1: TOP - 6, y2: BOTTOM }),
        ...curves.filter(({ values }) => canBeDrawn(values[epoch - 1]))
          .map(({ kind, values }) => marker(kind, x(epoch), y(values[epoch - 1]), 5)),
      ] : []));
    },
    // The epoch nearest to a place on the screen.
    epochAt(clientX) {
      const box = element.getBoundingClientRect();
      const place = (clientX - box.left) / box.width * WIDTH;
      return Math.round(1 + (place - LEFT) / (RIGHT - LEFT) * (epochs - 1));
    },
  };
}

function render({ model, el }) {
  const change = changer(model);
  const history = () => model.get("history") ?? {};
  // Traits arrive one after the other: the epoch may be ahead of its history for a moment.
  const epochRead = () => Math.min(model.get("epoch"), lengthOf(history()));
  let charts = [];

  const sliderId = freshId("epoch");
  const bar = h("progress", { max: 1, "aria-label": "training" });
  const status = h("span", { class: "tm-status" });
  const legend = h("p", { class: "tm-legend" });
  const missing = h("p", { class: "bw-note", hidden: true }, "× marks an epoch whose value is not a finite number.");
  const chartsElement = h("div", { class: "tm-charts", onpointerdown: point, onpointermove: point });
  const slider = h("input", {
    type: "range", id: sliderId, min: 1, oninput: () => go(Number(slider.value)),
  });
  const hint = h("p", { class: "bw-note" }, "Move the slider or press a chart to read an epoch.");
  const reading = h("p", { class: "tm-reading" });
  const table = h("table", { class: "tm-table" });
  const scroll = h("div", { class: "tm-scroll", tabindex: 0, role: "region", "aria-label": "all epochs" }, table);
  const live = liveRegion();

  function go(epoch) {
    const within = clamp(epoch, 1, lengthOf(history()));
    if (slider.disabled || within === model.get("epoch")) return;
    change({ epoch: within });
  }

  // A press on a chart, or a drag over it, reads the epoch that is nearest.
  function point(event) {
    if (event.type === "pointermove" && !(event.buttons & 1)) return;
    const over = charts.find(({ element }) => element.contains(event.target));
    if (over) go(over.epochAt(event.clientX));
  }

  function draw() {
    const now = history();
    const names = Object.keys(now);
    const kinds = KINDS.filter(([prefix]) => names.some((name) => name !== "seconds" && kindOf(name)[0] === prefix));
    charts = metricsOf(now).map((metric) => chart(metric, now, Math.max(model.get("epochs"), lengthOf(now))));
    chartsElement.replaceChildren(...charts.map(({ element }) => element));
    legend.replaceChildren(...kinds.map((kind) => {
      const at = KINDS.indexOf(kind);
      return h("span", {}, s("svg", { viewBox: "0 0 44 12", width: 44, height: 12, "aria-hidden": "true" },
        s("path", { class: `tm-line tm-kind-${at}`, d: "M2 6H42" }), marker(at, 22, 6, 3.5)), kind[1]);
    }));
    missing.hidden = !names.some((name) => now[name].some((value) => typeof value === "string"));
    const cells = (tag, texts, attributes) => h("tr", {}, texts.map((text) => h(tag, attributes, text)));
    table.replaceChildren(
      h("thead", {}, cells("th", ["epoch", ...names.map(heading)], { scope: "col" })),
      h("tbody", {}, Array.from({ length: lengthOf(now) }, (_, i) =>
        cells("td", [String(i + 1), ...names.map((name) => numberText(name, now[name][i]))]))));
    read();
    if (model.get("training") && lengthOf(now)) live.say(reading.textContent);
  }

  function read() {
    const now = history();
    const epoch = epochRead();
    const done = lengthOf(now);
    charts.forEach((one) => one.read(epoch));
    slider.max = Math.max(1, done);
    slider.value = Math.max(1, epoch);
    slider.disabled = model.get("training") || !done; // while Python trains, it cannot listen
    hint.hidden = slider.disabled;
    slider.setAttribute("aria-valuetext", `epoch ${epoch} of ${done}`);
    const parts = metricsOf(now).map((metric) => KINDS.map(([prefix]) => prefix + metric).filter((name) => name in now)
      .map((name) => `${heading(name)} ${numberText(name, now[name][epoch - 1])}`).join(", "));
    reading.textContent = epoch ? `Epoch ${epoch}: ${parts.join("; ")}`
      : model.get("training") ? "The curves begin when the first epoch is finished." : "There is nothing to read yet.";
    table.querySelectorAll("tbody tr").forEach((row, i) => row.setAttribute("aria-current", i + 1 === epoch));
  }

  function readAloud() {
    read();
    if (!model.get("training") && epochRead()) live.say(reading.textContent);
  }

  function showProgress() {
    const [step, steps, epochs] = [model.get("step"), model.get("steps"), model.get("epochs")];
    bar.hidden = !model.get("training");
    bar.value = Math.min(1, (lengthOf(history()) + (steps ? step / steps : 0)) / Math.max(1, epochs));
    status.textContent = model.get("status");
  }

  function beginOrEnd() {
    showProgress();
    read();
    live.say(model.get("training") ? "Training has begun." : `Training is over. ${model.get("status")} ${reading.textContent}`);
  }

  el.append(h("div", { class: "bw tm" },
    h("p", { class: "tm-progress" }, bar, status),
    legend, chartsElement, missing,
    h("div", { class: "bw-controls" }, h("label", { for: sliderId }, "Epoch"), slider),
    hint, reading,
    h("details", {}, h("summary", {}, "All epochs as a table"), scroll),
    live.element));

  const stop = listen(model, {
    history: () => { draw(); showProgress(); }, epochs: draw, epoch: readAloud, training: beginOrEnd,
    step: showProgress, steps: showProgress, status: showProgress,
  });
  draw();
  showProgress();
  live.stop(); // nothing has happened yet that would have to be said
  return () => {
    live.stop();
    stop();
  };
}

export default { render };
