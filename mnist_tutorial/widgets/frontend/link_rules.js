// The rules of RuleBuilder in an address, with "/" between them:
// holes-exactly-1-and-hole_position-less-than-0.4-then-9/width-less-than-0.45-then-1

const NONE = "none";
const MAX_RULES = 20; // Python refuses more; it also makes the other checks of this module

// A rule such as { if: [["holes", "exactly", 2]], then: 8 }. where: the rule in words. Throws an Error in words.
function ruleFrom(text, limits, where) {
  const [, conditions, then] = text.match(/^(.+)-then-(\d)$/) ?? [];
  if (!then) throw new Error(`${where} does not end in -then- and a digit`);
  const parts = conditions.split("-and-");
  if (parts.length > 2) throw new Error(`${where} has more than two conditions`);
  return { if: parts.map((part) => conditionFrom(part, limits, where)), then: Number(then) };
}

function conditionFrom(text, limits, where) {
  const [, name, how, number] = text.match(/^(\w+)-(more-than|less-than|exactly)-(\d+(?:\.\d+)?)$/) ?? [];
  if (!name) throw new Error(`${where} has a condition that is none`);
  if (!Object.hasOwn(limits, name)) throw new Error(`${where} has no measurement: expected one of ${Object.keys(limits).join(", ")}`);
  const [low, high, step] = limits[name];
  if (how === "exactly" && step < 1) throw new Error(`${where} has “exactly”, which ${name} does not take`);
  const value = step < 1 ? Math.round(100 * number) / 100 : Number(number);
  if (value < low || value > high || (step === 1 && !Number.isInteger(value))) {
    throw new Error(`${where} is out of range: ${name} takes a ${step < 1 ? "" : "whole "}number from ${low} to ${high}`);
  }
  return [name, how.replace("-", " "), value];
}

function rulesFrom(text, model) {
  if (text === NONE) return [];
  const texts = text.split("/");
  if (texts.length > MAX_RULES) throw new Error(`there may be ${MAX_RULES} of them`);
  return texts.map((one, i) => ruleFrom(one, model.get("limits"), `rule ${i + 1}, “${one.slice(0, 60)}”,`));
}

export const rules = {
  expects(model, text) {
    const form = "rules such as holes-exactly-2-then-8, with / between them";
    try {
      rulesFrom(text, model);
      return form;
    } catch (error) {
      return `${form}; ${error.message}`;
    }
  },
  read(text, model) {
    try {
      return rulesFrom(text, model);
    } catch {
      return undefined;
    }
  },
  write: (list) => list.map((rule) => {
    const conditions = rule.if.map(([name, how, value]) => `${name}-${how.replace(" ", "-")}-${Number(value.toFixed(2))}`);
    return `${conditions.join("-and-")}-then-${rule.then}`;
  }).join("/") || NONE,
};
