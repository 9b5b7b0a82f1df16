// Whether ink is a straight stem with a straight, steep stroke that rises to its top from the left, as a 1 with an upstroke
// is. mnist_tutorial/handwriting/doubts.py does the same in has_upstroke(). All numbers are whole.

// isInk: whether there is ink at an index. box: around the ink, { left, top, right, bottom }. columns: of the photo.
export function hasUpstroke(isInk, box, columns) {
  const cut = trimmed(isInk, box, columns);
  if (!cut) return false;
  const { at, height, width } = cut;
  const [left, right, strokes] = [[], [], []];
  for (let row = 0; row < height; row++) {
    [left[row], right[row], strokes[row]] = [0, width, 0]; // as where a row is empty
    let first = true;
    for (let column = 0; column < width; column++) {
      if (!at(row, column)) continue;
      if (first) [left[row], first] = [column, false];
      right[row] = column + 1;
      if (!at(row, column - 1)) strokes[row]++;
    }
  }
  const part = (share) => Math.floor(height / share);
  const upper = Math.ceil(3 * height / 4);
  const [tip, corner] = [Math.min(...left.slice(0, upper)), left[0]];
  const atTip = left.slice(0, upper).map((one, row) => (one <= tip + part(20) ? row : -1)).filter((row) => row >= 0);
  const [rise, start] = [atTip[0], atTip[atTip.length - 1] + part(12)]; // the stem alone goes on from row `start`
  if (start >= height || 25 * rise < 2 * height || 5 * rise < corner - tip || 10 * (corner - tip) < height) return false;
  const stem = left.slice(start);
  const stemRight = right.slice(start);
  const middles = offTheChord(stem.map((one, i) => one + stemRight[i]));
  const count = (values, is) => values.filter(is).length;
  if (33 * count(strokes.slice(start), (one) => one !== 1) > height ||
    4 * Math.max(...stem.map((one, i) => stemRight[i] - one)) > height ||
    50 * (Math.min(...stem.slice(0, Math.max(1, part(10)))) - tip) < height ||
    100 * Math.max(...middles.map(Math.abs)) > 6 * height * Math.max(1, stem.length - 1)) return false;
  const [top, pieces] = [[], []];
  for (let column = tip; column <= corner; column++) {
    let first = 0;
    while (first < height && !at(first, column)) first++;
    top.push(first < height ? first : 0);
    let several = 0;
    for (let row = 0; row < start; row++) if (at(row, column) && !at(row - 1, column)) several++;
    if (column < Math.min(corner, Math.max(...stem))) pieces.push(several);
  }
  let [least, back] = [Infinity, 0];
  for (const one of top) {
    least = Math.min(least, one);
    back = Math.max(back, one - least);
  }
  const along = top.slice(part(20));
  return count(strokes.slice(0, part(16) + 1), (one) => one !== 1) === 0 &&
    33 * count(strokes.slice(0, start), (one) => one >= 3) <= height && 20 * back <= height &&
    25 * (Math.max(...right.slice(0, upper)) - Math.max(...right.slice(0, Math.max(1, part(8))))) <= 3 * height &&
    20 * count(pieces, (one) => one !== 1) <= height &&
    25 * -Math.min(0, ...offTheChord(along)) <= height * Math.max(1, along.length - 1);
}

// The ink in a box without empty rows and columns around it, or null: { at(row, column), height, width }.
function trimmed(isInk, box, columns) {
  let [top, bottom, first, last] = [Infinity, -1, Infinity, -1];
  for (let row = box.top; row < box.bottom; row++) {
    for (let column = box.left; column < box.right; column++) {
      if (!isInk(row * columns + column)) continue;
      [top, bottom] = [Math.min(top, row), row];
      [first, last] = [Math.min(first, column), Math.max(last, column)];
    }
  }
  if (bottom < 0) return null;
  const [height, width] = [bottom + 1 - top, last + 1 - first];
  const at = (row, column) => row >= 0 && row < height && column >= 0 && column < width &&
    isInk((top + row) * columns + first + column);
  return { at, height, width };
}

// How far values lie above the straight line from the first to the last, times the steps between both.
function offTheChord(values) {
  const steps = values.length - 1;
  if (steps < 1) return [0];
  return values.map((value, i) => value * steps - values[0] * (steps - i) - values[steps] * i);
}
