// Keys that widgets listen to.

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// With one of these, a key belongs to the browser or to the system.
export const hasModifier = ({ ctrlKey, altKey, metaKey }) => ctrlKey || altKey || metaKey;

// [rows, columns] that an arrow key moves; undefined for every other key.
export const arrowStep = (event) => (hasModifier(event) ? undefined : ARROWS[event.key]);

// Listens to the keys that undo and redo, except where a field that is typed into has them for itself.
export const undoKeys = (undo, redo) => (event) => {
  const key = event.key.toLowerCase();
  if (!hasModifier(event) || event.altKey || !["z", "y"].includes(key)) return;
  if (event.target.matches("input:not([type=radio])")) return;
  event.preventDefault();
  if (key === "y" || event.shiftKey) redo();
  else undo();
};
