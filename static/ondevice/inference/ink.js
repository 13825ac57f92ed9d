// Ink on photographs and scans, found by the ink network; see model/inference/ink.py.

import { LARGE, findComponents, lineHeight } from "../preprocessing/components.js";
import { dilated } from "../preprocessing/masks.js";
import { Scan } from "../preprocessing/normalize.js";
import { resizeInTwoSteps } from "../preprocessing/resize.js";
import { roundEven } from "../preprocessing/rounding.js";

const SIDE = 192; // in pixels: the longer side of a picture that the network looks at
const STEP = 32; // in pixels: its sides are multiples of it
const WIDE = 1.6; // of its height: what is wider is a row
const ROW = 160; // in pixels, the height of a row that is looked at
const LONGEST = 3 * SIDE; // in pixels, its width at most
const LINE = 48; // in pixels, the height of digits in several lines that are looked at
const LARGEST = 2 * SIDE; // in pixels, the longer side of such a picture at most
const SEVERAL = 1.9; // times the height of its digits: writing that is higher than this, of at least PARTS digits
const PARTS = 4;
const CERTAIN = 0.4; // the probability of ink from which it counts
const FAINT = Math.fround(0.15); // probabilities that become no ink, and full ink
const FULL = 0.9;
const CLOSER = 0.55; // of the picture: smaller writing is looked at again, from nearer
const MARGIN = 0.35; // of the writing's shorter side, around it in the second look
const NARROW = 0.8; // of the longer side: the shorter one counts as at least this, so that a 1 has room at its ends
const AHEAD = 2.5; // of a row's height: so far to both sides of it the second look reaches
const DIM = 0.015; // the probability from which a spot away from all ink may be a point or a colon
const AWAY = 3; // pixels from ink: its edges are dim, too
const PRINTED = 0.01; // of the picture: what is printed covers at least this

/** Finds ink in pictures of paper, forms, boards and screens. */
export class InkFinder {
  #network;

  constructor(network, weights) {
    this.#network = network;
    this.calibration = weights.description.calibration;
    this.version = weights.version;
  }

  /**
   * Find the ink in an image, {bands, width, height}: a Scan with its place there in pixels.
   *
   * The whole picture is looked at first. Where the writing fills a small part of it, that part is looked at again;
   * several lines and rows of digits in more pixels, rows beyond their ends, too, where the first look may have missed
   * a small digit.
   */
  find({ bands, width, height }) {
    const image = { bands: bands.length === 1 ? [bands[0], bands[0], bands[0]] : bands, width, height };
    const longer = Math.max(width, height);
    const whole = [0, 0, width, height];
    const { ink, print } = this.#look(image, whole, SIDE);
    const box = boxOf(ink);
    const scale = longer / Math.max(ink.width, ink.height);
    const printed = print.values.reduce((sum, chance) => sum + (chance > CERTAIN), 0);
    const seen = printed > PRINTED * print.values.length ? scanOf(print, whole) : null;
    if (!box) return scanOf({ ...ink, values: ink.values.fill(0) }, whole, seen);
    const nearer = around(box, scale, width, height);
    const [across, down] = [nearer[2] - nearer[0], nearer[3] - nearer[1]];
    const closer = (side) => {
      const second = this.#look(image, nearer, side).ink;
      return scanOf(second, nearer, seen, lostOf(ink, scale, second, nearer));
    };
    if (across > WIDE * down) {
      const ahead = roundEven(AHEAD * (box[3] - box[1]) * scale);
      [nearer[0], nearer[2]] = [Math.max(0, nearer[0] - ahead), Math.min(width, nearer[2] + ahead)];
      const side = Math.min(roundEven((ROW * (nearer[2] - nearer[0])) / down), LONGEST);
      return closer(side);
    }
    const digits = heightInLines(ink);
    if (digits) {
      const side = Math.max(SIDE, roundEven((LINE * Math.max(across, down)) / (digits * scale)));
      return closer(Math.min(side, LARGEST));
    }
    if (Math.max(across, down) > CLOSER * longer) return scanOf(ink, whole, seen);
    return closer(SIDE);
  }

  /**
   * Look at a part of a picture. Returns the probabilities of `ink` and `print`, {values (height · width), width,
   * height}; `side` is the longer of both in pixels.
   */
  #look({ bands, width, height }, box, side) {
    const [across, down] = [box[2] - box[0], box[3] - box[1]];
    const scale = side / Math.max(across, down);
    const size = [across, down].map((length) => Math.max(1, roundEven(length * scale)));
    const sides = side === SIDE ? [SIDE, SIDE] : size.map((length) => Math.ceil(length / STEP) * STEP);
    const resized = new Map(); // the bands of a grey image are one
    const padded = bands.map((values) => {
      if (!resized.has(values)) resized.set(values, extended(resizeInTwoSteps({ values, width, height }, size, box), sides));
      return resized.get(values);
    });
    const logits = this.#network.logits({ bands: padded, width: sides[0], height: sides[1] });
    const [ink, print] = logits.map((values) => chances(values, sides[0], size));
    return { ink, print };
  }
}

