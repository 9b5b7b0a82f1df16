// Photos that the reader chooses, drops or pastes.
import { h } from "../frontend/controls.js";
import { foundOn } from "./found.js";
import { pauses } from "./pauses.js";
import { readPhoto } from "./photo_file.js";
import { photoBytes, photoFrom } from "./photo_trait.js";

// use(view): the bytes of a photo that has ink. say(text): what goes on, or what is wrong with a file, for a screen reader.
// changed(): one is being read, or is not any more.
export function photoInput({ use, say, changed }) {
  let attempt = 0; // the number of the latest one: a file that is read too late is dropped
  let reading = false; // whether one is being read
  const message = h("p", { class: "dp-trouble" });
  const chooser = h("input", { type: "file", accept: "image/*", hidden: true, onchange: () => {
    openFirst(chooser.files);
    chooser.value = ""; // the same file may be chosen again
  } });

  function show(text) {
    message.textContent = text;
    say(text);
  }

  // One that cannot be used is explained above the answer, and all stays as it was. What is done next is written before it is done: a
  // large photo takes seconds.
  async function open(file) {
    const own = ++attempt;
    const isLatest = () => own === attempt;
    const { painted, pause } = pauses();
    setReading(true);
    try {
      show("Reading the photo …");
      await painted();
      const photo = await readPhoto(file, async (share) => {
        if (await pause() && isLatest()) message.textContent = `Reading the photo … ${Math.floor(100 * share)}%`;
        return isLatest();
      });
      if (!photo || !isLatest()) return;
      message.textContent = "Looking for the digit …";
      await painted();
      if (!isLatest()) return;
      const view = photoBytes(photo); // what is found belongs to these bytes, and is not looked for again
      if (!foundOn(photoFrom(view)).frames.length) throw new Error("No ink was found on this photo. Use a darker pen or more light.");
      message.textContent = "";
      use(view);
    } catch (error) {
      if (isLatest()) show(error.message);
    } finally {
      if (isLatest()) setReading(false);
    }
  }

  function setReading(is) {
    reading = is;
    changed();
  }

  function openFirst(files, event) {
    if (!files?.length) return;
    event?.preventDefault();
    open([...files].find(({ type }) => type.startsWith("image/")) ?? files[0]);
  }

  return {
    controls: h("div", { class: "bw-controls" },
      h("button", { type: "button", onclick: () => chooser.click() }, "Open a photo"), chooser,
      h("span", { class: "bw-note dp-note" }, "or drop or paste one here. It does not leave this computer.")),
    message,
    isReading: () => reading,
    onDrag(event) {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // or the browser would leave the page and show the file
      event.currentTarget.classList.toggle("dp-over", event.type === "dragover");
      if (event.type === "drop") openFirst(event.dataTransfer.files);
    },
    onPaste: (event) => openFirst(event.clipboardData?.files, event),
    // Drops a file that is still being read, and what was said of the last one.
    cancel() {
      attempt++;
      reading = false;
      message.textContent = "";
    },
  };
}
