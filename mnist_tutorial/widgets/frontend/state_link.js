// A widget's state in the address: #sample_inspector=index:12,other:3 opens the page at the widget, in this state. A
// line below the widget copies such a link. Addresses come from anyone: what is not a state is refused in words.
import { h } from "./controls.js";
import { LINKED } from "./linked_traits.js";

const MAX_LENGTH = 6000; // characters; whatever is longer was not made here

// The widget that an address names, as its element: the first of its kind; null if there is none.
export function linkedElement(hash = location.hash) {
  const [name] = hash.slice(1).split("=");
  return Object.hasOwn(LINKED, name) && hash.includes("=") ? document.querySelector(`[data-book-widget="${name}"]`) : null;
}

// What an address says of a widget: { values, refused }, traits and reasons in words; null if it is about another one.
export function readLink(name, model, hash) {
  const text = hash.slice(1, MAX_LENGTH).split(/=(.*)/s);
  if (text[0] !== name || text[1] === undefined) return null;
  const [values, refused] = [{}, []];
  for (const pair of text[1].split(",").filter(Boolean)) {
    const [trait, value = ""] = pair.split(/:(.*)/s);
    const kind = Object.hasOwn(LINKED[name], trait) ? LINKED[name][trait] : null;
    const found = kind?.read(value, model);
    if (found !== undefined) values[trait] = found;
    else refused.push(`“${pair.slice(0, 40)}” is not used: ${kind ? `${trait} takes ${kind.expects(model, value)}` :
      `a link carries ${Object.keys(LINKED[name]).join(", ")}`}.`);
  }
  for (const [trait, kind] of Object.entries(LINKED[name])) values[trait] ??= kind.follows?.(values, model);
  return { values, refused };
}

// { fragment, missing }: the part after #, with #, of what differs from the state that the page has; and, in words,
// what is too long for an address.
export function writeLink(name, model, initial) {
  const [carried, missing] = [{}, []];
  let fragment = `#${name}=`;
  for (const [trait, kind] of Object.entries(LINKED[name])) {
    const written = (value) => (value === undefined ? "" : (kind.write ?? String)(value));
    const value = model.get(trait);
    const text = written(value);
    if (!text || text === written(kind.follows?.(carried, model) ?? initial[trait])) continue;
    const longer = `${fragment}${Object.keys(carried).length ? "," : ""}${trait}:${text}`;
    if (longer.length <= MAX_LENGTH && kind.read(text, model) !== undefined) {
      fragment = longer;
      carried[trait] = value;
    } else if (kind.leftOut) missing.push(kind.leftOut(value));
  }
  return { fragment, missing };
}

// Puts a widget into the state of the address, now and when it changes. Returns the line, { element, stop }; null for
// a widget that has no link, or is not the first of its kind on the page.
export function stateLink(element, model) {
  const name = element.dataset.bookWidget;
  if (!Object.hasOwn(LINKED, name) || document.querySelector(`[data-book-widget="${name}"]`) !== element) return null;
  const initial = Object.fromEntries(Object.keys(LINKED[name]).map((trait) => [trait, model.get(trait)]));
  const status = h("p", { role: "status" });
  const follow = () => {
    const link = readLink(name, model, location.hash);
    if (!link) return;
    for (const [trait, start] of Object.entries(initial)) {
      const value = link.values[trait] ?? start;
      if (value !== undefined) model.set(trait, value);
    }
    status.textContent = link.refused.length ? `Of the link, ${link.refused.slice(0, 3).join(" ")}` : "";
  };
  async function copy() {
    const { fragment, missing } = writeLink(name, model, initial);
    const address = location.href.replace(/#.*/s, "") + fragment;
    const without = missing.length ? `, without ${missing.join(" and ")}` : "";
    try {
      await navigator.clipboard.writeText(address);
      status.textContent = `The link is copied${without}.`;
    } catch {
      status.textContent = `The browser does not let this page copy; here is the link${without}: ${address}`;
    }
  }
  const button = h("button", { type: "button", onclick: copy }, "Copy link");
  follow();
  window.addEventListener("hashchange", follow);
  return {
    element: h("div", { class: "bw-link" }, button, status),
    stop: () => window.removeEventListener("hashchange", follow),
  };
}
