// The strongest connections: which parts of a layer contribute most to a unit behind it.
import { largestSize } from "../frontend/arithmetic.js";

const UNITS = 8; // hidden units that are named for an output
const MAPS = 3; // maps that are named for each of the five strongest of these
const MAPS_OF_ONE = 10; // maps that are named for one unit
const FOLLOWED = 5;

// The `count` largest in size of some numbers, as [{ from, value }], without zeros, the largest first.
function strongest(values, count) {
  return Array.from(values, (value, from) => ({ from, value })).filter(({ value }) => value !== 0)
    .sort((one, other) => Math.abs(other.value) - Math.abs(one.value)).slice(0, count);
}

// One hidden unit's products, added up over the places of each map.
export function votesOfMaps(flatten, { shape: [, units], kernel }, unit, maps) {
  const votes = new Float64Array(maps);
  for (let i = 0, map = 0; i < flatten.length; i++) {
    if (flatten[i] !== 0) votes[map] += flatten[i] * kernel[i * units + unit];
    if (++map === maps) map = 0;
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
