// The row of digits to choose from, and how sure a reading is.

import { html } from "../../elements.js";
import { aDigit, percent, translate } from "../../i18n.js";

const LABELS = [..."0123456789"];

/** Put a reading into words; `label` is null for no digit. */
export function verdict(label, { verdict, probabilities }) {
  if (!label) return translate("no_digit");
  const values = { digit: aDigit(label), percent: percent(probabilities[label]) };
  return translate(verdict === "sure" ? "why.sure" : "why.unsure", values);
}

/** A row of buttons called `name`, one for each digit. `choose` is called with the label of the one that is pressed. */
export class Choice {
  #buttons;

  constructor(name, choose) {
    this.#buttons = LABELS.map((label) => html("button", { type: "button", "data-label": label }, label));
    const group = html("div", { class: "choice", role: "group", "aria-label": name }, ...this.#buttons);
    this.row = html("div", { class: "ask" }, html("span", { "aria-hidden": "true" }, name), group);
    this.row.addEventListener("click", ({ target }) => target.dataset.label && choose(target.dataset.label));
  }

  /** Press the button of `label`, mark that of the `answer`, and disable that of `disabled`. */
  show(label, answer, disabled = null) {
    for (const button of this.#buttons) {
      const own = button.dataset.label;
      button.setAttribute("aria-pressed", own === label);
      button.disabled = own === disabled;
      button.classList.toggle("is-answer", own === answer);
      button.title = own === answer ? translate("why.is_answer") : "";
      button.setAttribute("aria-label", own === answer ? `${own}, ${translate("why.is_answer")}` : own);
    }
  }
}
