import { h } from "./controls.js";

// Hands the reader a file, which the page has made itself.
export function download(content, fileName) {
  const address = URL.createObjectURL(new Blob([content]));
  h("a", { href: address, download: fileName }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // by then the browser has read it
}
