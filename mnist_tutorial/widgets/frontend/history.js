// What can be undone, and done again: each drawing and photo of this view, the latest last.

const MAX_STATES = 50;

// read(): what is on the pad. write(state): puts it there.
export function createHistory({ read, write }) {
  const [past, future] = [[], []];
  return {
    // To be called before something on the pad is changed.
    remember() {
      past.push(read());
      if (past.length > MAX_STATES) past.shift();
      future.length = 0;
    },
    canUndo: () => past.length > 0 || read().strokes.length > 0,
    canRedo: () => future.length > 0,
    // Of a drawing that came from elsewhere, it takes back the last stroke.
    undo() {
      const now = read();
      if (!past.length && !now.strokes.length) return;
      future.push(now);
      write(past.pop() ?? { ...now, strokes: now.strokes.slice(0, -1) });
    },
    redo() {
      if (!future.length) return;
      past.push(read());
      write(future.pop());
    },
  };
}
