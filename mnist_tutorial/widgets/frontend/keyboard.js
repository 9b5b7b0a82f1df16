// Keys that widgets listen to.

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// With one of these, a key belongs to the browser or to the system.
export const hasModifier = ({ ctrlKey, altKey, metaKey }) => ctrlKey || altKey || metaKey;

// [rows, columns] that an arrow key moves; undefined for every other key.
export const arrowStep = (event) => (hasModifier(event) ? undefined : ARROWS[event.key]);
