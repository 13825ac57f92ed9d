// The panel "inside": every layer between the ink and the answer, live, and any cell of it in detail.

import { LatestOnly, Refusal, Unreachable, get, post } from "../../client.js";
import { say } from "../../i18n.js";
import { Answer } from "./softmax.js";
import { Cell } from "./cell.js";
import { palette } from "./palette.js";
import { layersOf } from "./layers.js";
import { Maps } from "./feature-maps.js";
import { purpose, says, shape, title, number } from "./captions.js";
import { Outline } from "./receptive-field.js";
import { html } from "../elements.js";

export const STYLES = ["panel", "cell"];

/** Build the panel into `root`. Returns {refresh(subject)}. */
export function mount(root) {
  const panel = new Inside(root);
  return { refresh: (subject) => panel.refresh(subject) };
}

class Inside {
  #questions = new LatestOnly();
  #subject = null;
  #drawing = {}; // another one whenever what was there is gone: answers about that are no longer wanted
  #model = null; // the name of the network that was chosen; null for the default
  #shown = null; // the answer that is shown: {answer, layers, subject}
  #built = ""; // which layers there are maps for
  #figures = []; // of each layer: {maps, scale}
  #chosen = null; // {layer: its place on the path, cell}
  #isSeen = false;
  #missed = false; // there was something new while nobody could see the panel
  #palettes = new Map(); // of what is shown now
  #cell = new Cell();
  #answer = new Answer();
  #outline = new Outline();
  #path = html("ol", { class: "path" });
  #labels = html("p", { class: "labels" }); // below the logits
  #note = html("p", { class: "note" });
  #body = html("div", { class: "body" });

  constructor(root) {
    this.#note.setAttribute("role", "status");
    this.#body.append(this.#path, this.#cell.element);
    this.#body.hidden = true;
    root.append(html("p", { class: "how-to" }, says("how_to")), this.#note, this.#body);
    this.#cell.element.addEventListener("kernels", () => this.#showCell());
    new ResizeObserver(() => this.#fit()).observe(this.#path);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
    // A busy browser tells of several changes at once: the last one holds.
    const see = (changes) => this.#see(changes.at(-1).isIntersecting);
    new IntersectionObserver(see, { rootMargin: "100px" }).observe(root);
    this.#offerNetworks();
  }

  refresh(subject) {
    this.#subject = subject;
    if (!subject) {
      this.#drawing = {};
      return this.#showNothing(say("nothing_here"));
    }
    this.#missed = !this.#isSeen;
    if (this.#isSeen) this.#ask();
  }

  /** What cannot be seen is not asked for, and nothing is marked on the drawing that nobody can make sense of. */
  #see(isSeen) {
    this.#isSeen = isSeen;
    if (!isSeen) return this.#outline.hide();
    if (this.#missed) this.#ask();
    this.#missed = false;
    this.#showCell();
  }

  #ask() {
    this.#questions.run(async () => {
      const [subject, model, drawing] = [this.#subject, this.#model, this.#drawing];
      if (!subject) return;
      try {
        const image = await subject.blob();
        const answer = await post(`inspect?layers=steps${model ? `&model=${encodeURIComponent(model)}` : ""}`, image);
        if (drawing !== this.#drawing || model !== this.#model) return;
        this.#show({ answer, subject, layers: layersOf(answer) });
      } catch (error) {
        if (!(error instanceof Unreachable || error instanceof Refusal)) throw error;
        if (drawing === this.#drawing) this.#showNothing(error instanceof Refusal ? error.message : says("unreachable"));
      }
    });
  }

  #showNothing(why) {
    this.#note.textContent = why;
    this.#body.hidden = true;
    this.#shown = null;
    this.#outline.hide();
  }

  #show(shown) {
    this.#shown = shown;
    const { layers, answer } = shown;
    this.#note.textContent = "";
    this.#body.hidden = false;
    const built = `${answer.model.version} ${layers.map(({ name }) => name)}`;
    if (built !== this.#built) {
      this.#build(shown);
      this.#built = built;
      this.#fit();
    } else {
      this.#paint();
    }
  }

  // The path

  #build({ layers, answer }) {
    const steps = new Map();
    this.#figures = layers.map((layer, i) => {
      const maps = new Maps(says("maps_label", { title: title(layer), shape: shape(layer) }));
      maps.addEventListener("choose", ({ detail }) => this.#choose(i, detail));
      const scale = html("span", { class: "range" });
      const figure = html("figure");
      const caption = html("figcaption");
      caption.append(html("strong", {}, title(layer)), html("span", { class: "shape" }, shape(layer)), html("span", { class: "does" }, purpose(layer)));
      figure.append(caption, maps.element, scale);
      if (layer.isLast) maps.element.append(this.#labels);
      if (!steps.has(layer.step)) steps.set(layer.step, []);
      steps.get(layer.step).push(figure);
      return { maps, scale, figure };
    });
    const last = [...steps.keys()].at(-1);
    this.#path.replaceChildren(
      ...[...steps].map(([step, figures]) => {
        const item = html("li");
        if (step === 0) figures.push(legend());
        if (step === last) figures.push(this.#softmax());
        item.append(html("span", { class: "number" }, String(step)), ...figures);
        return item;
      }),
    );
    const names = Object.keys(answer.logits).map((label) => (label === "not-a-digit" ? "∅" : label));
    this.#labels.replaceChildren(...names.map((name) => html("span", {}, name)));
    this.#labels.setAttribute("aria-hidden", true); // the table beside it tells them
    // The first cells that were computed, and of them the strongest, show at once what there is to see.
    const first = Math.min(1, layers.length - 1);
    this.#chosen = { layer: first, cell: layers[first].strongest };
  }

