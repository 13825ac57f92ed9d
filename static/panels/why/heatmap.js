// A heat map of 28 × 28 signed numbers over the ink: above 0 blue with a plus, below 0 orange with a minus.

import { html } from "../../elements.js";

export const SIDE = 28;
const FAINT = 0.2; // opacity of the ink beneath
const MARKED = 0.2; // of the largest value: paler cells have no sign
const FINE = 14; // pixels of the ink beneath per cell

/**
 * Crop the square `frame` (x, y, side) of an image, a Blob, to a canvas of its ink: opaque where the image is dark, or
 * where it is light if its paper is dark. Throws where the browser cannot decode the image.
 */
export async function inkIn(image, [x, y, side]) {
  const bitmap = await createImageBitmap(image);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE * FINE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const scale = canvas.width / side;
  context.imageSmoothingQuality = "high";
  context.scale(scale, scale);
  context.drawImage(bitmap, -x, -y);
  bitmap.close();
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const { data } = pixels;
  let light = 0;
  let seen = 0;
  for (let i = 0; i < data.length; i += 4) {
    light += (data[i + 3] * (data[i] + data[i + 1] + data[i + 2])) / 3;
    seen += data[i + 3];
  }
  const darkPaper = light / Math.max(1, seen) < 127;
  for (let i = 0; i < data.length; i += 4) {
    const lightness = (data[i] + data[i + 1] + data[i + 2]) / 3;
    data[i + 3] *= (darkPaper ? lightness : 255 - lightness) / 255;
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** A canvas that shows `values`, from -1 to 1, over `ink`; `cell` [row, column] is marked. */
export class Heatmap {
  canvas = html("canvas", { class: "pixels" });
  #values = new Float32Array(SIDE * SIDE);
  #ink = null;
  #cell = null;

  constructor() {
    new ResizeObserver(() => this.#paint()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  show(values, ink) {
    [this.#values, this.#ink] = [values, ink];
    this.#paint();
  }

  mark(cell) {
    this.#cell = cell;
    this.#paint();
  }

  #paint() {
    const { canvas } = this;
    if (!canvas.clientWidth) return; // it is not on the page
    const size = SIDE * Math.max(1, Math.round((canvas.clientWidth * devicePixelRatio) / SIDE)); // whole pixels a cell
    if (canvas.width !== size || canvas.height !== size) canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(name);
    const side = size / SIDE;
    context.globalAlpha = 1;
    context.fillStyle = colour("--paper");
    context.fillRect(0, 0, size, size);
    if (this.#ink) {
      context.globalAlpha = FAINT;
      context.drawImage(tinted(this.#ink, colour("--ink")), 0, 0, size, size);
    }
    this.#values.forEach((value, i) => {
      if (!value) return;
      const [x, y] = [(i % SIDE) * side, Math.floor(i / SIDE) * side];
      context.globalAlpha = Math.abs(value);
      context.fillStyle = colour(value > 0 ? "--accent" : "--unsure");
      context.fillRect(x, y, side, side);
      if (Math.abs(value) < MARKED) return;
      context.globalAlpha = 1;
      context.fillStyle = colour(Math.abs(value) > 0.5 ? "--paper" : "--ink");
      sign(context, value, x, y, side);
    });
    if (this.#cell) this.#ring(context, side, colour);
  }

  #ring(context, side, colour) {
    const [row, column] = this.#cell;
    const line = Math.max(2, side / 5);
    context.globalAlpha = 1;
    for (const [out, name] of [[line, "--paper"], [0, "--ink"]]) {
      context.lineWidth = line;
      context.strokeStyle = colour(name);
      const grown = line / 2 + out;
      context.strokeRect(column * side - grown, row * side - grown, side + 2 * grown, side + 2 * grown);
    }
  }
}

function sign(context, value, x, y, side) {
  const thick = Math.max(1, Math.round(side / 9));
  const long = Math.round(side * 0.5);
  const [middleX, middleY] = [x + (side - thick) / 2, y + (side - thick) / 2];
  context.fillRect(x + (side - long) / 2, middleY, long, thick);
  if (value > 0) context.fillRect(middleX, y + (side - long) / 2, thick, long);
}

function tinted(ink, colour) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [ink.width, ink.height];
  const context = canvas.getContext("2d");
  context.drawImage(ink, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}
