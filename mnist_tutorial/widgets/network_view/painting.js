// What the stage's canvas shows: maps, lights, bars and the strongest connections between them, on a dark ground.
import { h } from "../frontend/controls.js";
import { boxOf } from "./geometry.js";

export const GROUND = "#0d1117";
const [FOR, AGAINST] = ["#f0a04b", "#62a8ff"]; // what speaks for a digit or a unit, and what speaks against it
const [FRAME, BAR, TRACK, UNLIT] = ["#fff", "#8fa3bd", "#222b38", "#1b222d"];
const MAX_RATIO = 2; // canvas pixels for each CSS pixel: more would cost time, and show nothing more

// Maps of `shape`, beside each other or below each other, one pixel for each number; they are drawn from there, larger.
function mapSheet(canvas = h("canvas")) {
  let image;
  return {
    canvas,
    // Black at zero, white at `most` and above.
    fill(values, [rows, columns, maps], most, isBelow = false) {
      const [width, height] = isBelow ? [columns, rows * maps] : [columns * maps, rows];
      if (canvas.width !== width || canvas.height !== height || !image) {
        Object.assign(canvas, { width, height });
        image = canvas.getContext("2d", { willReadFrequently: true }).createImageData(width, height);
      }
      const pixels = new Uint32Array(image.data.buffer);
      const scale = 255 / (most || 1);
      const step = isBelow ? rows * columns : columns;
      for (let at = 0, place = 0; place < rows * columns; place++) {
        const start = Math.floor(place / columns) * width + place % columns;
        for (let map = 0; map < maps; map++, at++) {
          const level = Math.min(255, values[at] * scale + 0.5) | 0;
          pixels[start + map * step] = 0xff000000 | level << 16 | level << 8 | level;
        }
      }
      canvas.getContext("2d").putImageData(image, 0, 0);
    },
  };
}

// A soft disk of light, drawn once.
function glow() {
  const canvas = h("canvas", { width: 48, height: 48 });
  const context = canvas.getContext("2d");
  const light = context.createRadialGradient(24, 24, 0, 24, 24, 24);
  light.addColorStop(0, "rgb(255 236 205 / 1)");
  light.addColorStop(0.28, "rgb(255 196 120 / 0.95)");
  light.addColorStop(0.42, "rgb(240 160 75 / 0.4)");
  light.addColorStop(1, "rgb(240 160 75 / 0)");
  context.fillStyle = light;
  context.fillRect(0, 0, 48, 48);
  return canvas;
}

// All lights of a grid while they are out. To fill so many disks takes long, so they are drawn once for each layout.
function darkLights() {
  const canvas = h("canvas");
  let drawnFor = null;
  let box; // in CSS pixels, on whole pixels of the screen
  return {
    draw(context, grid, middle) {
      const ratio = context.getTransform().a;
      const key = `${ratio} ${grid.x} ${grid.y} ${grid.across} ${grid.count} ${grid.pitch}`;
      if (key !== drawnFor) {
        drawnFor = key;
        const down = (value) => Math.floor(value * ratio) / ratio;
        const up = (value, from) => Math.ceil((value - from) * ratio) / ratio;
        const [x, y] = [down(grid.x), down(grid.y)];
        box = { x, y, width: up(grid.x + grid.size[0], x), height: up(grid.y + grid.size[1], y) };
        Object.assign(canvas, { width: Math.round(box.width * ratio), height: Math.round(box.height * ratio) });
        const own = canvas.getContext("2d");
        own.setTransform(ratio, 0, 0, ratio, -x * ratio, -y * ratio);
        own.fillStyle = UNLIT;
        own.beginPath();
        const radius = 0.32 * grid.pitch[1];
        for (let i = 0; i < grid.count; i++) {
          const [left, top] = middle(i);
          own.moveTo(left + radius, top);
          own.arc(left, top, radius, 0, 2 * Math.PI);
        }
        own.fill();
      }
      context.drawImage(canvas, box.x, box.y, box.width, box.height);
    },
  };
}

