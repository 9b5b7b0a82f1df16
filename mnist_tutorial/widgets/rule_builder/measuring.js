// What mnist_tutorial/measurements.py measures, with the pixels that it measures: a drawing needs to know where they are.
import { SIDE } from "../frontend/image_data.js";

const INK = 6; // of 15: what is above 100 of 255 as Python packs it
const MIN_HOLE_SIZE = 3; // pixels

// pixels: 784 numbers from 0 to 15. Returns where the ink is, the box around it (bottom and right are the first row and column
// after it), and the holes with their pixels; `largest` is one of them, or undefined.
export function measureForm(pixels) {
  const ink = pixels.flatMap((value, place) => (value >= INK ? [place] : []));
  const [rows, columns] = [ink.map((place) => Math.floor(place / SIDE)), ink.map((place) => place % SIDE)];
  const box = {
    top: Math.min(...rows), bottom: Math.max(...rows) + 1, left: Math.min(...columns), right: Math.max(...columns) + 1,
  };
  const [middleRow, middleColumn] = [(box.top + box.bottom) / 2, (box.left + box.right) / 2];
  const holes = holesIn(pixels).filter((hole) => hole.length >= MIN_HOLE_SIZE);
  return {
    ink, box, holes,
    upper: ink.filter((_, at) => rows[at] < middleRow),
    left: ink.filter((_, at) => columns[at] < middleColumn),
    largest: holes.reduce((best, hole) => (hole.length > (best?.length ?? 0) ? hole : best), undefined),
  };
}

// Row of a hole's middle, counted from the image's top edge.
export const middleOf = (hole) => hole.reduce((sum, place) => sum + Math.floor(place / SIDE), 0) / hole.length + 0.5;

// Patches of paper that are joined to no paper outside of the digit, in the order of their first pixels.
function holesIn(pixels) {
  const seen = new Set(pixels.flatMap((value, place) => (value >= INK ? [place] : [])));
  const patches = [];
  for (let start = 0; start < pixels.length; start++) {
    if (seen.has(start)) continue;
    const patch = [start];
    let isOutside = false;
    seen.add(start);
    for (const place of patch) { // it grows meanwhile
      const [row, column] = [Math.floor(place / SIDE), place % SIDE];
      for (const [down, across] of [[-1, 0], [1, 0], [0, -1], [0, 1]]) {
        const [nextRow, nextColumn] = [row + down, column + across];
        if (nextRow < 0 || nextColumn < 0 || nextRow >= SIDE || nextColumn >= SIDE) {
          isOutside = true;
          continue;
        }
        const next = nextRow * SIDE + nextColumn;
        if (seen.has(next)) continue;
        seen.add(next);
        patch.push(next);
      }
    }
    if (!isOutside) patches.push(patch);
  }
  return patches;
}
