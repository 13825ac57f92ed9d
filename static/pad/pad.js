// The pad: pointers → strokes of a drawing → a sharp picture of them on a canvas.
//
// Strokes are the truth: pixels can always be drawn again from them, so turning the phone or changing the pen loses
// nothing. The pad knows nothing of HTTP. It emits "ink" whenever its picture changes, also in the middle of a stroke,
// and "tool" when another tool is chosen.

import { eraseArea, eraseStrokes } from "./erasers.js";
import { drawStrokes, HEIGHT, widthFor } from "./ink.js";

const PALM = 1000; // in milliseconds: a touch within this time after a pen was near is the palm
const SLIP = 250; // in milliseconds: a second finger within this time undoes the stroke of the first
const ERASER_BUTTON = 32; // in a pointer event's buttons: the other end of a stylus

export class Pad extends EventTarget {
  penWidth = 18; // in pad units
  #tool = "pen"; // or "strokes" or "area", the two erasers
  #drawing;
  #canvas;
  #sheet;
  #context;
  #gesture = null; // what the pointer that is down does: writes or erases
  #fingers = new Map(); // by pointer id: the last clientX of each touch
  #penSeen = -Infinity;
  #started = 0; // when the drawing's first point was made
  #shown = null; // strokes that are shown instead of the drawing's, as in a replay
  #frame = 0;

