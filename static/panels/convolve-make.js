// Small parts that the panel is made of.

/** Make an element with attributes and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

let groups = 0;

/**
 * Make a group of choices of which one holds. `choices` is value → text. Returns {element, set, allow}: `set` chooses
 * without telling, `allow` hides all other choices; `onChange` is told what was chosen.
 */
export function choices(label, options, onChange) {
  const id = `kernel-choice-${++groups}`;
  const inputs = new Map();
  const group = make("div", { class: "choices", role: "radiogroup", "aria-labelledby": id });
  for (const [value, text] of options) {
    const input = make("input", { type: "radio", name: id, value });
    input.addEventListener("change", () => onChange(value));
    inputs.set(value, input);
    group.append(make("label", {}, input, make("span", {}, text)));
  }
  return {
    element: make("div", { class: "setting" }, make("span", { id }, label), group),
    set: (value) => (inputs.get(value).checked = true),
    allow: (values) => inputs.forEach((input, value) => (input.parentElement.hidden = !values.includes(value))),
  };
}

export function button(text, act, attributes = {}) {
  const element = make("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", act);
  return element;
}
