// A layer's feature maps, side by side on one canvas with a pixel for each cell, which the browser enlarges.

import { hasModifier, html } from "../../elements.js";

const GAP = 1; // in cells, between two maps
const FULL = 0.42; // the height of all maps together, at most, as a part of the width
const STRIP = { most: 24, least: 5, height: 24 }; // the size of a strip's cells, in CSS pixels
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const UNDER = 4; // patches that can be marked at once

/** Emits "choose" with {cell: {map, row, column}, byKey} as its detail. */
export class FeatureMaps extends EventTarget {
  layer = null;
  #canvas;
  #context;
  #at = html("div", { class: "at", hidden: true });
  #under = Array.from({ length: UNDER }, () => html("div", { class: "under", hidden: true }));
  #layout = null;
  #pixels = null;
  #words = null; // the pixels as one 32-bit word each
  #cell = null;
  #windows = [];

  constructor(label) {
    super();
    this.#canvas = html("canvas", { tabindex: 0, role: "application", "aria-label": label });
    this.#context = this.#canvas.getContext("2d");
    this.element = html("div", { class: "maps" }, this.#canvas, ...this.#under, this.#at);
    this.#canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch" && !event.buttons) this.#choose(this.#hit(event));
    });
    this.#canvas.addEventListener("click", (event) => this.#choose(this.#hit(event)));
    this.#canvas.addEventListener("focus", () => {
      if (!this.#cell && this.layer && this.#canvas.matches(":focus-visible")) this.#choose(this.layer.strongest);
    });
    this.#canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Lay the maps out in `width` CSS pixels. */
  fit(layer, width) {
    const { maps, height: rows, width: columns } = layer;
    if (layer.isStrip) {
      const lines = Math.ceil((maps * STRIP.least) / width);
      const across = Math.ceil(maps / lines);
      const cell = Math.max(1, Math.min(STRIP.most, Math.floor(width / across)));
      this.#layout = { across, gap: 0, cell: [cell, STRIP.height], rows: lines };
    } else {
      const side = Math.sqrt((width * width * FULL) / maps); // of one map, at most
      const cell = Math.max(1, Math.round(side / (columns + GAP)));
      const most = Math.max(1, Math.floor(width / ((columns + GAP) * cell)));
      const across = evenly(maps, most);
      this.#layout = { across, gap: GAP, cell: [cell, cell], rows: Math.ceil(maps / across) };
    }
    const { across, gap, cell, rows: lines } = this.#layout;
    this.#canvas.width = across * (columns + gap) - gap;
    this.#canvas.height = lines * (rows + gap) - gap;
    this.#canvas.style.width = `${this.#canvas.width * cell[0]}px`;
    this.#canvas.style.height = `${this.#canvas.height * cell[1]}px`;
    this.#pixels = this.#context.createImageData(this.#canvas.width, this.#canvas.height);
    this.#words = new Uint32Array(this.#pixels.data.buffer);
  }

  /** Paint `layer`, its bytes in the colours of `palette`. */
  paint(layer, palette) {
    this.layer = layer;
    const { across, gap } = this.#layout;
    const { maps, height, width, bytes } = layer;
    const line = this.#canvas.width;
    let i = 0;
    for (let map = 0; map < maps; map++) {
      const first = Math.floor(map / across) * (height + gap) * line + (map % across) * (width + gap);
      for (let row = 0; row < height; row++) {
        for (let column = 0, to = first + row * line; column < width; column++) this.#words[to++] = palette[bytes[i++]];
      }
    }
    this.#context.putImageData(this.#pixels, 0, 0);
    this.#remark();
  }

  /** Mark the chosen cell; null marks none. */
  mark(cell) {
    this.#cell = cell;
    this.#remark();
  }

  /** Mark what lies under a kernel: squares {map, top, left, height, width} in cells. */
  markUnder(windows) {
    this.#windows = windows;
    this.#remark();
  }

  /** How wide a cell is, in CSS pixels. */
  get cellWidth() {
    return this.#layout.cell[0];
  }

  #remark() {
    if (!this.layer) return;
    this.#under.forEach((element, i) => this.#place(element, this.#windows[i]));
    const { map, row: top, column: left } = this.#cell ?? {};
    this.#place(this.#at, this.#cell && { map, top, left, height: 1, width: 1 });
  }

  #place(element, square) {
    element.hidden = !square;
    if (!square) return;
    const { across, gap, cell } = this.#layout;
    const { height, width } = this.layer;
    const top = Math.max(0, square.top);
    const left = Math.max(0, square.left);
    const x = (square.map % across) * (width + gap) + left;
    const y = Math.floor(square.map / across) * (height + gap) + top;
    Object.assign(element.style, {
      transform: `translate(${x * cell[0]}px, ${y * cell[1]}px)`,
      width: `${(Math.min(width, square.left + square.width) - left) * cell[0]}px`,
      height: `${(Math.min(height, square.top + square.height) - top) * cell[1]}px`,
    });
  }

  #hit(event) {
    if (!this.layer) return null;
    const { across, gap, cell } = this.#layout;
    const { maps, height, width } = this.layer;
    const [x, y] = [event.offsetX / cell[0], event.offsetY / cell[1]];
    const [mapX, mapY] = [Math.floor(x / (width + gap)), Math.floor(y / (height + gap))];
    const map = mapY * across + mapX;
    if (x < 0 || y < 0 || mapX >= across || map >= maps) return null;
    const row = Math.min(height - 1, Math.floor(y - mapY * (height + gap)));
    return { map, row, column: Math.min(width - 1, Math.floor(x - mapX * (width + gap))) };
  }

  #key(event) {
    if (!this.layer || hasModifier(event)) return;
    const { map, row, column } = this.#cell ?? this.layer.strongest;
    const { maps, height, width } = this.layer;
    const { across } = this.#layout;
    let cell = null;
    if (STEPS[event.key]) {
      // Beyond a map's edge lies the next map.
      const x = (map % across) * width + column + STEPS[event.key][0];
      const y = Math.floor(map / across) * height + row + STEPS[event.key][1];
      const next = Math.floor(y / height) * across + Math.floor(x / width);
      const isThere = x >= 0 && x < across * width && y >= 0 && next < maps;
      cell = isThere ? { map: next, row: y % height, column: x % width } : { map, row, column };
    } else if (event.key === "PageDown" || event.key === "PageUp") {
      const next = map + (event.key === "PageDown" ? 1 : -1);
      cell = { map: Math.max(0, Math.min(maps - 1, next)), row, column };
    } else if (event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (cell) this.#choose(cell, true);
  }

  #choose(cell, byKey = false) {
    const same = cell && this.#cell && ["map", "row", "column"].every((name) => cell[name] === this.#cell[name]);
    if (cell && !same) this.dispatchEvent(new CustomEvent("choose", { detail: { cell, byKey } }));
  }
}

/** Return how many maps to put into a row: a divisor of their number, if it is not far below `most`. */
function evenly(maps, most) {
  for (let across = Math.min(most, maps); across > 0.55 * most; across--) if (maps % across === 0) return across;
  return Math.ceil(maps / Math.ceil(maps / most));
}
