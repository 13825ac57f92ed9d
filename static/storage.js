// What the browser keeps between two visits: the drawing and a few choices. A browser that keeps nothing is no error.

import { checked } from "./pad/drawing.js";

const DRAWING = "digitpad.drawing";
const LATER = 300; // in milliseconds: writing is not held up by storing

let timer = 0;
let unwritten = null;

export function keepDrawing(strokes) {
  unwritten = strokes;
  clearTimeout(timer);
  timer = setTimeout(write, LATER);
}

export function keptDrawing() {
  try {
    return checked(JSON.parse(localStorage.getItem(DRAWING) ?? "[]"));
  } catch {
    return [];
  }
}

function write() {
  if (unwritten) keep(DRAWING, JSON.stringify(unwritten));
  unwritten = null;
}

export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // No room, or not allowed: then it is forgotten.
  }
}

export function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

addEventListener("pagehide", write);
