// Small charts: axes, lines and bars, and a slider that reads out the values one by one.

import { html, svg } from "../../elements.js";

const SIZE = [400, 240]; // SVG units; the chart is scaled to the room that there is
const MARGIN = { left: 76, right: 22, top: 12, bottom: 46 };

/**
 * An empty chart with labelled axes. `x` and `y` are axes: {from, to, ticks, label, write}. `at(x, y)` maps values to
 * SVG units; `picture` is the SVG element and `plot` the group to draw into.
 */
export class Chart {
  constructor({ x, y, label }) {
    this.x = x;
    this.y = y;
    this.picture = svg("svg", { viewBox: `0 0 ${SIZE.join(" ")}`, role: "img", "aria-label": label, class: "chart" });
    this.mark = svg("line", { class: "mark" });
    this.plot = svg("g");
    this.#axes();
    this.picture.append(this.mark, this.plot);
  }

  at(x, y) {
    const along = (axis, value) => (axis.to === axis.from ? 0.5 : (value - axis.from) / (axis.to - axis.from));
    const [width, height] = [SIZE[0] - MARGIN.left - MARGIN.right, SIZE[1] - MARGIN.top - MARGIN.bottom];
    return [MARGIN.left + along(this.x, x) * width, MARGIN.top + (1 - along(this.y, y)) * height];
  }

  /** Draw a line through points [x, y]. */
  line(points, className) {
    const d = `M${points.map(([x, y]) => this.at(x, y).map((at) => at.toFixed(1))).join("L")}`;
    return this.plot.appendChild(svg("path", { d, class: className, fill: "none" }));
  }

  dot([x, y], className, r = 3) {
    const [cx, cy] = this.at(x, y);
    return this.plot.appendChild(svg("circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), r, class: className }));
  }

  /** Draw a bar from the axis up to `y`, between two values of x. */
  bar(left, right, y, className) {
    const [[x0, top], [x1, bottom]] = [this.at(left, y), this.at(right, this.y.from)];
    const place = { x: x0 + 1, y: top, width: Math.max(1, x1 - x0 - 2), height: Math.max(0, bottom - top) };
    return this.plot.appendChild(svg("rect", { ...place, class: className }));
  }

  /** Mark a value of x with a vertical line. */
  point(x) {
    const [at] = this.at(x, this.y.from);
    for (const [name, value] of Object.entries({ x1: at, x2: at, y1: MARGIN.top, y2: SIZE[1] - MARGIN.bottom })) {
      this.mark.setAttribute(name, value);
    }
  }

  /** Return the value of x under a pointer. */
  under(event) {
    const { left, width } = this.picture.getBoundingClientRect();
    const at = ((event.clientX - left) / width) * SIZE[0];
    return this.x.from + ((at - MARGIN.left) / (SIZE[0] - MARGIN.left - MARGIN.right)) * (this.x.to - this.x.from);
  }

  #axes() {
    const [bottom, right] = [SIZE[1] - MARGIN.bottom, SIZE[0] - MARGIN.right];
    const axes = this.picture.appendChild(svg("g", { class: "axes" }));
    for (const value of this.y.ticks) {
      const [, at] = this.at(this.x.from, value);
      axes.append(svg("line", { x1: MARGIN.left, x2: right, y1: at, y2: at }));
      axes.append(svg("text", { x: MARGIN.left - 8, y: at + 5, "text-anchor": "end" }, this.y.write(value)));
    }
    for (const value of this.x.ticks) {
      const [at] = this.at(value, this.y.from);
      axes.append(svg("line", { x1: at, x2: at, y1: bottom, y2: bottom + 5 }));
      axes.append(svg("text", { x: at, y: bottom + 20, "text-anchor": "middle" }, this.x.write(value)));
    }
    const middle = (MARGIN.left + right) / 2;
    axes.append(svg("text", { x: middle, y: SIZE[1] - 6, "text-anchor": "middle", class: "title" }, this.x.label));
    const turned = { transform: `translate(13 ${(MARGIN.top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle", class: "title" };
    axes.append(svg("text", turned, this.y.label));
  }
}

/**
 * A slider that chooses one of `count` places on charts. `place(x)` is the place nearest to a value of x; `show(place)`
 * shows a place and returns its values as text. Pointing at a chart moves the slider, too.
 */
export function slider({ charts, count, first, label, place, show }) {
  const input = html("input", { type: "range", min: 0, max: count - 1, step: 1, value: first, "aria-label": label });
  const move = (to) => {
    input.value = to;
    input.setAttribute("aria-valuetext", show(Number(input.value)));
  };
  input.addEventListener("input", () => move(input.value));
  for (const chart of charts) {
    for (const kind of ["pointermove", "pointerdown"]) {
      chart.picture.addEventListener(kind, (event) => move(Math.min(count - 1, Math.max(0, place(chart.under(event))))));
    }
  }
  move(first);
  return input;
}

/** Choose round values between two, about as many as `count`. */
export function ticks(from, to, count = 5) {
  const rough = (to - from) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const values = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++) values.push(Number((i * step).toPrecision(12)));
  return values;
}
