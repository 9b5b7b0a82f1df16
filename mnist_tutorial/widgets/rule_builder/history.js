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
