// One curve over the epochs, from 0 on, with a marker at the epoch that is shown.
import { clamp } from "../frontend/arithmetic.js";
import { s, ticksOf } from "../frontend/charts.js";

const [WIDTH, HEIGHT] = [300, 170]; // of a drawing and its parts, in the units of its viewBox
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 288, 30, 132];

// values: a number for each epoch. low, high: ends of the axis, where the values do not say them. share: whether the
// axis reads in percent. logarithmic: whether equal steps of the axis are equal factors; all values are above 0. format: a value as text. choose(epoch): called when a reader presses on the curve.
export function curve({
  title, values, low = Math.min(...values), high = Math.max(...values), share, logarithmic, format, choose,
}) {
  const last = values.length - 1;
  const { step, values: ticks } = logarithmic ? logarithmicTicksOf(low, high) : ticksOf(low, high, 4);
  const scale = logarithmic ? Math.log : Number;
  const [bottom, top] = [ticks[0], ticks[ticks.length - 1]];
  const x = (epoch) => LEFT + epoch / Math.max(1, last) * (RIGHT - LEFT);
  const y = (value) => BOTTOM - (scale(value) - scale(bottom)) / (scale(top) - scale(bottom)) * (BOTTOM - TOP);
  const factor = share ? 100 : 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(step * factor) + 1e-6));
  const nameOf = (tick) => (logarithmic ? String(tick) : `${(tick * factor).toFixed(decimals)}${share ? "%" : ""}`);
  const every = Math.ceil((last + 1) / 12);
  const line = s("line", { y1: TOP, y2: BOTTOM, class: "ts-at" });
  const dot = s("circle", { r: 5, class: "ts-dot" });
  const value = s("text", { class: "ts-value", y: 14 });
  const element = s("svg", { class: "ts-curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" },
    s("text", { class: "ts-title", x: 2, y: 14 }, title), value,
    ticks.map((tick) => [
      s("line", { class: "ts-grid", x1: LEFT, x2: RIGHT, y1: y(tick), y2: y(tick) }),
      s("text", { class: "ts-tick ts-left", x: LEFT - 5, y: y(tick) + 4 },
        nameOf(tick)),
    ]).flat(),
    values.flatMap((_, epoch) => (epoch % every ? []
      : [s("text", { class: "ts-tick", x: x(epoch), y: BOTTOM + 15 }, String(epoch))])),
    s("text", { class: "ts-tick", x: (LEFT + RIGHT) / 2, y: BOTTOM + 31 }, "epoch"),
    s("polyline", { class: "ts-line", points: values.map((one, epoch) => `${x(epoch)},${y(one)}`).join(" ") }),
    values.map((one, epoch) => s("circle", { class: "ts-point", r: 2.2, cx: x(epoch), cy: y(one) })),
    line, dot);
  element.addEventListener("click", (event) => {
    const box = element.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width * WIDTH - LEFT) / (RIGHT - LEFT) * last;
    choose(clamp(Math.round(at), 0, last));
  });
  return {
    element,
    read(epoch) {
      for (const [name, number] of [["x1", x(epoch)], ["x2", x(epoch)]]) line.setAttribute(name, number);
      dot.setAttribute("cx", x(epoch));
      dot.setAttribute("cy", y(values[epoch]));
      value.textContent = format(values[epoch]);
      value.setAttribute("x", RIGHT);
      element.setAttribute("aria-label", `${title}: ${format(values[epoch])} at epoch ${epoch}; from ` +
        `${format(values[0])} to ${format(values[last])} over ${last} epochs`);
    },
  };
}

// The marks of a logarithmic axis, 1 and 3 times powers of ten, from `low` or less to `high` or more; both above 0.
function logarithmicTicksOf(low, high) {
  const power = Math.floor(Math.log10(low));
  const first = 2 * power + (low >= 3 * 10 ** power ? 1 : 0);
  const markAt = (i) => Number(`${i % 2 ? 3 : 1}e${Math.floor(i / 2)}`);
  const values = [markAt(first), markAt(first + 1)];
  while (values[values.length - 1] < high) values.push(markAt(first + values.length));
  return { step: values[0], values };
}
