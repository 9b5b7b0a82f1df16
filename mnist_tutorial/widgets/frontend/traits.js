// What every widget does with its model's traits.

// change({ row: 3, column: 4 }): sets traits, and sends them to Python.
export function changer(model) {
  return (traits) => {
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.save_changes();
  };
}

// Calls a listener when its trait changes: listen(model, { row: draw }). Returns a function that ends this.
export function listen(model, listeners) {
  const entries = Object.entries(listeners).map(([name, listener]) => [`change:${name}`, listener]);
  for (const [event, listener] of entries) model.on(event, listener);
  return () => {
    for (const [event, listener] of entries) model.off(event, listener);
  };
}

// The bytes of a trait; none if it has no value.
export function bytesOf(model, name) {
  const view = model.get(name);
  return view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array();
}
