// The panel "Inside": every layer between the ink and the answer while one draws, and any cell of it in detail.

import { get, LatestOnly, post, Refusal, Unreachable } from "../../client.js";
import { html } from "../../elements.js";
import { translate } from "../../i18n.js";
import { decimal } from "../numbers.js";
import { caption, purpose, shape, title } from "./captions.js";
import { Cell } from "./cell.js";
import { FeatureMaps } from "./feature-maps.js";
import { layersOf } from "./layers.js";
import { Palettes } from "./palette.js";
import { ReceptiveField } from "./receptive-field.js";
import { Softmax } from "./softmax.js";

export const STYLES = ["panel", "cell"];

/** Build the panel into `root`. */
export const mount = (root) => new Inside(root);

class Inside {
  #questions = new LatestOnly();
  #digit = null;
  #drawing = {}; // replaced when the pad is cleared: answers about the drawing before are dropped
  #model = null; // the chosen network's name, or null for the default
  #shown = null; // {answer, layers, digit}
  #built = ""; // names the version and layers that there are maps for
  #figures = []; // for each layer: {maps, scale, figure}
  #chosen = null; // {layer: its index, cell}
  #isSeen = false;
  #missed = false; // the digit changed while the panel was out of view
  #palettes = new Palettes();
  #cell = new Cell();
  #softmaxTable = new Softmax();
  #field = new ReceptiveField();
  #path = html("ol", { class: "path" });
  #labels = html("p", { class: "labels", "aria-hidden": "true" }); // below the logits; the table beside it has them
  #note = html("p", { class: "note", role: "status" });
  #body = html("div", { class: "body", hidden: true }, this.#path, this.#cell.element);

  constructor(root) {
    root.append(html("p", { class: "how-to" }, caption("how_to")), this.#note, this.#body);
    this.#cell.element.addEventListener("kernels", () => this.#showCell());
    new ResizeObserver(() => this.#fit()).observe(this.#path);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
    // A busy browser reports several changes at once: the last one is current.
    const see = (changes) => this.#see(changes.at(-1).isIntersecting);
    new IntersectionObserver(see, { rootMargin: "100px" }).observe(root);
    this.#offerNetworks();
  }

  refresh(digit) {
    this.#digit = digit;
    if (!digit) {
      this.#drawing = {};
      return this.#showNothing(translate("nothing_here"));
    }
    this.#missed = !this.#isSeen;
    if (this.#isSeen) this.#ask();
  }

  /** Out of view, the panel asks nothing and marks nothing on the drawing. */
  #see(isSeen) {
    this.#isSeen = isSeen;
    if (!isSeen) return this.#field.hide();
    if (this.#missed) this.#ask();
    this.#missed = false;
    this.#showCell();
  }

  #ask() {
    this.#questions.run(async () => {
      const [digit, model, drawing] = [this.#digit, this.#model, this.#drawing];
      if (!digit) return;
      try {
        const image = await digit.blob();
        const answer = await post(`inspect?layers=steps${model ? `&model=${encodeURIComponent(model)}` : ""}`, image);
        if (drawing !== this.#drawing || model !== this.#model) return;
        this.#show({ answer, digit, layers: layersOf(answer) });
      } catch (error) {
        if (!(error instanceof Unreachable || error instanceof Refusal)) throw error;
        if (drawing === this.#drawing) this.#showNothing(error instanceof Refusal ? error.message : caption("unreachable"));
      }
    });
  }

  #showNothing(why) {
    this.#note.textContent = why;
    this.#body.hidden = true;
    this.#shown = null;
    this.#field.hide();
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
      const maps = new FeatureMaps(caption("maps_label", { title: title(layer), shape: shape(layer) }));
      maps.addEventListener("choose", ({ detail }) => this.#choose(i, detail));
      const scale = html("span", { class: "range quiet" });
      const texts = [html("strong", {}, title(layer)), html("span", { class: "shape" }, shape(layer)), html("span", { class: "does" }, purpose(layer))];
      const figure = html("figure", {}, html("figcaption", {}, ...texts), maps.element, scale);
      if (layer.isLast) maps.element.append(this.#labels);
      if (!steps.has(layer.step)) steps.set(layer.step, []);
      steps.get(layer.step).push(figure);
      return { maps, scale, figure };
    });
    const last = [...steps.keys()].at(-1);
    this.#path.replaceChildren(
      ...[...steps].map(([step, figures]) => {
        if (step === 0) figures.push(legend());
        if (step === last) figures.push(this.#softmax());
        return html("li", {}, html("span", { class: "number" }, String(step)), ...figures);
      }),
    );
    const names = Object.keys(answer.logits).map((label) => (label === "not-a-digit" ? "∅" : label));
    this.#labels.replaceChildren(...names.map((name) => html("span", {}, name)));
    // Begin with the strongest cell of the first convolution, where there is something to see.
    const first = Math.min(1, layers.length - 1);
    this.#chosen = { layer: first, cell: layers[first].strongest };
  }

  #softmax() {
    const texts = [html("strong", {}, caption("probabilities")), html("span", { class: "does" }, caption("does.softmax"))];
    return html("figure", {}, html("figcaption", {}, ...texts), this.#softmaxTable.element);
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
      this.#figures[i].maps.paint(layer, this.#palettes.of(layer));
      this.#figures[i].scale.textContent = caption("range", { low: decimal(layer.low), high: decimal(layer.high) });
    });
    this.#softmaxTable.show(answer);
    this.#showCell();
  }

