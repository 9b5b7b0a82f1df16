// Where the stages of the network stand on the stage's canvas, in CSS pixels: beside each other where there is room, below
// each other on a phone, and as a strip above the details of an open part.
//
// A grid is { x, y, across, count, pitch: [x, y], tile: [width, height], size: [width, height] }; places run row by row.

const WIDE = 460; // CSS pixels from which the stages stand beside each other
const LABELS = 50; // height of the stages' names, where they stand above them
const NARROW_LABEL = 17;

export function layOut(width, shapes, isOpen) {
  const maps = shapes.convolution;
  const units = shapes.hidden[0];
  if (isOpen) return strip(width, maps, shapes.pooling, units);
  return width >= WIDE ? beside(width, maps, shapes.pooling, units) : below(width, maps, shapes.pooling, units);
}

// The box of the tile at a place of a grid.
export function boxOf({ x, y, across, pitch, tile }, i) {
  return { x: x + (i % across) * pitch[0], y: y + Math.floor(i / across) * pitch[1], width: tile[0], height: tile[1] };
}

// Which place of a grid is nearest to a point of the canvas.
export function placeAt({ x, y, across, count, pitch }, [pointX, pointY]) {
  const column = Math.max(0, Math.min(across - 1, Math.floor((pointX - x) / pitch[0])));
  const row = Math.max(0, Math.floor((pointY - y) / pitch[1]));
  return Math.min(count - 1, row * across + column);
}

// The tile as high or as wide as it may be, in the shape of its map.
function gridOf(x, y, across, count, pitch, side, [rows, columns] = [1, 1]) {
  const longer = Math.max(rows, columns);
  const tile = [side * columns / longer, side * rows / longer];
  const down = Math.ceil(count / across);
  return { x, y, across, count, pitch, tile, size: [across * pitch[0], down * pitch[1]] };
}

function beside(width, map, pooled, units) {
  const height = 352;
  const maps = map[2];
  const mapsAcross = Math.max(1, Math.min(3, Math.ceil(maps / 8)));
  const pitch = Math.min(height / Math.ceil(maps / mapsAcross), 46);
  const pooledSide = pitch * 0.62;
  const unitsAcross = Math.min(6, Math.ceil(units / 32));
  const unitPitch = Math.min(11, height / Math.ceil(units / unitsAcross));
  const outputWidth = Math.max(114, Math.min(160, width * 0.2));
  const flattenWidth = 14;
  const entry = 24;
  const fixed = entry + mapsAcross * (pitch + pooledSide + 2) + 16 + 8 + flattenWidth + unitsAcross * unitPitch + outputWidth;
  const gap = Math.max(8, (width - fixed) / 2);
  const middle = (grid) => ({ ...grid, y: LABELS + (height - grid.size[1]) / 2 });
  const convolution = middle(gridOf(entry, 0, mapsAcross, maps, [pitch, pitch], pitch - 3, map));
  const poolingX = entry + mapsAcross * pitch + 16;
  const pooling = middle(gridOf(poolingX, 0, mapsAcross, maps, [pooledSide + 2, pitch], pooledSide, pooled));
  pooling.y += (pitch - 3 - pooledSide) / 2;
  const flatten = { x: poolingX + mapsAcross * (pooledSide + 2) + 8, y: LABELS, width: flattenWidth, height, size: [] };
  const hiddenX = flatten.x + flattenWidth + gap;
  const hidden = middle(gridOf(hiddenX, 0, unitsAcross, units, [unitPitch, unitPitch], unitPitch));
  const output = gridOf(width - outputWidth, LABELS, 1, 10, [outputWidth, height / 10], 0);
  output.tile = [outputWidth, height / 10 - 4];
  return { form: "beside", width, height: LABELS + height + 4, convolution, pooling, flatten, hidden, output };
}

function below(width, map, pooled, units) {
  const maps = map[2];
  const across = Math.min(10, maps);
  const pitch = width / across;
  const mapPitch = Math.min(31, pitch);
  const pooledPitch = mapPitch * 0.62;
  const rows = Math.ceil(maps / across);
  const centred = (grid) => ({ ...grid, x: (width - grid.size[0]) / 2 });
  let y = NARROW_LABEL;
  const convolution = gridOf((pitch - mapPitch) / 2, y, across, maps, [pitch, mapPitch], mapPitch - 2, map);
  y += rows * mapPitch + NARROW_LABEL;
  const pooling = gridOf((pitch - pooledPitch) / 2, y, across, maps, [pitch, pooledPitch], pooledPitch - 2, pooled);
  y += rows * pooledPitch + NARROW_LABEL;
  const flatten = { x: 0, y, width, height: 10, size: [] };
  y += 10 + 14 + NARROW_LABEL;
  const unitsAcross = Math.min(32, units);
  const unitPitch = Math.min(10, width / unitsAcross);
  const hidden = centred(gridOf(0, y, unitsAcross, units, [width / unitsAcross, unitPitch], unitPitch));
  y += hidden.size[1] + 12 + NARROW_LABEL;
  const output = gridOf(0, y, 10, 10, [width / 10, 60], 0);
  output.tile = [width / 10, 60];
  return { form: "below", width, height: y + 62, convolution, pooling, flatten, hidden, output };
}

function strip(width, map, pooled, units) {
  const maps = map[2];
  const outputWidth = 5 * 25;
  const share = (width - outputWidth) / 310;
  const height = 54;
  const across = Math.min(10, maps);
  const middle = (grid) => ({ ...grid, y: Math.max(0, (height - grid.size[1]) / 2) });
  const pitchOf = (room, down) => Math.min(room / across, height / down);
  const down = Math.ceil(maps / across);
  const mapPitch = pitchOf(132 * share, down);
  const convolution = middle(gridOf(0, 0, across, maps, [mapPitch, mapPitch], mapPitch - 1, map));
  const pooledPitch = pitchOf(84 * share, down);
  const pooling = middle(gridOf(144 * share, 0, across, maps, [pooledPitch, pooledPitch], pooledPitch - 1, pooled));
  const unitsAcross = Math.ceil(Math.sqrt(units));
  const unitPitch = Math.min(54 * share, height) / unitsAcross;
  const hidden = middle(gridOf(242 * share, 0, unitsAcross, units, [unitPitch, unitPitch], unitPitch));
  const output = gridOf(width - outputWidth, 1, 5, 10, [25, 26], 0);
  output.tile = [24, 25];
  return { form: "strip", width, height: height + 4, convolution, pooling, flatten: null, hidden, output };
}
