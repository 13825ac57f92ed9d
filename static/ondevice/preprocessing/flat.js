// Images on a flat background, as drawings and screenshots have it: their ink is how far a pixel is from the paper.
// model/preprocessing/flat.py says why each condition is there; all others need the ink network.

import { findComponents, median } from "./components.js";
import { hasCorners } from "./corners.js";
import { above, countBetween, dilated, everyNth, flipped, sides, transposed } from "./masks.js";
import { BLANK_BELOW, crop, EDGE_AT, extent } from "./normalize.js";
import { greatest } from "./rounding.js";

const MIN_SIDE = 48; // in pixels: in smaller images, such as MNIST's, light and ink look alike
const TOLERANCE = 1; // in levels: what rounding adds to a flat background
const MAX_NOISE = 0.12; // of the border, neither paper nor ink
const MAX_BETWEEN = 0.12; // of the pixels, between paper and ink
const FAINT = 8; // in levels: what differs more from the paper is not paper
const STROKE = 0.4; // of the darkest ink: strokes are as dark
const STRAIGHT = 0.008; // of the ink's longer side: how far a printed line is from straight at most
const THIN = 0.1; // of the ink's longer side: printed lines are thinner
const MAX_INK = 0.85; // of the pixels: drawings cover less
const FAINTER = 1.3; // of the clear ink: the soft edges of strokes add less than faint print
const DASH = 2; // of its height: a dash is wider
const DASHES = 4; // in a row, at least, are a broken line
const AT_END = 0.15; // of the ink's height: it is no farther from the ink's upper or lower end
const UNEVEN = 2; // times a dash's median thickness: it is nowhere thicker
const STEEPEST = 0.1; // slope of a printed line
const MIN_PAD = 0.3; // of the image's shorter side: a rectangle of paper is larger, a straight stroke narrower
const MAX_EDGE = 0.5; // of the border: drawings touch less of it
const STRIP = 0.06; // of the image's width: what lies beside the paper may be as narrow
const ALONG = 0.9; // of a side of the image: it is at least as long
const FILLED = 0.3; // of that side: it may be broken
const MAX_GRAIN = 0.15; // of the darkest ink: three quarters of the border of a small image with grain are fainter
const ABOVE_GRAIN = 4; // times that level: hardly any grain is as dark

/**
 * Measure how far each pixel of an image is from the paper, lighter or darker, in any colour.
 *
 * `image` is {bands, width, height} with one Uint8Array (height · width) where it is grey, or three. Returns ink, or null
 * where the background is not flat, or has printed lines.
 */
export function flatInk({ bands, width, height }) {
  const size = { width, height };
  const grey = contrastToPaper({ values: bands.length === 1 ? bands[0] : toGrey(bands), ...size });
  const [isPlain, isSmall] = [isFlat(grey), Math.max(width, height) < MIN_SIDE];
  if (!isPlain && !isSmall) return null;
  const ink = bands.length === 1 ? grey : { values: greatestOf(bands, size), ...size };
  if (isSmall) return withoutGrain(ink) ?? (isPlain ? ink : null);
  return hasPrint(ink) ? null : ink;
}

/** Clear what lies away from strokes, in a small image. Returns null where there is no grain, or perhaps a shadow. */
function withoutGrain(ink) {
  const { values, width, height } = ink;
  const border = sides(ink).flatMap((side) => [...side]);
  border.sort((one, other) => one - other);
  const [grain, darkest] = [border[Math.floor((3 * border.length) / 4)], greatest(values)];
  if (grain <= TOLERANCE || grain >= MAX_GRAIN * darkest) return null;
  const darker = above(ink, Math.min(ABOVE_GRAIN * grain, Math.trunc(STROKE * darkest))).values;
  let strokes = above(ink, Math.trunc(STROKE * darkest));
  for (let grows = true; grows; ) {
    const next = dilated(strokes);
    next.values = next.values.map((value, i) => value & darker[i]);
    grows = next.values.some((value, i) => value !== strokes.values[i]);
    strokes = next;
  }
  const near = dilated(strokes).values;
  return { values: values.map((value, i) => (near[i] ? value : 0)), width, height };
}

/** Convert colours to grey as Pillow does, with the weights of ITU-R 601-2. */
function toGrey([red, green, blue]) {
  const grey = new Uint8Array(red.length);
  for (let i = 0; i < grey.length; i++) grey[i] = (red[i] * 19595 + green[i] * 38470 + blue[i] * 7471 + 0x8000) >> 16;
  return grey;
}

function greatestOf(bands, size) {
  const [red, green, blue] = bands.map((values) => contrastToPaper({ values, ...size }).values);
  for (let i = 0; i < red.length; i++) red[i] = Math.max(red[i], green[i], blue[i]);
  return red;
}

