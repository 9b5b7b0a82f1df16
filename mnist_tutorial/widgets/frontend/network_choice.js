// Which network the widgets of a built page work with: the book's, or one of the reader's own. Where there is an own
// one, a line above each widget lets the reader choose; the choice is the same for all widgets, and on all pages if
// the network is kept.
import { freshId, h, liveRegion } from "./controls.js";
import { deleteRecord, keepRecord, layersOf, readRecord } from "./own_network.js";

const KEY = "mnist-tutorial network"; // { id, name, chosen } of the kept network, so that a page knows at once
const MAX_NAME = 60; // characters
export const CHANGED = "mnist-tutorial-network"; // the document's event

// bookNetwork(): a promise of the book's three layers.
export function createNetworkChoice(bookNetwork) {
  const lines = new Set();
  let own = null; // { id, name, kept, record, layers }; record and layers of a kept one come when they are needed
  let chosen = false; // whether the own one is in use
  let forgotten = null; // { own, chosen } before it was forgotten
  let problem = ""; // why the own one cannot be used, in words

  readNote();

  // What this browser has noted about a kept network. Other pages of the same host can also write there.
  function readNote() {
    const note = noted();
    if (note && (!own || own.kept)) {
      if (own?.id !== note.id) own = { id: note.id, name: nameOf(note.name), kept: true, record: null, layers: null };
      chosen = note.chosen === true;
      forgotten = null;
    } else if (!note && own?.kept) {
      own = null;
      chosen = false;
    }
  }

  function nameOf(name) {
    return typeof name === "string" && name ? name.slice(0, MAX_NAME) : "a network of your own";
  }

  function note() {
    localStorage.setItem(KEY, JSON.stringify({ id: own.id, name: own.name, chosen }));
  }

  // The choice outlives the page if it can; where the browser forbids that, it holds for this page.
  function noteChoice() {
    try {
      if (own?.kept) note();
    } catch { // full or forbidden
    }
  }

  async function network() {
    if (!chosen) return bookNetwork();
    const asked = own;
    try {
      asked.layers ??= asked.record ? Promise.resolve(layersOf(asked.record)) : readKept(asked);
      return await asked.layers;
    } catch (error) {
      if (own === asked) {
        chosen = false;
        problem = `Your network could not be used, so this is the book's. ${error.message}`;
        draw();
        [...lines][0]?.line.say(problem); // once, not for each widget
      }
      return bookNetwork();
    }
  }

  async function readKept(asked) {
    const record = await readRecord();
    if (!record) throw new Error("It is no longer in this browser.");
    const layers = layersOf(record);
    asked.record = record;
    return layers;
  }

  // All widgets take the network that is now chosen.
  function follow() {
    draw();
    for (const { model } of lines) model.trigger("change:weights", model, model.get("weights"));
  }

  function choose(wanted) {
    if (wanted === chosen) return;
    chosen = wanted;
    problem = "";
    noteChoice();
    follow();
  }

  // Lines that come or go do not move what the reader is looking at.
  function draw() {
    const at = document.activeElement;
    const anchor = at && at !== document.body ? at : null;
    const before = anchor?.getBoundingClientRect().top;
    for (const { line } of lines) line.show({ own, chosen, forgotten, problem });
    if (anchor) window.scrollBy(0, anchor.getBoundingClientRect().top - before);
    document.dispatchEvent(new Event(CHANGED));
  }

  const choice = {
    network,
    // { name, kept, chosen } of the reader's own network; null where there is none.
    ownNetwork: () => own && { name: own.name, kept: own.kept, chosen },
    // Takes { settings, weights, name }, or null for the book's. Throws an Error in words for what widgets cannot use.
    async useNetwork(given) {
      if (given === null) {
        choose(false);
      } else {
        const layers = layersOf(given);
        const record = { settings: { ...given.settings }, weights: given.weights.map((one) => one.slice()) };
        const id = `${Date.now()} ${Math.random()}`;
        own = { id, name: nameOf(given.name), kept: false, record, layers: Promise.resolve(layers) };
        [chosen, forgotten, problem] = [true, null, ""];
        follow();
      }
      return choice.ownNetwork();
    },
    async keepNetwork() {
      if (!own) throw new Error("You have no network to keep. Use one first.");
      const asked = own;
      if (!asked.kept) {
        const before = noted();
        try {
          note(); // first: where this fails, what was kept before is untouched
        } catch {
          throw new Error("The network was not kept: the browser forbids it, or its storage is full. It stays in use " +
            "until you leave this page; to have it later, save it as a file.");
        }
        try {
          await keepRecord({ ...asked.record, name: asked.name });
        } catch (error) {
          if (before) localStorage.setItem(KEY, JSON.stringify(before));
          else localStorage.removeItem(KEY);
          throw error;
        }
        asked.kept = true;
        draw();
      }
      return choice.ownNetwork();
    },
    // Forgets the reader's own network, also where it is kept; undoForget brings it back until the page is left.
    async forgetNetwork() {
      if (!own) return null;
      const before = { own, chosen };
      if (own.kept) before.own.record ??= await readRecord();
      [own, chosen, problem] = [null, false, ""];
      forgotten = before.own.record && isUsable(before.own.record) ? before : null;
      if (before.chosen) follow();
      else draw();
      try {
        localStorage.removeItem(KEY);
        await deleteRecord();
      } catch (error) {
        if (before.own.kept) throw new Error(`The browser did not forget your network: ${error.message}`);
      }
      return null;
    },
    async undoForget() {
      if (!forgotten) return choice.ownNetwork();
      const { own: back, chosen: wasChosen } = forgotten;
      [own, forgotten, chosen] = [{ ...back, kept: false }, null, wasChosen];
      follow();
      return back.kept ? choice.keepNetwork() : choice.ownNetwork();
    },
    // Gives a widget of the page its line. Returns what takes it away.
    join(element, model) {
      const line = createLine(element, choice, choose);
      const entry = { line, model };
      lines.add(entry);
      line.show({ own, chosen, forgotten, problem });
      if (chosen) model.trigger("change:weights", model, model.get("weights"));
      return () => {
        lines.delete(entry);
        line.remove();
      };
    },
  };

  // Another page, in another tab or before this one was gone back to, may have changed what is kept.
  function readAgain() {
    const before = [own, chosen];
    readNote();
    if (own !== before[0] || chosen !== before[1]) {
      problem = "";
      follow();
    }
  }
  window.addEventListener("storage", ({ key }) => (key === KEY || key === null) && readAgain());
  window.addEventListener("pageshow", ({ persisted }) => persisted && readAgain());
  return choice;
}

