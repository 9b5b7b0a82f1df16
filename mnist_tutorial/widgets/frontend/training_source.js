// Where widgets that train have their digits and the engine's program from: files of the book, loaded on first use, or
// in Jupyter from Python, which sends what the trait `wanted` names (widgets/training_source.py).
import { loadProgram } from "../engine/engine.js";
import { loadDigits } from "./training_data.js";
import { bytesOf } from "./traits.js";

const FIRST = 6000; // training images that come with the first digits

export function createSource(model) {
  const kept = {}; // promises of what was asked for; a failed one is asked for anew
  const once = (name, ask) => {
    kept[name] ??= ask().catch((error) => {
      delete kept[name];
      throw error;
    });
    return kept[name];
  };
  const base = window.mnistTutorial?.folder;
  const program = base ? () => loadProgram(`${base}training_engine.js`)
    : async () => ({ source: await fromPython(model, "program") });
  const load = (which, options) => once(which, () =>
    (base ? loadDigits(which, { base, ...options }) : fromPython(model, which)));
  return {
    program: () => once("program", program),
    // For so many training images. options: onProgress and signal, as loadDigits has them.
    digits: (count, options) => load(count > FIRST ? "all" : "first", options),
    test: ({ all, ...options }) => load(all ? "all test" : "test", options),
  };
}

// Ask Python for something, and wait until it has come.
function fromPython(model, which) {
  return new Promise((resolve, reject) => {
    const listener = () => {
      const sent = model.get("sent");
      if (sent?.which !== which) return;
      model.off("change:sent", listener);
      if (sent.problem) reject(new Error(sent.problem));
      else resolve(which === "program" ? sent.text : digitsOf(sent));
    };
    model.on("change:sent", listener);
    model.set("wanted", { which, count: (model.get("wanted")?.count ?? 0) + 1 });
    model.save_changes();
  });
}

function digitsOf(sent) {
  const bytes = (name) => bytesOf({ get: (key) => sent[key] }, name);
  return {
    images: bytes("images"), labels: bytes("labels"), standIn: sent.stand_in,
    validation: { images: bytes("validation_images"), labels: bytes("validation_labels") },
  };
}
