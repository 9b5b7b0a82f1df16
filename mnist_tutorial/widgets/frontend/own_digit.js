// The reader's own digit: the last one drawn on a DigitPad of the book's pages, as the network saw it. This browser keeps
// it, and widgets that show digits offer it.
import { PIXELS } from "./image_data.js";
import { bytesOf } from "./traits.js";

const KEY = "mnist-tutorial own digit"; // with the beginning of all that "Forget all this" on the first page removes
const LENGTH = 4 * Math.ceil(PIXELS / 3); // of an image in base64
const PAUSE = 200; // milliseconds without a change until a digit is kept: writing at each frame of a stroke costs a millisecond
let [latest, timer] = [null, 0]; // what is still to be kept

// pixels: 784 bytes. answer: the digit for which the network took it, or null. It is kept as soon as the pen rests, or the
// page is left. Where the browser forbids it, nothing is kept, and nothing said: the drawing is on the pad anyway.
export function keepDigit(pixels, answer) {
  if (!window.mnistTutorial || !pixels.some(Boolean)) return;
  if (!latest) window.addEventListener("pagehide", write, { once: true });
  latest = { pixels, answer };
  clearTimeout(timer);
  timer = setTimeout(write, PAUSE);
}

function write() {
  const { pixels, answer } = latest;
  latest = null;
  clearTimeout(timer);
  window.removeEventListener("pagehide", write);
  try {
    localStorage.setItem(KEY, JSON.stringify({ pixels: btoa(String.fromCharCode(...pixels)), answer }));
  } catch { /* forbidden, or full */ }
}

// { pixels, answer } as they were kept; null if there is none. Other pages of the same host can write there as well:
// what is not an image counts as none.
export function ownDigit() {
  if (!window.mnistTutorial) return null; // in Jupyter, the widget is the notebook's own
  try {
    const { pixels: text, answer } = JSON.parse(localStorage.getItem(KEY));
    if (typeof text !== "string" || text.length !== LENGTH) return null;
    const pixels = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    if (pixels.length !== PIXELS || !pixels.some(Boolean)) return null;
    return { pixels, answer: Number.isInteger(answer) && answer >= 0 && answer <= 9 ? answer : null };
  } catch {
    return null;
  }
}

// The images of a widget, with the reader's own digit behind them, if there is one: { images, own, answer }. own: its
// number among them, or -1. It has no label; answer is the digit for which the network took it, or null.
export function withOwnDigit(model) {
  const [images, found] = [bytesOf(model, "images"), ownDigit()];
  if (!found || !images.length) return { images, own: -1, answer: null };
  const all = new Uint8Array(images.length + PIXELS);
  all.set(images);
  all.set(found.pixels, images.length);
  return { images: all, own: images.length / PIXELS, answer: found.answer };
}
