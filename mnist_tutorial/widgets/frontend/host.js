// Mounts the widgets of a built page: no kernel, no server, no network.
import { createNetworkChoice } from "./network_choice.js";
import { linkedElement, stateLink } from "./state_link.js";
import { decodeWeights } from "./weights_format.js";
import { quickForward } from "./quick_forward.js";
// Most widgets import these: here, a page has them once for all of its widgets.
import {} from "./arithmetic.js";
import {} from "./charts.js";
import {} from "./keyboard.js";

const frontEnds = {};
const folder = document.currentScript.src.replace(/[^/]*$/, "");
const bookNetwork = loaderOf("weights.js", "weights");
const firstNetwork = loaderOf("first_weights.js", "firstWeights"); // a copy of a sixth of its size, which answers nearly the same
const choice = createNetworkChoice(bookNetwork);

// What loads weights on first use, by a script tag so that file:// works; returns a promise of three layers.
function loaderOf(file, name) {
  let network;
  return () => (network ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${folder}${file}`;
    const fail = (reason) => {
      network = undefined; // the next call may try again
      reject(new Error(`The network's weights could not be loaded: the file ${file} ${reason}.`));
    };
    script.onerror = () => fail("is missing from the book");
    script.onload = () => {
      try {
        resolve(decodeWeights(window.mnistTutorial[name]));
      } catch {
        fail("is damaged");
      }
    };
    document.head.append(script);
  }));
}

// anywidget's model interface for a plain object.
function modelOf(state) {
  const listeners = new Map();
  const emit = (event, ...values) => [...(listeners.get(event) ?? [])].forEach((listener) => listener(...values));
  return {
    get: (name) => state[name],
    set(name, value) {
      if (Object.is(state[name], value)) return;
      state[name] = value;
      emit(`change:${name}`, this, value);
      emit("change", this);
    },
    on(event, listener) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
    },
    off(event, listener) {
      if (event === undefined || event === null) listeners.clear();
      else if (listener === undefined) listeners.delete(event);
      else listeners.get(event)?.delete(listener);
    },
    save_changes() {},
    trigger: emit,
    isListenedTo: (event) => Boolean(listeners.get(event)?.size),
  };
}

// Bytes come as {"base64": text} and are passed on as a DataView, as in Jupyter.
function decodeState(text) {
  return JSON.parse(text, (key, value) => {
    if (typeof value?.base64 !== "string" || Object.keys(value).length !== 1) return value;
    return new DataView(Uint8Array.from(atob(value.base64), (character) => character.charCodeAt(0)).buffer);
  });
}

// Keeps the traits that data-keep names for the reader's next visit, in this browser only; a widget that has been
// changed since then starts anew. Other pages of the same host can also write there: a value of another kind than
// the widget's own is left out.
function keep(element, written, model) {
  const names = element.dataset.keep?.split(" ");
  if (!names) return;
  const key = placeOf(element);
  const version = [...written].reduce((sum, one) => (Math.imul(sum, 31) + one.codePointAt(0)) | 0, 0);
  const save = () => {
    try {
      const values = Object.fromEntries(names.map((name) => [name, model.get(name)]));
      localStorage.setItem(key, JSON.stringify({ version, values }));
    } catch { // the browser forbids it, or its storage is full
      model.set("kept", false);
    }
  };
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    const values = (kept?.version === version && kept.values) || {};
    for (const name of names) if (kindOf(values[name]) === kindOf(model.get(name))) model.set(name, values[name]);
    model.set("kept", true);
  } catch {
    return; // the browser forbids it
  }
  for (const name of names) model.on(`change:${name}`, save);
}

function placeOf(element) {
  const place = [...document.querySelectorAll("[data-book-widget]")].indexOf(element);
  return `mnist-tutorial ${location.pathname} ${place}`;
}

function kindOf(value) {
  return value === null ? "nothing" : Array.isArray(value) ? "list" : typeof value;
}

async function mount(element) {
  const frontEnd = frontEnds[element.dataset.bookWidget];
  const carrier = element.querySelector(":scope > script[type='application/json']");
  if (!frontEnd && "late" in element.dataset) comingNear.observe(element);
  if (!frontEnd || !carrier || element.dataset.mounted) return;
  element.dataset.mounted = "yes";
  const start = async () => {
    const model = modelOf(decodeState(carrier.textContent));
    keep(element, carrier.textContent, model);
    const link = stateLink(element, model);
    const el = document.createElement("div");
    return [el, await frontEnd.render({ model, el }), model, link];
  };
  try {
    const [el, cleanUp, model, link] = await start().catch((error) => {
      if (!element.dataset.keep) throw error;
      localStorage.removeItem(placeOf(element)); // the stored values may be the cause
      return start();
    });
    const fallback = document.createElement("div"); // what was shown before the script; it is printed instead of the widget
    fallback.className = "bw-fallback";
    fallback.append(...element.childNodes);
    element.append(el, ...(link ? [link.element] : []), fallback);
    if (linkedElement() === element) element.scrollIntoView();
    comingUnder.observe(element);
    const leave = takesNetworks(model) ? choice.join(element, model) : null;
    element.unmount = () => {
      leave?.();
      link?.stop();
      cleanUp?.();
    };
  } catch (error) {
    console.error(error); // the fallback stays where it is
  }
}

// A widget marked as late, such as a heavy one far down a page, is loaded when the reader is less than a screen away.
const comingNear = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    comingNear.unobserve(target);
    const script = document.createElement("script"); // which defines the widget; without it, the fallback stays
    script.src = `${folder}${target.dataset.bookWidget}.js`;
    document.head.append(script);
  }
}, { rootMargin: "100% 0px" });

// The theme's button "Back to top" lies at the bottom of the window: not where a widget is.
const atBottom = new Set();
const comingUnder = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) atBottom.add(target);
    else atBottom.delete(target);
  }
  document.body.classList.toggle("bw-on-widget", atBottom.size > 0);
}, { rootMargin: "-80% 0px 0px 0px" });

// Whether a widget works with the page's network, and follows when it becomes another one.
function takesNetworks(model) {
  return model.isListenedTo("change:weights") && !Object.keys(model.get("weights") ?? {}).length;
}

function mountAll() {
  document.querySelectorAll("[data-book-widget]").forEach(mount);
}

window.mnistTutorial = {
  define(name, frontEnd) {
    frontEnds[name] = frontEnd;
    mountAll();
  },
  // What a widget of the page works with, the reader's own network or the book's: a promise of three layers.
  network: choice.network,
  bookNetwork, // a promise of the book's own, whatever the reader has chosen
  firstNetwork, // a promise of what can answer until the book's own is there
  // The reader's own network, trained in the page: network_choice.js says what these take and give.
  ownNetwork: choice.ownNetwork,
  useNetwork: choice.useNetwork,
  keepNetwork: choice.keepNetwork,
  forgetNetwork: choice.forgetNetwork,
  folder, // where the widgets' scripts lie, and what they load later
  // 784 numbers from 0 to 1, row by row, to a promise of ten probabilities.
  predict: async (pixels) => Array.from(quickForward(await choice.network(), pixels).probabilities),
};
document.addEventListener("readystatechange", mountAll); // before scripts that are deferred run
// One that is late is mounted when it comes into view.
const showLinked = () => linkedElement()?.scrollIntoView();
document.addEventListener("DOMContentLoaded", showLinked);
window.addEventListener("hashchange", showLinked);
