// The receptive field of a cell, outlined on the drawing itself.

import { $, svg } from "../../elements.js";

const SIDE = 28; // pixels of the network's image

export class ReceptiveField {
  #path = svg("path", { id: "inside-outline" });

  constructor() {
    Object.assign(this.#path.style, { fill: "none", stroke: "var(--unsure)", strokeWidth: "2.5", vectorEffect: "non-scaling-stroke" });
  }

  /** Outline `seen`, in pixels of the 28×28 image that was cut out of the digit's image at `frame`: [x, y, side]. */
  show(digit, frame, { top, left, bottom, right }) {
    if (!frame) return this.hide();
    const [x, y, side] = frame;
    const unit = side / SIDE / digit.scale;
    const across = (pixel) => digit.origin[0] + x / digit.scale + pixel * unit;
    const down = (pixel) => digit.origin[1] + y / digit.scale + pixel * unit;
    this.#path.setAttribute("d", `M${across(left)} ${down(top)}H${across(right)}V${down(bottom)}H${across(left)}Z`);
    const overlay = $(digit.file ? "picture-boxes" : "marks");
    if (this.#path.parentNode !== overlay) overlay.append(this.#path);
  }

  hide() {
    this.#path.remove();
  }
}
