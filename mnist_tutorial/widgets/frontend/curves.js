// A smooth curve through points [x, y] (Catmull and Rom, 1974), as short lines.

const STEPS = 8; // lines between two points

export function curve(points) {
  const mirrored = (a, b) => a.map((value, axis) => 2 * value - b[axis]);
  const last = points.length - 1;
  const all = [mirrored(points[0], points[1]), ...points, mirrored(points[last], points[last - 1])];
  const line = [points[0]];
  for (let i = 1; i <= last; i++) {
    const [a, b, c, d] = all.slice(i - 1, i + 3);
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      line.push([0, 1].map((axis) => b[axis] + 0.5 * t * (c[axis] - a[axis] +
        t * (2 * a[axis] - 5 * b[axis] + 4 * c[axis] - d[axis] + t * (3 * (b[axis] - c[axis]) + d[axis] - a[axis])))));
    }
  }
  return line;
}
