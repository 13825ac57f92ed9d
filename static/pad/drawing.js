// The drawing: its strokes, and the states for undo and redo. It knows nothing of pointers, pixels or the page.
//
// A stroke is {width, points: [[x, y, pressure, time], …]}: x and y in pad units (see ink.js), y downwards; pressure
// scales the width and is 1 for a mouse or a finger; time is in milliseconds since the drawing's first point. Strokes
// and lists of strokes in a drawing never change, so that states can share them.

const MOST_STATES = 500; // to undo; a state takes only the memory of its new strokes

export class Drawing extends EventTarget {
  #strokes = [];
  #past = [];
  #future = [];

  get strokes() {
    return this.#strokes;
  }

  get isEmpty() {
    return !this.#strokes.length;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Make these strokes the drawing; undo brings the earlier ones back. The same list changes nothing. */
  become(strokes) {
    if (strokes === this.#strokes || (!strokes.length && this.isEmpty)) return;
    this.#past.push(this.#strokes);
    if (this.#past.length > MOST_STATES) this.#past.shift();
    this.#future = [];
    this.#strokes = Object.freeze([...strokes]);
    this.#changed();
  }

  add(stroke) {
    this.become([...this.#strokes, stroke]);
  }

  clear() {
    this.become([]);
  }

  undo() {
    if (!this.canUndo) return;
    this.#future.push(this.#strokes);
    this.#strokes = this.#past.pop();
    this.#changed();
  }

  redo() {
    if (!this.canRedo) return;
    this.#past.push(this.#strokes);
    this.#strokes = this.#future.pop();
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

const MOST_STROKES = 1000; // the server takes no more, either
const MOST_POINTS = 20_000;
const FARTHEST = 10_000; // in pad units

/** Check strokes from a link or from storage and return them. Throws a TypeError for anything else. */
export function checked(value) {
  const right =
    Array.isArray(value) &&
    value.length <= MOST_STROKES &&
    value.every(({ width, points } = {}) => width > 0 && width <= FARTHEST && points?.length && points.every(isPoint)) &&
    value.reduce((sum, { points }) => sum + points.length, 0) <= MOST_POINTS;
  if (!right) throw new TypeError("These are no strokes.");
  return value.map(({ width, points }) => ({ width, points }));
}

function isPoint(point) {
  if (!Array.isArray(point) || point.length !== 4 || !point.every(Number.isFinite)) return false;
  const [x, y, pressure, time] = point;
  return Math.abs(x) <= FARTHEST && Math.abs(y) <= FARTHEST && pressure > 0 && pressure <= 2 && time >= 0;
}
