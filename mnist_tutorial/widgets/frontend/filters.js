// The largest and the smallest value around each pixel, of grey levels in a Uint8Array, row by row.

// For each pixel, the largest value at most `half` rows and columns away.
export function largest(values, rows, columns, half) {
  const across = new Uint8Array(values.length);
  const alongRow = windows(columns, half);
  for (let row = 0; row < rows; row++) alongRow(values, across, row * columns, 1);
  const result = new Uint8Array(values.length);
  const alongColumn = windows(rows, half);
  for (let column = 0; column < columns; column++) alongColumn(across, result, column, columns);
  return result;
}

export function smallest(values, rows, columns, half) {
  const turned = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) turned[i] = 255 - values[i];
  const result = largest(turned, rows, columns, half);
  for (let i = 0; i < result.length; i++) result[i] = 255 - result[i];
  return result;
}

// A function that finds the largest value of each window along one line (van Herk, 1992). The line is cut into blocks as
// long as a window, which then lies in two of them: it has the end of one and the beginning of the next. How large the
// values are from each place to its block's end, and from the block's beginning to it, is found in one pass each.
function windows(length, half) {
  const reach = Math.min(half, length);
  const [size, all] = [2 * reach + 1, length + 2 * reach];
  const [line, fromStart, toEnd] = [0, 1, 2].map(() => new Uint8Array(all)); // beyond the ends, 0 stays
  return (from, to, start, step) => {
    for (let i = 0; i < length; i++) line[reach + i] = from[start + i * step];
    for (let first = 0; first < all; first += size) {
      const end = Math.min(first + size, all);
      for (let i = first, most = 0; i < end; i++) {
        if (line[i] > most) most = line[i];
        fromStart[i] = most;
      }
      for (let i = end - 1, most = 0; i >= first; i--) {
        if (line[i] > most) most = line[i];
        toEnd[i] = most;
      }
    }
    for (let i = 0; i < length; i++) {
      to[start + i * step] = Math.max(toEnd[i], fromStart[i + 2 * reach]);
    }
  };
}
