// The photo as the trait has it: height and width in two bytes each, then the grey levels; no bytes for none.
import { drawPixels, h } from "../frontend/controls.js";

export const photoOf = (model) => photoFrom(model.get("photo"));

export function photoFrom(view) {
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

// Where a photo stands on the pad, in shares of the pad's side: its left and top, and the side of its pixels. Around it
// there is room for the handles of a frame.
const MARGIN = 0.07;

export function placeOf({ rows, columns }) {
  const pixel = (1 - 2 * MARGIN) / Math.max(rows, columns);
  return { left: (1 - columns * pixel) / 2, top: (1 - rows * pixel) / 2, pixel };
}

// Into the middle of a square canvas.
export function drawPhoto(context, side, photo) {
  const { values, rows, columns } = photo;
  const small = h("canvas");
  drawPixels(small, values, rows, columns);
  const { left, top, pixel } = placeOf(photo);
  context.drawImage(small, left * side, top * side, columns * pixel * side, rows * pixel * side);
}
