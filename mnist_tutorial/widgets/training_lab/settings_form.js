// The fields of the settings. A value that cannot be is refused in words beside its field, and what stood there counts.
import { whole } from "../frontend/arithmetic.js";
import { freshId, h } from "../frontend/controls.js";
import { weightShapes } from "../engine/settings.js";
import { differences, FIELDS, GROUPS, inWords, numberOf, refusal } from "./settings_table.js";

const FEW = 4; // settings that all stand open

// values(): the settings at hand. initial: those that the lab begins with. choose(name, value): called for a value that can
// be. hidden: names of settings that are not shown.
export function createSettingsForm({ values, initial, choose, hidden }) {
  const shown = GROUPS.map((group) => ({
    ...group, fields: group.fields.filter(({ name }) => !hidden.includes(name)),
  })).filter(({ fields }) => fields.length);
  const controls = shown.flatMap(({ fields }) => fields.map((field) => [field.name, control(field)]));
  const byName = Object.fromEntries(controls);

  function control(field) {
    const [id, noteId] = [freshId(field.name), freshId("note")];
    const note = h("span", { class: "tl-refusal", id: noteId, role: "alert" });
    const take = (value) => {
      const reason = refusal(field, value);
      note.textContent = reason ? `${field.label} ${reason}` : "";
      input.setAttribute("aria-invalid", String(Boolean(reason)));
      if (!reason) choose(field.name, value);
    };
    const input = field.choices
      ? h("select", { id, onchange: () => take(field.choices[input.selectedIndex][0]) },
        field.choices.map(([, text]) => h("option", {}, text)))
      : h("input", {
        id, type: "text", inputmode: "decimal", autocomplete: "off", "aria-describedby": noteId,
        onchange: () => take(numberOf(input.value)),
      });
    return {
      element: h("div", { class: "tl-field" }, h("label", { for: id }, field.label), input, note),
      show(value) {
        if (field.choices) input.selectedIndex = field.choices.findIndex(([choice]) => choice === value);
        else input.value = String(value);
        note.textContent = "";
        input.setAttribute("aria-invalid", "false");
      },
      refused: () => note.textContent,
    };
  }

  const fieldset = ({ title, fields }) =>
    h("fieldset", {}, h("legend", {}, title), fields.map(({ name }) => byName[name].element));
  const isSplit = controls.length > FEW && shown[0].isFirst;
  const others = isSplit ? shown.slice(1) : [];
  const changed = h("span", { class: "tl-changed" });
  const more = h("details", { class: "tl-more" }, h("summary", {}, "More settings", changed),
    h("div", { class: "tl-groups" }, others.map(fieldset)));
  more.hidden = !others.length;

  const form = {
    element: h("div", { class: "tl-groups" }, (isSplit ? shown.slice(0, 1) : shown).map(fieldset), more),
    // The first refusal there is, or nothing.
    refusal: () => controls.map(([, one]) => one.refused()).find(Boolean),
    // Opens what some settings stand behind; tells whether they stand behind something.
    reveal(names) {
      const isBehind = others.some(({ fields }) => fields.some(({ name }) => names.includes(name)));
      if (isBehind) more.open = true;
      return isBehind;
    },
    revealRefused: () => form.reveal(controls.filter(([, one]) => one.refused()).map(([name]) => name)),
    show() {
      for (const [name, one] of controls) one.show(values()[name]);
      const labels = others.flatMap(({ fields }) => fields.map(({ label }) => label));
      const words = differences(values(), initial).filter(([label]) => labels.includes(label)).map((one) => one.join(" "));
      changed.textContent = words.length ? ` (changed: ${words.join(", ")})` : "";
    },
  };
  return form;
}

// The settings in one line.
export function summary(settings) {
  const text = (name) => inWords(FIELDS.find((field) => field.name === name), settings[name]);
  const sizes = { filters: settings.filters, kernelSize: settings.kernel_size, hiddenUnits: settings.hidden_units };
  const parameters = weightShapes(sizes).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0);
  return `${text("images")} images, ${text("epochs")} ${settings.epochs === 1 ? "epoch" : "epochs"}, batches of ` +
    `${text("batch_size")}, learning rate ${text("learning_rate")}; ${whole(parameters)} parameters`;
}
