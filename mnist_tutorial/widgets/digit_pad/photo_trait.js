// The photo as the trait has it: height and width in two bytes each, then the grey levels; no bytes for none.
import { drawPixels, h } from "../frontend/controls.js";

export function photoOf(model) {
  const view = model.get("photo");
  if (!view?.byteLength) return null;
  const [rows, columns] = [view.getUint16(0, true), view.getUint16(2, true)];
  return { values: new Uint8Array(view.buffer, view.byteOffset + 4, rows * columns), rows, columns };
}

export function photoBytes(photo) {
  const view = new DataView(new ArrayBuffer(photo ? 4 + photo.values.length : 0));
  if (photo) {
    view.setUint16(0, photo.rows, true);
    view.setUint16(2, photo.columns, true);
    new Uint8Array(view.buffer, 4).set(photo.values);
  }
  return view;
}

// Into the middle of a square canvas.
export function drawPhoto(context, side, { values, rows, columns }) {
  const small = h("canvas");
  drawPixels(small, values, rows, columns);
  const scale = side / Math.max(rows, columns);
  const [width, height] = [columns * scale, rows * scale];
  context.drawImage(small, (side - width) / 2, (side - height) / 2, width, height);
}
