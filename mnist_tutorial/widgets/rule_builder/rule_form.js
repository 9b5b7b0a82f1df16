// The chosen rule: its conditions, its answer, its place in the list.
import { h } from "../frontend/controls.js";
import { SIGNS } from "./judging.js";
import { amount, button, choice, fill } from "./parts.js";

const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);
const NEW = ["ink", "more than", 0.15];

// edit(alter, focus): changes the chosen rule by alter(rule), and then focuses what focus() returns. activate(which): shows
// one of the conditions, 0 or 1, in the histogram. move(by), remove(): of the rule in the list.
export function ruleForm({ limits, edit, activate, move, remove }) {
  const names = Object.keys(limits);

  const conditionRow = (which) => {
    const set = (position) => (given) => edit(({ if: conditions }) => {
      const condition = conditions[which];
      activate(which);
      condition[position] = given;
      if (position) return;
      const [low, high, step] = limits[given];
      condition[2] = (low + high) / 2; // another measurement: begin in the middle
      if (step < 1 && condition[1] === "exactly") condition[1] = "more than";
    });
    const [name, how] = [choice(names, set(0)), choice([], set(1))];
    const value = button("", () => activate(which), { class: "rb-value" });
    const drop = which ? button("−", () => {
      activate(0);
      edit((rule) => rule.if.pop(), () => more);
    }) : null;
    return {
      element: h("div", { class: "rb-condition" }, h("span", {}, which ? "and" : "if"), name, how, value, drop), name,
      // alone: the rule has no other condition to show in the histogram.
      show([measurement, comparison, number], { at, active, alone }) {
        const prefix = `rule ${at + 1}${which ? ", second condition" : ""}`;
        const step = limits[measurement][2];
        fill(how, Object.keys(SIGNS).slice(0, step < 1 ? 2 : 3));
        [name.value, how.value, value.textContent] = [measurement, comparison, amount(number, step)];
        name.setAttribute("aria-label", `${prefix}: measurement`);
        how.setAttribute("aria-label", `${prefix}: comparison`);
        value.setAttribute("aria-label", `in the histogram: ${prefix}, ${value.textContent}`);
        value.setAttribute("aria-pressed", String(active === which));
        value.disabled = alone;
        drop?.setAttribute("aria-label", `− condition of rule ${at + 1}`);
      },
    };
  };
  const rows = [conditionRow(0), conditionRow(1)];
  const more = button("+ condition", () => {
    activate(1);
    edit((rule) => rule.if.push([...NEW]), () => rows[1].name);
  }, { class: "rb-more" });
  const then = choice(DIGITS, (digit) => edit((rule) => { rule.then = Number(digit); }));
  const [up, down, gone] = [button("↑", () => move(-1)), button("↓", () => move(1)), button("✕", remove)];
  return {
    element: h("div", { class: "rb-form" }, rows[0].element, h("div", { class: "rb-second" }, rows[1].element, more),
      h("div", { class: "rb-condition" }, h("span", {}, "then answer"), then, h("span", { class: "rb-moves" }, up, down, gone))),
    first: rows[0].name,
    // at: the rule's place among `count`. active: the condition in the histogram.
    show(rule, at, count, active) {
      const alone = rule.if.length < 2;
      rows[0].show(rule.if[0], { at, active, alone });
      rows[1].show(rule.if[1] ?? NEW, { at, active, alone });
      rows[1].element.hidden = alone;
      more.hidden = !alone;
      more.setAttribute("aria-label", `+ condition of rule ${at + 1}`);
      then.value = rule.then;
      then.setAttribute("aria-label", `rule ${at + 1}: answer`);
      for (const [one, does] of [[up, "move up"], [down, "move down"], [gone, "remove"]]) {
        one.setAttribute("aria-label", `${does} rule ${at + 1}`);
        one.title = one.getAttribute("aria-label");
      }
      const focused = [up, down].find((one) => one === document.activeElement);
      [up.disabled, down.disabled] = [at === 0, at === count - 1];
      if (focused?.disabled) [up, down, gone].find((one) => !one.disabled).focus(); // it cannot go further
    },
  };
}
