// Ink → its lines of characters, from top to bottom, also where they are slanted or of different length.

import { LARGE, findComponents, lineHeight } from "../preprocessing/components.js";
import { above } from "../preprocessing/masks.js";
import { otsu } from "../preprocessing/threshold.js";

const MAX_COMPONENTS = 2000; // the grain of a photograph has more
const MIN_AREA = 0.35; // of the stroke width squared: grain is smaller
const OVERLAP = 0.35; // of the lower of two neighbours' heights: what they share in one line
const COMMA = 0.7; // of the digits' height: a long comma is lower, and need share no more than
const HANGING = 0.1; // of its height with its neighbours
const TOGETHER = 1.3; // of the height of a digit before them: rings above each other that are no higher are an 8
const REACH = 10; // in heights: digits farther apart are no neighbours
const ABOVE = 0.35; // in heights: how far a sign may be beyond the digits of its line
const BELOW = 0.45;

/** Mark the ink that is above Otsu's threshold. */
export function maskOf(ink) {
  return above(ink, otsu(ink));
}

/**
 * Split `ink` into lines, each {ink, left, top, parts}: its own ink alone, where that is in the whole, and its number of
 * connected components. Returns null where it has too many parts to be writing.
 */
export function findLines(ink) {
  const components = findComponents(maskOf(ink));
  const { boxes, areas, stroke } = components;
  if (!boxes.length) return [];
  if (boxes.length > MAX_COMPONENTS) return null;
  const kept = areas.map((area) => area >= Math.max(2, MIN_AREA * stroke ** 2));
  if (!kept.includes(true)) return [];
  const height = lineHeight(boxes.filter((_, i) => kept[i]), areas.filter((_, i) => kept[i]));
  const owners = ownersOf(boxes, kept, height);
  const lines = Array.from({ length: Math.max(...owners) + 1 }, (_, line) => cutOut(ink, components, owners, line));
  return lines.sort((a, b) => a.top + a.ink.height / 2 - (b.top + b.ink.height / 2));
}

/** Return the number of each component's line; -1 for those that are in none. */
function ownersOf(boxes, kept, height) {
  const tall = boxes.map(([, top, , bottom]) => bottom - top);
  const middles = boxes.map(([left, , right]) => (left + right) / 2);
  const all = [...boxes.keys()];
  const large = all.filter((i) => kept[i] && tall[i] >= LARGE * height);
  const owners = new Array(boxes.length).fill(-1);
  for (const i of large) owners[i] = i; // at first, each is a line of its own
  for (const one of large) {
    const [, top, right, bottom] = boxes[one];
    const shared = (other) => Math.min(boxes[other][3], bottom) - Math.max(boxes[other][1], top);
    const near = large.filter((other) => {
      if (middles[other] <= middles[one]) return false;
      const lower = Math.min(tall[other], tall[one]);
      const least = lower < COMMA * height ? HANGING : OVERLAP;
      return shared(other) >= least * lower && boxes[other][0] - right <= REACH * height;
    });
    if (!near.length) continue;
    const nearest = near.reduce((best, other) => (boxes[other][0] < boxes[best][0] ? other : best));
    const [start, highest, end, lowest] = boxes[nearest];
    for (const other of large) {
      const [left, top, right, bottom] = boxes[other];
      const across = Math.min(right, end) - Math.max(left, start);
      const down = Math.max(bottom, lowest) - Math.min(top, highest);
      const isRing = across >= Math.min(right - left, end - start) / 2 && down <= TOGETHER * tall[one];
      if (other !== nearest && !isRing) continue;
      const joined = owners[other];
      for (const i of large) if (owners[i] === joined) owners[i] = owners[one];
    }
  }
  const lines = [...new Set(large.map((i) => owners[i]))].sort((a, b) => a - b);
  for (const i of large) owners[i] = lines.indexOf(owners[i]);
  for (const i of all.filter((i) => kept[i] && owners[i] < 0)) owners[i] = nearestLine(boxes[i], boxes, large, owners, height);
  return owners;
}

/** Find the line of a sign: that of the nearest digit beside, above or below which it may stand. */
function nearestLine(box, boxes, large, owners, height) {
  const middle = (box[1] + box[3]) / 2;
  const distance = ([left, top, right, bottom]) => {
    const above = Math.max(top - ABOVE * height - middle, 0);
    const below = Math.max(middle - bottom - BELOW * height, 0);
    const beside = Math.max(left - box[2], box[0] - right, 0);
    return beside + 8 * (above + below) + 0.3 * Math.abs(middle - (top + bottom) / 2);
  };
  const distances = large.map((i) => distance(boxes[i]));
  return owners[large[distances.indexOf(Math.min(...distances))]];
}

function cutOut(ink, { labels, boxes }, owners, line) {
  const own = boxes.filter((_, i) => owners[i] === line);
  const left = Math.max(Math.min(...own.map((box) => box[0])) - 2, 0);
  const top = Math.max(Math.min(...own.map((box) => box[1])) - 2, 0);
  const right = Math.min(Math.max(...own.map((box) => box[2])) + 2, ink.width);
  const bottom = Math.min(Math.max(...own.map((box) => box[3])) + 2, ink.height);
  const [width, height] = [right - left, bottom - top];
  const values = new Uint8Array(width * height);
  for (let row = 0, to = 0; row < height; row++) {
    let from = (top + row) * ink.width + left;
    for (let x = 0; x < width; x++, from++, to++) {
      const label = labels[from]; // faint edges have the label of paper, and stay
      if (label === 0 || owners[label - 1] === line) values[to] = ink.values[from];
    }
  }
  return { ink: { values, width, height }, left, top, parts: own.length };
}
