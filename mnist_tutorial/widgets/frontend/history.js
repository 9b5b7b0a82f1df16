// What can be undone, and done again: the latest state last.

const MAX_STATES = 100;

export function createHistory() {
  const [past, future] = [[], []];
  return {
    // To be called with what was there before an edit.
    remember(state) {
      past.push(state);
      if (past.length > MAX_STATES) past.shift();
      future.length = 0;
    },
    canUndo: () => past.length > 0,
    canRedo: () => future.length > 0,
    // Returns the state to go to from the one given.
    undo(now) {
      future.push(now);
      return past.pop();
    },
    redo(now) {
      past.push(now);
      return future.pop();
    },
  };
}

// The same for a pad that is drawn on. read(): what is on it, { strokes, ... }. write(state): puts it there.
export function createDrawingHistory({ read, write }) {
  const { remember, undo, redo, canUndo, canRedo } = createHistory();
  const hasMore = () => canUndo() || read().strokes.length > 0;
  return {
    // To be called before something on the pad is changed.
    remember: () => remember(read()),
    canUndo: hasMore,
    canRedo,
    // Of a drawing that came from elsewhere, it takes back the last stroke.
    undo() {
      if (!hasMore()) return;
      const now = read();
      write(undo(now) ?? { ...now, strokes: now.strokes.slice(0, -1) });
    },
    redo() {
      if (canRedo()) write(redo(read()));
    },
  };
}
