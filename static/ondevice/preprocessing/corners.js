// The corners of printed boxes and cells on flat images; see model/preprocessing/corners.py.

import { flipped, padded, transposed } from "./masks.js";

const HEIGHT = 64; // in pixels, about, to which the ink is reduced
const LEAST = 0.5; // of the ink's height: the length of a box's top, base or side
const SIDES = 0.85; // of that: the length of the sides that go from its ends
const WIDE = 2; // times its height: ink is a row
const SLACK = 2; // in pixels: how far a straight side may be from upright

/** Tell whether ink, a mask cut to its bounding box, has a box, a row of boxes, or cells of a comb. */
export function hasCorners(mask) {
  const { width, height } = mask;
  if (width < LEAST * height) return false;
  const reduced = padded(reduceMask(mask, Math.ceil(Math.min(height, width) / HEIGHT)), 2);
  const length = Math.max(6, Math.trunc(LEAST * (reduced.height - 4)));
  if (hasUpright(reduced, length) || hasUpright(flipped(reduced), length)) return true;
  if (width >= WIDE * height) return false; // in a row, the strokes of two digits may look like this
  const turned = transposed(reduced);
  return hasUpright(turned, length) || hasUpright(flipped(turned), length);
}

/** Tell whether there is a top of this length with sides that go down from both its ends. */
function hasUpright({ values, width, height }, length) {
  const inked = (row, x) => values[row * width + x];
  const tops = topsOf(values, width, height);
  const [sides, first] = [Math.trunc(SIDES * length), SLACK + 2];
  for (let row = 0; row < height - 1 - first - sides; row++) {
    for (let x = 1; x < width; x++) {
      const at = row * width;
      if (!tops[at + x] || tops[at + x - 1]) continue;
      let end = x;
      while (end < width && tops[at + end]) end++;
      if (end - x < length) continue;
      const below = row + first;
      const isLeft = sideBelow(below, sides, x, width, (y, place) => inked(y, place) && !inked(y, place - 1));
      const isRight = isLeft && sideBelow(below, sides, end, width, (y, place) => inked(y, place - 1) && !inked(y, place));
      if (isRight) return true;
    }
  }
  return false;
}

/** Tell whether each of the rows has an edge near `x`; `isEdge` looks at a place and the one before it. */
function sideBelow(first, count, x, width, isEdge) {
  const [from, to] = [Math.max(x - SLACK - 1, 0), Math.min(x + SLACK + 2, width)];
  for (let row = first; row < first + count; row++) {
    let has = false;
    for (let place = from + 1; place < to && !has; place++) has = isEdge(row, place);
    if (!has) return false;
  }
  return true;
}

/** Mark where ink begins below paper, at row - 1; a row's beginnings count in its neighbours, too. */
function topsOf(values, width, height) {
  const begins = new Uint8Array(width * (height - 1));
  for (let i = 0; i < begins.length; i++) begins[i] = values[i + width] && !values[i] ? 1 : 0;
  const tops = begins.slice();
  for (let i = width; i < begins.length - width; i++) tops[i] = begins[i] | begins[i + width] | begins[i - width];
  return tops;
}

/** Reduce a mask by a whole factor: what is not empty remains. */
function reduceMask({ values, width, height }, step) {
  const [across, down] = [Math.ceil(width / step), Math.ceil(height / step)];
  const reduced = new Uint8Array(across * down);
  for (let row = 0, i = 0; row < height; row++) {
    const to = Math.floor(row / step) * across;
    for (let x = 0; x < width; x++, i++) if (values[i]) reduced[to + Math.floor(x / step)] = 1;
  }
  return { values: reduced, width: across, height: down };
}