  // The cell

  #choose(layer, { cell, byKey }) {
    this.#chosen = { layer, cell };
    this.#showCell();
    if (byKey) this.#cell.announce();
  }

  #showCell() {
    if (!this.#shown) return;
    const { layers, answer, digit } = this.#shown;
    const { layer: place, cell } = this.#chosen;
    const layer = layers[place];
    const labels = Object.keys(answer.logits);
    const at = { layer, cell, model: answer.model, palettes: this.#palettes, input: layers[0], labels };
    const under = this.#cell.show(at);
    const seen = layer.seen(cell);
    this.#figures.forEach(({ maps }, i) => {
      maps.mark(i === place ? cell : null);
      const isSource = layers[i] === layer.sources[0];
      if (isSource && i) maps.markUnder(under);
      else maps.markUnder(i === 0 && place ? [patch(seen, layers[0])] : []);
    });
    if (this.#isSeen) this.#field.show(digit, answer.frame, seen);
  }

  // Other networks

  async #offerNetworks() {
    let offer;
    try {
      offer = await get("models");
    } catch {
      return; // the default network is shown
    }
    if (offer.models.length < 2) return;
    const select = html("select", {}, ...offer.models.map(({ name }) => html("option", { selected: name === offer.default }, name)));
    select.addEventListener("change", () => {
      this.#model = select.value;
      if (this.#digit) this.#ask();
    });
    this.#note.before(html("label", { class: "network" }, html("span", {}, caption("network")), select));
  }
}

/** Convert pixels of the 28×28 to cells of the input, which may be padded or enlarged. */
function patch({ top, left, bottom, right }, { field: { start, stride } }) {
  const at = (pixel) => (pixel - start) / stride;
  return { map: 0, top: at(top), left: at(left), height: at(bottom) - at(top), width: at(right) - at(left) };
}

function legend() {
  const parts = [["ink", 2], ["signed", 3], ["positive", 2]].flatMap(([name, count]) => {
    const ends = Array.from({ length: count }, (_, i) => html("span", {}, caption(`legend.${name}${i}`)));
    const bar = html("span", { class: `gradient ${name}` });
    return [html("strong", {}, caption(`legend.${name}`)), bar, html("span", { class: "ends quiet" }, ...ends)];
  });
  return html("div", { class: "legend" }, ...parts);
}
