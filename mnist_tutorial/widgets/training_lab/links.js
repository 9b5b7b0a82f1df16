// Settings in an address, so that a teacher can hand a class an experiment: #lab=learning_rate:0.01,epochs:3 and, to
// leave controls out, &hide=filters,softmax.
import { FIELDS, numberOf, refusal } from "./settings_table.js";

const MAX_LENGTH = 2000; // characters; whatever is longer was not made here

// The part after # as { settings, hidden, ignored }; null where it is not about the lab. ignored: what cannot be
// used, in words.
export function readLink(hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, "").slice(0, MAX_LENGTH));
  if (!parts.has("lab")) return null;
  const [settings, ignored] = [{}, []];
  for (const pair of parts.get("lab").split(",").filter(Boolean)) {
    const [name, ...rest] = pair.split(":");
    const field = FIELDS.find((one) => one.name === name);
    const value = field && valueOf(field, rest.join(":"));
    const reason = field ? refusal(field, value) : "is not a setting of the lab";
    if (reason) ignored.push(`${JSON.stringify(pair.slice(0, 40))} ${reason.replace(/\.$/, "")}`);
    else settings[name] = value;
  }
  const [hidden, unknown] = [true, false].map((known) => (parts.get("hide") ?? "").split(",")
    .filter((name) => name && FIELDS.some((one) => one.name === name) === known));
  for (const name of unknown) ignored.push(`${JSON.stringify(name.slice(0, 40))} is not a setting that could be hidden`);
  return { settings, hidden, ignored };
}

// The part after #, with #, of the settings that differ from the widget's own.
export function writeLink(settings, initial, hidden) {
  const pairs = FIELDS.filter(({ name }) => settings[name] !== initial[name])
    .map(({ name }) => `${name}:${String(settings[name]).replace(/ /g, "+")}`);
  return `#lab=${pairs.join(",")}${hidden.length ? `&hide=${hidden.join(",")}` : ""}`;
}

function valueOf({ choices }, text) {
  return choices ? choices.find(([choice]) => String(choice) === text)?.[0] : numberOf(text);
}
