// A few cells, much enlarged: a patch of a map, or a kernel.

import { html } from "../../elements.js";

export class Tile {
  element = html("canvas", { class: "tile", role: "img" });
  #context = this.element.getContext("2d");

  /**
   * Paint `height` × `width` cells into `side` × `side` CSS pixels. `byteAt(row, column)` is a cell's byte, or null
   * for padding, which stays transparent. `label` says what is shown.
   */
  paint({ height, width, side, byteAt, palette, label }) {
    const canvas = this.element;
    if (canvas.width !== width || canvas.height !== height || canvas.dataset.side !== String(side)) {
      const cell = side / Math.max(width, height);
      Object.assign(canvas, { width, height });
      Object.assign(canvas.style, { width: `${width * cell}px`, height: `${height * cell}px` });
      canvas.dataset.side = side;
    }
    const pixels = this.#context.createImageData(width, height);
    const words = new Uint32Array(pixels.data.buffer);
    for (let i = 0; i < words.length; i++) {
      const byte = byteAt(Math.floor(i / width), i % width);
      if (byte !== null) words[i] = palette[byte];
    }
    this.#context.putImageData(pixels, 0, 0);
    canvas.setAttribute("aria-label", label);
  }
}
