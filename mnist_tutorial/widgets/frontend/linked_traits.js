// The traits of each widget that a link carries, in the order in which they are set.
import { SIDE, PIXELS } from "./image_data.js";
import { changesOf } from "./link_changes.js";
import { drawings } from "./link_drawings.js";
import { nameOf, numberOf, strokesOf, whole, wholes, yesOrNo } from "./link_kinds.js";
import { rules } from "./link_rules.js";
import { bytesOf } from "./traits.js";

const last = (model) => bytesOf(model, "images").length / PIXELS - 1;
const lastLabel = (model) => model.get("labels").length - 1;
const [index, other] = [whole(0, last), whole(-1, last)];
const [row, column] = [whole(0, SIDE - 1), whole(0, SIDE - 1)];
const strokes = strokesOf(255);
const exactStrokes = strokesOf(10_000); // to the pad's four decimals: the numbers that are shown depend on them
const changes = changesOf(exactStrokes);
const step = numberOf((model) => model.get("steps"), (model) => `one of the steps ${model.get("steps").join(", ")}`);

export const LINKED = {
  backward_view: {
    index: whole(-1, last),
    // Where a link names a digit alone, the right answer is that of the digit.
    label: { ...whole(0, 9), follows: ({ index: digit }, model) => model.get("labels")[digit] },
    number: nameOf("score", "output weight", "unit", "hidden weight", "pooling", "convolution", "filter weight",
      "output bias", "hidden bias", "filter bias"),
    path: wholes([9, 511, SIDE - 1, SIDE - 1, 63, 8, 8], "strongest"), // of the largest network that the lab makes
    strokes: exactStrokes, changes, undone: changes,
  },
  digit_pad: { strokes },
  layer_explorer: {
    index, layer: nameOf("convolution", "filters", "pooling", "dropout", "flatten", "hidden", "output", "shapes"),
    filter: whole(0, 63), other: whole(0, 63), row, column, unit: whole(0, 511), output: whole(0, 9),
  },
  network_view: { strokes, index, layer: nameOf("convolution", "pooling", "hidden", "output") },
  // The cell comes after the digit: an empty one has none of its own.
  prediction_inspector: {
    only_errors: yesOrNo,
    index: numberOf((model) => model.get("positions"), () => "the number of a digit that is stored here"),
    cell: wholes([9, 9], "all"), order: nameOf("most confident", "least confident", "test set"),
  },
  processing_steps: { index, step: whole(0, 3), row, column, divisions: whole(0, 2), label: whole(0, 9) },
  // A chosen cell brings the table of all answers, so that what is chosen comes last.
  rule_builder: {
    index: whole(-1, lastLabel), condition: whole(0, 1),
    measurement: nameOf("ink", "width", "top", "left", "holes", "hole_position"),
    cell: wholes([9, 9], "none"), rules, otherwise: whole(0, 9), chosen: whole(-1, 20),
  },
  sample_inspector: { index, digit: whole(-1, 9), row, column, other },
  teach_your_hand: {
    each: numberOf(() => [2, 4, 6, 8], () => "2, 4, 6 or 8"), practise: yesOrNo, seed: whole(0, 999_999_999), drawings,
  },
  training_scrubber: { step, pinned: step, index: whole(0, lastLabel) },
};
