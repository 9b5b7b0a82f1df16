import { drawPixels, grey, h } from "./controls.js";
import { clamp } from "./arithmetic.js";
import { arrowStep } from "./keyboard.js";

// An image with a frame that pointer and arrow keys move. It calls move(row, column) with the frame's new position,
// counted in strides, always one where the frame fits into the image. The mouse previews: the frame follows it, and is back
// where it was when the mouse leaves; a click, a tap or an arrow key pins it. With `click`, only a click moves the frame, so
// that scrolling with a finger or passing with the mouse does not.
export function framedImage(move, { click = false, label = (name) => `${name}; arrow keys move the frame` } = {}) {
  const canvas = h("canvas");
  const frame = h("span", { class: "bw-frame" });
  const crosses = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  crosses.append(path);
  crosses.setAttribute("aria-hidden", "true");
  const title = h("b");
  const length = h("small");
  let now = { shape: [1, 1], size: [1, 1], stride: [1, 1], at: [0, 0] };
  const go = (place) => {
    const [row, column] = place.map((position, axis) => {
      const last = Math.floor((now.shape[axis] - now.size[axis]) / now.stride[axis]);
      return clamp(position, 0, last);
    });
    if (!now.at || row !== now.at[0] || column !== now.at[1]) move(row, column);
  };
  // The frame's middle follows the pointer.
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    const shares = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    go(shares.map((share, axis) =>
      Math.floor((share * now.shape[axis] - now.size[axis] / 2) / now.stride[axis] + 0.5)));
  };
  let pinned = null; // where the frame goes when the mouse leaves
  const pin = () => { pinned = now.at; };
  const preview = {
    onpointerenter: pin, onpointermove: point,
    onpointerdown(event) {
      point(event);
      pin();
    },
    onpointerleave({ pointerType }) {
      if (pointerType === "mouse" && pinned) go(pinned);
    },
  };
  const image = h("div", {
    class: click ? "bw-framed bw-click" : "bw-framed", tabindex: 0, role: "application",
    ...(click ? { onclick: point } : preview),
    onkeydown: (event) => {
      const step = arrowStep(event);
      if (!step) return;
      event.preventDefault();
      go(now.at ? [now.at[0] + step[0], now.at[1] + step[1]] : [0, 0]);
      pin();
    },
  }, canvas, crosses, frame);
  return {
    element: h("div", { class: "bw-place" }, h("p", { class: "bw-title" }, title, length), image),
    image, // without its title
    // The frame alone goes to another place of what is shown, [row, column], or away: null.
    moveTo(at) {
      now.at = at;
      frame.hidden = !at;
      ["top", "left"].forEach((side, axis) => {
        frame.style[side] = `${(at ?? [0, 0])[axis] * now.stride[axis] / now.shape[axis] * 100}%`;
      });
    },
    // values: row by row, of `shape` [rows, columns]. The frame has `size` [rows, columns] and is at `at`; null for
    // no frame. stride: a number, or [of rows, of columns]. crossed: positions in `values` to cross out.
    show({ name, values, shape, colour, at, size = [1, 1], stride = 1, crossed = [] }) {
      const strides = [stride, stride].flat();
      now = { shape, size, stride: strides, at };
      title.textContent = name;
      length.textContent = shape.join(" × ");
      frame.hidden = !at;
      image.setAttribute("aria-label", label(name));
      image.style.aspectRatio = `${shape[1]} / ${shape[0]}`;
      drawPixels(canvas, values, ...shape, colour);
      ["top", "left"].forEach((side, axis) => {
        frame.style[side] = `${(at ?? [0, 0])[axis] * strides[axis] / shape[axis] * 100}%`;
        frame.style[axis ? "width" : "height"] = `${size[axis] / shape[axis] * 100}%`;
      });
      crosses.setAttribute("viewBox", `0 0 ${shape[1]} ${shape[0]}`);
      path.setAttribute("d", crossed.map((i) =>
        `M${i % shape[1] + 0.3} ${Math.floor(i / shape[1]) + 0.3}l.4 .4m0 -.4l-.4 .4`).join(""));
    },
  };
}
