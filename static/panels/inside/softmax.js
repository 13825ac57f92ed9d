// The end of the path: from logits to probabilities.

import { percent } from "../../i18n.js";
import { number, says } from "./captions.js";

export class Answer {
  #rows = new Map(); // by label
  #body = document.createElement("tbody");
  #how = document.createElement("p");

  constructor() {
    this.element = document.createElement("div");
    this.element.className = "softmax";
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const name of ["label", "logit", "probability"]) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.colSpan = name === "label" ? 1 : 2;
      cell.textContent = says(name);
      head.append(cell);
    }
    table.append(this.#body);
    this.element.append(table, this.#how);
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
      row.logitText.textContent = number(logits[label]);
      row.probability.style.setProperty("--part", probability ?? 0);
      row.percent.textContent = probability === undefined ? "" : percent(probability);
    }
    const how = [says("softmax", { temperature: number(temperature) })];
    if (labels.includes("not-a-digit")) how.push(says("apart"));
    if (isSecondLook) how.push(says("second_look"));
    this.#how.textContent = how.join(" ");
  }

  #build(labels) {
    this.#rows.clear();
    this.#body.replaceChildren(
      ...labels.map((label) => {
        const element = document.createElement("tr");
        const name = element.appendChild(document.createElement("th"));
        name.scope = "row";
        name.textContent = label === "not-a-digit" ? says("no_digit") : label;
        const [logit, logitText, probability, text] = ["logit", "figure", "probability", "figure"].map((kind) => {
          const cell = element.insertCell();
          cell.className = kind;
          return kind === "figure" ? cell : cell.appendChild(document.createElement("i"));
        });
        this.#rows.set(label, { element, logit, logitText, probability, percent: text });
        return element;
      }),
    );
  }
}