function noted() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    return typeof found?.id === "string" ? found : null;
  } catch { // the browser forbids it, or something else stands there
    return null;
  }
}

function isUsable(record) {
  try {
    return Boolean(layersOf(record));
  } catch {
    return false;
  }
}

// "Network: the book's / yours", with a way to forget it, and back: at the top of an element while there is an own
// network, or one that can come back.
function createLine(parent, { forgetNetwork, undoForget }, choose) {
  const [group, labelId] = [freshId("network"), freshId("label")];
  const live = liveRegion();
  const trouble = h("p", { class: "bw-network-problem" });
  const radio = (mine) => h("input", { type: "radio", name: group, onchange: () => choose(mine) });
  const [book, yours] = [radio(false), radio(true)];
  const name = h("span", {});
  const act = (does, said, next) => async () => {
    const running = does();
    try {
      await running;
      live.say(said);
    } catch (error) {
      trouble.textContent = error.message;
      live.say(error.message);
    }
    if (element.isConnected && !next().closest("[hidden]")) next().focus({ preventScroll: true });
  };
  const forget = h("button", {
    type: "button", onclick: act(forgetNetwork, "Your network is forgotten. Undo brings it back.", () => undo),
  }, "Forget yours");
  const undo = h("button", { type: "button", onclick: act(undoForget, "Your network is back.", () => forget) }, "Undo");
  const choices = h("div", { class: "bw-network-row" },
    h("span", { id: labelId }, "Network:"),
    h("span", { role: "radiogroup", "aria-labelledby": labelId },
      h("label", {}, book, "the book’s"), h("label", {}, yours, name)),
    forget);
  const gone = h("div", { class: "bw-network-row" },
    h("span", { class: "bw-network-gone" }, "Your network is forgotten."), undo);
  const element = h("div", { class: "bw bw-network" }, choices, gone, trouble, live.element);
  return {
    say: live.say,
    remove() {
      live.stop();
      element.remove();
    },
    show({ own, chosen, forgotten, problem }) {
      if (!own && !forgotten) element.remove();
      else if (!element.isConnected) parent.prepend(element);
      choices.hidden = !own;
      gone.hidden = Boolean(own) || !forgotten;
      book.checked = !chosen;
      yours.checked = chosen;
      yours.disabled = Boolean(problem);
      name.textContent = name.title = `yours: ${own?.name ?? ""}`;
      trouble.textContent = problem;
    },
  };
}
