// Drawings in files, from one reader or several, and in the browser's storage. Nothing leaves the computer.
import { h } from "../frontend/controls.js";
import { download } from "../frontend/download.js";
import { forget, fromText, keep, MAX_BYTES, readKept, toText } from "./hand_file.js";

const FILE_NAME = "my-hand.json";
const count = (drawings) => `${drawings.length} drawing${drawings.length === 1 ? "" : "s"}`;

// root: where files can be dropped. attempt(does): does something and says what came of it.
export function createHandFiles({ hand, root, attempt }) {
  const inPage = Boolean(window.mnistTutorial); // in Jupyter the kernel holds the drawings
  let kept = false;
  const save = h("button", { type: "button", onclick: () => attempt(() => {
    download(toText(hand.drawings()), FILE_NAME);
    return `${count(hand.drawings())} saved as ${FILE_NAME}.`;
  }) }, "Save a file");
  const chooser = h("input", { type: "file", accept: ".json", multiple: true, hidden: true, onchange: async () => {
    const files = [...chooser.files];
    chooser.value = ""; // the same file may be chosen again
    await openAll(files);
  } });
  const open = h("button", { type: "button", onclick: () => chooser.click() }, "Open files");
  const keeping = h("button", { type: "button", hidden: !inPage, onclick: () => attempt(() => {
    if (!kept) {
      keep(hand.drawings());
      kept = true;
      draw();
      return "Your drawings are kept in this browser, on this computer, until you press “Forget in this browser”.";
    }
    forget();
    kept = false;
    draw();
    return "The browser has forgotten your drawings; they stay here until you leave the page.";
  }) });

  // All of the files that can be read are merged; of the others it is said what is wrong with them.
  async function openAll(files) {
    if (!files.length) return;
    await attempt(async () => {
      const [all, troubles] = [[], []];
      for (const file of files) {
        try {
          if (file.size > MAX_BYTES) throw new Error("It is too large for a file of drawings.");
          all.push(...fromText(await file.text().catch(() => {
            throw new Error("The browser could not read it. Choose it again.");
          })));
        } catch (error) {
          troubles.push(`${file.name.slice(0, 60)} was not opened. ${error.message}`);
        }
      }
      const added = all.length ? hand.add(all, `${count(all)} were opened`) : 0;
      const known = all.length - added;
      const said = all.length ? [`${added} of ${count(all)} added${known ? `, ${known} were here already` : ""}.`] : [];
      return [...said, ...troubles].join(" ");
    });
  }

  const onDrag = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // or the browser would leave the page and show the file
    root.classList.toggle("th-over", event.type === "dragover");
    if (event.type === "drop") openAll([...event.dataTransfer.files]);
  };
  const events = ["dragover", "dragleave", "drop"];
  for (const name of events) root.addEventListener(name, onDrag);

  function draw() {
    save.disabled = !hand.drawings().length;
    keeping.textContent = kept ? "Forget in this browser" : "Keep in this browser";
    keeping.disabled = !kept && !hand.drawings().length;
  }

  draw();
  return {
    buttons: [save, open, chooser, keeping], draw,
    // What was kept in an earlier visit, or null; throws an Error in words if it is damaged.
    earlier() {
      if (!inPage) return null;
      kept = true; // so that Forget can remove what is damaged
      const drawings = readKept();
      kept = drawings !== null;
      draw();
      return drawings;
    },
    // After each change: what is kept is what is there. Throws an Error in words if that fails.
    follow() {
      draw();
      if (!kept) return;
      try {
        keep(hand.drawings());
      } catch (error) {
        kept = false;
        draw();
        throw error;
      }
    },
    stop() {
      for (const name of events) root.removeEventListener(name, onDrag);
    },
  };
}
