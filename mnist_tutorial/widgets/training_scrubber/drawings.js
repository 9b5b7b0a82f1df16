// The two drawings over the axis of steps: the loss, and where each digit is right. Each has a line at the step that is
// shown, and a dashed one at the step that is pinned.
import { s, ticksOf } from "../frontend/charts.js";
import { across, axis, dragAlong, LEFT, RIGHT, WIDTH } from "./axis.js";

const ROW = 16; // height of a digit's row

function cursors(top, bottom) {
  const [pinned, at] = ["ts-pinned-at", "ts-at"].map((name) => s("line", { class: name, y1: top, y2: bottom }));
  return {
    elements: [pinned, at],
    move(x, pinnedX) {
      for (const [line, where] of [[at, x], [pinned, pinnedX]]) {
        line.setAttribute("visibility", where === null ? "hidden" : "visible");
        line.setAttribute("x1", where ?? LEFT);
        line.setAttribute("x2", where ?? LEFT);
      }
    },
  };
}

// loss: a number for each step. choose(index): called when a reader presses or drags.
export function lossDrawing({ steps, places, epochSteps, loss, choose }) {
  const [top, bottom, height] = [38, 140, 164];
  const isLogarithmic = loss.every((value) => value > 0); // in equal steps, a long flat line would follow one fall
  const low = isLogarithmic ? Math.min(...loss) : 0;
  const ticks = isLogarithmic ? logarithmicTicksOf(low, Math.max(...loss)) : ticksOf(low, Math.max(...loss), 4).values;
  const scale = isLogarithmic ? Math.log : Number;
  const [first, last] = [scale(ticks[0]), scale(ticks[ticks.length - 1])];
  const y = (value) => bottom - (scale(value) - first) / (last - first) * (bottom - top);
  const cursor = cursors(top - 4, bottom);
  const dot = s("circle", { r: 5.5, class: "ts-dot" });
  const mark = s("path", { d: "M0 -7L7 0L0 7L-7 0Z", class: "ts-pinned-mark" });
  const value = s("text", { class: "ts-value", x: RIGHT + 8, y: 14 });
  const element = s("svg", { class: "ts-drawing ts-loss", viewBox: `0 0 ${WIDTH} ${height}`, role: "img" },
    s("text", { class: "ts-title", x: 2, y: 14 }, "Loss on validation data"), value,
    ticks.flatMap((tick) => [
      s("line", { class: "ts-grid", x1: LEFT, x2: RIGHT, y1: y(tick), y2: y(tick) }),
      s("text", { class: "ts-tick ts-left", x: LEFT - 10, y: y(tick) + 4 }, String(Number(tick.toPrecision(6)))),
    ]),
    axis({ steps, places, epochSteps, top, bottom }),
    s("polyline", { class: "ts-line", points: loss.map((one, i) => `${across(places[i])},${y(one)}`).join(" ") }),
    loss.map((one, i) => s("circle", { class: "ts-point", r: 2, cx: across(places[i]), cy: y(one) })),
    cursor.elements, mark, dot);
  dragAlong(element, places, choose);
  return {
    element,
    // at: the index of the step shown. pinned: that of the other one, or null. words: what stands there.
    show(at, pinned, words) {
      cursor.move(across(places[at]), pinned === null ? null : across(places[pinned]));
      dot.setAttribute("cx", across(places[at]));
      dot.setAttribute("cy", y(loss[at]));
      mark.setAttribute("visibility", pinned === null ? "hidden" : "visible");
      mark.setAttribute("transform", `translate(${across(places[pinned ?? 0])} ${y(loss[pinned ?? 0])})`);
      value.textContent = loss[at].toFixed(4);
      element.setAttribute("aria-label", `Loss on validation data, on logarithmic axes: ${words} From ` +
        `${loss[0].toFixed(4)} to ${loss[loss.length - 1].toFixed(4)} in ${steps[steps.length - 1]} steps.`);
    },
  };
}

// right: for each digit, whether it is right at each step. stays: from which index on it stays right, or -1.
export function rightDrawing({ steps, places, epochSteps, labels, right, stays, choose }) {
  const top = 40;
  const bottom = top + ROW * labels.length + 2;
  const cursor = cursors(top - 4, bottom);
  const edges = places.map((place, i) => across(i ? (places[i - 1] + place) / 2 : place)).concat(RIGHT);
  const rows = labels.map((label, digit) => {
    const y = top + ROW * digit;
    const bars = right[digit].map((is, i) => (is ? `M${edges[i].toFixed(1)} ${y + 3}H${edges[i + 1].toFixed(1)}v${ROW - 6}H${edges[i].toFixed(1)}Z` : ""));
    return s("g", { class: "ts-row" },
      s("text", { class: "ts-tick ts-left", x: LEFT - 10, y: y + 12 }, String(label)),
      s("line", { class: "ts-wrong-line", x1: LEFT, x2: RIGHT, y1: y + ROW / 2, y2: y + ROW / 2 }),
      s("path", { class: "ts-right", d: bars.join("") || "M0 0" }));
  });
  const words = labels.map((label, digit) => `${label} ${stays[digit] < 0 ? "is not right at the end"
    : `from step ${steps[stays[digit]]} on`}`).join(", ");
  const element = s("svg", {
    class: "ts-drawing", viewBox: `0 0 ${WIDTH} ${bottom + 26}`, role: "img", "aria-label": `Where each digit is right: ${words}.`,
  }, s("text", { class: "ts-title", x: 2, y: 14 }, "Where each digit is right (bar) or wrong (line)"),
  axis({ steps, places, epochSteps, top, bottom }), rows, cursor.elements);
  dragAlong(element, places, choose);
  return {
    element,
    show(at, pinned, digit) {
      cursor.move(across(places[at]), pinned === null ? null : across(places[pinned]));
      rows.forEach((row, i) => {
        row.classList.toggle("ts-row-chosen", i === digit);
        row.firstChild.textContent = `${i === digit ? "▸ " : ""}${labels[i]}`;
      });
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
  return values;
}
