// The chosen cell of a layer: its receptive field, and how its value is computed.

import { html } from "../../elements.js";
import { decimal } from "../numbers.js";
import { caption, place, title } from "./captions.js";
import { kernelsOf, sumTerms } from "./layers.js";
import { Tile } from "./tile.js";

const SHOWN = 4; // input maps, those with the largest terms
const SEEN = 96; // CSS pixels a side of the receptive field
const SMALL = 56; // and of a patch or a kernel
const ROUNDED = 0.005; // half of the last decimal that is shown

export class Cell {
  #announced = html("p", { class: "unseen", "aria-live": "polite" });
  #title = html("h2");
  #place = html("p", { class: "place" });
  #value = html("output", { class: "value", "aria-live": "off" }); // it changes many times a second while one draws
  #seen = new Tile();
  #sees = html("p");
  #how = html("p", { class: "how" });
  #terms = Array.from({ length: SHOWN }, () => new Term());
  #sum = html("dl", { class: "sum" });
  #window = new Tile();
  #inputs = html("p", { class: "inputs" });
  #timer = 0;
  #kernels = null;

  constructor() {
    const names = html("div", {}, this.#title, this.#place, this.#value);
    const head = html("div", { class: "head" }, this.#seen.element, names);
    const list = html("ol", { class: "terms" }, ...this.#terms.map((term) => term.element));
    const window = html("div", { class: "window" }, this.#window.element, this.#inputs);
    const work = html("div", { class: "work" }, this.#how, list, window, this.#sum);
    const attributes = { class: "cell boxed", tabindex: 0, "aria-label": caption("cell") }; // on a small screen it scrolls
    this.element = html("section", attributes, head, this.#sees, work, this.#announced);
  }

  /**
   * Show `cell` of `layer` in an answer of `model`. `palettes` are the layers' colours, `input` is the first layer and
   * `labels` name the logits. Returns the squares of the layer before that the value is computed from.
   */
  show({ layer, cell, model, palettes, input, labels }) {
    this.#title.textContent = caption("step", { step: layer.step, title: title(layer) });
    this.#place.textContent = place(layer, cell, labels);
    const value = layer.value(cell.map, cell.row, cell.column);
    this.#value.textContent = decimal(value);
    this.#showSeen(layer, cell, input, palettes);
    const isConvolution = layer.kind === "convolution" && layer.under(cell);
    this.element.classList.toggle("convolving", Boolean(isConvolution));
    return isConvolution ? this.#showSum(layer, cell, model, palettes, value) : this.#showWindow(layer, cell, palettes, value);
  }

  /** Announce to a screen reader what was chosen with the keys. */
  announce() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#announced.textContent = `${this.#title.textContent}, ${this.#place.textContent}: ${this.#value.textContent}. ${this.#sees.textContent}`;
    }, 400);
  }

  #showSeen(layer, cell, input, palettes) {
    const { top, left, bottom, right } = layer.seen(cell);
    const { start, stride } = input.field;
    const at = (pixel) => Math.round((pixel - start) / stride);
    const [height, width] = [at(bottom) - at(top), at(right) - at(left)];
    const [rows, columns] = [Math.round(bottom - top), Math.round(right - left)];
    const text = layer.field ? caption("sees", { height: rows, width: columns }) : caption("sees_all");
    this.#sees.textContent = text;
    const byteAt = (row, column) => input.byte(0, at(top) + row, at(left) + column);
    this.#seen.paint({ height, width, side: SEEN, byteAt, palette: palettes.of(input), label: text });
  }

  /** Show patch × kernel for the input maps with the largest terms, and the sum over all. */
  #showSum(layer, cell, model, palettes, value) {
    const [source] = layer.sources;
    const wanted = kernelsOf(model, layer);
    if (this.#kernels?.wanted !== wanted) {
      this.#kernels = { wanted, fetched: null };
      const mine = this.#kernels;
      wanted.then((fetched) => {
        mine.fetched = fetched;
        if (this.#kernels === mine) this.element.dispatchEvent(new Event("kernels"));
      }, () => {}); // without them the rest is shown
    }
    const under = layer.under(cell);
    const square = (map) => ({ map, top: under.top, left: under.left, height: under.size, width: under.size });
    const kernels = this.#kernels.fetched;
    this.#how.textContent = caption(source.maps > SHOWN ? "how_most" : "how", { maps: source.maps, shown: SHOWN });
    if (!kernels) return Array.from({ length: Math.min(SHOWN, source.maps) }, (_, map) => square(map));
    const { terms, sum, bias } = sumTerms(layer, cell, kernels);
    const shown = terms.slice(0, SHOWN);
    this.#terms.forEach((term, i) => term.show(shown[i], source, under, kernels, palettes));
    const rest = terms.slice(SHOWN);
    const rows = [];
    if (rest.length) rows.push([caption("others", { count: rest.length }), rest.reduce((all, term) => all + term.value, 0)]);
    rows.push([caption("sum"), sum]);
    rows.push(bias === null ? [caption("no_bias"), 0] : [caption("bias"), bias]);
    rows.push([caption(Math.abs(sum + (bias ?? 0) - value) < ROUNDED ? "result" : "nearly"), value]);
    fill(this.#sum, rows);
    return shown.map(({ map }) => square(map));
  }

  /** Show the inputs of a pooling, an activation or a sum, or the number of inputs of a linear layer. */
  #showWindow(layer, cell, palettes, value) {
    const under = layer.under(cell);
    const { sources } = layer;
    const source = sources[0];
    this.#window.element.hidden = !source || !under || layer.kind === "add";
    let rows = [[caption("result"), value]];
    let squares = [];
    if (!source) this.#how.textContent = caption("how_input");
    else if (layer.kind === "linear" || !under) {
      const count = source.maps * source.height * source.width;
      this.#how.textContent = caption(layer.isStrip && layer.kind !== "linear" ? "how_same" : "how_linear", { count });
      if (layer.kind !== "linear" && layer.isStrip && source.isStrip) {
        rows = [[caption("before"), source.value(cell.map, 0, 0)], ...rows];
        squares = [{ map: cell.map, top: 0, left: 0, height: 1, width: 1 }];
      }
    } else if (layer.kind === "add") {
      this.#how.textContent = caption("how_add");
      rows = [...sources.map((each) => [title(each), each.value(cell.map, cell.row, cell.column)]), ...rows];
    } else {
      const { top, left, size } = under;
      this.#how.textContent = caption(size > 1 ? "how_pool" : "how_same", { size });
      const label = caption("cells_before", { size });
      const byteAt = (row, column) => source.byte(cell.map, top + row, left + column);
      this.#window.paint({ height: size, width: size, side: SMALL, byteAt, palette: palettes.of(source), label });
      squares = [{ map: cell.map, top, left, height: size, width: size }];
    }
    this.#inputs.textContent = under && source && layer.kind !== "add" ? windowText(source, cell.map, under) : "";
    fill(this.#sum, rows);
    return squares;
  }
}

/** One input map's patch, its kernel, and the sum of their products. */
class Term {
  #patch = new Tile();
  #kernel = new Tile();
  #name = html("span", { class: "name" });
  #value = html("span", { class: "product" });

  constructor() {
    this.element = html("li", {}, this.#name, this.#patch.element, sign("×"), this.#kernel.element, sign("="), this.#value);
  }

  show(term, source, { top, left, size }, kernels, palettes) {
    this.element.hidden = !term;
    if (!term) return;
    const { map, value, kernel } = term;
    this.#name.textContent = source.maps > 1 ? caption("map", { map: map + 1 }) : caption("image");
    this.#value.textContent = decimal(value);
    const square = { height: size, width: size, side: SMALL };
    const patch = (row, column) => source.byte(map, top + row, left + column);
    this.#patch.paint({ ...square, byteAt: patch, palette: palettes.of(source), label: caption("patch") });
    const weight = (row, column) => kernel[row * size + column];
    this.#kernel.paint({ ...square, byteAt: weight, palette: palettes.of(kernels), label: caption("kernel") });
  }
}

function windowText(source, map, { top, left, size }) {
  if (size > 3) return "";
  const lines = [];
  for (let row = 0; row < size; row++) {
    const line = [];
    for (let column = 0; column < size; column++) line.push(decimal(source.value(map, top + row, left + column)));
    lines.push(line.join("   "));
  }
  return lines.join("\n");
}

/** Write rows of [name, number]; the last is the result. */
function fill(list, rows) {
  while (list.children.length > rows.length) list.lastChild.remove();
  rows.forEach(([name, value], i) => {
    if (!list.children[i]) list.appendChild(html("div")).append(html("dt"), html("dd"));
    const [term, description] = list.children[i].children;
    term.textContent = name;
    description.textContent = decimal(value);
  });
}

function sign(text) {
  return html("span", { class: "sign" }, text);
}
