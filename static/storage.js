// What the browser stores between two visits: the drawing and the open panel. Storing nothing is no error.

import { checked } from "./pad/drawing.js";

const DRAWING = "digitpad.drawing";
const DELAY = 300; // in milliseconds: storing does not hold up writing

export function store(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // No room, or not allowed: it is forgotten.
  }
}

export function stored(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Stores the drawing soon after it changed, and at the latest when the page is left. */
export class DrawingStorage {
  #unsaved = null;
  #timer = 0;

  constructor() {
    addEventListener("pagehide", () => this.#write());
  }

  save(strokes) {
    this.#unsaved = strokes;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#write(), DELAY);
  }

  /** Return the strokes of the last visit: none where they cannot be read. */
  load() {
    try {
      return checked(JSON.parse(stored(DRAWING) ?? "[]"));
    } catch {
      return [];
    }
  }

  #write() {
    if (this.#unsaved) store(DRAWING, JSON.stringify(this.#unsaved));
    this.#unsaved = null;
  }
}
