import { drawPixels, freshId, grey, h, liveRegion, percent, probabilityBars } from "../frontend/controls.js";
import { SIDE, unpackedImageAt } from "../frontend/image_data.js";
import { arrowStep, hasModifier } from "../frontend/keyboard.js";
import { lateNetwork } from "../frontend/late_network.js";
import { bytesOf, changer, listen } from "../frontend/traits.js";
import { answersOf, recordedAnswers } from "./answers.js";
import { judgingPanel } from "./judging.js";
import { DIGITS, firstTwo, number, several, shade } from "./numbers.js";
import { heldInWords, ownInWords, titleOf } from "./words.js";

function render({ model, el }) {
  const change = changer(model);
  const [labels, positions] = ["labels", "positions"].map((name) => model.get(name));
  const images = bytesOf(model, "images");
  const recorded = recordedAnswers(model);
  let shown = recorded; // or the answers of the reader's own network
  const isOwn = () => shown !== recorded;
  const isError = (index) => labels[index] !== shown.answers[index];
  const live = liveRegion();
  let settling = false;
  let at = 1; // the cell of the matrix that the Tab key reaches
  let listed = []; // the digits in the strip

  const current = () => positions.indexOf(model.get("index"));

  // The digits of the chosen cell, in the chosen order.
  function digitsToList() {
    const [label, answer] = model.get("cell");
    const found = labels.flatMap((_, index) => {
      const wanted = label === undefined
        ? isError(index) || !model.get("only_errors")
        : labels[index] === label && shown.answers[index] === answer;
      return wanted ? [index] : [];
    });
    found.sort((a, b) => shown.confidence[b] - shown.confidence[a]);
    if (model.get("order") === "least confident") return found.reverse();
    return model.get("order") === "test set" ? found.sort((a, b) => positions[a] - positions[b]) : found;
  }

  // Brings the traits into line after one of them has changed, then draws.
  function settle(changed) {
    if (settling) return;
    settling = true;
    const cell = model.get("cell");
    if (cell.length && cell[0] === cell[1] && model.get("only_errors")) {
      change(changed === "only_errors" ? { cell: [] } : { only_errors: false });
    }
    const list = digitsToList();
    const index = current();
    if (!list.includes(index)) {
      if (changed === "index") {
        const own = [labels[index], shown.answers[index]];
        change({ cell: own, only_errors: model.get("only_errors") && own[0] !== own[1] });
      } else if (list.length) change({ index: positions[list[0]] });
    }
    settling = false;
    showMatrix();
    showStrip();
    showDigit();
  }

  // The matrix.
  const cells = shown.counts.map((_, place) =>
    h("td", { role: "gridcell", class: place % 11 ? null : "pi-same", onclick: () => choose(place) }));
  const matrix = h("table", {
    role: "grid", class: "pi-matrix", "aria-label": "how often each label got each answer; arrow keys choose a cell",
    onkeydown: (event) => {
      if (hasModifier(event)) return;
      const move = arrowStep(event);
      if (!move && event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      const from = Math.max(0, cells.indexOf(event.target)); // a screen reader can put the focus anywhere
      let [row, column] = [Math.floor(from / 10), from % 10];
      do {
        row += move?.[0] ?? 0;
        column += move?.[1] ?? 0;
      } while (move && row === column && model.get("only_errors")); // the diagonal is switched off
      if (row >= 0 && row < 10 && column >= 0 && column < 10) choose(10 * row + column);
    },
  },
  h("thead", {},
    h("tr", {}, h("th", { class: "pi-axis", rowspan: 2, scope: "col" }, "label ↓"),
      h("th", { class: "pi-axis", colspan: 10, scope: "colgroup" }, "answer →")),
    h("tr", {}, DIGITS.map((digit) => h("th", { scope: "col" }, String(digit))))),
  h("tbody", {}, DIGITS.map((digit) => h("tr", {},
    h("th", { scope: "row" }, String(digit)), cells.slice(10 * digit, 10 * digit + 10)))));

  function choose(place) {
    const [label, answer] = [Math.floor(place / 10), place % 10];
    if (label === answer && model.get("only_errors")) {
      live.say("Right answers are switched off. Untick “only errors” to see them.");
      return;
    }
    at = place;
    change({ cell: [label, answer] });
    cells[place].focus();
  }

  function showMatrix() {
    const [label, answer] = model.get("cell");
    const only = model.get("only_errors");
    if (label !== undefined) at = 10 * label + answer;
    if (only && at % 11 === 0) at = at ? at - 1 : 1;
    const { counts } = shown;
    const largest = Math.max(...counts.filter((_, place) => !only || place % 11));
    cells.forEach((cell, place) => {
      const off = only && place % 11 === 0;
      cell.textContent = String(counts[place]);
      cell.setAttribute("aria-label", `label ${Math.floor(place / 10)}, answer ${place % 10}: ${counts[place]}`);
      cell.tabIndex = place === at ? 0 : -1;
      cell.setAttribute("aria-selected", String(place === 10 * label + answer));
      cell.toggleAttribute("data-none", counts[place] === 0);
      if (off) cell.setAttribute("aria-disabled", "true");
      else cell.removeAttribute("aria-disabled");
      cell.style.setProperty("--pi-shade", off ? "0%" : `${Math.round(55 * shade(counts[place], largest))}%`);
    });
    onlyErrors.checked = only;
    order.value = model.get("order");
  }

  // The controls.
  const [onlyId, orderId, titleId] = ["only", "order", "digits"].map(freshId);
  const onlyErrors = h("input", {
    type: "checkbox", id: onlyId,
    onchange: () => change(onlyErrors.checked ? { only_errors: true, cell: [] } : { only_errors: false }),
  });
  const order = h("select", { id: orderId, "aria-label": "Order", onchange: () => change({ order: order.value }) },
    h("option", { value: "most confident" }, "most confident first"), h("option", { value: "least confident" }, "least confident first"),
    h("option", { value: "test set" }, "as in the test set"));
  const all = h("button", { type: "button", onclick: () => change({ only_errors: true, cell: [] }) }, "All errors");

  // The strip of digits.
  const title = h("p", { class: "pi-title", id: titleId });
  const strip = h("div", {
    role: "listbox", class: "pi-strip", "aria-labelledby": titleId, "aria-orientation": "horizontal",
    onkeydown: (event) => {
      if (hasModifier(event)) return;
      const here = listed.indexOf(current());
      const top = strip.children[0]?.offsetTop;
      const columns = [...strip.children].filter((child) => child.offsetTop === top).length;
      const next = {
        ArrowLeft: here - 1, ArrowRight: here + 1, ArrowUp: here - columns, ArrowDown: here + columns,
        Home: 0, End: listed.length - 1,
      }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      if (next < 0 || next >= listed.length) return;
      change({ index: positions[listed[next]] });
      thumbnail(listed[next]).focus();
    },
  });
  const thumbnails = new Map(); // each is drawn once, when it is first needed
  function thumbnail(index) {
    if (!thumbnails.has(index)) {
      const canvas = h("canvas", {});
      drawPixels(canvas, unpackedImageAt(images, index), SIDE, SIDE, grey(0, 15));
      const one = h("div", {
        role: "option", class: "pi-thumbnail",
        onclick: () => {
          change({ index: positions[index] });
          thumbnail(index).focus({ preventScroll: true });
        },
      }, canvas, h("span", {}));
      thumbnails.set(index, one);
      nameThumbnail(one, index);
    }
    return thumbnails.get(index);
  }
  function nameThumbnail(one, index) {
    const [label, answer] = [labels[index], shown.answers[index]];
    one.setAttribute("aria-label", `number ${positions[index]}: label ${label}, answer ${answer}`);
    one.lastChild.textContent = `${label} → ${answer}`;
  }

  function showStrip() {
    const list = digitsToList();
    title.textContent = titleOf({
      cell: model.get("cell"), only: model.get("only_errors"), listed: list.length, shown, labels, isOwn: isOwn(),
    });
    const index = current();
    if (list.join() !== listed.join() || !strip.children.length) {
      listed = list;
      const isIn = strip.contains(document.activeElement);
      strip.replaceChildren(...list.map(thumbnail));
      strip.scrollTop = 0;
      if (isIn && list.includes(index)) thumbnail(index).focus({ preventScroll: true });
    }
    for (const each of list) {
      thumbnail(each).setAttribute("aria-selected", String(each === index));
      thumbnail(each).tabIndex = each === index ? 0 : -1;
    }
    strip.hidden = !list.length;
    const own = thumbnails.get(index);
    if (own && list.includes(index)) { // in sight, without moving the page
      const above = own.offsetTop - strip.offsetTop;
      if (above < strip.scrollTop) strip.scrollTop = above;
      else strip.scrollTop = Math.max(strip.scrollTop, above + own.offsetHeight - strip.clientHeight);
    }
  }

  // The chosen digit.
  const canvas = h("canvas", { class: "pi-image" });
  const facts = h("p", { class: "pi-facts" });
  const bars = probabilityBars();
  const near = h("div", { class: "pi-near" });
  const judging = judgingPanel(model, (place) => labels[positions.indexOf(place)], change, live);
  function showDigit() {
    const index = current();
    const isListed = listed.includes(index);
    judging.element.hidden = !isListed;
    if (!isListed) {
      drawPixels(canvas, Array(SIDE * SIDE).fill(0), SIDE, SIDE);
      facts.textContent = "No digit to show here. Choose another cell.";
      bars.show(null);
      near.replaceChildren();
      live.say(`${title.textContent}. ${facts.textContent}`);
      return;
    }
    const ten = shown.probabilities[index];
    const [first, second] = firstTwo(ten);
    drawPixels(canvas, unpackedImageAt(images, index), SIDE, SIDE, grey(0, 15));
    const sentences = [
      `Number ${number(positions[index])} of the test set.`, `Label ${labels[index]}, read as ${shown.answers[index]}.`,
      `Confidence ${percent(ten[first])}.`, `Runner-up: ${second} with ${percent(ten[second])}.`,
      ...(isOwn() ? [`The book’s network: ${recorded.answers[index]} with ${percent(recorded.confidence[index])}.`] : []),
    ];
    facts.replaceChildren(...sentences.map((sentence) => h("span", {}, `${sentence} `)));
    bars.show(ten);
    const training = bytesOf(model, "training_images");
    const neighbours = model.get("neighbours")[index] ?? [];
    near.replaceChildren(...(neighbours.length ? [
      h("p", { class: "pi-title" }, "The training digits nearest to it"),
      h("div", { class: "bw-row" }, neighbours.map((place) => {
        const canvas = h("canvas", {});
        drawPixels(canvas, unpackedImageAt(training, place), SIDE, SIDE, grey(0, 15));
        return h("figure", {}, canvas, h("figcaption", {},
          `label ${model.get("training_labels")[place]}`, h("br"),
          h("span", { class: "bw-note" }, `number ${number(model.get("training_positions")[place])}`)));
      })),
    ] : model.get("training_positions").length ? [
      h("p", { class: "bw-note" }, "The training digits nearest to this one are not stored here."),
    ] : []));
    judging.show();
    live.say(`${title.textContent}. ${sentences.join(" ")}`);
  }

  // Whose answers are shown: the book's, or those of the reader's own network once it has given them.
  const whose = h("p", { class: "pi-whose", hidden: true });
  const heldNote = h("p", { class: "bw-note pi-held" });
  let asked = 0; // how often a network was chosen: what an earlier one answers is no longer wanted
  const late = lateNetwork(model, async () => {
    const own = asked;
    if (late.state === "loading") return void (whose.textContent = "Your network reads the digits …");
    // Where it fails, the line above the widget says why, and the book's is chosen.
    if (late.state !== "ready" || !isOwnChosen()) return void show(recorded);
    const answers = await answersOf(late.network, model, () => own === asked);
    if (answers && own === asked) show(answers);
  });
  const isOwnChosen = () => Boolean(window.mnistTutorial?.ownNetwork()?.chosen);
  function follow() {
    asked += 1;
    late.forget();
    if (!isOwnChosen()) return show(recorded);
    whose.hidden = false;
    return late.load();
  }

  function show(answers) {
    if (answers === shown && whose.hidden) return;
    const isNews = answers !== shown;
    shown = answers;
    whose.hidden = !isOwn();
    whose.textContent = isOwn() ? ownInWords(shown, recorded, labels) : "";
    heldNote.textContent = heldInWords(recorded, labels, model.get("per_digit"), isOwn());
    thumbnails.forEach(nameThumbnail);
    settle(isNews ? "index" : "cell"); // the digit that is looked at stays
    if (isNews) live.say(`${isOwn() ? whose.textContent : "These are the answers of the book’s network again."} ${facts.textContent}`);
  }

  el.append(h("div", { class: "bw pi" },
    h("p", { class: "pi-intro" }, "Choose a cell of the table to see its digits, then a digit to see what the network made of it."),
    whose,
    h("div", { class: "bw-controls pi-filters" }, h("span", {}, onlyErrors, " ", h("label", { for: onlyId }, "only errors")), all,
      h("label", { class: "pi-order", for: orderId }, "Order"), order),
    h("div", { class: "pi-areas" },
      h("div", { class: "pi-table" }, matrix), h("div", { class: "pi-digits" }, title, strip),
      h("div", { class: "pi-detail" }, h("div", { class: "pi-large" }, canvas, facts), bars.element),
      near, judging.element, heldNote),
    live.element));

  const stop = listen(model, {
    judgements: judging.show,
    weights: follow, // the reader has chosen another network in the page
    ...Object.fromEntries(["cell", "index", "order", "only_errors"].map((name) => [name, () => settle(name)])),
  });
  heldNote.textContent = heldInWords(recorded, labels, model.get("per_digit"), false);
  settle("cell");
  live.stop(); // nothing has happened yet that would have to be said
  return () => {
    asked += 1;
    late.forget();
    live.stop();
    stop();
  };
}

export default { render };
