// The panels of the convolution: one filter at work, number by number, and two of them side by side.
import { convolutionSum, fixed, windowOf } from "../frontend/arithmetic.js";
import { grey, h } from "../frontend/controls.js";
import { imageChoice, stepper } from "../frontend/choices.js";
import { numberTable, pale } from "../frontend/tables.js";
import { coverOn, instruction, keptImage, signsOn } from "./parts.js";
import { player } from "./playing.js";

const MAX_SIDE = 7; // a larger window has too many numbers to print
const INK = grey(0, 1);

// The digit with the window over it, and the buttons that move it. What is common to both panels.
function slidingWindow(act) {
  let now; // the view that was drawn last
  const map = () => now.work.results.shapes.convolution;
  const play = player({
    place: () => now.at.row * map()[1] + now.at.column,
    last: () => map()[0] * map()[1] - 1,
    isFilling: () => now.filling,
  }, (place, filling) => {
    const traits = { row: Math.floor(place / map()[1]), column: place % map()[1], filling };
    now = { ...now, at: { ...now.at, ...traits }, filling };
    act.set(traits);
  }, act.save);
  const move = (row, column) => !play.isPlaying() && act.change({ row, column }); // while it plays, the mouse only passes
  // A finger, a click or a key on an image takes the window over.
  const image = () => {
    const one = keptImage(move);
    for (const event of ["pointerdown", "keydown"]) {
      one.image.addEventListener(event, ({ key }) => key !== "Tab" && play.pause(), { capture: true });
    }
    return one;
  };
  const digit = image();
  return {
    play, image, digit: digit.element,
    show(view) {
      now = view;
      const [rows, columns] = view.work.network.convolution.shape;
      const { row, column } = view.at;
      play.show();
      digit.show({
        name: "The digit", values: view.work.pixels, shape: [28, 28], colour: INK, at: [row, column], size: [rows, columns],
      });
      return windowOf(view.work.pixels, [28, 28, 1], 0, [row, column], [rows, columns]);
    },
    place: () => (now.filling ? now.at.row * map()[1] + now.at.column : null),
  };
}

function showMap(framed, cover, { work, at: { row, column } }, filter, place, name = `What filter ${filter} finds`) {
  const shape = work.results.shapes.convolution.slice(0, 2);
  framed.show({
    name, values: work.mapOf(filter), shape, colour: work.brightness(), at: [row, column],
  });
  cover(place, shape);
}

const inWords = (sum, bias) => `${fixed(sum.sum)} + bias ${fixed(bias)} = ${fixed(sum.value)}. After ReLU: ${fixed(sum.afterRelu)}.`;

export function convolutionPanel(act) {
  const sliding = slidingWindow(act);
  const map = sliding.image();
  const cover = coverOn(map);
  const choice = stepper("filter", (filter) => act.change({ filter }));
  const pixels = numberTable("pixels in the window");
  const weights = numberTable("weights of the filter");
  const products = numberTable("their products");
  products.element.classList.add("le-products");
  const more = h("button", {
    type: "button", class: "le-numbers", "aria-expanded": "false", onclick: () => {
      const large = tables.classList.toggle("le-large");
      more.setAttribute("aria-expanded", String(large));
      more.textContent = large ? "Fewer numbers" : "All numbers";
    },
  }, "All numbers");
  const tables = h("div", { class: "bw-tables" }, pixels.element, h("span", {}, "×", weights.element),
    h("span", {}, "=", products.element));
  const sum = h("p", { class: "le-sum" });
  let drawn; // the weights in the table
  return {
    element: h("div", {},
      instruction("Each weight is multiplied by the pixel under it, and the products add up to one number of the map."),
      sliding.play.element, h("div", { class: "le-choice" }, choice.element, more),
      h("div", { class: "le-places" }, sliding.digit, map.element),
      tables, sum),
    pause: sliding.play.pause, isPlaying: sliding.play.isPlaying,
    show(view) {
      const { work, at: { filter, row, column } } = view;
      const { shape: [rows, columns, , filters], bias } = work.network.convolution;
      const window = sliding.show(view);
      const own = work.filterOf(filter);
      choice.show(filter, filters);
      showMap(map, cover, view, filter, sliding.place());
      const total = convolutionSum(window, own, bias[filter]);
      tables.hidden = more.hidden = Math.max(rows, columns) > MAX_SIDE;
      if (!tables.hidden) {
        const colour = work.once(`table ${filter}`, () => pale(own));
        pixels.show(window, [rows, columns], INK);
        if (drawn !== own) weights.show(own, [rows, columns], colour);
        products.show(total.products, [rows, columns], colour);
        products.element.querySelectorAll("td").forEach((cell, i) =>
          cell.classList.toggle("le-lit", Math.abs(total.products[i]) >= 0.05));
        drawn = own;
      }
      sum.textContent = `Sum of the ${window.length} products ${inWords(total, bias[filter])}`;
      return `Filter ${filter}, row ${row}, column ${column}. ${sum.textContent}`;
    },
  };
}

