// What is drawn on a photo, by how dark each of its pixels is: for ink.js, which says what an image is.
import { around, componentsOf, digitOf, longest, maskOf, total } from "./components.js";
import { largest } from "./filters.js";
import { inkByDarkness, levelsOf } from "./paper.js";

export const WINDOWS = [64, 48, 32, 24, 16]; // half a window is this part of height and width together
const ROUNDS = 4; // in which what touches the edge is taken away

// What is drawn, by how dark each pixel is; null for nothing. `finish` gives ink and masks.
export function find({ depth, darkness }, light, edges, rows, columns) {
  const outside = new Uint8Array(depth.length);
  const side = Math.max(rows, columns);
  const near = (numbers, components) => largest(maskOf(numbers, components), rows, columns, 2);
  let [kept, thinness] = [null, null];
  for (let round = 0; round < ROUNDS; round++) {
    const levels = levelsOf(darkness, outside);
    if (!levels) break;
    const inkOfLevel = inkByDarkness(...levels);
    const ink = new Uint8Array(darkness.length);
    for (let i = 0; i < ink.length; i++) ink[i] = inkOfLevel[outside[i] ? 0 : darkness[i]];
    const { numbers, components } = componentsOf(ink, depth, edges, rows, columns);
    const inside = components.filter(({ atEdge, cutOff }) => !atEdge && !cutOff);
    const alone = 12 * longest(inside) >= side;
    if (thinness === null && components.length) {
      const score = total(components, ({ atEdge, deep, sharp }) => Math.max(atEdge ? 0 : -deep, 2 * sharp - deep));
      thinness = score * Math.abs(score) * total(components, (one) => one.outline) / total(components, (one) => one.area);
    }
    if (!alone && kept?.components.length) break;
    kept = { components: alone ? inside : components, numbers, levels, alone };
    if (!alone || inside.length === components.length) break;
    const away = near(numbers, components.filter(({ atEdge, cutOff }) => atEdge || cutOff));
    for (let i = 0; i < away.length; i++) outside[i] |= away[i];
  }
  if (!kept?.components.length) return null;
  return inkOf({ ...kept, outside, thinness, darkness, light, rows, columns });
}

// What find() and filling() return.
export function inkOf({ components, numbers, levels, alone, outside, thinness, darkness, light, rows, columns }) {
  const [sharp, deep] = [total(components, (one) => one.sharp), total(components, (one) => one.deep)];
  return {
    light, alone, thinness, sharpness: 2 * sharp - deep, whole: 20 * sharp >= 19 * deep, contrast: levels[1] - levels[0],
    finish() {
      const { digit, doubts } = digitOf(components, rows, columns);
      const inside = around(numbers, components, rows, columns);
      const inkOfLevel = inkByDarkness(...levels);
      const ink = darkness.map((level, i) => (outside[i] || inside[i] ? inkOfLevel[level] : 0));
      return { light, ink, kept: around(numbers, digit, rows, columns), doubts };
    },
  };
}

export const halfOf = ({ rows, columns }, share) => Math.max(1, Math.floor((rows + columns) / share));

export const sumOf = (mask) => mask.reduce((sum, one) => sum + one, 0);