/** Repeat the last pixels to the right and below until an image has these sides. */
function extended({ values, width, height }, [across, down]) {
  const result = new Uint8Array(across * down);
  for (let row = 0; row < down; row++) {
    const from = Math.min(row, height - 1) * width;
    const to = row * across;
    result.set(values.subarray(from, from + width), to);
    result.fill(values[from + width - 1], to + width, to + across);
  }
  return result;
}

function chances(logits, pitch, [width, height]) {
  const values = new Float32Array(width * height);
  for (let row = 0, to = 0; row < height; row++) {
    for (let x = 0; x < width; x++) {
      const logit = Math.min(Math.max(logits[row * pitch + x], -30), 30);
      values[to++] = 1 / (1 + Math.fround(Math.exp(-logit)));
    }
  }
  return { values, width, height };
}

function scanOf({ values, width, height }, box, printed = null, lost = []) {
  const factor = Math.fround(255 / (FULL - 0.15));
  const ink = Uint8ClampedArray.from(values, (chance) => roundEven(Math.fround(Math.fround(chance - FAINT) * factor)));
  const scale = (box[2] - box[0]) / width;
  const bytes = new Uint8Array(ink.buffer);
  const paper = printed ? ["print"] : [];
  const misses = [...missesOf({ values, width, height }), ...lost];
  return new Scan({ values: bytes, width, height }, { scale, left: box[0], top: box[1], paper, printed, misses });
}

/** Find dim spots between the ends of the ink, in its rows or a little below them: [left, top, width, height]. */
function missesOf({ values, width, height }) {
  const box = boxOf({ values, width, height });
  if (!box) return [];
  let near = { values: Uint8Array.from(values, (chance) => chance > FAINT), width, height };
  for (let i = 0; i < AWAY; i++) near = dilated(near);
  const [left, top, right, bottom] = box;
  const below = Math.min(height, bottom + Math.floor((bottom - top) / 4));
  const dim = { values: new Uint8Array(values.length), width, height };
  for (let row = top; row < below; row++) {
    for (let x = left, at = row * width + left; x < right; x++, at++) {
      if (values[at] > DIM && !near.values[at]) dim.values[at] = 1;
    }
  }
  return findComponents(dim).boxes.map(([x, y, end, bottom]) => [x, y, end - x, bottom - y]);
}

/** Return the height of digits in pixels where the ink has several lines of them, and else null. */
function heightInLines({ values, width, height }) {
  const { boxes, areas } = findComponents({ values: Uint8Array.from(values, (chance) => chance > CERTAIN), width, height });
  if (boxes.length < PARTS) return null;
  const digitHeight = lineHeight(boxes, areas);
  const digits = boxes.filter(([, top, , bottom]) => bottom - top >= LARGE * digitHeight);
  const top = Math.min(...digits.map((box) => box[1]));
  const bottom = Math.max(...digits.map((box) => box[3]));
  return bottom - top > SEVERAL * digitHeight && digits.length >= PARTS ? digitHeight : null;
}

/**
 * Find spots between the ends of the ink where a first look saw ink, and a closer one, of `place`, sees none. A pixel of
 * the first look is `scale` wide in the picture. Returns boxes as `missesOf` does, in pixels of the closer one.
 */
function lostOf(first, scale, closer, place) {
  const ends = boxOf(closer);
  if (!ends) return [];
  const [left, top, right, bottom] = ends;
  const lowest = bottom + Math.floor((bottom - top) / 4);
  const pixel = (place[2] - place[0]) / closer.width;
  const inCloser = (side, i) => (side * scale - place[i % 2]) / pixel;
  const seen = { ...first, values: Uint8Array.from(first.values, (chance) => chance > FAINT) };
  return findComponents(seen)
    .boxes.map((box) => box.map(inCloser))
    .map(([x, y, end, below]) => [Math.floor(x), Math.floor(y), Math.ceil(end), Math.ceil(below)])
    .filter(([x, y, end, below]) => left <= x && end <= right && top <= y && below <= lowest)
    .filter((box) => greatestIn(closer, box) <= FAINT)
    .map(([x, y, end, below]) => [x, y, end - x, below - y]);
}

function greatestIn({ values, width, height }, [left, top, right, bottom]) {
  let greatest = 0;
  for (let row = top; row < Math.min(bottom, height); row++) {
    for (let x = left; x < right; x++) greatest = Math.max(greatest, values[row * width + x]);
  }
  return greatest;
}

function boxOf({ values, width, height }) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let row = 0, i = 0; row < height; row++) {
    for (let x = 0; x < width; x++, i++) {
      if (values[i] <= CERTAIN) continue;
      [left, top] = [Math.min(left, x), Math.min(top, row)];
      [right, bottom] = [Math.max(right, x + 1), row + 1];
    }
  }
  return bottom ? [left, top, right, bottom] : null;
}

/** Scale a box, and grow it by the margin of a second look, within an image. */
function around(box, scale, width, height) {
  const [left, top, right, bottom] = box.map((side) => side * scale);
  const [shorter, longer] = [Math.min(right - left, bottom - top), Math.max(right - left, bottom - top)];
  const margin = Math.max(MARGIN * Math.max(shorter, NARROW * longer), 2 * scale);
  return [
    Math.max(0, Math.trunc(left - margin)),
    Math.max(0, Math.trunc(top - margin)),
    Math.min(width, Math.trunc(right + margin) + 1),
    Math.min(height, Math.trunc(bottom + margin) + 1),
  ];
}
