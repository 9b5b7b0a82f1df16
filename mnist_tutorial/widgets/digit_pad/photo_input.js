// Photos that the reader chooses, drops or pastes.
import { h } from "../frontend/controls.js";
import { preparePhoto } from "../frontend/photo.js";
import { readPhoto } from "./photo_file.js";

// use(photo): a photo that has ink. say(text): what goes on, or what is wrong with a file, for a screen reader.
export function photoInput({ use, say }) {
  let attempt = 0; // the number of the latest one: a file that is read too late is dropped
  const message = h("p", { class: "dp-trouble" });
  const chooser = h("input", { type: "file", accept: "image/*", hidden: true, onchange: () => {
    openFirst(chooser.files);
    chooser.value = ""; // the same file may be chosen again
  } });

  function show(text) {
    message.textContent = text;
    say(text);
  }

  // One that cannot be used is explained, and all stays as it was.
  async function open(file) {
    const own = ++attempt;
    show("Opening the photo …");
    try {
      const photo = await readPhoto(file);
      if (own !== attempt) return;
      if (!preparePhoto(photo)) throw new Error("No ink was found on this photo. Use a darker pen or more light.");
      use(photo);
      message.textContent = "";
    } catch (error) {
      if (own === attempt) show(error.message);
    }
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
      message.textContent = "";
    },
  };
}
