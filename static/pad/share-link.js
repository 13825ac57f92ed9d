// Encodes strokes as a text that is short enough for a link, and decodes it.
//
// The bytes: a version; then for each stroke its width, its number of points and the points' x, y, pressure and time.
// Each value is a rounded difference from the point before, as a variable-length integer with 7 bits in a byte.

import { checked } from "./drawing.js";

const VERSION = 1;
const FINENESS = [2, 2, 50, 1 / 8]; // steps per unit of x, y, pressure and time: half units are fine enough for the eye

/** Encode strokes in characters that need no escaping in a link. */
export function encode(strokes) {
  const bytes = [VERSION];
  let before = [0, 0, FINENESS[2], 0];
  for (const { width, points } of strokes) {
    putNumber(bytes, Math.round(width * 2));
    putNumber(bytes, points.length);
    for (const point of points) {
      const steps = point.map((value, i) => Math.round(value * FINENESS[i]));
      steps.forEach((value, i) => putNumber(bytes, zigzag(value - before[i])));
      before = steps;
    }
  }
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Decode what `encode` made. Throws an Error for anything else. */
export function decode(text) {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  if (bytes[0] !== VERSION) throw new TypeError("This link is of another version.");
  let place = 1;
  const take = () => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (place >= bytes.length) throw new TypeError("This link is not whole.");
      const byte = bytes[place++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new TypeError("This is no link to a drawing.");
  };
  const strokes = [];
  let before = [0, 0, FINENESS[2], 0];
  while (place < bytes.length) {
    const width = take() / 2;
    const count = take();
    const points = [];
    while (points.length < count) {
      before = before.map((value) => value + unzigzag(take()));
      points.push(before.map((value, i) => value / FINENESS[i]));
    }
    strokes.push({ width, points });
  }
  return checked(strokes);
}

function putNumber(bytes, value) {
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  bytes.push(value);
}

function zigzag(value) {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value) {
  return value % 2 ? -(value + 1) / 2 : value / 2;
}
