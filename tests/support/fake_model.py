"""A model such as Jupyter gives to a widget's front end, held by the test as `window.fake`.

fake.model is what the front end gets. fake.change({...}) sets traits as a message from Python does: all of them first,
then their events. fake.state holds the values, fake.saved counts the calls of save_changes(). fake.show() renders
another view into the page and returns it; fake.hide() cleans up the last one, or that `at` a place, and takes it away.
fake.listening() counts the listeners on the model, fake.outside() those on the window and the document that are left.

As in Jupyter, setting a value that is there already changes nothing. Bytes are compared byte by byte, everything else
as JSON.
"""

from mnist_tutorial.widgets import bundle

SCRIPT = """async ([source, state]) => {
  const { default: frontEnd } = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  for (const [name, value] of Object.entries(state)) {
    if (value?.base64 === undefined) continue;
    state[name] = new DataView(Uint8Array.from(atob(value.base64), (one) => one.charCodeAt(0)).buffer);
  }
  const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const textOf = (value) => (ArrayBuffer.isView(value) ? `bytes ${bytesOf(value).join()}` : JSON.stringify(value));
  let listeners = [];
  let outside = 0;
  for (const target of [window, document]) {
    for (const [name, by] of [["addEventListener", 1], ["removeEventListener", -1]]) {
      const original = target[name].bind(target);
      target[name] = (...values) => { outside += by; return original(...values); };
    }
  }
  const views = [];
  const fake = {
    state, saved: 0,
    listening: () => listeners.length,
    outside: () => outside,
    change(traits) {
      const changed = Object.keys(traits).filter((name) => textOf(state[name]) !== textOf(traits[name]));
      Object.assign(state, traits);
      for (const name of changed) {
        listeners.filter(([event]) => event === `change:${name}`).forEach(([, listener]) => listener());
      }
    },
    model: {
      get: (name) => state[name],
      set: (name, value) => fake.change({ [name]: value }),
      on: (event, listener) => listeners.push([event, listener]),
      off(event, listener) {
        listeners = listeners.filter((one) => one[0] !== event || one[1] !== listener);
      },
      save_changes: () => { fake.saved += 1; },
    },
    async show() {
      const el = document.createElement("div");
      document.querySelector("main").append(el);
      views.push({ el, cleanUp: await frontEnd.render({ model: fake.model, el }) });
      return el;
    },
    hide({ at = -1, keepElement = false } = {}) {
      const [{ el, cleanUp }] = views.splice(at, 1);
      cleanUp();
      if (!keepElement) el.remove();
    },
  };
  window.fake = fake;
  await fake.show();
}"""


def show_on_fake_model(page, widget):
    """Render a widget's front end into an open page that has a <main>, with the widget's state as it is now."""
    source = bundle.front_end(bundle.FOLDER / widget.name / f"{widget.name}.js")
    weights = {"weights": widget.weights} if "weights" in widget.keys else {}  # which a built page does not carry
    page.evaluate(SCRIPT, [source, widget.page_state() | weights])
