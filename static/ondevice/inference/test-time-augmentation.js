// Test-time augmentation: uncertain images get a second look at copies that are turned, slanted, scaled and shifted; see
// model/inference/test_time_augmentation.py.

import { SIDE } from "../preprocessing/normalize.js";
import { logSoftmax, logSumExp } from "./calibration.js";

const DOUBTFUL = Math.log(0.8); // a second look below this uncalibrated probability
const ROTATION = (8 * Math.PI) / 180;
const SLANT = 0.15;
const SCALE = 1.1;
const SHIFT = 1; // pixel

/** Tell whether logits need a second look. */
export function isDoubtful(logits) {
  return Math.max(...logSoftmax(logits)) < DOUBTFUL;
}

/**
 * Look at an image, Float32Array (28 · 28) from 0 to 1, again where its `logits` are doubtful. `look` returns the logits
 * of images. Returns the logits of every look, those of the first one alone where it is not doubtful.
 */
export function lookAgain(image, logits, look) {
  return isDoubtful(logits) ? [logits, ...look(move(image))] : [logits];
}

/** Return the logits of several looks as one: of more than one, the logarithms of mean probabilities. */
export function meanOf(looks) {
  if (looks.length === 1) return looks[0];
  const logs = looks.map((each) => logSoftmax(each));
  return logs[0].map((_, output) => logSumExp(logs.map((each) => each[output])) - Math.log(logs.length));
}

/** Make the moved copies of an image. Interpolation is bilinear, with paper beyond the edges. */
function move(image) {
  const padded = new Float32Array(SIDE * SIDE + 1); // the last is the paper beyond the edges
  padded.set(image);
  return (corners ??= matrices().map(cornersOf)).map((table) => {
    const copy = new Float32Array(SIDE * SIDE);
    for (const { places, weights } of table) {
      for (let i = 0; i < copy.length; i++) copy[i] += padded[places[i]] * weights[i];
    }
    return copy;
  });
}

let corners = null;

/** Tabulate the four pixels, and their weights, that each pixel of a copy is interpolated from. */
function cornersOf([a, b, c, d, e, f]) {
  const table = Array.from({ length: 4 }, () => ({
    places: new Int32Array(SIDE * SIDE),
    weights: new Float32Array(SIDE * SIDE),
  }));
  const middle = SIDE / 2;
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [x, y] = [(i % SIDE) + 0.5 - middle, Math.floor(i / SIDE) + 0.5 - middle];
    const [across, down] = [a * x + b * y + c + middle - 0.5, d * x + e * y + f + middle - 0.5];
    const [left, top] = [Math.floor(across), Math.floor(down)];
    table.forEach(({ places, weights }, corner) => {
      const [row, column] = [top + (corner >> 1), left + (corner & 1)];
      const isInside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
      places[i] = isInside ? row * SIDE + column : SIDE * SIDE;
      weights[i] = (corner >> 1 ? down - top : top + 1 - down) * (corner & 1 ? across - left : left + 1 - across);
    });
  }
  return table;
}

/** List the affine matrices that map a copy's pixels to the image, each move in both directions. */
function matrices() {
  return [
    ...[ROTATION, -ROTATION].map((angle) => matrix({ angle })),
    ...[SCALE, 1 / SCALE].map((across) => matrix({ across })),
    ...[SCALE, 1 / SCALE].map((down) => matrix({ down })),
    ...[SLANT, -SLANT].map((slant) => matrix({ slant })),
    ...[SHIFT, -SHIFT].map((x) => matrix({ x })),
    ...[SHIFT, -SHIFT].map((y) => matrix({ y })),
  ];
}

/** Compose one affine matrix: slant, rotation, scale, shift. */
function matrix({ angle = 0, across = 1, down = 1, slant = 0, x = 0, y = 0 }) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos * across, (slant * cos - sin) * across, x, sin * down, (slant * sin + cos) * down, y];
}
