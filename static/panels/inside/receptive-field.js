// The square of the drawing that a cell sees, drawn on the drawing itself.

const SVG = "http://www.w3.org/2000/svg";
const SIDE = 28; // pixels of the network's image

export class Outline {
  #path = document.createElementNS(SVG, "path");

  constructor() {
    this.#path.id = "inside-outline";
    Object.assign(this.#path.style, { fill: "none", stroke: "var(--unsure)", strokeWidth: "2.5", vectorEffect: "non-scaling-stroke" });
  }

  /** Draw it for a subject, `frame` being the square of its image that became the 28×28, and `seen` pixels of these. */
  show(subject, frame, { top, left, bottom, right }) {
    if (!frame) return this.hide();
    const [x, y, side] = frame;
    const unit = side / SIDE / subject.scale;
    const across = (pixel) => subject.origin[0] + x / subject.scale + pixel * unit;
    const down = (pixel) => subject.origin[1] + y / subject.scale + pixel * unit;
    this.#path.setAttribute("d", `M${across(left)} ${down(top)}H${across(right)}V${down(bottom)}H${across(left)}Z`);
    const svg = document.getElementById(subject.file ? "picture-boxes" : "marks");
    if (this.#path.parentNode !== svg) svg.append(this.#path);
  }

  hide() {
    this.#path.remove();
  }
}
