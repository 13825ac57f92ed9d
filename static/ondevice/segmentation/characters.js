// The ink of each character of a line whose places are known: by connected components, cut where characters touch.

import { findComponents } from "../preprocessing/components.js";
import { crop, extent } from "../preprocessing/normalize.js";
import { greatest } from "../preprocessing/rounding.js";
import { maskOf } from "./lines.js";

const MINE = 0.85; // of a component's ink between the ends of a character: then all of it is the character's

/**
 * Cut each character out of the ink of a line. `columns` say from where to where each is, about.
 *
 * Returns for each its `ink` alone, its `box` [left, top, width, height] in the line, and in `smallest` the longer side
 * of its smallest part, in pixels, if it has several: that may be a sign of its own. `isCut` tells that it touched
 * another character, so that its ink may be short of something, or have too much.
 */
export function cutOut(ink, columns) {
  const { width, height } = ink;
  const ends = columns.slice(0, -1).map(([, end]) => end);
  const owners = new Int32Array(width * height);
  for (let x = 0; x < width; x++) {
    const owner = ends.filter((end) => end <= x + 0.5).length;
    for (let row = 0; row < height; row++) owners[row * width + x] = owner;
  }
  const { labels, boxes } = findComponents(maskOf(ink));
  const parts = columns.map(() => []); // of each character: the longer sides
  const cut = new Set();
  boxes.forEach((box, i) => {
    const mine = keepWhole(owners, labels, width, height, box, i + 1, columns.length);
    for (const owner of mine) {
      if (mine.length > 1) cut.add(owner);
      parts[owner].push(Math.max(box[2] - box[0], box[3] - box[1]));
    }
  });
  const level = Math.max(1, greatest(ink.values) >> 3);
  return columns.map((ends, at) => {
    const smallest = parts[at].length > 1 ? Math.min(...parts[at]) : null;
    return { ...alone(ink, owners, at, ends, level, smallest), isCut: cut.has(at) };
  });
}

/** Give a component that is mostly one character's to that character, with its faint edges. Returns its owners. */
function keepWhole(owners, labels, width, height, [left, top, right, bottom], label, count) {
  const shares = new Array(count).fill(0);
  for (let row = top; row < bottom; row++) {
    for (let x = left; x < right; x++) if (labels[row * width + x] === label) shares[owners[row * width + x]]++;
  }
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const owner = shares.indexOf(Math.max(...shares));
  if (shares[owner] < MINE * whole) return [...shares.keys()].filter((at) => shares[at]);
  if (shares[owner] === whole) return [owner];
  const isMine = (row, x) =>
    row >= 0 && row < height && x >= 0 && x < width && labels[row * width + x] === label;
  for (let row = Math.max(top - 1, 0); row < Math.min(bottom + 1, height); row++) {
    for (let x = Math.max(left - 1, 0); x < Math.min(right + 1, width); x++) {
      const at = row * width + x;
      const isEdge = labels[at] === 0 && (isMine(row - 1, x) || isMine(row + 1, x) || isMine(row, x - 1) || isMine(row, x + 1));
      if (isEdge || labels[at] === label) owners[at] = owner;
    }
  }
  return [owner];
}

function alone(ink, owners, at, [from, to], level, smallest) {
  const values = new Uint8Array(owners.length);
  for (let i = 0; i < values.length; i++) if (owners[i] === at) values[i] = ink.values[i];
  const own = { values, width: ink.width, height: ink.height };
  const { top, left, bottom, right } = extent(own, level);
  if (bottom === 0) {
    // Nothing of it is left: where it should be.
    const start = Math.min(Math.max(Math.trunc(from), 0), ink.width - 1);
    const box = [start, 0, Math.max(1, Math.trunc(to) - start), ink.height];
    return { ink: crop(own, { left: start, top: 0, right: start + 1, bottom: ink.height }), box, smallest: null };
  }
  return { ink: crop(own, { left, top, right, bottom }), box: [left, top, right - left, bottom - top], smallest };
}
