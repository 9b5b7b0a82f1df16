// A widget's state in the address: #sample_inspector=index:12,other:3 opens the page at the widget, in this state. A
// line below the widget copies such a link. Addresses come from anyone: what is not a state is refused in words.
import { h } from "./controls.js";
import { PIXELS, SIDE } from "./image_data.js";
import { bytesOf } from "./traits.js";

const MAX_LENGTH = 6000; // characters; whatever is longer was not made here
const MAX_POINTS = 1000; // of a drawing; 4 characters each

const whole = (low, high) => ({
  expects: (model) => `a whole number from ${low} to ${highOf(high, model)}`,
  read: (text, model) => (/^-?\d{1,9}$/.test(text) && text >= low && text <= highOf(high, model) ? Number(text) : undefined),
});
const highOf = (high, model) => (typeof high === "function" ? high(model) : high);
const word = (...words) => ({
  expects: () => `one of ${words.join(", ")}`,
  read: (text) => (words.includes(text) ? text : undefined),
});
// One of the steps that a training was recorded at.
const step = {
  expects: (model) => `one of the steps ${model.get("steps").join(", ")}`,
  read: (text, model) => (/^\d{1,9}$/.test(text) && model.get("steps").includes(Number(text)) ? Number(text) : undefined),
};
// Strokes: two hexadecimal digits for each coordinate, a point after the other, and "-" between strokes.
const strokes = {
  expects: () => "a drawing as a copied link has it",
  read(text) {
    if (!/^([0-9a-f]{4})+(-([0-9a-f]{4})+)*$/.test(text)) return undefined;
    const coordinate = (digits) => parseInt(digits, 16) / 255;
    return text.split("-").map((stroke) => stroke.match(/.{4}/g)
      .map((point) => [coordinate(point.slice(0, 2)), coordinate(point.slice(2))]));
  },
  write(drawing) {
    const every = Math.ceil(drawing.flat().length / MAX_POINTS);
    const digits = (value) => Math.round(255 * Math.min(1, Math.max(0, value))).toString(16).padStart(2, "0");
    return drawing.map((points) => points.filter((_, i) => i % every === 0 || i === points.length - 1)
      .map((point) => point.map(digits).join("")).join("")).join("-");
  },
};
const last = (model) => bytesOf(model, "images").length / PIXELS - 1;
const [index, other] = [whole(0, last), whole(-1, last)];
const [row, column] = [whole(0, SIDE - 1), whole(0, SIDE - 1)];
// The traits of each widget that a link carries.
const LINKED = {
  digit_pad: { strokes },
  layer_explorer: {
    index, layer: word("convolution", "filters", "pooling", "dropout", "flatten", "hidden", "output", "shapes"),
    filter: whole(0, 63), other: whole(0, 63), row, column, unit: whole(0, 511), output: whole(0, 9),
  },
  network_view: { strokes, index, layer: word("convolution", "pooling", "hidden", "output") },
  processing_steps: { index, step: whole(0, 3), row, column, divisions: whole(0, 2), label: whole(0, 9) },
  training_scrubber: { step, pinned: step, index: whole(0, (model) => model.get("labels").length - 1) },
  sample_inspector: { index, digit: whole(-1, 9), row, column, other },
};

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
    else refused.push(`“${pair.slice(0, 40)}” is not used: ${kind ? `${trait} takes ${kind.expects(model)}` :
      `a link carries ${Object.keys(LINKED[name]).join(", ")}`}.`);
  }
  return { values, refused };
}

// The part after #, with #, of what differs from the state that the page has.
export function writeLink(name, model, initial) {
  const pairs = Object.entries(LINKED[name]).flatMap(([trait, kind]) => {
    const value = model.get(trait);
    const written = value === undefined || value === initial[trait] ? "" : (kind.write ?? String)(value);
    return written && kind.read(written, model) !== undefined ? [`${trait}:${written}`] : [];
  });
  return `#${name}=${pairs.join(",")}`;
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
    for (const [trait, value] of Object.entries({ ...initial, ...link.values })) if (value !== undefined) model.set(trait, value);
    status.textContent = link.refused.length ? `Of the link, ${link.refused.slice(0, 3).join(" ")}` : "";
  };
  async function copy() {
    const address = location.href.replace(/#.*/s, "") + writeLink(name, model, initial);
    try {
      await navigator.clipboard.writeText(address);
      status.textContent = "The link is copied.";
    } catch {
      status.textContent = `The browser does not let this page copy; here is the link: ${address}`;
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
