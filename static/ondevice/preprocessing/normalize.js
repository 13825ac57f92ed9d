// Ink of any size → the 28×28 image that MNIST would have made of it; model/preprocessing/normalize.py tells why.
//
// Ink is {values: Uint8Array (height · width), width, height}: 0 for paper, 255 for full ink.

import { resize } from "./resize.js";
import { greatest, roundEven } from "./rounding.js";

export const SIDE = 28; // in pixels, of the field
export const BLANK_BELOW = 24; // of 255
export const EDGE_AT = 1 / 8; // of the darkest ink: fainter ink does not widen the crop
const BOX = 20; // in pixels, the longer side of the ink
const CENTRE = 14; // the pixel that the centre of mass falls on

/** Tell whether ink is too faint everywhere to be a pen's. */
export function isBlank(ink) {
  return greatest(ink.values) < BLANK_BELOW;
}

/**
 * Ink and its place in the source, the upright image: a pixel of it is `scale` wide there, and its corner is at `left`,
 * `top`. `paper` is null on a flat background; else it tells what the ink network saw on the paper beside the ink;
 * `misses` is where a point may be that it did not find.
 */
export class Scan {
  constructor(ink, { scale = 1, left = 0, top = 0, paper = null, printed = null, misses = [] } = {}) {
    Object.assign(this, { ink, scale, left, top, paper, printed, misses });
  }

  /** The place of all of it in the source: [left, top, width, height]. */
  get box() {
    return this.sent([0, 0, this.ink.width, this.ink.height]);
  }

  /** Measure its place in pixels of a source that is `scale` times as large. */
  magnified(scale) {
    const place = { scale: this.scale * scale, left: this.left * scale, top: this.top * scale };
    const { paper, misses } = this;
    return new Scan(this.ink, { ...place, paper, printed: this.printed?.magnified(scale) ?? null, misses });
  }

  /** How unclear the ink is: the mean of p(1 - p) of its pixels, where p is the probability that it is ink. */
  get ambiguity() {
    let [unclear, all] = [0, 0];
    for (const value of this.ink.values) {
      const chance = value / 255;
      unclear += chance * (1 - chance);
      all += chance;
    }
    return unclear / Math.max(all, 1);
  }

  /** Map a box [left, top, width, height] from pixels of the ink to the source. */
  sent([left, top, width, height]) {
    return [this.left + this.scale * left, this.top + this.scale * top, this.scale * width, this.scale * height];
  }

  /** Normalise the ink of one digit. */
  place() {
    return { ...place(this.ink), found: this.paper && this };
  }
}

/**
 * Normalise the ink of one digit: {image: Uint8Array (28 · 28), frame}. The frame is the left, top and side of the
 * square that the image shows, in pixels of the ink; null where there is no ink.
 */
export function place(ink) {
  if (isBlank(ink)) return { image: new Uint8Array(SIDE * SIDE), frame: null };
  const { cropped, box } = fit(ink);
  return centred(fullContrast(cropped), box);
}

/** Return the first row and column with a value above `level`, and those after the last: {top, left, bottom, right}. */
export function extent({ values, width, height }, level) {
  let [top, left, bottom, right] = [height, width, 0, 0];
  for (let row = 0; row < height; row++) {
    const start = row * width;
    let first = 0;
    while (first < width && values[start + first] <= level) first++;
    if (first === width) continue;
    let last = width - 1;
    while (values[start + last] <= level) last--;
    top = Math.min(top, row);
    bottom = row + 1;
    left = Math.min(left, first);
    right = Math.max(right, last + 1);
  }
  return { top, left, bottom, right };
}

/** Cut a part out of ink, as far as the ink goes. */
export function crop({ values, width, height }, { left, top, right, bottom }) {
  [right, bottom] = [Math.min(right, width), Math.min(bottom, height)];
  const across = right - left;
  const part = new Uint8Array(across * (bottom - top));
  for (let row = top; row < bottom; row++) {
    part.set(values.subarray(row * width + left, row * width + right), (row - top) * across);
  }
  return { values: part, width: across, height: bottom - top };
}

/** Crop to the ink, and scale it to a longer side of 20 pixels. `box` is the crop's left, top, width and height. */
function fit(ink) {
  const level = Math.max(1, Math.trunc(greatest(ink.values) * EDGE_AT));
  const { top, left, bottom, right } = extent(ink, level);
  const [width, height] = [right - left, bottom - top];
  if (Math.max(width, height) === BOX) {
    // One of MNIST's images. The faint edge of its lines, a pixel wide, did not count in its size: it stays.
    const [from, above] = [Math.max(left - 1, 0), Math.max(top - 1, 0)];
    const kept = crop(ink, { left: from, top: above, right: right + 1, bottom: bottom + 1 });
    return { cropped: kept, box: [from, above, kept.width, kept.height] };
  }
  const scale = BOX / Math.max(width, height);
  const size = [width, height].map((side) => Math.max(1, roundEven(side * scale)));
  return { cropped: resize(crop(ink, { left, top, right, bottom }), size), box: [left, top, width, height] };
}

/** Scale the darkest ink to 255, as in MNIST, so that thin and pale lines look like others. */
function fullContrast(ink) {
  const darkest = greatest(ink.values);
  if (darkest >= 250) return ink; // MNIST's own images have 254 or 255: they stay as they are
  const factor = 255 / Math.max(darkest, 1);
  return { ...ink, values: ink.values.map((value) => roundEven(value * factor)) };
}

/** Place a digit on the field, its centre of mass in the middle. `box` is where it was in the ink. */
function centred({ values, width, height }, [left, top, across, down]) {
  let [mass, row, column] = [0, 0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      mass += values[i];
      row += values[i] * y;
      column += values[i] * x;
    }
  }
  // A digit with nearly all its ink at one end would leave the field. It is clamped, and then not centred.
  const clamp = (middle, side) => Math.min(Math.max(CENTRE - Math.floor(middle + 0.5), 0), SIDE - side);
  const [down28, across28] = [clamp(row / mass, height), clamp(column / mass, width)];
  const image = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < height; y++) {
    image.set(values.subarray(y * width, (y + 1) * width), (down28 + y) * SIDE + across28);
  }
  const scale = Math.max(across, down) / Math.max(width, height);
  const x = left + across / 2 - scale * (across28 + width / 2);
  const y = top + down / 2 - scale * (down28 + height / 2);
  return { image, frame: [x, y, scale * SIDE] };
}
