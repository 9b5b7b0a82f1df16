// What happens to a trained network: the widgets of the page use it, the browser keeps it, a file holds it.
import { freshId, h } from "../frontend/controls.js";
import { refusal } from "../frontend/own_network.js";
import { createFiles } from "./files.js";
import { engineSettings } from "./settings_table.js";

// root: where a file can be dropped. values(): the settings at hand. taken(): called when a file has become a run.
export function createNetworkPanel({ lab, root, values, taken, say }) {
  const book = window.mnistTutorial; // in Jupyter there is none
  let said = ""; // what came of the last button that was pressed
  const message = h("p", { class: "tl-network-says" });
  const runId = freshId("run");
  const select = h("select", { id: runId, onchange: () => {
    said = "";
    draw();
  } });
  const button = (text, does) => h("button", { type: "button", onclick: () => attempt(does) }, text);
  let used = ""; // what is in use: which run, after how many steps
  const mark = (run) => run && `${run.number} ${run.members.length} ${run.members[run.members.length - 1]?.step}`;
  async function take(run) {
    const wanted = mark(run);
    await book.useNetwork({ ...await networkOf(run), name: nameOf(run) });
    used = wanted;
  }
  const isUsed = () => Boolean(book.ownNetwork()?.chosen) && used === mark(chosen());
  const use = button("Use it in this book’s widgets", async () => {
    await take(chosen());
    return "The widgets on this page use it now. Press Keep to use it on all pages and visits.";
  });
  const keep = button("Keep", async () => {
    if (!isUsed()) await take(chosen());
    await book.keepNetwork();
    return "It is kept in this browser and used on all pages until you press “Forget yours” in a widget that uses it.";
  });
  const forget = button("Forget", async () => {
    await book.forgetNetwork();
    return "It is forgotten: the widgets use the book’s network again.";
  });
  const files = createFiles({
    root, attempt,
    network: async () => ({ ...await networkOf(chosen()), name: `mnist-run-${chosen().number}` }),
    async open({ settings, weights }) {
      if (isBusy()) throw new Error("A training is running. Pause it, then open the file.");
      const run = await lab.open(values(), settings, weights);
      if (!run) throw new Error(lab.problem || "The file was not opened: another training has begun.");
      select.value = run.number;
      await taken();
      return `Run ${run.number} is the network of the file. Continue trains it further.`;
    },
  });
  const which = h("p", { class: "tl-which" }, h("label", { for: runId }, "The network of"), select);
  const element = h("div", { class: "tl-network" }, which,
    h("div", { class: "tl-network-buttons" }, book ? [use, keep, forget] : [], files.buttons), message);

  const isBusy = () => ["training", "loading"].includes(lab.phase);
  const hasNetwork = (run) => run.opened || run.members.some(({ step }) => step > 0);
  const chosen = () => lab.runs.find(({ number }) => String(number) === select.value);

  // What went wrong or well, in words.
  async function attempt(does) {
    let text = "";
    try {
      text = await does() ?? "";
    } catch (error) {
      text = error.message;
    }
    draw();
    said = text;
    say(text);
    draw();
  }

  async function networkOf(run) {
    const weights = await lab.weightsOf(run);
    if (!weights) throw new Error(`Run ${run.number} has no trained network any more. Train it again.`);
    const { seed } = run.members[run.members.length - 1];
    return { settings: engineSettings({ ...run.settings, seed }), weights };
  }

  function nameOf(run) {
    const { validations, step } = run.members[run.members.length - 1];
    const last = validations[validations.length - 1];
    return last ? `${(100 * last.accuracy).toFixed(1)}% of validation images` : `after ${step} steps`;
  }

  function draw() {
    const runs = lab.runs.filter(hasNetwork);
    const numbers = runs.map(({ number }) => String(number));
    const listed = Array.from(select.options, ({ value }) => value);
    if (numbers.join() !== listed.join()) {
      said = "";
      const wanted = numbers.findLast((number) => !listed.includes(number)) ?? select.value;
      select.replaceChildren(...numbers.map((number) => h("option", { value: number }, `run ${number}`)));
      select.value = numbers.includes(wanted) ? wanted : numbers[numbers.length - 1] ?? "";
    }
    const run = chosen();
    const reason = run ? refusal(engineSettings(run.settings)) : "";
    which.hidden = !runs.length;
    const own = book?.ownNetwork();
    const usable = Boolean(book && run) && !isBusy() && !reason;
    use.disabled = !usable || isUsed();
    keep.disabled = !usable || (isUsed() && own.kept);
    forget.disabled = !own;
    files.draw(Boolean(run) && !isBusy());
    message.textContent = said || (reason && book ? `The widgets of this book cannot use it: ${reason}` : "");
  }

  if (book) document.addEventListener("mnist-tutorial-network", draw);
  return {
    element, draw,
    stop() {
      if (book) document.removeEventListener("mnist-tutorial-network", draw);
      files.stop();
    },
  };
}
