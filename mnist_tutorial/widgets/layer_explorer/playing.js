// Play, pause and step through the places of a map, in reading order.
import { whole } from "../frontend/arithmetic.js";
import { freshId, h } from "../frontend/controls.js";

const SPEEDS = [["slow", 2], ["medium", 20], ["fast", 120]]; // places a second
const LONGEST = 250; // milliseconds that count of a frame: after a break, the window goes on where it was

// { element, show, pause, isPlaying }. map: { place, last, isFilling }, three functions: where the window is, the last place,
// and whether the map is filled only up to the window. go(place, filling) moves the window; ended() comes after a pause or
// the end.
export function player(map, go, ended) {
  const id = freshId("speed");
  let [frame, before, owed] = [0, 0, 0];
  const toggle = h("button", { type: "button", class: "le-play", onclick: () => (frame ? pause() : play()) });
  const step = h("button", {
    type: "button", onclick: () => {
      pause();
      go(map.place() < map.last() ? map.place() + 1 : 0, true);
      ended();
    },
  }, "Step");
  const speed = h("select", { id, onchange: () => show() }, SPEEDS.map(([name], i) =>
    h("option", { value: i, selected: i === 1 }, name)));
  const duration = h("small");
  const all = h("button", {
    type: "button", onclick: () => {
      pause();
      go(map.place(), false);
      ended();
    },
  }, "Whole map");
  const rate = () => SPEEDS[Number(speed.value)][1];

  function play() {
    if (!map.isFilling() || map.place() >= map.last()) go(0, true);
    [before, owed] = [performance.now(), 0];
    frame = requestAnimationFrame(tick);
    show();
  }
  function pause() {
    if (!frame) return;
    cancelAnimationFrame(frame);
    frame = 0;
    show();
    ended();
  }
  function tick(now) {
    owed += Math.max(0, Math.min(LONGEST, now - before)) / 1000 * rate();
    before = now;
    const places = Math.floor(owed);
    owed -= places;
    frame = requestAnimationFrame(tick);
    if (!places) return;
    const to = Math.min(map.last(), map.place() + places);
    go(to, to < map.last());
    if (to === map.last()) pause();
  }
  function show() {
    toggle.textContent = frame ? "❚❚ Pause" : "▶ Play";
    all.disabled = !map.isFilling();
    duration.textContent = `${whole(map.last() + 1)} places, ${Math.ceil((map.last() + 1) / rate())} s`;
  }
  return {
    element: h("div", { class: "bw-controls le-player" }, toggle, step,
      h("span", {}, h("label", { for: id, class: "visually-hidden" }, "Speed"), speed), all, duration),
    show, pause,
    isPlaying: () => frame !== 0,
  };
}
