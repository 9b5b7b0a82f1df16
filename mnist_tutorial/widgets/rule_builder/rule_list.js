// The list of rules, `otherwise` at its end, to choose one of.
import { h } from "../frontend/controls.js";
import { SIGNS } from "./judging.js";
import { amount, words } from "./parts.js";

const textOf = (conditions) => conditions.map(([name, how, value]) => `${words(name)} is ${how} ${value}`).join(" and ");

// choose(at): a rule's place, or that of `otherwise`. limits: of each measurement. total: how many samples there are.
export function ruleList(choose, limits, total) {
  const chips = [];
  const list = h("ol", { class: "rb-rules", "aria-label": "rules, tried from top to bottom" });
  function chip(at) {
    const [number, what, answer, tally] = ["rb-number", "rb-words", "rb-answer", "rb-tally"].map((name) => h("span", { class: name }));
    const [right, wrong] = ["rb-right", "rb-wrong"].map((name) => h("span", { class: name }));
    const button = h("button", { type: "button", onclick: () => choose(at) },
      number, what, answer, tally, h("span", { class: "rb-bar" }, right, wrong));
    return {
      element: h("li", {}, button), button,
      show(rule, last, counts) {
        const any = counts.right + counts.wrong > 0;
        number.textContent = rule ? String(at + 1) : "else";
        what.textContent = rule
          ? rule.if.map(([name, how, value]) => `${words(name)} ${SIGNS[how]} ${amount(value, limits[name][2])}`).join(", ")
          : "no rule fits";
        answer.textContent = `→ ${rule ? rule.then : last}`;
        tally.textContent = any ? `${counts.right} ✓ ${counts.wrong} ✗` : "none left";
        right.style.width = `${100 * counts.right / total}%`;
        wrong.style.width = `${100 * counts.wrong / total}%`;
        const name = rule ? `rule ${at + 1}: if ${textOf(rule.if)}, answer ${rule.then}` : `otherwise: answer ${last}`;
        button.setAttribute("aria-label", `${name}: ${any ? `${counts.right} right, ${counts.wrong} wrong` : "fits no image that is left"}`);
      },
    };
  }

  return {
    element: list,
    // last: the answer of `otherwise`. tallies: how many each answers rightly and wrongly.
    show(rules, last, tallies) {
      while (chips.length < rules.length + 1) {
        chips.push(chip(chips.length));
        list.append(chips.at(-1).element);
      }
      while (chips.length > rules.length + 1) chips.pop().element.remove();
      chips.forEach((one, at) => one.show(rules[at], last, tallies[at]));
    },
    // The list scrolls to the one that is chosen, the page does not. Returns what it says.
    choose(at) {
      chips.forEach(({ button }, place) => button.setAttribute("aria-pressed", String(place === at)));
      if (!chips[at]) return "";
      const [box, own] = [list.getBoundingClientRect(), chips[at].element.getBoundingClientRect()];
      list.scrollLeft += Math.min(0, own.left - box.left) + Math.max(0, own.right - box.right);
      list.scrollTop += Math.min(0, own.top - box.top) + Math.max(0, own.bottom - box.bottom);
      return chips[at].button.getAttribute("aria-label");
    },
  };
}
