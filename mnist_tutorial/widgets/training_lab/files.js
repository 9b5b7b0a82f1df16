// A network saved as a safetensors file, and opened again: chosen, or dropped on the lab; or saved as an ONNX file, for
// other programs. Nothing leaves the computer.
import { h } from "../frontend/controls.js";
import { download } from "../frontend/download.js";
import { fromSafetensors, toSafetensors } from "../frontend/safetensors.js";
import { toOnnx } from "./onnx.js";

const MAX_BYTES = 64 * 2 ** 20; // of a file that is worth reading

// attempt(does): does something and says what came of it. network(): a promise of { settings, weights, name }.
// open({ settings, weights }): takes what a file holds, and returns what to say.
export function createFiles({ root, attempt, network, open }) {
  const saveAs = (text, ending, bytesOf, words) => h("button", { type: "button", onclick: () => attempt(async () => {
    const { settings, weights, name } = await network();
    const fileName = `${name}.${ending}`;
    download(bytesOf({ settings, weights }), fileName);
    return `Saved as ${fileName}; ${words(fileName)}`;
  }) }, text);
  const saves = [
    saveAs("Save a file", "safetensors", toSafetensors,
      (fileName) => `in Python, mnist_tutorial.load_network("${fileName}") makes a Keras model of it.`),
    saveAs("Save as ONNX", "onnx", toOnnx,
      () => "ONNX Runtime and many other programs run it. It takes images of 28 x 28 x 1 numbers from 0 to 1."),
  ];
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
    buttons: [...saves, h("button", { type: "button", onclick: () => chooser.click() }, "Open a file"), chooser],
    draw(canSave) {
      for (const save of saves) save.disabled = !canSave;
    },
    stop() {
      for (const name of events) root.removeEventListener(name, onDrag);
    },
  };
}
