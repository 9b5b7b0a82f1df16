// What a reader has done to a network's weights in BackwardView, one change after the other with "/" between them:
// filter-weight-12=0.5 for one that was turned, adam-3-0 for a step of training with the right answer 3 on image 0, or
// with strokes on a drawing.
import { inAddress } from "./link_kinds.js";

const NONE = "none";
const MAX_CHANGES = 50; // a step of training takes a moment to do again
const MAX_WEIGHT = 100; // far more than a weight becomes by turning it

// A weight in as few digits as name it: 0.1 for 0.10000000149011612.
function shortest(value) {
  const texts = Array.from({ length: 9 }, (_, i) => String(Number(value.toPrecision(i + 1))));
  return texts.find((text) => Math.fround(text) === Math.fround(value)) ?? texts[8];
}

function turned(text) {
  const [, layer, kind, index, weight] =
    text.match(/^(filter|hidden|output)-(weight|bias)-(\d{1,7})=(-?\d+(?:\.\d+)?(?:e-\d+)?)$/) ?? [];
  const value = Math.fround(weight);
  return Math.abs(value) <= MAX_WEIGHT ? { kind: "set", number: `${layer} ${kind}`, index: Number(index), value } : undefined;
}

function trained(text, model, strokes) {
  const [, kind, label, drawn] = text.match(/^(descent|adam)-(\d)-(.+)$/) ?? [];
  if (!kind) return undefined;
  const isIndex = /^\d{1,2}$/.test(drawn) && drawn < model.get("labels").length;
  const image = isIndex ? Number(drawn) : strokes.read(drawn);
  return image === undefined ? undefined : { kind, label: Number(label), image };
}

// strokes: the kind of a drawing.
export const changesOf = (strokes) => ({
  expects: () => `at most ${MAX_CHANGES} changes of weights as a copied link has them, or ${NONE}`,
  read(text, model) {
    if (text === NONE) return [];
    const changes = text.split("/").map((one) => turned(one) ?? trained(one, model, strokes));
    return changes.length <= MAX_CHANGES && changes.every(Boolean) ? changes : undefined;
  },
  write: (changes) => changes.map(({ kind, number, index, value, label, image }) => (kind === "set"
    ? `${inAddress(number)}-${index}=${shortest(value)}`
    : `${kind}-${label}-${Array.isArray(image) ? strokes.write(image) : image}`)).join("/") || NONE,
  leftOut: ({ length }) => (length === 1 ? "the change of the weights, which is" : `the ${length} changes of the weights, which are`) +
    " too long for an address",
});
