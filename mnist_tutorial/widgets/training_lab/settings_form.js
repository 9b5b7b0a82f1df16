// The fields of the settings. A value that cannot be is refused in words beside its field, and what stood there counts.
import { whole } from "../frontend/arithmetic.js";
import { freshId, h } from "../frontend/controls.js";
import { weightShapes } from "../engine/settings.js";
import { FIELDS, GROUPS, inWords, numberOf, refusal } from "./settings_table.js";

// values(): the settings at hand. choose(name, value): called for a value that can be.
export function createSettingsForm({ values, choose, hidden }) {
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

  return {
    element: h("div", { class: "tl-groups" }, shown.map(({ title, fields }) =>
      h("fieldset", {}, h("legend", {}, title), fields.map(({ name }) => byName[name].element)))),
    // The first refusal that is on the screen, or nothing.
    refusal: () => controls.map(([, one]) => one.refused()).find(Boolean),
    show() {
      for (const [name, one] of controls) one.show(values()[name]);
    },
  };
}

// The settings in one line.
export function summary(settings) {
  const text = (name) => inWords(FIELDS.find((field) => field.name === name), settings[name]);
  const sizes = { filters: settings.filters, kernelSize: settings.kernel_size, hiddenUnits: settings.hidden_units };
  const parameters = weightShapes(sizes).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0);
  return `${text("images")} images, ${text("epochs")} ${settings.epochs === 1 ? "epoch" : "epochs"}, batches of ` +
    `${text("batch_size")}, learning rate ${text("learning_rate")}; ${whole(parameters)} parameters`;
}