  #softmax() {
    const figure = html("figure");
    const caption = html("figcaption");
    caption.append(html("strong", {}, says("probabilities")), html("span", { class: "does" }, says("does.softmax")));
    figure.append(caption, this.#answer.element);
    return figure;
  }

  #fit() {
    if (!this.#shown || !this.#path.clientWidth) return;
    const widths = this.#figures.map(({ figure }) => figure.clientWidth);
    this.#figures.forEach(({ maps }, i) => maps.fit(this.#shown.layers[i], widths[i]));
    this.#labels.style.setProperty("--cell", `${this.#figures.at(-1).maps.cellWidth}px`);
    this.#paint();
  }

  #paint() {
    if (!this.#shown) return;
    const { layers, answer } = this.#shown;
    this.#palettes.clear();
    layers.forEach((layer, i) => {
      this.#figures[i].maps.paint(layer, this.#colours(layer));
      this.#figures[i].scale.textContent = says("range", { low: number(layer.low), high: number(layer.high) });
    });
    this.#answer.show(answer);
    this.#showCell();
  }

  /** The colours of a layer, or of kernels: made once for each answer. */
  #colours = (values) => {
    if (!this.#palettes.has(values)) this.#palettes.set(values, palette(values, values.kind === "input"));
    return this.#palettes.get(values);
  };

  // The cell

  #choose(layer, { cell, byKey }) {
    this.#chosen = { layer, cell };
    this.#showCell();
    if (byKey) this.#cell.tell();
  }

  #showCell() {
    if (!this.#shown) return;
    const { layers, answer, subject } = this.#shown;
    const { layer: place, cell } = this.#chosen;
    const layer = layers[place];
    const labels = Object.keys(answer.logits);
    const at = { layer, cell, model: answer.model, colours: this.#colours, input: layers[0], labels };
    const under = this.#cell.show(at);
    const seen = layer.seen(cell);
    this.#figures.forEach(({ maps }, i) => {
      maps.mark(i === place ? cell : null);
      const isSource = layers[i] === layer.sources[0];
      if (isSource && i) maps.markUnder(under);
      else maps.markUnder(i === 0 && place ? [patch(seen, layers[0])] : []);
    });
    if (this.#isSeen) this.#outline.show(subject, answer.frame, seen);
  }

  // Other networks

  async #offerNetworks() {
    let found;
    try {
      found = await get("models");
    } catch {
      return; // the default network is shown all the same
    }
    if (found.models.length < 2) return;
    const label = html("label", { class: "network" });
    const select = html("select");
    select.append(...found.models.map(({ name }) => new Option(name, name, name === found.default, name === found.default)));
    select.addEventListener("change", () => {
      this.#model = select.value;
      if (this.#subject) this.#ask();
    });
    label.append(html("span", {}, says("network")), select);
    this.#note.before(label);
  }
}

/** Pixels of the 28×28 as cells of the input, which may have a margin or be enlarged. */
function patch({ top, left, bottom, right }, { field: { start, stride } }) {
  const at = (pixel) => (pixel - start) / stride;
  return { map: 0, top: at(top), left: at(left), height: at(bottom) - at(top), width: at(right) - at(left) };
}

function legend() {
  const element = html("div", { class: "legend" });
  for (const [name, ends] of [["ink", 2], ["signed", 3], ["positive", 2]]) {
    const bar = html("span", { class: `bar ${name}` });
    const scale = html("span", { class: "ends" });
    scale.append(...Array.from({ length: ends }, (_, i) => html("span", {}, says(`legend.${name}${i}`))));
    element.append(html("strong", {}, says(`legend.${name}`)), bar, scale);
  }
  return element;
}
