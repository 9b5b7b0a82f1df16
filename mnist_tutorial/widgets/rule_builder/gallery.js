// The images behind what is chosen, and one of them with what was measured in it.
import { drawPixels, freshId, grey, h } from "../frontend/controls.js";
import { SIDE, unpackedImageAt } from "../frontend/image_data.js";
import { measuredImage } from "./measured_image.js";

const MAX_IMAGES = 12; // in one row

// packed: the images of all samples. choose(index): one of them.
export function imageGallery(packed, choose) {
  const rows = Array.from({ length: 2 }, () => {
    const [title, images] = [h("p", { class: "rb-title" }), h("div", { class: "rb-images" })];
    return { element: h("div", {}, title, images), title, images, held: "" };
  });
  const name = freshId("images");
  const thumbnails = new Map(); // each is drawn once, when it is first needed
  function thumbnail(index) {
    if (!thumbnails.has(index)) {
      const canvas = h("canvas");
      drawPixels(canvas, unpackedImageAt(packed, index), SIDE, SIDE, grey(0, 15));
      const radio = h("input", { type: "radio", name, value: index, onchange: () => choose(index) });
      thumbnails.set(index, { element: h("span", { class: "bw-image" }, radio, canvas), radio });
    }
    return thumbnails.get(index);
  }
  const image = measuredImage();
  const [verdict, measured, others] = ["rb-verdict", "rb-measured", "bw-note rb-detail"].map((kind) => h("p", { class: kind }));
  const gallery = h("div", { class: "rb-gallery", role: "radiogroup", "aria-label": "images" }, rows.map(({ element }) => element));
  return {
    gallery,
    chosen: h("div", { class: "rb-chosen" }, image.element, h("div", {}, verdict, measured, others)),
    title: () => rows.filter(({ element }) => !element.hidden).map(({ title }) => title.textContent).join(", "),
    hasFocus: () => gallery.contains(document.activeElement),
    // parts: two of { title, indices }, or one; nameOf(index): what an image is called. Returns the indices that are there.
    fill(parts, nameOf) {
      rows.forEach((row, at) => {
        const { title, indices } = parts[at] ?? { title: "", indices: [] };
        const few = indices.slice(0, MAX_IMAGES);
        row.element.hidden = !parts[at];
        row.title.textContent = title;
        if (few.join() !== row.held) row.images.replaceChildren(...few.map((index) => thumbnail(index).element));
        row.held = few.join();
        for (const index of few) thumbnail(index).radio.setAttribute("aria-label", nameOf(index));
      });
      return parts.flatMap(({ indices }) => indices.slice(0, MAX_IMAGES));
    },
    // measurement: which is drawn. value: of it, as text. Returns what is said.
    show(index, { measurement, value, title, all }) {
      thumbnail(index).radio.checked = true;
      verdict.textContent = title;
      measured.textContent = image.show(unpackedImageAt(packed, index), measurement, value);
      others.textContent = all;
      return `${title} ${measured.textContent}`;
    },
    showNone() {
      image.show(null);
      [verdict.textContent, measured.textContent, others.textContent] = ["No image here.", "", ""];
      return verdict.textContent;
    },
  };
}
