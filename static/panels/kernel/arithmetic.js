// The arithmetic of one output pixel: patch, kernel, products and their sum.

import { html } from "../../elements.js";
import { translate } from "../../i18n.js";
import { sumText, twoDigits, weightText } from "./convolution.js";

export class Arithmetic {
  element = html("div", { class: "arithmetic", role: "region", tabindex: 0, "aria-label": translate("kernel.arithmetic") });
  #patch = new Numbers("patch");
  #kernel = new Numbers("factors");
  #products = new Numbers("products");
  #times = html("span", { class: "sign", "aria-hidden": true }, "×");
  #equals = html("span", { class: "sign", "aria-hidden": true }, "=");
  #output = new Numbers("made");
  #line = html("p", { class: "sum" });
  #rounded = html("p", { class: "quiet" }, translate("kernel.rounded"));

  constructor() {
    const [patch, kernel, products, output] = [this.#patch, this.#kernel, this.#products, this.#output].map((part) => part.element);
    const leads = html("span", { class: "sign", "aria-hidden": true }, "→");
    const row = html("div", { class: "tables" }, patch, this.#times, kernel, this.#equals, products, leads, output);
    this.element.append(row, this.#line, this.#rounded);
  }

  /**
   * Show how `result` comes from `patch`. `top`, `left` and `size` are the window's, and
   * `most` is the largest value of the output.
   */
  show(operation, patch, { weights }, result, { top, left, size, most }) {
    const multiplies = operation === "convolution";
    for (const part of [this.#times, this.#equals, this.#kernel.element, this.#products.element]) part.hidden = !multiplies;
    const place = { top: top + 1, bottom: top + size, left: left + 1, right: left + size };
    this.#patch.show(translate("kernel.patch", place), patch, {
      text: (value) => (value === null && operation === "max" ? "–" : twoDigits(value ?? 0)),
      chosen: result.chosen,
    });
    if (multiplies) {
      const signed = true;
      this.#kernel.show(translate("kernel.kernel"), weights, { text: weightText, signed, most: Math.max(...weights.map(Math.abs)) });
      this.#products.show(translate("kernel.products"), result.terms, { text: twoDigits, signed, most: Math.max(...result.terms.map(Math.abs)) });
    }
    this.#output.show(translate("kernel.made"), [result.value], { text: twoDigits, signed: multiplies, most });
    this.#rounded.hidden = operation === "max";
    this.#line.replaceChildren(...this.#said(operation, result), html("strong", {}, twoDigits(result.value)));
  }

  #said(operation, { terms, total, divisor }) {
    if (operation === "max") return [`max(${terms.map(twoDigits).join(", ")}) = `];
    if (divisor === 1) return [`${sumText(terms)} = `];
    return [`(${sumText(terms)}) ÷ ${weightText(divisor)} = ${twoDigits(total)} ÷ ${weightText(divisor)} = `];
  }
}

/** A square of numbers with a caption. */
class Numbers {
  element;
  #caption = html("figcaption");
  #body = html("tbody");

  constructor(name) {
    this.element = html("figure", { class: name }, this.#caption, html("table", {}, this.#body));
  }

  show(caption, values, { text, signed = false, most = 1, chosen = null }) {
    this.#caption.textContent = caption;
    const size = Math.sqrt(values.length);
    const cells = this.#cells(size);
    values.forEach((value, i) => {
      const cell = cells[i];
      const written = text(value);
      if (cell.textContent !== written) cell.textContent = written;
      cell.className = value === null ? "framed-zero" : i === chosen ? "chosen" : !signed ? "plain" : value < 0 ? "less" : "more";
      cell.style.setProperty("--part", Math.min(1, Math.abs(value ?? 0) / (most || 1)));
    });
  }

  #cells(size) {
    if (this.#body.rows.length !== size) {
      const row = () => html("tr", {}, ...Array.from({ length: size }, () => html("td")));
      this.#body.replaceChildren(...Array.from({ length: size }, row));
    }
    return [...this.#body.querySelectorAll("td")];
  }
}