/** Return how far each level is from that of the paper: the median along the image's edges. */
export function contrastToPaper({ values, width, height }) {
  const counts = new Int32Array(256);
  let all = 0;
  for (const side of sides({ values, width, height })) {
    for (const value of side) counts[value]++;
    all += side.length;
  }
  let paper = 0;
  for (let below = counts[0]; below <= all >> 1; below += counts[++paper]);
  const contrast = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) contrast[i] = values[i] > paper ? values[i] - paper : paper - values[i];
  return { values: contrast, width, height };
}

/** Tell whether a grey image, of which `contrast` is what contrastToPaper returns, has a background of one level. */
export function isFlat(contrast) {
  const edges = sides(contrast);
  const border = edges.reduce((sum, side) => sum + side.length, 0);
  const onBorder = (low, high) => edges.reduce((sum, side) => sum + countBetween(side, low, high), 0);
  if (2 * onBorder(-1, TOLERANCE + 1) < border) return false;
  const seen = sampled(contrast);
  const darkest = greatest(seen.values);
  const faintest = Math.floor(darkest / 4);
  const longer = Math.max(contrast.width, contrast.height);
  const noise = onBorder(TOLERANCE, faintest);
  if (longer >= MIN_SIDE && noise > MAX_NOISE * border) return false;
  if (darkest < BLANK_BELOW || longer < MIN_SIDE) return true;
  if (hasDust(seen, darkest)) return false;
  if (Math.min(contrast.width, contrast.height) < 2 * MIN_SIDE) {
    // Soft edges cover much, but the paper of a photograph has grain.
    return 2 * countBetween(seen.values, -1, TOLERANCE + 1) >= countBetween(seen.values, -1, FAINT + 1);
  }
  const stroke = Math.ceil(STROKE * darkest);
  if (countBetween(seen.values, FAINT, stroke) > MAX_BETWEEN * seen.values.length) return false;
  // Ruled paper has at least two rules, each from side to side. Hardly any drawing crosses two opposite sides twice.
  const [top, bottom, left, right] = edges.map(crossings);
  return Math.min(top, bottom) < 2 && Math.min(left, right) < 2;
}

/** Tell whether anything away from the strokes is fainter than they are, and would widen the crop. */
function hasDust(contrast, darkest) {
  const { values, width, height } = contrast;
  const { top, left, bottom, right } = extent(contrast, Math.trunc(STROKE * darkest) - 1);
  const around = Math.max(3, Math.floor(height / 60));
  const level = Math.max(FAINT, Math.trunc(darkest * EDGE_AT));
  const [highest, lowest] = [Math.max(0, top - around), Math.min(height, bottom + around)];
  const [before, after] = [Math.max(0, left - around), Math.min(width, right + around)];
  for (let row = 0; row < height; row++) {
    const from = row * width;
    const isInside = row >= highest && row < lowest;
    for (let x = 0; x < width; x++) {
      if (isInside && x === before) x = after; // the strokes are not looked at
      if (x < width && values[from + x] > level) return true;
    }
  }
  return false;
}

/** Tell whether the ink of a flat image is more than a drawing: a frame, lines, a page around the paper. */
function hasPrint(ink) {
  const threshold = Math.max(BLANK_BELOW, Math.floor(greatest(ink.values) / 3));
  const whole = above(sampled(ink), threshold);
  const area = countBetween(whole.values, 0);
  if (Math.max(ink.width, ink.height) < MIN_SIDE || !area) return false;
  if (area > MAX_INK * whole.values.length) return true;
  const alongSides = sides(whole).map((side) => countBetween(side, 0) / side.length);
  if (Math.max(...alongSides) > MAX_EDGE) return true;
  const views = [() => whole, () => flipped(whole), () => transposed(whole), () => flipped(transposed(whole))];
  if (views.some((view, i) => alongSides[i] && hasStrip(view()))) return true;
  const mask = crop(whole, extent(whole, 0));
  const { width, height } = mask;
  const across = transposed(mask);
  const found = [mask, flipped(mask), across, flipped(across)].map(sideOf);
  const lines = (kinds) => kinds.filter((kind) => kind === "line").length;
  const [level, upright] = [lines(found.slice(0, 2)), lines(found.slice(2))];
  if (upright === 1 && height >= whole.height - 2) return true;
  if (level && width >= Math.min(height, whole.width - 2)) return width >= whole.width - 2 || !hasOnlyDashes(mask);
  const isLarge = Math.min(height, width) > MIN_PAD * Math.min(whole.height, whole.width);
  const others = found.filter((kind) => kind === null).length;
  if (level + upright >= 3 || (isLarge && others <= 1) || hasCorners(mask) || hasBrokenLine(mask)) return true;
  const fainter = above(sampled(ink), BLANK_BELOW);
  return countBetween(fainter.values, 0) > FAINTER * area && hasCorners(crop(fainter, extent(fainter, 0)));
}

