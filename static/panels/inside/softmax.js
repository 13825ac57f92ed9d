// The last step: from logits to probabilities.

import { html } from "../../elements.js";
import { percent } from "../../i18n.js";
import { decimal } from "../numbers.js";
import { caption } from "./captions.js";

export class Softmax {
  #rows = new Map(); // by label
  #body = html("tbody");
  #how = html("p", { class: "quiet" });

  constructor() {
    const heads = ["label", "logit", "probability"].map((name) =>
      html("th", { scope: "col", colspan: name === "label" ? 1 : 2 }, caption(name)),
    );
    const table = html("table", {}, html("thead", {}, html("tr", {}, ...heads)), this.#body);
    this.element = html("div", { class: "softmax" }, table, this.#how);
  }

  show({ logits, probabilities, temperature, second_look: isSecondLook }) {
    const labels = Object.keys(logits);
    if (labels.join() !== [...this.#rows.keys()].join()) this.#build(labels);
    const most = Math.max(...Object.values(logits).map(Math.abs));
    const best = Math.max(...Object.values(probabilities));
    for (const [label, row] of this.#rows) {
      const probability = probabilities[label];
      row.element.classList.toggle("best", probability === best);
      row.logit.style.setProperty("--part", Math.abs(logits[label]) / most);
      row.logit.classList.toggle("below", logits[label] < 0);
      row.logitText.textContent = decimal(logits[label]);
      row.probability.style.setProperty("--part", probability ?? 0);
      row.percentText.textContent = probability === undefined ? "" : percent(probability);
    }
    const how = [caption("softmax", { temperature: decimal(temperature) })];
    if (labels.includes("not-a-digit")) how.push(caption("apart"));
    if (isSecondLook) how.push(caption("second_look"));
    this.#how.textContent = how.join(" ");
  }

  #build(labels) {
    this.#rows.clear();
    this.#body.replaceChildren(
      ...labels.map((label) => {
        const name = label === "not-a-digit" ? caption("no_digit") : label;
        const [logit, probability] = [html("i"), html("i")];
        const [logitText, percentText] = [html("td", { class: "figure" }), html("td", { class: "figure" })];
        const logitCell = html("td", { class: "logit" }, logit);
        const probabilityCell = html("td", { class: "probability" }, probability);
        const cells = [html("th", { scope: "row" }, name), logitCell, logitText, probabilityCell, percentText];
        const element = html("tr", {}, ...cells);
        this.#rows.set(label, { element, logit, logitText, probability, percentText });
        return element;
      }),
    );
  }
}
