// The panel "By hand": a window slides over the digit and computes the output pixel by pixel.

import { LatestOnly } from "../../client.js";
import { hasModifier, html } from "../../elements.js";
import { translate } from "../../i18n.js";
import { Arithmetic } from "./arithmetic.js";
import { choices } from "./controls.js";
import { computePixel, outputSide, paddings, patchAt, SIZES, slide, twoDigits } from "./convolution.js";
import { Editor } from "./editor.js";
import { PixelGrid } from "./pixel-grid.js";
import { Player } from "./player.js";
import { Position } from "./position.js";

export const STYLES = ["panel", "arithmetic"];

const SIDE = 28; // pixels of the network's input
const ANNOUNCE_AFTER = 400; // in milliseconds: a screen reader is told once the window rests

export const mount = (root) => new Panel(root);

class Panel {
  #operation = "convolution";
  #windows = { convolution: { size: 3, stride: 1, padding: 0 }, pooling: { size: 2, stride: 2, padding: 0 } };
  #image = null; // {values, width, height}: the digit, from 0 for paper to 1 for ink
  #output = null;
  #isClose = false;
  #hasPlace = false;
  #lastWindow = null; // the window that the position belongs to
  #questions = new LatestOnly();
  #position = new Position();
  #announcement = 0;

  constructor(root) {
    this.editor = new Editor("edge");
    this.sum = new Arithmetic();
    this.player = new Player(this.#position, () => this.#show());
    this.#buildSettings();
    this.#buildPictures();
    this.nothing = html("p", { class: "nothing" }, translate("nothing_here"));
    this.announced = html("p", { class: "unseen", "aria-live": "polite" });
    this.work = html("div", { class: "work" }, this.settings, this.pictures, this.player.element, this.sum.element);
    root.append(this.nothing, this.work, this.announced);
    this.editor.addEventListener("change", () => {
      this.#windows.convolution.size = this.editor.size;
      this.#compute();
    });
    this.work.hidden = true;
    this.#compute();
  }

  get #window() {
    return this.#windows[this.#operation === "convolution" ? "convolution" : "pooling"];
  }

