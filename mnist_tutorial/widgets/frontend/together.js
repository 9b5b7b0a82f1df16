// Widgets of one page that show the same thing from different sides: what the reader chooses in one of them, the others
// take over.

// In Jupyter, each widget has this module for itself; what they share is kept at the window.
const GROUPS = Symbol.for("mnist-tutorial together");
const WAIT = 300; // milliseconds until Python hears of what was taken over, once for all that comes in that time

// Joins the group of a name: the traits `names` have one value in all its models, that of the last change. A model that
// comes later takes the values that the others have. Returns { lend, stop }: lend(name, value, has) gives the
// value if has is true, and keeps it for the group's others; otherwise it gives what another one has lent.
export function together(model, group, names) {
  const groups = (window[GROUPS] ??= new Map());
  const all = groups.get(group) ?? { members: new Set(), values: new Map(), lent: new Map() };
  groups.set(group, all);
  let [taking, timer] = [false, 0];
  const member = {
    take(name, value) {
      if (Object.is(model.get(name), value)) return;
      taking = true;
      model.set(name, value);
      taking = false;
      timer ||= setTimeout(() => {
        timer = 0;
        model.save_changes();
      }, WAIT);
    },
  };
  const tell = names.map((name) => [`change:${name}`, () => {
    if (taking) return;
    all.values.set(name, model.get(name));
    for (const other of all.members) if (other !== member) other.take(name, model.get(name));
  }]);
  for (const name of names) {
    if (all.values.has(name)) member.take(name, all.values.get(name));
    else all.values.set(name, model.get(name));
  }
  all.members.add(member);
  for (const [event, listener] of tell) model.on(event, listener);
  return {
    lend(name, value, has) {
      if (has) all.lent.set(name, value);
      return has ? value : all.lent.get(name);
    },
    stop() {
      clearTimeout(timer);
      for (const [event, listener] of tell) model.off(event, listener);
      all.members.delete(member);
      if (!all.members.size) groups.delete(group);
    },
  };
}

// The same for widgets that one draws on, where they have a group: what is drawn on one of them, the others show. Returns
// a function that ends this.
export function drawingTogether(model) {
  const group = model.get("group");
  return group ? together(model, `drawing ${group}`, ["strokes"]).stop : () => {};
}
