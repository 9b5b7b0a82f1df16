// The strongest connections: which parts of a layer contribute most to a unit behind it.
import { largestSize } from "../frontend/arithmetic.js";

const UNITS = 8; // hidden units that are named for an output
const MAPS = 3; // maps that are named for each of the five strongest of these
const MAPS_OF_ONE = 10; // maps that are named for one unit
const FOLLOWED = 5;
const columns = new WeakMap(); // from a layer to the weights of its units, as far as they were needed

// The `count` largest in size of some numbers, as [{ from, value }], without zeros, the largest first; of equal ones, the
// first. There are few, so each finds its place among them without sorting all.
function strongest(values, count) {
  const best = [];
  for (let from = 0; from < values.length; from++) {
    const value = values[from];
    if (value === 0 || (best.length === count && !(Math.abs(value) > Math.abs(best[count - 1].value)))) continue;
    let place = best.length;
    while (place > 0 && Math.abs(value) > Math.abs(best[place - 1].value)) place--;
    best.splice(place, 0, { from, value });
    if (best.length > count) best.pop();
  }
  return best;
}

// A unit's weights in a row: in the kernel, they lie far from each other, and a stroke asks for them at each frame.
// A layer's weights do not change, as quick_forward.js says.
function weightsOf(layer, unit) {
  if (!columns.has(layer)) columns.set(layer, new Map());
  const found = columns.get(layer);
  if (!found.has(unit)) {
    const { kernel, shape: [inputs, units] } = layer;
    const column = new Float32Array(inputs);
    for (let i = 0; i < inputs; i++) column[i] = kernel[i * units + unit];
    found.set(unit, column);
  }
  return found.get(unit);
}

// One hidden unit's products, added up over the places of each map.
export function votesOfMaps(flatten, layer, unit, maps) {
  const weights = weightsOf(layer, unit);
  const votes = new Float64Array(maps);
  for (let i = 0; i < flatten.length; i += maps) {
    for (let map = 0; map < maps; map++) votes[map] += flatten[i + map] * weights[i + map];
  }
  return votes;
}

// of: { digit } or { unit }. Returns { toHidden, toOutput }, lists of { from, to, share }: from a map to a hidden unit, and
// from a hidden unit to a digit. share: the contribution, weight times number; the largest is 1 or −1, and that of a map is
// the smaller, the less its unit contributes.
export function connectionsOf(network, { flatten, hidden }, of) {
  const maps = network.convolution.bias.length;
  const { kernel, shape: [, digits] } = network.output;
  const withShares = (list, to, scale = 1) => {
    const most = largestSize(list.map(({ value }) => value)) / scale || 1;
    return list.map(({ from, value }) => ({ from, to, share: value / most }));
  };
  const mapsOf = (unit, count, scale) =>
    withShares(strongest(votesOfMaps(flatten, network.hidden, unit, maps), count), unit, scale);
  if (of.unit !== undefined) {
    const products = Array.from({ length: digits }, (_, digit) => hidden[of.unit] * kernel[of.unit * digits + digit]);
    const most = largestSize(products) || 1;
    const toOutput = products.map((value, to) => ({ from: of.unit, to, share: value / most }));
    return { toHidden: mapsOf(of.unit, MAPS_OF_ONE), toOutput: toOutput.filter(({ share }) => share !== 0) };
  }
  const products = Array.from(hidden, (value, unit) => value * kernel[unit * digits + of.digit]);
  const toOutput = withShares(strongest(products, UNITS), of.digit);
  return { toHidden: toOutput.slice(0, FOLLOWED).flatMap(({ from, share }) => mapsOf(from, MAPS, Math.abs(share))), toOutput };
}
