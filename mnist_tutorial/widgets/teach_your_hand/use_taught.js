// What happens to the taught network: the widgets of the page use it, the browser keeps it, a file holds it.
import { h } from "../frontend/controls.js";
import { download } from "../frontend/download.js";
import { toSafetensors } from "../frontend/safetensors.js";

const FILE_NAME = "taught-my-hand.safetensors";

// outcome(): of the latest lesson. attempt(does): does something and says what came of it.
export function createUse({ outcome, attempt }) {
  const book = window.mnistTutorial; // in Jupyter there is none
  let used = null; // the outcome whose network is in use
  const button = (text, does) => h("button", { type: "button", onclick: () => attempt(does) }, text);
  const given = () => ({ settings: outcome().settings, weights: outcome().weights, name: "taught your hand" });
  const isUsed = () => Boolean(book.ownNetwork()?.chosen) && used === outcome();
  async function take() {
    await book.useNetwork(given());
    used = outcome();
  }
  const use = button("Use it in this book’s widgets", async () => {
    await take();
    return "The widgets on this page use it now: draw on a pad and see. Press Keep to use it on all " +
      "pages.";
  });
  const keep = button("Keep it", async () => {
    if (!isUsed()) await take();
    await book.keepNetwork();
    return "It is kept in this browser and used on all pages until you press “Forget yours” in a widget that uses it.";
  });
  const save = button("Save the network", () => {
    download(toSafetensors(given()), FILE_NAME);
    return `Saved as ${FILE_NAME}; in Python, mnist_tutorial.load_network("${FILE_NAME}") makes a Keras model of it.`;
  });

  function draw() {
    const ready = Boolean(outcome()?.weights);
    element.hidden = !ready;
    save.disabled = !ready;
    if (!book) return;
    use.disabled = !ready || isUsed();
    keep.disabled = !ready || (isUsed() && book.ownNetwork().kept);
  }

  const element = h("div", { class: "th-buttons th-use" }, book ? [use, keep] : [], save);
  if (book) document.addEventListener("mnist-tutorial-network", draw);
  return {
    element, draw,
    stop() {
      if (book) document.removeEventListener("mnist-tutorial-network", draw);
    },
  };
}
