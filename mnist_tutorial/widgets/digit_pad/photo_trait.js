// The photo as the trait has it: height and width in two bytes each, then the grey levels; no bytes for none.
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
