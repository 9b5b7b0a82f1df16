// A chart over epochs that grows while a network learns.
import { s } from "../frontend/charts.js";
import { h } from "../frontend/controls.js";
import { mean, smoothed } from "./record.js";

const [WIDTH, HEIGHT] = [340, 142]; // of a chart and its parts, in the units of its viewBox
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 332, 22, 124];
const MAX_RAW = 750; // points beyond which single steps would hide the smoothed line
const SHAPES = [
  (x, y, r) => s("circle", { cx: x, cy: y, r }),
  (x, y, r) => s("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r }),
  (x, y, r) => s("path", { d: `M${x} ${y - 1.3 * r}L${x + 1.3 * r} ${y + r}H${x - 1.3 * r}Z` }),
  (x, y, r) => s("path", { d: `M${x} ${y - 1.4 * r}L${x + 1.4 * r} ${y}L${x} ${y + 1.4 * r}L${x - 1.4 * r} ${y}Z` }),
  (x, y, r) => s("path", { d: `M${x - r} ${y - r}L${x + r} ${y + r}M${x - r} ${y + r}L${x + r} ${y - r}` }),
  (x, y, r) => s("path", { d: `M${x} ${y + 1.3 * r}L${x + 1.3 * r} ${y - r}H${x - 1.3 * r}Z` }),
  (x, y, r) => s("path", { d: `M${x} ${y - 1.3 * r}V${y + 1.3 * r}M${x - 1.3 * r} ${y}H${x + 1.3 * r}` }),
  (x, y, r) => s("rect", { x: x - 1.4 * r, y: y - r / 2, width: 2.8 * r, height: r }),
];

// The sign of a run, in its colour: the same in charts and tables.
export const marker = (style, x, y, r = 3) => {
  const shape = SHAPES[style](x, y, r);
  shape.setAttribute("class", `tl-marker tl-run-${style}`);
  return shape;
};

export const sign = (style) =>
  s("svg", { viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" }, marker(style, 7, 7, 4.5));

// name: of what is drawn, "loss" or "accuracy". axis(values): its marks, where a value lies from 0 at the bottom to 1,
// and how a mark is written.
function chart({ title, name, axis }) {
  const [grid, drawing] = [s("g"), s("g")];
  const element = s("svg", { class: "tl-chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title },
    s("text", { class: "tl-title", x: 2, y: 13 }, title), grid, drawing);
  let drawnOn = ""; // the axes as they were drawn last
  const drawn = new Map(); // from the curves that were drawn on them to their parts, so that only what is new is drawn
  return {
    element,
    // curves: [{ style, raw: points, line: points, marks: points, band: [low points, high points] }], where a point is
    // { epoch, loss, accuracy }. epochs: how far the axis reaches.
    draw(curves, epochs) {
      const all = curves.flatMap(({ raw, line, marks, band }) => [...raw, ...line, ...marks, ...band.flat()]);
      const values = all.map((point) => point[name]).filter((value) => Number.isFinite(value) && value > 0);
      const { ticks, place, text } = axis(values);
      const axes = [epochs, ...ticks].join();
      const x = ({ epoch }) => LEFT + epoch / epochs * (RIGHT - LEFT);
      const y = (value) => BOTTOM - Math.max(0, Math.min(1, place(value))) * (BOTTOM - TOP);
      const path = (points) => points.map((point, i) =>
        `${i ? "L" : "M"}${x(point).toFixed(1)} ${y(point[name]).toFixed(1)}`).join("");
      const every = Math.max(1, Math.ceil(epochs / 10));
      if (axes !== drawnOn) {
        drawnOn = axes;
        drawn.clear();
        drawGrid();
      }
      for (const curve of drawn.keys()) if (!curves.includes(curve)) drawn.delete(curve);
      for (const curve of curves) if (!drawn.has(curve)) drawn.set(curve, partsOf(curve));
      drawing.replaceChildren(...curves.flatMap((curve) => drawn.get(curve)));

      function drawGrid() {
        grid.replaceChildren(
          ...ticks.map((tick) => s("g", {},
            s("line", { class: "tl-grid", x1: LEFT, x2: RIGHT, y1: y(tick), y2: y(tick) }),
            s("text", { class: "tl-tick tl-left", x: LEFT - 5, y: y(tick) + 4 }, text(tick)))),
          ...Array.from({ length: Math.floor(epochs / every) + 1 }, (_, i) => i * every)
            .filter((epoch) => x({ epoch }) < RIGHT - 42).map((epoch) =>
            s("text", { class: "tl-tick", x: x({ epoch }), y: BOTTOM + 14 }, String(epoch))),
          s("text", { class: "tl-tick", x: RIGHT - 18, y: BOTTOM + 14 }, "epochs"));
      }

      function partsOf({ style, raw, line, marks, band, current }) {
        return [
          ...(band.length ? [s("path", {
            class: `tl-band tl-run-${style}`, d: `${path(band[0])}${path([...band[1]].reverse()).replace("M", "L")}Z`,
          })] : []),
          s("path", { class: `tl-raw tl-run-${style}`, d: path(raw) }),
          s("path", { class: `tl-line tl-run-${style}`, d: path(line) }),
          s("path", { class: `tl-validation tl-run-${style}${current ? " tl-current" : ""}`, d: path(marks) }),
          ...marks.filter((_, i) => i === marks.length - 1 || i % every === 0)
            .map((point) => marker(style, x(point), y(point[name]))),
        ];
      }
    },
  };
}

// The loss spans powers of ten, so its axis counts them in equal steps.
function lossAxis(values) {
  const marks = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 1e3, 1e4, 1e5];
  const [low, high] = [Math.min(0.3, ...values), Math.max(3, ...values)];
  const first = Math.max(0, marks.findLastIndex((mark) => mark <= low));
  const last = marks.findIndex((mark) => mark >= high);
  const ticks = marks.slice(first, last < 0 ? undefined : last + 1);
  const [from, to] = [Math.log(ticks[0]), Math.log(ticks[ticks.length - 1])];
  return {
    ticks: ticks.length > 6 ? ticks.filter((_, i) => i % 2 === 0) : ticks,
    place: (value) => (Math.log(Math.max(value, 1e-9)) - from) / (to - from),
    text: (value) => (value >= 1000 ? value.toExponential(0) : String(value)),
  };
}

// What matters is how many answers are still wrong, so the axis begins where the curve is.
export function accuracyAxis(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor(sorted.length / 10)] ?? 0;
  const from = [0.98, 0.95, 0.9, 0.8, 0.5].find((end) => end < low - 0.001) ?? 0;
  return {
    ticks: Array.from({ length: 6 }, (_, i) => from + i / 5 * (1 - from)),
    place: (value) => (value - from) / (1 - from),
    text: (value) => `${Number((100 * value).toFixed(1))}%`,
  };
}

export function createCharts() {
  const loss = chart({ title: "Loss", name: "loss", axis: lossAxis });
  const accuracy = chart({ title: "Accuracy", name: "accuracy", axis: accuracyAxis });
  return {
    element: h("div", { class: "tl-charts" }, loss.element, accuracy.element),
    draw(curves, epochs, words) {
      const over = `over ${epochs} ${epochs === 1 ? "epoch" : "epochs"}`;
      loss.element.setAttribute("aria-label", `Loss ${over}. ${words.loss}`);
      accuracy.element.setAttribute("aria-label", `Accuracy ${over}. ${words.accuracy}`);
      loss.draw(curves, epochs);
      accuracy.draw(curves, epochs);
    },
  };
}

// What the charts draw of each run. current: the one at hand, whose single steps are drawn. What has not changed since
// the last time is the same object.
export function createCurves() {
  let before = new Map();
  return (runs, current) => {
    const now = new Map(runs.map((run) => {
      const { members, style } = run;
      const one = members[members.length - 1];
      const key = [style, run === current, members.length, one?.step, one?.validations.length].join();
      const known = before.get(run);
      return [run, known?.key === key ? known : { key, curve: curveOf(run, run === current) }];
    }));
    before = now;
    return [...now.values()].map(({ curve }) => curve);
  };
}

function curveOf({ style, members }, current) {
  const inEpochs = (points, { stepsInEpoch }) => points.map((point) => ({ ...point, epoch: point.step / stepsInEpoch }));
  const latest = members[members.length - 1];
  if (!latest) return { style, current, raw: [], line: [], marks: [], band: [] };
  const { points } = latest.record;
  const lists = members.map((one) => inEpochs(one.validations, one)).filter((list) => list.length);
  const over = (choose) => Array.from({ length: Math.min(...lists.map((list) => list.length)) }, (_, i) => ({
    epoch: lists[0][i].epoch,
    loss: choose(lists.map((list) => list[i].loss)),
    accuracy: choose(lists.map((list) => list[i].accuracy)),
  }));
  return {
    style, current,
    raw: current && points.length <= MAX_RAW ? inEpochs(points, latest) : [],
    line: current ? inEpochs(smoothed(points), latest) : [],
    marks: lists.length ? over(mean) : [],
    band: lists.length > 1 ? [over((values) => Math.min(...values)), over((values) => Math.max(...values))] : [],
  };
}
