// The drawing pad: pointers → strokes → a sharp picture of them on a canvas.
//
// Strokes are the truth: pixels can always be drawn again from them, so turning the phone or changing the pen loses
// nothing. The pad knows nothing of HTTP: it emits "change" whenever the drawing is another.

import { SIDE, drawStrokes } from "./ink.js";

export class Pad extends EventTarget {
  penWidth = 18; // in pad units
  #canvas;
  #context;
  #strokes = [];
  #past = []; // drawings to go back to, each a list of strokes
  #future = []; // drawings that were gone back from
  #active = null; // {pointer, stroke} while one is drawn
  #frame = 0;

  constructor(canvas) {
    super();
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    const on = (type, listener) => canvas.addEventListener(type, listener.bind(this));
    on("pointerdown", this.#begin);
    on("pointermove", this.#extend);
    on("pointerup", this.#end);
    on("pointercancel", this.#end); // the system took the pointer away: what was drawn stays
    on("lostpointercapture", this.#end);
    on("contextmenu", (event) => event.preventDefault()); // a long press is a stroke
    new ResizeObserver(() => this.#fit()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
    this.#watchDensity();
    this.#fit();
  }

  /** The drawing: a copy, with the stroke in progress. */
  get strokes() {
    const all = this.#active ? [...this.#strokes, this.#active.stroke] : this.#strokes;
    return all.map(({ width, points }) => ({ width, points: points.map((point) => [...point]) }));
  }

  get isEmpty() {
    return !this.#strokes.length && !this.#active;
  }

  get canUndo() {
    return this.#past.length > 0 || this.#active !== null;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Take back the last stroke or the last clearing; in the middle of a stroke, that stroke. */
  undo() {
    if (this.#active) {
      this.#active = null;
    } else if (this.#past.length) {
      this.#future.push(this.#strokes);
      this.#strokes = this.#past.pop();
    }
    this.#changed();
  }

  redo() {
    if (this.#active || !this.#future.length) return;
    this.#past.push(this.#strokes);
    this.#strokes = this.#future.pop();
    this.#changed();
  }

  clear() {
    this.#active = null;
    if (this.#strokes.length) this.#become([]);
    this.#changed();
  }

  #become(strokes) {
    this.#past.push(this.#strokes);
    this.#future = [];
    this.#strokes = strokes;
  }

  #changed() {
    this.#redraw();
    this.dispatchEvent(new Event("change"));
  }

  // Pointers

  #begin(event) {
    // One pointer at a time: a second finger, or the palm beside a pen, draws nothing.
    if (this.#active || event.button !== 0) return;
    try {
      this.#canvas.setPointerCapture(event.pointerId); // the stroke goes on outside the pad
    } catch {
      // The pointer is gone already: its stroke is the one point.
    }
    this.#active = { pointer: event.pointerId, stroke: { width: this.penWidth, points: [] } };
    this.#add([event]);
  }

  #extend(event) {
    if (event.pointerId !== this.#active?.pointer) return;
    // A fast pen reports more often than the screen is drawn. Not every browser hands those samples out.
    const samples = event.getCoalescedEvents?.() ?? [];
    this.#add(samples.length ? samples : [event]);
  }

  #add(events) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const { points } = this.#active.stroke;
    for (const event of events) {
      const x = ((event.clientX - left) / width) * SIDE;
      const y = ((event.clientY - top) / height) * SIDE;
      const [lastX, lastY] = points.at(-1) ?? [];
      if (x !== lastX || y !== lastY) points.push([x, y, pressureOf(event)]);
    }
    this.#changed();
  }

  #end(event) {
    if (event.pointerId !== this.#active?.pointer) return;
    const { stroke } = this.#active;
    this.#active = null;
    this.#become([...this.#strokes, stroke]);
    this.#changed();
  }

  // Pixels

  #watchDensity() {
    const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    query.addEventListener("change", () => (this.#fit(), this.#watchDensity()), { once: true });
  }

  #fit() {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const pixels = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (pixels[0] === this.#canvas.width && pixels[1] === this.#canvas.height) return;
    [this.#canvas.width, this.#canvas.height] = pixels; // this clears the canvas
    this.#paint();
  }

  #redraw() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { width, height } = this.#canvas;
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.clearRect(0, 0, width, height);
    this.#context.scale(width / SIDE, height / SIDE);
    const strokes = this.#active ? [...this.#strokes, this.#active.stroke] : this.#strokes;
    drawStrokes(this.#context, strokes, getComputedStyle(this.#canvas).color);
  }
}

function pressureOf(event) {
  // Only a pen feels pressure: a mouse reports a half, and many touch screens nonsense.
  return event.pointerType === "pen" && event.pressure > 0 ? 0.4 + 1.2 * event.pressure : 1;
}
