// The largest and the smallest value around each pixel, of grey levels in a Uint8Array, row by row.

// For each pixel, the largest value at most `half` rows and columns away.
export function largest(values, rows, columns, half) {
  const across = new Uint8Array(values.length);
  for (let row = 0; row < rows; row++) slide(values, across, row * columns, 1, columns, half);
  const result = new Uint8Array(values.length);
  for (let column = 0; column < columns; column++) slide(across, result, column, columns, rows, half);
  return result;
}

const queue = new Int32Array(1 << 16);

// Along one line: the positions that may still be the largest wait in a queue, from the largest value down.
function slide(from, to, start, step, length, half) {
  let [head, tail] = [0, 0];
  for (let i = 0; i < length + half; i++) {
    if (i < length) {
      const value = from[start + i * step];
      while (tail > head && from[start + queue[tail - 1] * step] <= value) tail--;
      queue[tail++] = i;
    }
    const at = i - half;
    if (at < 0) continue;
    while (queue[head] < at - half) head++;
    to[start + at * step] = from[start + queue[head] * step];
  }
}

export function smallest(values, rows, columns, half) {
  const turned = largest(values.map((value) => 255 - value), rows, columns, half);
  for (let i = 0; i < turned.length; i++) turned[i] = 255 - turned[i];
  return turned;
}
