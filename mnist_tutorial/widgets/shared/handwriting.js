// From strokes to the 28 x 28 picture that the network sees, in plain arithmetic: no canvas, no smoothing that
// differs from browser to browser. mnist_tutorial/widgets/digit_pad/arithmetic.py does the same in NumPy.
//
// A raster is a Float32Array of size x size values, row by row: the share of each pixel that ink covers, 0 to 1.
// Pixel i reaches from i to i + 1, so its middle is at i + 0.5.

const SIDE = 28;
const BOX = 20; // MNIST's digits were scaled into a box of 20 x 20 ...
const MIDDLE = 14.5; // ... and have their centre of mass in row 14 and column 14, counted from 0
const INK = 0.125; // pixels with less than this count as empty when the box around the ink is looked for

// strokes: lists of points [x, y], 0 to 1 from left to right and from top to bottom. pen: its width as a share of
// the side. A pixel is covered by how far the pen's edge reaches beyond its middle, plus a half, kept within 0 and
// 1: grey where the edge crosses the pixel. Where strokes overlap, the larger value counts. One point is a dot.
export function rasterise(strokes, pen, size) {
  const raster = new Float32Array(size * size);
  for (const stroke of strokes) {
    stroke.forEach((point, i) => drawLine(raster, size, stroke[Math.max(0, i - 1)], point, pen * size / 2));
  }
  return raster;
}

function drawLine(raster, size, from, to, radius) {
  const [x, y] = [from[0] * size, from[1] * size];
  const [right, down] = [to[0] * size - x, to[1] * size - y];
  const squared = right * right + down * down;
  const reach = radius + 0.5;
  const first = (a, b) => Math.max(0, Math.floor(Math.min(a, b) - reach));
  const last = (a, b) => Math.min(size - 1, Math.floor(Math.max(a, b) + reach));
  const [left, top, end, bottom] = [first(x, x + right), first(y, y + down), last(x, x + right), last(y, y + down)];
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= end; column++) {
      const a = column + 0.5 - x;
      const b = row + 0.5 - y;
      // How far along the line the nearest point lies, from 0 to 1.
      const along = squared > 0 ? Math.max(0, Math.min(1, (a * right + b * down) / squared)) : 0;
      const gapX = a - along * right;
      const gapY = b - along * down;
      const cover = Math.min(1, reach - Math.sqrt(gapX * gapX + gapY * gapY));
      if (cover > raster[row * size + column]) raster[row * size + column] = cover;
    }
  }
}

// The smallest box that holds all the ink, from `top` to `bottom` and `left` to `right` (the ends not included),
// or null for a raster without ink.
export function boundingBox(raster, size) {
  const box = { top: size, bottom: 0, left: size, right: 0 };
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!(raster[row * size + column] >= INK)) continue;
      box.top = Math.min(box.top, row);
      box.bottom = row + 1;
      box.left = Math.min(box.left, column);
      box.right = Math.max(box.right, column + 1);
    }
  }
  return box.bottom ? box : null;
}

// 784 grey levels, 0 to 255, made as MNIST's were:
// 1. the box around the ink is scaled so that its longer side takes 20 pixels; a box that is smaller than `least`
//    raster pixels is scaled as if it had that size, so that a dot stays a dot;
// 2. it is moved, by fractions of a pixel, so that the ink's centre of mass lies in the middle of pixel (14, 14),
//    but only so far that the whole box stays inside the picture;
// 3. each of the 784 pixels takes the average of the raster over the area that it covers there.
export function centreLikeMnist(raster, size, least = 0) {
  const box = boundingBox(raster, size);
  if (!box) return new Uint8Array(SIDE * SIDE);
  let [sum, x, y] = [0, 0, 0];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const ink = raster[row * size + column];
      sum += ink;
      x += ink * (column + 0.5);
      y += ink * (row + 0.5);
    }
  }
  const scale = BOX / Math.max(box.bottom - box.top, box.right - box.left, least);
  const shift = (mass, low, high) => Math.max(-low * scale, Math.min(SIDE - high * scale, MIDDLE - mass / sum * scale));
  return average(raster, size, scale, shift(x, box.left, box.right), shift(y, box.top, box.bottom));
}

// 784 grey levels, 0 to 255: the whole raster made smaller, as it is.
export function shrink(raster, size) {
  return average(raster, size, SIDE / size, 0, 0);
}

// The raster, scaled and then moved right and down, averaged over each pixel of the picture. What lies outside is
// empty. Rows first, then columns: an area is a height times a width.
function average(raster, size, scale, right, down) {
  const rows = overlaps(size, scale, down);
  const columns = overlaps(size, scale, right);
  const image = new Uint8Array(SIDE * SIDE);
  const line = new Float64Array(size);
  for (let row = 0; row < SIDE; row++) {
    line.fill(0);
    for (const [from, height] of rows[row]) {
      for (let column = 0; column < size; column++) line[column] += height * raster[from * size + column];
    }
    for (let column = 0; column < SIDE; column++) {
      let ink = 0;
      for (const [from, width] of columns[column]) ink += width * line[from];
      image[row * SIDE + column] = Math.min(255, Math.round(255 * ink));
    }
  }
  return image;
}

// For each of the picture's 28 pixels along one direction, which raster pixels it meets, and how much of it each
// of them covers: a list of [position, share].
function overlaps(size, scale, shift) {
  return Array.from({ length: SIDE }, (_, i) => {
    const [start, end] = [(i - shift) / scale, (i + 1 - shift) / scale];
    const list = [];
    for (let at = Math.max(0, Math.floor(start)); at < Math.min(size, end); at++) {
      list.push([at, (Math.min(end, at + 1) - Math.max(start, at)) * scale]);
    }
    return list;
  });
}
