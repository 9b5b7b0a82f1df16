// A network saved as a safetensors file, and opened again: chosen, or dropped on the lab. Nothing leaves the computer.
import { h } from "../frontend/controls.js";
import { fromSafetensors, toSafetensors } from "../frontend/safetensors.js";

const MAX_BYTES = 64 * 2 ** 20; // of a file that is worth reading

// attempt(does): does something and says what came of it. network(): a promise of { settings, weights, fileName }.
// open({ settings, weights }): takes what a file holds, and returns what to say.
export function createFiles({ root, attempt, network, open }) {
  const save = h("button", { type: "button", onclick: () => attempt(async () => {
    const { settings, weights, fileName } = await network();
    const address = URL.createObjectURL(new Blob([toSafetensors({ settings, weights })]));
    h("a", { href: address, download: fileName }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000); // by then the browser has read it
    return `Saved as ${fileName}; in Python, mnist_tutorial.load_network("${fileName}") makes a Keras model of it.`;
  }) }, "Save a file");
  const chooser = h("input", { type: "file", accept: ".safetensors", hidden: true, onchange: () => {
    openFirst(chooser.files);
    chooser.value = ""; // the same file may be chosen again
  } });

  function openFirst([file]) {
    if (!file) return;
    attempt(async () => {
      if (file.size > MAX_BYTES) throw new Error("The file is too large for a network of this book: 64 MB is the most.");
      const bytes = await file.arrayBuffer().catch(() => {
        throw new Error("The browser could not read the file. Choose it again.");
      });
      return open(fromSafetensors(bytes));
    });
  }

  const onDrag = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // or the browser would leave the page and show the file
    root.classList.toggle("tl-over", event.type === "dragover");
    if (event.type === "drop") openFirst(event.dataTransfer.files);
  };
  const events = ["dragover", "dragleave", "drop"];
  for (const name of events) root.addEventListener(name, onDrag);
  return {
    buttons: [save, h("button", { type: "button", onclick: () => chooser.click() }, "Open a file"), chooser],
    draw(canSave) {
      save.disabled = !canSave;
    },
    stop() {
      for (const name of events) root.removeEventListener(name, onDrag);
    },
  };
}
