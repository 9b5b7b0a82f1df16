// Parts of line charts.

// s("circle", { r: 3 }): an SVG element.
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat());
  return element;
}

// 1, 2 or 5 times a power of ten, so that at most about `count` steps of it fill the range.
export function roundStep(range, count) {
  const power = 10 ** Math.floor(Math.log10(range / count));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= range / count * 0.999);
}

// The marks of an axis from `low` or less to `high` or more.
export function ticksOf(low, high, count) {
  const step = roundStep(Math.max(high - low, Math.abs(high) * 1e-6) || 1, count);
  const first = Math.floor(low / step + 1e-6);
  const last = Math.max(Math.ceil(high / step - 1e-6), first + 1);
  return { step, values: Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step) };
}
