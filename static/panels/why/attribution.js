// Attribution maps: the ink that spoke for a digit and against it, by two methods.

import { hasModifier, html } from "../../elements.js";
import { aDigit, percent, translate } from "../../i18n.js";
import { signed } from "../numbers.js";
import { bytesOf } from "../weights.js";
import { Heatmap, SIDE } from "./heatmap.js";
import { Choice, verdict } from "./labels.js";

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export class Attribution {
  #choice;
  #heading = html("h2");
  #score = html("p", { class: "score" });
  #differs = html("p", { class: "differs" });
  #figures = html("div", { class: "maps" });
  #trust = html("p", { class: "quiet" }); // how far to trust the maps
  #shown = []; // a figure for each map
  #cell = null;

  /** `choose` is called with the label to explain. */
  constructor(choose) {
    this.#choice = new Choice(translate("why.explain"), choose);
    const how = html("p", { class: "quiet" }, translate("why.point"));
    this.root = html("section", {}, this.#heading, this.#choice.row, this.#differs, this.#score, how, this.#figures, this.#trust);
  }

  set isOld(old) {
    this.root.classList.toggle("old", old);
    this.root.setAttribute("aria-busy", old);
  }

  /** Show the maps in an `answer` of POST /inspect; `reading` is the one that the page shows. */
  show(answer, reading) {
    const { label, score, on_paper, maps } = answer.why;
    const digit = aDigit(label);
    this.isOld = false;
    this.#choice.show(label, answer.label);
    // The image of a number's digit may hold ink of its neighbours, and be read otherwise.
    this.#differs.hidden = answer.label === reading.label || reading.verdict === "not-a-digit";
    this.#differs.textContent = translate("why.differs", { then: verdict(answer.label, answer) });
    this.#heading.textContent = translate("why.which", { digit });
    const values = { digit, score: signed(score), paper: signed(on_paper), percent: percent(1 / (1 + Math.exp(-score))) };
    const how = translate("why.score_how") + (answer.second_look ? ` ${translate("why.one_look")}` : "");
    this.#score.replaceChildren(html("strong", {}, translate("why.score", values)), ` ${how}`);
    this.#trust.textContent = translate("why.both");
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
  #heatmap = new Heatmap();
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
    const { canvas } = this.#heatmap;
    Object.assign(canvas, { tabIndex: 0, role: "application" });
    const legend = html("p", { class: "legend" }, this.#low, html("i", { class: "gradient signed", "aria-hidden": "true" }), this.#high);
    const caption = html("figcaption", {}, html("h3", {}, this.#title, " ", this.#method), this.#how, this.#sum);
    this.root = html("figure", {}, caption, canvas, this.#readout, legend);
    canvas.addEventListener("pointermove", (event) => point(this.#under(event)));
    canvas.addEventListener("pointerdown", (event) => point(this.#under(event)));
    canvas.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse" && document.activeElement !== canvas) point(null);
    });
    canvas.addEventListener("focus", () => {
      this.#readout.setAttribute("aria-live", "polite"); // only the map that has the focus is announced
      point(pointed() ?? this.#strongest());
    });
    canvas.addEventListener("blur", () => {
      this.#readout.removeAttribute("aria-live");
      point(null);
    });
    canvas.addEventListener("keydown", (event) => {
      const step = ARROWS[event.key];
      if (!step || hasModifier(event)) return;
      event.preventDefault();
      const cell = pointed() ?? this.#strongest();
      point(cell.map((place, i) => Math.min(SIDE - 1, Math.max(0, place + step[i]))));
    });
  }

  show({ method, title, sum, values, high }, said, ink) {
    const parts = Float32Array.from(bytesOf(values), (byte) => Math.max(-1, (byte - 128) / 127));
    this.#numbers = parts.map((part) => part * high);
    this.#digits = high < 3 ? 2 : 1;
    this.#name = inWords(method, "title") ?? title;
    this.#title.textContent = this.#name;
    this.#method.textContent = inWords(method, "name") ?? method;
    this.#how.textContent = inWords(method, "how", said) ?? "";
    this.#sum.textContent = inWords(method, "sum", { ...said, sum: signed(sum) }) ?? translate("why.sum", { sum: signed(sum) });
    this.#low.textContent = `${signed(-high, this.#digits)} ${translate("why.against")}`;
    this.#high.textContent = `${translate("why.for")} ${signed(high, this.#digits)}`;
    this.#heatmap.show(parts, ink);
    const most = this.#tell(this.#strongest());
    const label = translate("why.map", { title: this.#name, method: this.#method.textContent, digit: said.digit, most });
    this.#heatmap.canvas.setAttribute("aria-label", label);
  }

  point(cell) {
    this.#heatmap.mark(cell);
    this.#readout.textContent = cell ? this.#tell(cell) : "";
  }

  #tell([row, column]) {
    const value = this.#numbers[row * SIDE + column];
    const side = value ? translate(value > 0 ? "why.for" : "why.against") : translate("why.neither");
    return translate("why.cell", { row: row + 1, column: column + 1, value: signed(value, this.#digits), side });
  }

  #strongest() {
    let best = 0;
    this.#numbers.forEach((value, i) => {
      if (Math.abs(value) > Math.abs(this.#numbers[best])) best = i;
    });
    return [Math.floor(best / SIDE), best % SIDE];
  }

  #under({ clientX, clientY }) {
    const { left, top, width, height } = this.#heatmap.canvas.getBoundingClientRect();
    const place = (part) => Math.min(SIDE - 1, Math.max(0, Math.floor(part * SIDE)));
    return [place((clientY - top) / height), place((clientX - left) / width)];
  }
}

/** Return a text about a method, or undefined where the page has none. */
function inWords(method, name, values) {
  try {
    return translate(`why.methods.${method}.${name}`, values);
  } catch {
    return undefined;
  }
}
