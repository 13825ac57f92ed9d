// An image as a grid of pixels on a canvas; close up, with numbers in them.

import { twoDigits } from "./convolution.js";

const CLOSE = 9; // cells a side of the close-up view
const NUMBERS_FROM = 24; // pixels a cell: smaller ones have no room for a number
const SIGNS_FROM = 6; // pixels a cell: room for a minus sign

export class PixelGrid {
  #canvas;
  #shown = null;
  #waiting = 0;

  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#soon()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#soon());
  }

  /**
   * Show `rows` · `columns` cells. `valueAt(row, column)` is a number, null for padding, or undefined for an empty cell.
   * The value `most` has the full colour; `signed` values have two colours. The square `outline` {row, column, size} is
   * framed, and in the centre of the `close` view. `mark` is a cell [row, column] to mark, or null.
   */
  show(what) {
    this.#shown = what;
    this.#soon();
  }

  /** Return the [row, column] under a pointer. */
  cellAt({ clientX, clientY }) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const view = this.#view();
    const within = (part, first, span, count) => Math.min(count - 1, Math.max(0, first + Math.floor(part * span)));
    return [
      within((clientY - top) / height, view.top, view.span, this.#shown.rows),
      within((clientX - left) / width, view.left, view.span, this.#shown.columns),
    ];
  }

  #view() {
    const { rows, columns, outline, close } = this.#shown;
    const span = close ? Math.min(CLOSE, rows, columns) : Math.max(rows, columns);
    const first = (at, count) => Math.max(0, Math.min(count - span, at - Math.floor((span - outline.size) / 2)));
    return { top: first(outline.row, rows), left: first(outline.column, columns), span };
  }

  #soon() {
    this.#waiting ||= requestAnimationFrame(() => {
      this.#waiting = 0;
      if (this.#shown && this.#canvas.clientWidth) this.#draw();
    });
  }

  #draw() {
    const side = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    if (this.#canvas.width !== side) this.#canvas.width = this.#canvas.height = side;
    const context = this.#canvas.getContext("2d");
    const style = getComputedStyle(this.#canvas);
    const colours = {};
    for (const name of ["paper", "line", "edge", "ink", "quiet", "accent", "unsure"]) {
      colours[name] = style.getPropertyValue(`--${name}`);
    }
    const view = this.#view();
    const cell = side / view.span;
    const edge = (i) => Math.round(i * cell);
    const box = (row, column, size = 1) => {
      const [x, y] = [edge(column - view.left), edge(row - view.top)];
      return [x, y, edge(column - view.left + size) - x, edge(row - view.top + size) - y];
    };
    context.globalAlpha = 1;
    context.fillStyle = colours.paper;
    context.fillRect(0, 0, side, side);
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let row = view.top; row < view.top + view.span; row++) {
      for (let column = view.left; column < view.left + view.span; column++) {
        const value = this.#shown.valueAt(row, column);
        if (value !== undefined) this.#fill(context, colours, box(row, column), value);
      }
    }
    this.#rule(context, colours, edge, view.span, side);
    const { outline, mark } = this.#shown;
    if (mark) frame(context, colours, box(...mark), 2 * devicePixelRatio, [3, 2]);
    const thick = 2 * devicePixelRatio;
    let [x, y, width, height] = box(outline.row, outline.column, outline.size);
    if (cell / devicePixelRatio < NUMBERS_FROM) {
      // A small cell has no room for the frame: it lies around the cell, within the canvas.
      const [right, bottom] = [x + width + thick, y + height + thick].map((end) => Math.min(side, end));
      [x, y] = [x - thick, y - thick].map((start) => Math.max(0, start));
      [width, height] = [right - x, bottom - y];
    }
    frame(context, colours, [x, y, width, height], thick, []);
  }

  #fill(context, colours, box, value) {
    const { most, signed } = this.#shown;
    const part = Math.min(1, Math.abs(value ?? 0) / (most || 1));
    context.globalAlpha = value === null ? 1 : part;
    context.fillStyle = value === null ? colours.line : !signed ? colours.ink : value < 0 ? colours.unsure : colours.accent;
    context.fillRect(...box);
    context.globalAlpha = 1;
    const [x, y, width, height] = box;
    const room = width / devicePixelRatio;
    context.fillStyle = part > 0.6 ? colours.paper : colours.ink;
    if (room >= NUMBERS_FROM) {
      const text = twoDigits(value ?? 0);
      context.font = `${Math.min(0.34, 1.5 / text.length) * width}px system-ui, sans-serif`;
      context.fillText(text, x + width / 2, y + height / 2);
    } else if (signed && value < 0 && part > 0.08 && room >= SIGNS_FROM) {
      const thick = Math.max(1, Math.round(devicePixelRatio)); // a minus: colour is not the only sign
      context.globalAlpha = 0.8;
      context.fillRect(x + width * 0.3, y + Math.round((height - thick) / 2), width * 0.4, thick);
      context.globalAlpha = 1;
    }
  }

  #rule(context, colours, edge, span, side) {
    context.fillStyle = colours.edge;
    context.globalAlpha = 0.5;
    for (let i = 1; i < span; i++) {
      context.fillRect(edge(i), 0, 1, side);
      context.fillRect(0, edge(i), side, 1);
    }
    context.globalAlpha = 1;
  }
}

/** Frame a box so that it shows on paper and on ink. */
function frame(context, colours, [x, y, width, height], thick, dashes) {
  const inset = thick / 2;
  const place = [x + inset, y + inset, width - thick, height - thick];
  context.setLineDash([]);
  context.lineWidth = 1.8 * thick;
  context.strokeStyle = colours.paper;
  context.strokeRect(...place);
  context.setLineDash(dashes.map((dash) => dash * devicePixelRatio));
  context.lineWidth = thick;
  context.strokeStyle = colours.accent;
  context.strokeRect(...place);
  context.setLineDash([]);
}