  /** Make `canvas` the pad of `drawing`; where it is too wide, `sheet` scrolls it. */
  constructor(canvas, drawing, sheet) {
    super();
    this.#sheet = sheet;
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#drawing = drawing;
    drawing.addEventListener("change", () => {
      this.#shown = null;
      this.#changed();
    });
    const on = (type, listener) => canvas.addEventListener(type, listener.bind(this));
    on("pointerdown", this.#begin);
    on("pointermove", this.#extend);
    on("pointerup", this.#end);
    on("pointercancel", this.#end); // the system took the pointer away: what was drawn stays
    on("lostpointercapture", this.#end);
    on("mousedown", (event) => event.preventDefault()); // the keyboard stays where it was
    on("contextmenu", (event) => event.preventDefault()); // a long press is a stroke
    new ResizeObserver(() => this.#fit()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
    this.#watchDensity();
    this.#fit();
  }

  get tool() {
    return this.#tool;
  }

  set tool(tool) {
    this.#tool = tool;
    this.dispatchEvent(new Event("tool"));
  }

  /** The strokes on the screen: the drawing as it will be when the pointer is lifted, or those of `show`. */
  get strokes() {
    return this.#shown ?? this.#gesture?.strokes() ?? this.#drawing.strokes;
  }

  /** The pad's width in units: it grows with the drawing. */
  get width() {
    return widthFor(this.strokes);
  }

  get isBusy() {
    return this.#gesture !== null;
  }

  /** Show other strokes than the drawing's; null shows the drawing again. */
  show(strokes) {
    this.#shown = strokes;
    this.#changed();
  }

  /** Put the tool down at [x, y]; `pressure` scales the pen's width. */
  press(place, { pressure = 1, tool = this.#tool } = {}) {
    this.#shown = null;
    this.#gesture = tool === "pen" ? this.#write() : this.#erase(tool === "area" ? eraseArea : eraseStrokes);
    this.#gesture.add([place], pressure);
    this.#changed();
  }

  move(places, pressure = 1) {
    this.#gesture?.add(places, pressure);
    this.#changed();
  }

  /** Lift the tool: what it did becomes part of the drawing. */
  lift() {
    const strokes = this.#gesture?.strokes();
    this.#gesture = null;
    if (strokes) this.#drawing.become(strokes);
    this.#changed();
  }

  /** Drop the stroke that is being drawn. Returns whether there was one. */
  cancel() {
    if (!this.#gesture) return false;
    this.#gesture = null;
    this.#changed();
    return true;
  }

  #changed() {
    this.redraw();
    this.dispatchEvent(new Event("ink"));
  }

  // What a tool does

  #write() {
    const before = this.#drawing.strokes;
    if (!before.length) this.#started = performance.now();
    const late = before.at(-1)?.points.at(-1)[3] ?? 0;
    // After a reload or an undo, time goes on from the drawing's last point.
    if (performance.now() - this.#started < late) this.#started = performance.now() - late;
    const stroke = { width: this.penWidth, points: [] };
    return {
      add: (places, pressure) => {
        const time = Math.round(performance.now() - this.#started);
        for (const [x, y] of places) {
          const [lastX, lastY] = stroke.points.at(-1) ?? [];
          if (x !== lastX || y !== lastY) stroke.points.push([x, y, pressure, time]);
        }
      },
      strokes: () => [...before, { ...stroke, points: [...stroke.points] }],
    };
  }

  #erase(erase) {
    let left = this.#drawing.strokes;
    let last = null;
    return {
      add: (places) => {
        for (const place of places) {
          left = erase(left, last ?? place, place, this.eraserRadius);
          last = place;
        }
      },
      strokes: () => left,
    };
  }

  get eraserRadius() {
    return this.penWidth / 2 + 4;
  }

  // Pointers

  #begin(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    if (event.pointerType === "touch") {
      this.#fingers.set(event.pointerId, event.clientX);
      if (event.timeStamp - this.#penSeen < PALM) return; // the palm beside a pen
      if (this.#fingers.size > 1) return this.#secondFinger(event);
    }
    const palm = event.pointerType === "pen" && this.#gesture?.type === "touch";
    if (palm) this.cancel(); // the palm came down before its pen
    if (this.#gesture || (event.button > 0 && !(event.buttons & ERASER_BUTTON))) return;
    try {
      this.#canvas.setPointerCapture(event.pointerId); // the stroke goes on outside the pad
    } catch {
      // The pointer is gone already: its stroke is a single point.
    }
    const tool = event.buttons & ERASER_BUTTON ? "area" : this.#tool;
    this.press(this.place(event), { pressure: pressureOf(event), tool });
    Object.assign(this.#gesture, { pointer: event.pointerId, type: event.pointerType, began: event.timeStamp });
  }

  #extend(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp; // a pen also reports while it hovers
    if (this.#fingers.has(event.pointerId)) this.#slide(event);
    if (!this.#gesture || event.pointerId !== this.#gesture.pointer) return;
    // A fast pen reports several points between two frames. Not every browser hands them out.
    const samples = event.getCoalescedEvents?.() ?? [];
    for (const sample of samples.length ? samples : [event]) {
      this.#gesture.add([this.place(sample)], pressureOf(sample));
    }
    this.#changed();
  }

  #end(event) {
    this.#fingers.delete(event.pointerId);
    if (this.#gesture && event.pointerId === this.#gesture.pointer) this.lift();
  }

  /** Two fingers scroll the sheet and do not draw. The stroke of the first stays, unless it has only just begun. */
  #secondFinger(event) {
    if (this.#gesture?.type !== "touch") return;
    if (event.timeStamp - this.#gesture.began < SLIP) this.cancel();
    else this.lift();
  }

  #slide(event) {
    const last = this.#fingers.get(event.pointerId);
    this.#fingers.set(event.pointerId, event.clientX);
    if (this.#fingers.size > 1 && !this.#gesture) {
      this.#sheet.scrollLeft -= (event.clientX - last) / this.#fingers.size;
    }
  }

  /** Map an event's place on the screen to pad units. */
  place(event) {
    const { left, top, height } = this.#canvas.getBoundingClientRect();
    return [((event.clientX - left) / height) * HEIGHT, ((event.clientY - top) / height) * HEIGHT];
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

  redraw() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { width, height } = this.#canvas;
    const scale = height / HEIGHT;
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.clearRect(0, 0, width, height);
    this.#context.scale(scale, scale);
    drawStrokes(this.#context, this.strokes, getComputedStyle(this.#canvas).color);
  }
}

function pressureOf(event) {
  // Only a pen's pressure counts: a mouse always reports 0.5, and many touch screens report nonsense.
  return event.pointerType === "pen" && event.pressure > 0 ? 0.4 + 1.2 * event.pressure : 1;
}
