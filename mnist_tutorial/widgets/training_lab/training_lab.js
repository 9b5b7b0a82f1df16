import { h, freshId, liveRegion } from "../frontend/controls.js";
import { createSource } from "../frontend/training_source.js";
import { changer, listen } from "../frontend/traits.js";
import { createCharts, createCurves, sign } from "./curves.js";
import { createKeeper } from "./keeping.js";
import { createLaboratory } from "./laboratory.js";
import { readLink, writeLink } from "./links.js";
import { createLooks } from "./looks.js";
import { createRunsTable } from "./runs_table.js";
import { createSettingsForm, summary } from "./settings_form.js";
import { PRESETS, differences } from "./settings_table.js";
import { createSweepChart } from "./sweep.js";
import { createNetworkPanel } from "./use_network.js";
import { statusInWords } from "./words.js";

const LOOK_EVERY = 300; // milliseconds between two looks at what the network says
const CHART_EVERY = 100; // and between two drawings of the curves, which take most of the time of a frame
const TWO_COLUMNS = 608; // pixels from which the settings stand open beside the curves, as in training_lab.css
const WIDE = 900; // and from which there is room for the batch and the filters as well

function render({ model, el }) {
  const change = changer(model);
  const live = liveRegion();
  const initial = { ...model.get("settings"), workers: model.get("settings").workers ?? defaultWorkers() };
  const link = isFirstLab() ? readLink(location.hash) : null;
  let settings = { ...initial, ...link?.settings };
  // In Jupyter, where a page has no widget of its own, Python has the latest run.
  const keeper = window.mnistTutorial && isFirstLab() ? createKeeper({ key: `mnist-tutorial runs ${location.pathname}` }) : null;
  let kept = ""; // the runs as they were kept last
  let seenKept = null; // and what the watched digits were then
  const hidden = [...new Set([...model.get("hidden"), ...(link?.hidden ?? [])])];
  let frame = 0; // the request for the next drawing
  let charted = -Infinity; // when the curves were drawn last
  let lookTimer;
  let ignored = link?.ignored ?? []; // what the latest link has that cannot be used
  let shown = ""; // the phase that was drawn last

  const lab = createLaboratory({ source: createSource(model), changed: requestDraw, say: (text) => live.say(text) });

  // Settings
  const presetId = freshId("preset");
  const presets = Object.entries(model.get("presets") ?? {});
  if (!presets.length) presets.push(...PRESETS);
  const preset = h("select", { id: presetId, onchange: () => {
    const [, changes] = presets[preset.selectedIndex] ?? [];
    if (changes) take({ ...initial, ...changes });
  } }, presets.map(([name]) => h("option", {}, name)), h("option", { disabled: true }, "Your own settings"));
  const form = createSettingsForm({
    values: () => settings, initial, choose: (name, value) => take({ ...settings, [name]: value }), hidden,
  });
  const line = h("span", { class: "tl-summary" });
  const drawer = h("details", { class: "tl-settings" }, h("summary", {}, "Settings: ", line), form.element,
    h("p", { class: "tl-links" },
      h("button", { type: "button", onclick: copyLink }, "Copy a link with these settings")));

  // The buttons, and what is going on
  const train = h("button", { type: "button", class: "tl-train", onclick: onTrain }, "▶ Train");
  const oneStep = h("button", { type: "button", onclick: onStep }, "One step");
  const startOver = h("button", { type: "button", onclick: onStartOver }, "Start over");
  const bar = h("progress", { max: 1, value: 0, "aria-label": "progress of the training" });
  const status = h("p", { class: "tl-status" });
  const charts = createCharts();
  const curvesOf = createCurves();
  const legend = h("p", { class: "tl-legend" });
  const looks = createLooks();
  const table = createRunsTable({ initial, act: {
    openTest: (run) => lab.openTest(run),
    remove: (run) => { lab.remove(run); live.say(`Run ${run.number} was removed. Undo brings it back.`); },
    load: (run) => { take({ ...run.settings }); live.say(`The settings of run ${run.number} are loaded.`); },
    again: (run) => start(run.settings, Array.from({ length: 5 }, (_, i) => run.settings.seed + i)),
  } });
  const networks = createNetworkPanel({
    lab, root: el, say: (text) => live.say(text), values: () => settings,
    async taken() {
      take({ ...lab.run.settings });
      await look();
      await tellPython();
    },
  });
  const sweep = createSweepChart();
  const keptNote = h("p", { class: "bw-note tl-kept" });
  const undo = h("button", { type: "button", hidden: true, onclick: () => lab.undoRemove() }, "Undo");
  const removed = h("span", {});

  function take(values) {
    settings = values;
    lab.problem = "";
    form.show();
    change({ settings: { ...settings } });
    drawSettings();
    requestDraw();
  }

  function drawSettings() {
    const changes = differences(settings, initial).map(([label, text]) => `${label} ${text}`);
    line.textContent = summary(settings) + (changes.length ? `. Changed: ${changes.join(", ")}` : "");
    const same = presets.findIndex(([, changes]) =>
      !differences(settings, { ...initial, ...changes }).length);
    preset.selectedIndex = same < 0 ? presets.length : same;
  }

  // Says what does not fit, if something does not.
  function refuse() {
    const reason = form.refusal();
    if (reason) {
      lab.problem = reason;
      drawer.open = true;
      form.revealRefused();
      live.say(reason);
      requestDraw();
    }
    return Boolean(reason);
  }

  const isChanged = () => Boolean(lab.run && differences(settings, lab.run.settings).length);

  function onTrain() {
    if (["training", "loading"].includes(lab.phase)) return lab.pause();
    if (refuse()) return undefined;
    if (lab.phase === "paused" && !isChanged() && !lab.run.test) return follow(lab.goOn());
    return start(settings);
  }

  async function onStep() {
    if (refuse()) return;
    ignored = [];
    await lab.step({ ...settings });
    await look();
    await tellPython();
  }

  function start(values, seeds) {
    ignored = [];
    return follow(lab.train({ ...values }, seeds));
  }

  // Look on while it trains, and say what came of it.
  async function follow(running) {
    lookOnAndOn();
    await running;
    await look();
    await tellPython();
    if (lab.phase === "finished") live.say(words()); // a hidden tab has not drawn them
  }

  function onStartOver() {
    lab.startOver();
    looks.clear();
  }

  async function look() {
    const found = await looks.look(lab).catch(() => null);
    if (found) requestDraw();
  }

  function lookOnAndOn() {
    clearTimeout(lookTimer);
    lookTimer = setTimeout(async () => {
      if (lab.phase === "training" && !document.hidden) await look();
      if (["training", "loading"].includes(lab.phase)) lookOnAndOn();
    }, LOOK_EVERY);
  }

  // What Python can read: the latest run's curves and weights.
  async function tellPython() {
    if (!lab.run || window.mnistTutorial) return;
    const weights = await lab.weightsOf(lab.run);
    const one = lab.member();
    if (!weights || !one) return;
    const row = new Float32Array(weights.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const part of weights) {
      row.set(part, end);
      end += part.length;
    }
    change({
      history: one.history.history, trained: { ...lab.run.settings, seed: one.seed }, weights: new DataView(row.buffer),
    });
  }

  // Drawing
  function requestDraw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  }

  function draw() {
    const { phase, run } = lab;
    const busy = phase === "training" || phase === "loading";
    const goesOn = phase === "paused" && !isChanged() && !run.test;
    train.textContent = { training: "❚❚ Pause", loading: "Cancel" }[phase] ?? (goesOn ? "▶ Continue" : "▶ Train");
    oneStep.disabled = busy;
    startOver.disabled = busy || !run;
    const one = lab.member();
    const done = run ? (run.members.length - 1 + (one ? one.step / one.steps : 0)) / run.seeds.length : 0;
    bar.value = phase === "loading" ? (lab.progress ? lab.progress.loaded / lab.progress.total : 0) : Math.max(0, done);
    status.textContent = words();
    status.classList.toggle("tl-problem", phase === "failed" || Boolean(lab.problem));
    undo.hidden = !lab.removed;
    removed.textContent = lab.removed ? `Run ${lab.removed.run.number} was removed. ` : "";
    if (!busy || performance.now() - charted > CHART_EVERY) {
      drawCharts();
      networks.draw();
      charted = performance.now();
    }
    if (phase !== shown || !busy) {
      shown = phase;
      table.draw(lab);
    }
    if (!busy) sweep.draw(lab.runs);
    if (!busy) keepRuns();
  }

  // Keeps the runs when something has come of them.
  async function keepRuns() {
    const now = lab.runs.map(({ number, members, test }) =>
      [number, members.length, members[members.length - 1]?.step, Boolean(test)]).join();
    const seen = looks.seen();
    if (!keeper || (now === kept && seen === seenKept)) return;
    [kept, seenKept] = [now, seen];
    const member = lab.member();
    const weights = lab.phase === "paused" && await lab.weightsOf(lab.run).catch(() => null);
    if (kept === now) keptNote.textContent = keeper.write(toKeep(), weights && { member, weights });
  }

  // One that has not taken a step has nothing to be kept.
  function toKeep() {
    return { runs: lab.runs.filter(({ members }) => members.length), settings, seen: isLatest() ? looks.seen() : null };
  }
  // What was seen last is what the run says that is the one at hand after a return.
  const isLatest = () => lab.run?.number === Math.max(...lab.runs.map(({ number }) => number));

  function onLeave() {
    if (lab.runs.length) keeper.write(toKeep());
  }

  const words = () => statusInWords(lab, { isChanged: isChanged(), ignored });

  function drawCharts() {
    const curves = curvesOf(lab.runs, lab.run);
    const epochs = Math.max(1, ...lab.runs.map(({ settings: { epochs: count } }) => count));
    const one = lab.member();
    const end = (name, digits) => {
      const last = one?.validations[one.validations.length - 1]?.[name] ?? one?.record.latest()?.[name];
      return last === undefined ? "Nothing yet." : `The latest run is at ${digits(last)}.`;
    };
    charts.draw(curves, epochs, {
      loss: end("loss", (value) => value.toFixed(4)), accuracy: end("accuracy", (value) => `${(100 * value).toFixed(1)}%`),
    });
    const key = lab.runs.map(({ number }) => number).join();
    if (legend.dataset.runs !== key) {
      legend.dataset.runs = key;
      legend.replaceChildren(
        h("span", {}, lab.runs.length ? "Line: training, smoothed. Markers: validation."
          : "The loss and the accuracy appear here, step by step."),
        ...lab.runs.map(({ style, number }) => h("span", {}, sign(style), ` run ${number}`)));
    }
  }

  async function copyLink() {
    const address = `${location.href.replace(/#.*$/, "")}${writeLink(settings, initial, hidden)}`;
    const refused = form.refusal(); // of a value that is not among the settings
    const without = refused ? ` It has the value that was there before: ${refused}` : "";
    try {
      await navigator.clipboard.writeText(address);
      live.say(`The link is copied.${without}`);
      status.textContent = `The link is copied.${without}`;
    } catch {
      status.textContent = `The browser does not let this page copy; here is the link: ${address}${without && `.${without}`}`;
    }
  }

  const main = h("div", { class: "tl-main" },
    h("div", { class: "tl-head" },
      h("div", { class: "tl-preset" }, h("label", { for: presetId }, "Try"), preset),
      h("div", { class: "tl-buttons" }, train, oneStep, startOver),
      bar, status),
    charts.element, legend, looks.watched, looks.details);
  el.append(h("div", { class: "bw tl" },
    h("div", { class: "tl-columns" }, main, drawer),
    table.element, sweep.element, keptNote, h("p", { class: "tl-undo" }, removed, undo), networks.element, live.element));

  const sizes = new ResizeObserver(([{ contentRect: { width } }]) => {
    if (!width) return;
    sizes.disconnect(); // what the reader opens and closes later stays
    drawer.open ||= width >= TWO_COLUMNS;
    looks.details.open = width >= WIDE;
  });
  sizes.observe(el);
  const before = keeper?.read();
  if (before) {
    if (!link) settings = before.settings;
    lab.restore(before.runs);
    if (before.seen) looks.restore(before.seen);
  }
  form.show();
  reveal(link);
  drawSettings();
  draw();
  live.stop();
  if (link) requestAnimationFrame(() => el.scrollIntoView({ block: "start" }));
  const onHash = () => isFirstLab() && followLink(readLink(location.hash));
  window.addEventListener("hashchange", onHash);
  if (keeper) window.addEventListener("pagehide", onLeave);
  const stop = listen(model, {
    settings: () => {
      const given = model.get("settings");
      if (!differences({ ...settings, ...given }, settings).length) return;
      settings = { ...settings, ...given };
      form.show();
      drawSettings();
      requestDraw();
    },
  });
  return () => {
    sizes.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(lookTimer);
    lab.dispose();
    networks.stop();
    window.removeEventListener("hashchange", onHash);
    if (keeper) window.removeEventListener("pagehide", onLeave);
    live.stop();
    stop();
  };

  // What a link has set is seen, wherever it stands.
  function reveal(given) {
    if (given && form.reveal(Object.keys(given.settings))) drawer.open = true;
  }

  // A link in the text, followed while the page is open.
  function followLink(given) {
    if (!given) return;
    ignored = given.ignored;
    take({ ...initial, ...given.settings });
    reveal(given);
    el.scrollIntoView({ block: "start" });
    train.focus({ preventScroll: true });
  }

  function isFirstLab() {
    const all = document.querySelectorAll("[data-book-widget='training_lab']");
    return !all.length || all[0].contains(el) || (!el.isConnected && !document.querySelector(".tl"));
  }
}

// As many workers as the computer has cores, but no more than pay.
function defaultWorkers() {
  return Math.max(1, Math.min(4, navigator.hardwareConcurrency || 1));
}

export default { render };
