// Small parts that the panel is made of.

import { html } from "../elements.js";

let groups = 0;

/**
 * Make a group of choices of which one holds. `choices` is value → text. Returns {element, set, allow}: `set` chooses
 * without telling, `allow` hides all other choices; `onChange` is told what was chosen.
 */
export function choices(label, options, onChange) {
  const id = `kernel-choice-${++groups}`;
  const inputs = new Map();
  const group = html("div", { class: "choices", role: "radiogroup", "aria-labelledby": id });
  for (const [value, text] of options) {
    const input = html("input", { type: "radio", name: id, value });
    input.addEventListener("change", () => onChange(value));
    inputs.set(value, input);
    group.append(html("label", {}, input, html("span", {}, text)));
  }
  return {
    element: html("div", { class: "setting" }, html("span", { id }, label), group),
    set: (value) => (inputs.get(value).checked = true),
    allow: (values) => inputs.forEach((input, value) => (input.parentElement.hidden = !values.includes(value))),
  };
}

export function button(text, act, attributes = {}) {
  const element = html("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", act);
  return element;
}