export function createPainting() {
  const canvas = h("canvas", { class: "nv-canvas", "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  const [convolution, pooling] = [mapSheet(), mapSheet()];
  const flatten = mapSheet(h("canvas", { role: "img" }));
  const [light, unlit] = [glow(), darkLights()];
  const largest = (values) => {
    let most = 0;
    for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i];
    return most;
  };

  function fit({ width, height }) {
    const ratio = Math.min(MAX_RATIO, window.devicePixelRatio || 1);
    const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
    if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.globalAlpha = 1;
    context.fillStyle = GROUND;
    context.fillRect(0, 0, width, height);
  }

  function tiles(grid, sheet, [rows, columns], lit, chosen) {
    context.imageSmoothingEnabled = false;
    context.globalAlpha = 1;
    for (let map = 0; map < grid.count; map++) {
      const { x, y, width, height } = boxOf(grid, map);
      context.drawImage(sheet.canvas, map * columns, 0, columns, rows, x, y, width, height);
      outline(x, y, width, height, lit.get(map), map === chosen);
    }
  }

  function outline(x, y, width, height, share, isChosen) {
    if (!isChosen && share === undefined) {
      context.strokeStyle = TRACK;
      context.lineWidth = 1;
    } else {
      context.strokeStyle = isChosen ? FRAME : colourOf(share);
      context.globalAlpha = isChosen ? 1 : 0.4 + 0.6 * Math.abs(share);
      context.lineWidth = isChosen ? 2.5 : 1.5;
    }
    const half = context.lineWidth / 2; // it covers none of the map's numbers
    context.strokeRect(x - half, y - half, width + 2 * half, height + 2 * half);
    context.globalAlpha = 1;
  }

  function lights(grid, values, chosen) {
    const most = largest(values) || 1;
    const side = grid.pitch[1];
    const middle = (i) => {
      const { x, y } = boxOf(grid, i);
      return [x + grid.pitch[0] / 2, y + side / 2];
    };
    unlit.draw(context, grid, middle);
    context.imageSmoothingEnabled = true;
    for (let i = 0; i < grid.count; i++) {
      const share = values[i] / most;
      if (!(share > 0)) continue;
      const [x, y] = middle(i);
      const reach = side * (0.7 + 0.5 * share);
      context.globalAlpha = Math.min(1, 0.12 + 0.9 * share);
      context.drawImage(light, x - reach, y - reach, 2 * reach, 2 * reach);
    }
    context.globalAlpha = 1;
    if (chosen < 0) return;
    const [x, y] = middle(chosen);
    context.strokeStyle = FRAME;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, Math.max(5, 0.6 * side), 0, 2 * Math.PI);
    context.stroke();
  }

  function bars(grid, shares, form) {
    const best = shares.indexOf(largest(shares));
    for (let digit = 0; digit < grid.count; digit++) {
      const cell = boxOf(grid, digit);
      const box = barOf(cell, form);
      context.fillStyle = TRACK;
      context.fillRect(box.x, box.y, box.width, box.height);
      context.fillStyle = digit === best ? FOR : BAR;
      const share = shares[digit] || 0;
      if (form === "beside") context.fillRect(box.x, box.y, box.width * share, box.height);
      else context.fillRect(box.x, box.y + box.height * (1 - share), box.width, box.height * share);
    }
  }

  function curve([x, y], [toX, toY], share, isUpright, alpha = 1) {
    context.strokeStyle = colourOf(share);
    context.globalAlpha = alpha * (0.18 + 0.72 * Math.abs(share));
    context.lineWidth = 0.7 + 2.1 * Math.abs(share);
    context.beginPath();
    context.moveTo(x, y);
    if (isUpright) context.bezierCurveTo(x, (y + toY) / 2, toX, (y + toY) / 2, toX, toY);
    else context.bezierCurveTo((x + toX) / 2, y, (x + toX) / 2, toY, toX, toY);
    context.stroke();
  }

  function connections(layout, { toHidden, toOutput }, entry) {
    const isUpright = layout.form === "below";
    const out = ({ x, y, width, height }) => (isUpright ? [x + width / 2, y + height] : [x + width, y + height / 2]);
    const into = ({ x, y, width, height }) => (isUpright ? [x + width / 2, y] : [x, y + height / 2]);
    const lamp = (unit) => {
      const { x, y } = boxOf(layout.hidden, unit);
      return [x + layout.hidden.pitch[0] / 2, y + layout.hidden.pitch[1] / 2];
    };
    for (const [map, share] of strongestOf(toHidden)) {
      if (entry) curve(entry, into(boxOf(layout.convolution, map)), share, isUpright, 0.6);
      curve(out(boxOf(layout.convolution, map)), into(boxOf(layout.pooling, map)), share, isUpright, 0.8);
    }
    for (const { from, to, share } of toHidden) curve(out(boxOf(layout.pooling, from)), lamp(to), share, isUpright);
    for (const { from, to, share } of toOutput) {
      const cell = boxOf(layout.output, to); // beside each other, a line ends before the digit
      curve(lamp(from), isUpright ? into(barOf(cell, layout.form)) : [cell.x - 2, cell.y + cell.height / 2], share, isUpright);
    }
    context.globalAlpha = 1;
  }

  return {
    canvas, flatten: flatten.canvas,
    // values: of all layers, some of which may be missing. connections: as from connectionsOf(), or null. entry: where the
    // image is, [x, y], or null. open: { layer, unit }.
    draw({ layout, values, shapes, connections: lines, entry, open }) {
      fit(layout);
      const most = 0.7 * largest(values.convolution); // a weak filter should look weak, so all maps share one scale
      convolution.fill(values.convolution, shapes.convolution, most);
      pooling.fill(values.pooling, shapes.pooling, most);
      if (lines && layout.form !== "strip") connections(layout, lines, entry);
      const lit = lines ? strongestOf(lines.toHidden) : new Map();
      const mapOf = (layer) => (open.layer === layer ? open.unit[2] : -1);
      tiles(layout.convolution, convolution, shapes.convolution, lit, mapOf("convolution"));
      tiles(layout.pooling, pooling, shapes.pooling, lit, mapOf("pooling"));
      if (layout.flatten) {
        // Row by row, as a text is read; where the stages stand below each other, column by column.
        const [rows, columns, maps] = shapes.pooling;
        if (layout.form === "below") flatten.fill(values.pooling, [1, rows * columns, maps], most, true);
        else flatten.fill(values.pooling, [rows * columns, maps, 1], most);
      }
      lights(layout.hidden, values.hidden ?? [], open.layer === "hidden" ? open.unit[0] : -1);
      bars(layout.output, values.probabilities ?? [], layout.form);
    },
  };
}

// The bar's track in an output's cell, beside or above its digit.
export function barOf({ x, y, width, height }, form) {
  if (form === "beside") return { x: x + 17, y: y + height / 2 - 5, width: width - 17 - 56, height: 10 };
  if (form === "below") return { x: x + 4, y, width: width - 8, height: height - 22 };
  return { x: x + width - 8, y: y + 3, width: 5, height: height - 6 };
}

// From map to its largest share among some connections.
function strongestOf(toHidden) {
  const shares = new Map();
  for (const { from, share } of toHidden) {
    if (!(Math.abs(shares.get(from) ?? 0) > Math.abs(share))) shares.set(from, share);
  }
  return shares;
}

const colourOf = (share) => (share < 0 ? AGAINST : FOR);
