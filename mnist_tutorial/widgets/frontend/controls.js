// What several widgets are built from: elements, images of pixels, bars, and words for screen readers.

let count = 0;

// A new id, so that labels on one page never point at another widget's field.
export function freshId(stem) {
  return `${stem}-${++count}-${Math.random().toString(36).slice(2, 7)}`;
}

// h("button", { class: "x", onclick: f }, "text", child): an element. Text is always text, never markup.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// A page is written only where it changes: a stroke asks for it sixty times a second.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// Announces a change to screen readers, once nothing has changed for a moment.
export function liveRegion(delay = 400) {
  const element = h("p", { class: "bw-live", "aria-live": "polite", role: "status" });
  let timer;
  return {
    element,
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => { element.textContent = text; }, delay);
    },
    stop: () => clearTimeout(timer),
  };
}

// Draws rows x columns values into a canvas, one canvas pixel each; CSS makes it larger without blurring it.
// colour: value -> [red, green, blue] or [red, green, blue, opacity], 0 to 255.
export function drawPixels(canvas, values, rows, columns, colour = grey()) {
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    const [red, green, blue, opacity = 255] = colour(values[i]);
    image.data[4 * i] = red;
    image.data[4 * i + 1] = green;
    image.data[4 * i + 2] = blue;
    image.data[4 * i + 3] = opacity;
  }
  context.putImageData(image, 0, 0);
}

// From black at `low` to white at `high`.
export function grey(low = 0, high = 255) {
  const scale = 255 / (high - low || 1);
  return (value) => {
    const level = Math.max(0, Math.min(255, Math.round((value - low) * scale)));
    return [level, level, level];
  };
}

// Blue below zero, red above it, and at zero nothing, so that the page shows through, light or dark; `largest` is the
// value of full colour. The figures have the same two colours: BLUE and RED in plots.py.
const [BELOW, ABOVE] = [[59, 130, 196], [214, 69, 93]];
export function diverging(largest) {
  return (value) => {
    const share = Math.max(-1, Math.min(1, value / (largest || 1)));
    return [...(share < 0 ? BELOW : ABOVE), Math.round(255 * Math.abs(share))];
  };
}

// Ten horizontal bars with their digit and their share in words, as `format` says it; the longest also has a sign.
export function probabilityBars(format = percent) {
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const fill = h("span", { class: "bw-fill" });
    const text = h("span", { class: "bw-share" });
    const row = h("li", {}, h("span", { class: "bw-digit" }, String(digit)), h("span", { class: "bw-track" }, fill), text);
    return { row, fill, text };
  });
  return {
    element: h("ol", { class: "bw-bars", "aria-label": "probability of each digit" }, rows.map(({ row }) => row)),
    // probabilities: ten numbers from 0 to 1, or null while there is no answer. best: the largest, where rounding hides it.
    show(probabilities, best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1) {
      rows.forEach(({ row, fill, text }, digit) => {
        const share = probabilities ? probabilities[digit] : 0;
        fill.style.width = `${share * 100}%`;
        setText(text, probabilities ? `${format(share)}${digit === best ? " ◀" : ""}` : "–");
        row.classList.toggle("bw-best", digit === best);
      });
    },
  };
}

// 3 -> "a 3", 8 -> "an 8".
export function aDigit(digit) {
  return `${Number(digit) === 8 ? "an" : "a"} ${digit}`;
}

// The same at the beginning of a sentence: 3 -> "A 3", 8 -> "An 8".
export function ADigit(digit) {
  return `A${aDigit(digit).slice(1)}`;
}

// 0.98765 -> "98.77%": accuracies differ in the second decimal.
export function accuracyText(share) {
  return `${(100 * share).toFixed(2)}%`;
}

// 0.034 -> "3.4%"; never "100%" for what is not quite 1, nor "0%" for what is not quite 0.
export function percent(share) {
  if (share === 0 || share === 1) return `${share * 100}%`;
  if (share < 0.001) return "<0.1%";
  if (share > 0.999) return ">99.9%";
  return `${(share * 100).toFixed(1)}%`;
}