  /** Show a digit, or null. The window stays where it is. */
  refresh(digit) {
    const source = digit?.reading?.input ?? null;
    return this.#questions.run(async () => {
      const image = source && (await decode(source));
      this.nothing.hidden = Boolean(image);
      this.work.hidden = !image;
      if (!image) return this.player.pause();
      this.#image = image;
      this.#compute();
    });
  }

  // Building

  #buildSettings() {
    const numbers = (values) => values.map((value) => [value, String(value)]);
    const set = (name) => (value) => {
      if (name === "size" && this.#operation === "convolution") return this.editor.resize(value);
      this.#window[name] = value;
      this.#compute();
    };
    const squares = [2, 3, 5].map((size) => [size, `${size} × ${size}`]);
    const operations = ["convolution", "max", "average"].map((name) => [name, translate(`kernel.${name}`)]);
    const views = ["whole", "close"].map((name) => [name, translate(`kernel.${name}`)]);
    this.choose = {
      operation: choices("operation", operations, (operation) => {
        this.#operation = operation;
        this.#compute();
      }),
      size: choices("size", squares, set("size")),
      stride: choices("stride", numbers([1, 2, 3]), set("stride")),
      padding: choices("padding", numbers([0, 1, 2]), set("padding")),
      view: choices("view", views, (view) => {
        this.#isClose = view === "close";
        this.#compute();
      }),
    };
    this.settings = html("div", { class: "settings" }, ...Object.values(this.choose).map(({ element }) => element));
  }

  #buildPictures() {
    this.inputCanvas = html("canvas", { class: "pixels", role: "img" });
    this.outputCanvas = html("canvas", { class: "pixels", role: "application", tabindex: 0, "aria-roledescription": translate("kernel.picker") });
    this.input = new PixelGrid(this.inputCanvas);
    this.output = new PixelGrid(this.outputCanvas);
    this.captions = { input: html("strong"), output: html("strong"), formula: html("span", { class: "formula" }) };
    this.scale = { least: html("span"), none: html("span"), most: html("span") };
    const { least, none, most } = this.scale;
    this.legend = html("p", { class: "legend" }, least, html("i", { class: "gradient", "aria-hidden": true }), none, most);
    const middle = html("div", { class: "middle" }, this.editor.element, (this.pooling = html("p", { class: "does quiet" })));
    this.pictures = html(
      "div",
      { class: "pictures" },
      html("figure", { class: "input" }, html("figcaption", {}, this.captions.input, html("span", {}, translate("kernel.input_how"))), this.inputCanvas),
      middle,
      html("figure", { class: "output" }, html("figcaption", {}, this.captions.output, this.captions.formula), this.outputCanvas, this.legend),
    );
    pick(this.outputCanvas, (event) => this.#go(...this.output.cellAt(event)));
    pick(this.inputCanvas, (event) => this.#goTo(...this.input.cellAt(event)));
    this.outputCanvas.addEventListener("keydown", (event) => this.#key(event));
  }

  // Choosing a place

  #go(row, column) {
    this.player.pause();
    this.#position.go(row * this.#position.columns + column);
    this.#show();
  }

  /** Go to the output pixel whose window lies around a cell of the padded input. */
  #goTo(row, column) {
    const { padding } = this.#window;
    const [y, x] = [row, column].map((at) => placeOf(at - padding, this.#window));
    this.#go(Math.min(y, this.#position.rows - 1), Math.min(x, this.#position.columns - 1));
  }

  #key(event) {
    const { columns } = this.#position;
    const ways = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -columns], End: [0, columns] };
    const way = ways[event.key];
    if ((!way && event.key !== " ") || hasModifier(event)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!way) return this.player.toggle();
    this.player.pause();
    this.#position.move(...way);
    this.#show();
  }

  // Showing

  #compute() {
    const window = this.#window;
    const [operation, { size }] = [this.#operation, window];
    const possible = paddings(operation, size);
    window.padding = Math.min(window.padding, possible.at(-1));
    this.choose.operation.set(operation);
    this.choose.view.set(this.#isClose ? "close" : "whole");
    for (const name of ["size", "stride", "padding"]) this.choose[name].set(window[name]);
    this.choose.size.allow(SIZES[operation]);
    this.choose.padding.allow(possible);
    this.editor.element.hidden = operation !== "convolution";
    this.pooling.hidden = operation === "convolution";
    if (operation !== "convolution") this.pooling.textContent = translate(`kernel.does.${operation}`);
    if (!this.#image) return;
    this.#output = slide(operation, this.#image, window, this.editor);
    this.#keepPlace();
    if (!this.#hasPlace) this.#begin();
    this.#caption();
    this.#show();
  }

  /** Put a window of another size or stride as near as possible to where the last one was. */
  #keepPlace() {
    const before = this.#lastWindow ?? this.#window;
    const { row, column } = this.#position;
    if (Object.keys(before).some((name) => before[name] !== this.#window[name]) || !this.#lastWindow) {
      const [y, x] = [row, column].map((at) => placeOf(middleOf(at, before), this.#window));
      this.#position.resize(this.#output.height, this.#output.width, y, x);
    }
    this.#lastWindow = { ...this.#window };
  }

  /** Begin at the strongest pixel of the third quarter, so that half of the output is there to see. */
  #begin() {
    this.#hasPlace = true;
    const { values, width } = this.#output;
    const [from, to] = [width * Math.floor(width / 2), width * Math.floor((3 * width) / 4)];
    const sizes = Array.from(values.slice(from, to), Math.abs);
    this.#position.go(from + sizes.indexOf(Math.max(...sizes)));
  }

  #caption() {
    const { size, stride, padding } = this.#window;
    const side = outputSide(SIDE, this.#window);
    const { values } = this.#output;
    this.captions.input.textContent = translate(padding ? "kernel.input_framed" : "kernel.input", { side: SIDE, padding });
    this.captions.output.textContent = translate("kernel.output", { side });
    this.captions.formula.textContent = translate("kernel.formula", { in: SIDE, padding, size, stride, side });
    this.captions.formula.title = translate("kernel.formula_words");
    this.isSigned = this.#operation === "convolution";
    this.most = this.isSigned ? Math.max(...values.map(Math.abs)) : 1;
    this.legend.classList.toggle("signed", this.isSigned);
    this.pictures.classList.toggle("close", this.#isClose);
    this.scale.least.textContent = this.isSigned ? twoDigits(-this.most) : "";
    this.scale.none.textContent = "0";
    this.scale.most.textContent = twoDigits(this.most);
  }

  #show() {
    if (!this.#image || !this.#output) return;
    const { size, stride, padding } = this.#window;
    const { row, column, reached } = this.#position;
    const [top, left] = [row * stride, column * stride]; // of the window, in the padded input
    const close = this.#isClose;
    const framed = SIDE + 2 * padding;
    const pixel = (y, x) => {
      const inside = Math.min(y, x) >= padding && Math.max(y, x) < SIDE + padding;
      return inside ? this.#image.values[(y - padding) * SIDE + x - padding] : null;
    };
    const made = (y, x) => {
      const i = y * this.#output.width + x;
      return i <= reached ? this.#output.values[i] : undefined;
    };
    const patch = patchAt(this.#image, this.#window, row, column);
    const result = computePixel(this.#operation, patch, this.editor);
    const mark = result.chosen === null ? null : [top + Math.floor(result.chosen / size), left + (result.chosen % size)];
    this.input.show({ rows: framed, columns: framed, valueAt: pixel, most: 1, signed: false, outline: { row: top, column: left, size }, mark, close });
    const { width: columns, height: rows } = this.#output;
    this.output.show({ rows, columns, valueAt: made, most: this.most, signed: this.isSigned, outline: { row, column, size: 1 }, mark: null, close });
    this.sum.show(this.#operation, patch, this.editor, result, {
      top: top - padding,
      left: left - padding,
      size,
      most: this.most,
    });
    this.player.show();
    this.#describe({ row: row + 1, column: column + 1, top: top - padding + 1, left: left - padding + 1, size, value: twoDigits(result.value) });
  }

  #describe(place) {
    clearTimeout(this.#announcement);
    this.inputCanvas.setAttribute("aria-label", translate("kernel.input_label", place));
    this.outputCanvas.setAttribute("aria-label", translate("kernel.output_label", place));
    if (this.player.isPlaying) return;
    this.#announcement = setTimeout(() => {
      if (document.activeElement === this.outputCanvas) this.announced.textContent = translate("kernel.told", place);
    }, ANNOUNCE_AFTER);
  }
}

/** Return the row or column of the input in the middle of a window. */
function middleOf(place, { size, stride, padding }) {
  return place * stride - padding + (size - 1) / 2;
}

/** Return the row or column of the output whose window has its middle nearest to `middle`, a place of the input. */
function placeOf(middle, { size, stride, padding }) {
  return Math.max(0, Math.round((middle + padding - (size - 1) / 2) / stride));
}

/** Call `act` on a click on a canvas, and while a mouse or a pen is dragged over it. */
function pick(canvas, act) {
  canvas.addEventListener("click", act);
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons & 1 && event.pointerType !== "touch") act(event);
  });
}

/** Decode the network's input, a PNG data URL, to an image from 0 for paper to 1 for ink. */
async function decode(source) {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const canvas = html("canvas", { width: SIDE, height: SIDE });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0, SIDE, SIDE);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  const values = Float64Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i] / 255);
  return { values, width: SIDE, height: SIDE };
}
