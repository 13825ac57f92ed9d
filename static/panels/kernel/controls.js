// Small parts that the panel is made of.

import { html } from "../../elements.js";
import { translate } from "../../i18n.js";

/**
 * Make a group of radio buttons, one for each [value, text] of `options`. `onChange` is called with the value that was
 * chosen. Returns {element, set, allow}: `set` chooses a value without that call, `allow` hides all others than these.
 */
export function choices(name, options, onChange) {
  const id = `kernel-${name}`;
  const inputs = new Map();
  const group = html("div", { class: "choices", role: "radiogroup", "aria-labelledby": id });
  for (const [value, text] of options) {
    const input = html("input", { type: "radio", name: id, value });
    input.addEventListener("change", () => onChange(value));
    inputs.set(value, input);
    group.append(html("label", {}, input, html("span", {}, text)));
  }
  return {
    element: html("div", { class: "setting quiet" }, html("span", { id }, translate(`kernel.${name}`)), group),
    set: (value) => (inputs.get(value).checked = true),
    allow: (values) => inputs.forEach((input, value) => (input.parentElement.hidden = !values.includes(value))),
  };
}

export function button(text, act, attributes = {}) {
  const element = html("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", act);
  return element;
}
