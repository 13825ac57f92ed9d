// The digit that the page is about: the one whose probabilities are shown, as an image of its own.

import { drawStrokes, toCanvas } from "./pad/ink.js";

const MARGIN = 12; // in pad units, around a digit that is cut out of a number
const LARGEST = 1000; // pixels: the longer side of a digit that is cut out of an image

/**
 * A digit that was read: the `strokes` of the drawing or the image `file` that it is in; its `reading` (label,
 * probabilities, verdict …); and its `box` where it is one of several. Boxes and origins are in pad units or pixels.
 */
export class Digit {
  #blob = null;

  constructor({ strokes = null, file = null, reading, box = null }) {
    Object.assign(this, { strokes, file, reading, box });
  }

  /** Where the upper left corner of this digit's image lies in the drawing or the file. */
  get origin() {
    return this.box ? [this.box[0] - this.#margin, this.box[1] - this.#margin] : [0, 0];
  }

  /** Pixels of this digit's image per unit of the drawing or pixel of the file. */
  get scale() {
    return this.box && this.file ? Math.min(1, LARGEST / Math.max(this.box[2], this.box[3])) : 1;
  }

  get #margin() {
    return this.file ? Math.round(0.1 * Math.max(this.box[2], this.box[3])) : MARGIN;
  }

  /** Return the image to send, as a promise of a Blob: the whole, or this digit alone with a margin. */
  blob() {
    this.#blob ??= this.#draw();
    return this.#blob;
  }

  async #draw() {
    if (this.file && !this.box) return this.file;
    const canvas = this.file ? await this.#cut() : this.#drawn();
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }

  #drawn() {
    if (!this.box) return toCanvas(this.strokes);
    const [context, canvas] = this.#paper();
    context.translate(-this.origin[0], -this.origin[1]);
    drawStrokes(context, this.strokes, "black");
    return canvas;
  }

  async #cut() {
    const image = await createImageBitmap(this.file);
    const [context, canvas] = this.#paper();
    context.scale(this.scale, this.scale);
    context.drawImage(image, -this.origin[0], -this.origin[1]);
    return canvas;
  }

  #paper() {
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round((this.box[2] + 2 * this.#margin) * this.scale));
    canvas.height = Math.max(1, Math.round((this.box[3] + 2 * this.#margin) * this.scale));
    const context = canvas.getContext("2d", { alpha: false });
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    return [context, canvas];
  }
}