/** Tell whether something narrow lies along the upper edge of a mask, away from the ink, as a sheet's end does. */
function hasStrip({ values, width, height }) {
  const row = (y) => values.subarray(y * width, (y + 1) * width);
  const rows = Math.min(height, Math.trunc(STRIP * height) + 2);
  let depth = 0;
  while (depth < rows && row(depth).includes(1)) depth++;
  if (depth === rows) return false;
  const along = [];
  for (let x = 0; x < width; x++) {
    let y = 0;
    while (y < depth && !row(y)[x]) y++;
    if (y < depth) along.push(x);
  }
  return along.length > FILLED * width && along.at(-1) - along[0] > ALONG * width;
}

/** Tell whether there is nothing but dashes: somebody drew them. */
function hasOnlyDashes(mask) {
  const { boxes, labels } = findComponents(mask);
  return boxes.every(([left, top, right, bottom], at) => {
    if (right - left <= DASH * (bottom - top)) return false;
    const thickness = new Int32Array(right - left); // in each column: about the same, unlike that of a comb, or of cells
    for (let row = top; row < bottom; row++) {
      for (let x = left; x < right; x++) if (labels[row * mask.width + x] === at + 1) thickness[x - left]++;
    }
    thickness.sort();
    return thickness.at(-1) <= UNEVEN * thickness[thickness.length >> 1] + 1;
  });
}

/** Tell whether dashes lie in a row above or below everything else; between digits, they are hyphens. */
function hasBrokenLine(mask) {
  let runs = 0; // of columns with ink: components take longer
  let before = false;
  for (let x = 0; x < mask.width; x++) {
    let isInked = false;
    for (let at = x; at < mask.values.length && !isInked; at += mask.width) isInked = mask.values[at] > 0;
    if (isInked && !before) runs++;
    before = isInked;
  }
  if (runs < DASHES) return false;
  const parts = findComponents(mask).boxes.map(([left, top, right, bottom]) => {
    const isDash = right - left > DASH * (bottom - top) && bottom - top <= Math.max(2, THIN * mask.height);
    return { top, bottom, x: (left + right) / 2, middle: (top + bottom) / 2, isDash };
  });
  if (parts.every(({ isDash }) => isDash)) return false;
  const dashes = parts.filter(({ isDash }) => isDash);
  const isUpper = ({ middle }) => middle < mask.height / 2;
  return [dashes.filter(isUpper), dashes.filter((dash) => !isUpper(dash))].some((row) => isAtAnEnd(row, parts));
}

/** Tell whether dashes are a straight row at the upper or lower end of all parts. */
function isAtAnEnd(row, parts) {
  if (row.length < DASHES) return false;
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const centre = mean(row.map(({ x }) => x));
  const spread = row.reduce((sum, { x }) => sum + (x - centre) ** 2, 0);
  if (!spread) return false; // one above the other
  const slope = row.reduce((sum, { x, middle }) => sum + (x - centre) * middle, 0) / spread; // least squares
  const levels = row.map(({ x, middle }) => middle - slope * (x - centre));
  const highest = Math.min(...parts.map(({ x, top }) => top - slope * (x - centre)));
  const lowest = Math.max(...parts.map(({ x, bottom }) => bottom - slope * (x - centre)));
  const height = lowest - highest;
  if (Math.abs(slope) > STEEPEST || Math.max(...levels) - Math.min(...levels) > Math.max(3, THIN * height)) return false;
  return Math.min(mean(levels) - highest, lowest - mean(levels)) <= AT_END * height;
}

/** Tell whether the upper side of a mask is straight: a thin "line", or the "edge" of something larger; or null. */
function sideOf({ values, width, height }) {
  const longer = Math.max(height, width);
  const cut = Math.floor(width / 20);
  const length = width - 2 * cut;
  if (length < 2) return null;
  const first = new Int32Array(length);
  for (let x = 0; x < length; x++) {
    let row = 0;
    while (row < height && !values[row * width + cut + x]) row++;
    if (row === height) return null;
    first[x] = row;
  }
  const middle = (length - 1) / 2;
  let [product, square, sum] = [0, 0, 0];
  for (let x = 0; x < length; x++) {
    product += (x - middle) * first[x];
    square += (x - middle) ** 2;
    sum += first[x];
  }
  const [slope, mean] = [product / square, sum / length]; // least squares
  const limit = Math.max(1, STRAIGHT * longer);
  const away = first.filter((row, x) => Math.abs(row - mean - slope * (x - middle)) > limit).length;
  if (Math.abs(slope) > STEEPEST || away > 0.05 * length) return null;
  const most = Math.max(2, Math.trunc(THIN * longer));
  const thickness = Array.from(first, (row, x) => {
    let deep = 0; // below the last row, that row counts
    while (deep < most + 2 && values[Math.min(row + deep, height - 1) * width + cut + x]) deep++;
    return deep;
  });
  return median(thickness) <= most ? "line" : "edge";
}

function sampled(image) {
  return everyNth(image, Math.max(1, Math.floor(Math.max(image.width, image.height) / 500)));
}

function crossings(side) {
  return side.filter((value, i) => value > FAINT && !(i > 0 && side[i - 1] > FAINT)).length;
}
