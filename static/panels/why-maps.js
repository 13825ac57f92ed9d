// Maps of the ink that spoke for a digit and against it, each with how to read it.

import { aDigit, percent, say } from "../say.js";
import { Cells, SIDE, bytes } from "./why-cells.js";
import { html } from "./make.js";
import { Choice, signed, verdict } from "./why-parts.js";

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export class Maps {
  #choice;
  #heading = html("h2");
  #score = html("p", { class: "score" });
  #differs = html("p", { class: "differs" });
  #figures = html("div", { class: "maps" });
  #trust = html("p", { class: "quiet" }); // how far
  #shown = []; // a figure a map
  #cell = null;

  /** `choose` is told the label that is to be explained. */
  constructor(choose) {
    this.#choice = new Choice(say("why.explain"), choose);
    const row = html("div", { class: "ask" }, html("span", { "aria-hidden": "true" }, say("why.explain")));
    row.append(this.#choice.row);
    const how = html("p", { class: "quiet" }, say("why.point"));
    this.root = html("section", {}, this.#heading, row, this.#differs, this.#score, how, this.#figures, this.#trust);
  }

  set isOld(old) {
    this.root.classList.toggle("old", old);
    this.root.setAttribute("aria-busy", old);
  }

  /** Show the maps of an `answer` of POST /inspect, to a digit whose `reading` the page shows. */
  show(answer, reading) {
    const { label, score, on_paper, maps } = answer.why;
    const digit = aDigit(label);
    this.isOld = false;
    this.#choice.show(label, answer.label);
    // In a number, a digit's own image may hold ink of its neighbours.
    this.#differs.hidden = answer.label === reading.label || reading.verdict === "not-a-digit";
    this.#differs.textContent = say("why.differs", { then: verdict(answer.label, answer) });
    this.#heading.textContent = say("why.which", { digit });
    const values = { digit, score: signed(score), paper: signed(on_paper), percent: percent(1 / (1 + Math.exp(-score))) };
    const how = say("why.score_how") + (answer.second_look ? ` ${say("why.one_look")}` : "");
    this.#score.replaceChildren(html("strong", {}, say("why.score", values)), ` ${how}`);
    this.#trust.textContent = say("why.both");
    while (this.#shown.length < maps.length) this.#add();
    maps.forEach((map, i) => this.#shown[i].show(map, { ...values, rise: signed(score - on_paper) }, answer.ink));
    this.#point(this.#cell);
  }

  #add() {
    const figure = new MapFigure((cell) => this.#point(cell), () => this.#cell);
    this.#shown.push(figure);
    this.#figures.append(figure.root);
  }

  /** Mark a cell [row, column] in all maps, or none. */
  #point(cell) {
    this.#cell = cell;
    for (const figure of this.#shown) figure.point(cell);
  }
}

class MapFigure {
  #cells = new Cells();
  #title = html("strong");
  #method = html("span", { class: "quiet" });
  #how = html("p");
  #sum = html("p", { class: "quiet" });
  #readout = html("p", { class: "readout" });
  #low = html("span");
  #high = html("span");
  #numbers = new Float32Array(SIDE * SIDE);
  #digits = 2;
  #name = "";

  constructor(point, pointed) {
    const { canvas } = this.#cells;
    Object.assign(canvas, { tabIndex: 0, role: "application" });
    const legend = html("p", { class: "legend" }, this.#low, html("i", { "aria-hidden": "true" }), this.#high);
    const caption = html("figcaption", {}, html("h3", {}, this.#title, " ", this.#method), this.#how, this.#sum);
    this.root = html("figure", {}, caption, canvas, this.#readout, legend);
    canvas.addEventListener("pointermove", (event) => point(this.#under(event)));
    canvas.addEventListener("pointerdown", (event) => point(this.#under(event)));
    canvas.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse" && document.activeElement !== canvas) point(null);
    });
    canvas.addEventListener("focus", () => {
      this.#readout.setAttribute("aria-live", "polite"); // of the two, the one that is used speaks
      point(pointed() ?? this.#strongest());
    });
    canvas.addEventListener("blur", () => {
      this.#readout.removeAttribute("aria-live");
      point(null);
    });
    canvas.addEventListener("keydown", (event) => {
      const step = ARROWS[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const cell = pointed() ?? this.#strongest();
      point(cell.map((place, i) => Math.min(SIDE - 1, Math.max(0, place + step[i]))));
    });
  }

  show({ method, title, sum, values, high }, said, ink) {
    const parts = Float32Array.from(bytes(values), (byte) => Math.max(-1, (byte - 128) / 127));
    this.#numbers = parts.map((part) => part * high);
    this.#digits = high < 3 ? 2 : 1;
    this.#name = inWords(method, "title") ?? title;
    this.#title.textContent = this.#name;
    this.#method.textContent = inWords(method, "name") ?? method;
    this.#how.textContent = inWords(method, "how", said) ?? "";
    this.#sum.textContent = inWords(method, "sum", { ...said, sum: signed(sum) }) ?? say("why.sum", { sum: signed(sum) });
    this.#low.textContent = `${signed(-high, this.#digits)} ${say("why.against")}`;
    this.#high.textContent = `${say("why.for")} ${signed(high, this.#digits)}`;
    this.#cells.show(parts, ink);
    const most = this.#tell(this.#strongest());
    const label = say("why.map", { title: this.#name, method: this.#method.textContent, digit: said.digit, most });
    this.#cells.canvas.setAttribute("aria-label", label);
  }

  point(cell) {
    this.#cells.mark(cell);
    this.#readout.textContent = cell ? this.#tell(cell) : "";
  }

  #tell([row, column]) {
    const value = this.#numbers[row * SIDE + column];
    const side = value ? say(value > 0 ? "why.for" : "why.against") : say("why.neither");
    return say("why.cell", { row: row + 1, column: column + 1, value: signed(value, this.#digits), side });
  }

  #strongest() {
    let best = 0;
    this.#numbers.forEach((value, i) => {
      if (Math.abs(value) > Math.abs(this.#numbers[best])) best = i;
    });
    return [Math.floor(best / SIDE), best % SIDE];
  }

  #under({ clientX, clientY }) {
    const { left, top, width, height } = this.#cells.canvas.getBoundingClientRect();
    const place = (part) => Math.min(SIDE - 1, Math.max(0, Math.floor(part * SIDE)));
    return [place((clientY - top) / height), place((clientX - left) / width)];
  }
}

/** Say something of a method, or undefined where it is a method that the words do not know. */
function inWords(method, name, values) {
  try {
    return say(`why.methods.${method}.${name}`, values);
  } catch {
    return undefined;
  }
}