export function filtersPanel(act) {
  const sliding = slidingWindow(act);
  const size = h("small");
  let side = "filter"; // the trait that the small images set
  let view;
  const choose = (which) => {
    side = which;
    showSides();
  };
  const columns = [["filter", "Left"], ["other", "Right"]].map(([trait, name]) => {
    const map = sliding.image();
    const weights = keptImage(() => false, { click: true, label: (words) => `${words}: its weights` });
    const button = h("button", { type: "button", onclick: () => choose(trait) });
    const sum = h("p", { class: "le-sum" });
    weights.image.removeAttribute("tabindex"); // there is nothing to do on it
    weights.image.setAttribute("role", "img");
    return {
      trait, name, map, weights, button, sum, cover: coverOn(map), signs: signsOn(weights),
      element: h("div", { class: "le-filter" }, map.element, weights.element, sum),
    };
  });
  const thumbnails = imageChoice("filters", (filter) => act.change({ [side]: filter }));
  let drawn; // the network whose filters the small images show
  function showSides() {
    for (const { trait, name, button } of columns) {
      button.textContent = `${name}: filter ${view.at[trait]}`;
      button.setAttribute("aria-pressed", String(trait === side));
    }
    thumbnails.show(view.at[side]);
    const [rows, wide, , filters] = view.work.network.convolution.shape;
    size.textContent = `Choose one of ${filters} filters of ${rows} × ${wide} for the ${side === "filter" ? "left" : "right"}. ` +
      "Red, +: above zero; blue, −: below.";
  }
  return {
    element: h("div", {},
      instruction("Two filters look at one digit. Choose a side, then a filter for it."),
      sliding.play.element,
      h("div", { class: "le-two" }, columns[0].element,
        h("div", {}, sliding.digit,
          h("div", { class: "le-sides", role: "group", "aria-label": "the side to choose for" }, columns.map(({ button }) => button))),
        columns[1].element),
      h("div", { class: "le-gallery" }, thumbnails.element, size)),
    pause: sliding.play.pause, isPlaying: sliding.play.isPlaying,
    show(next) {
      view = next;
      const { work, at } = view;
      const { shape: [rows, wide, , filters], bias } = work.network.convolution;
      if (drawn !== work.network) {
        drawn = work.network;
        thumbnails.fill(Array.from({ length: filters }, (_, i) =>
          ({ name: `filter ${i}`, values: work.filterOf(i), shape: [rows, wide] })), work.filterColour());
      }
      const window = sliding.show(view);
      showSides();
      const words = columns.map(({ trait, map, cover, weights, signs, sum }) => {
        const filter = at[trait];
        showMap(map, cover, view, filter, sliding.place(), `Map of filter ${filter}`);
        weights.show({
          name: `Filter ${filter}`, values: work.filterOf(filter), shape: [rows, wide], colour: work.filterColour(),
          at: null,
        });
        signs(work.filterOf(filter), [rows, wide]);
        sum.textContent = inWords(convolutionSum(window, work.filterOf(filter), bias[filter]), bias[filter]);
        return `Filter ${filter}: ${sum.textContent}`;
      });
      return `Row ${at.row}, column ${at.column}. ${words.join(" ")}`;
    },
  };
}
