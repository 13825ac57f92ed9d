// Ink of a line of characters → the strip that the line network reads; see model/preprocessing/strip.py.

import { crop, EDGE_AT, extent, isBlank } from "./normalize.js";
import { resize } from "./resize.js";
import { greatest, roundEven } from "./rounding.js";

const HEIGHT = 32; // in pixels, of the strip
const INK = 28; // in pixels, of the ink's height in it
const SIDE_MARGIN = 6; // in pixels, before and after the ink
const WIDEST_GAP = 0.8; // of the ink's height: wider gaps are shortened to this
const LONGEST = 1024; // in pixels
const STEP = 8; // in pixels: widths are multiples of it

/**
 * Normalise the ink of one line: the strip {values (height · width), height, width}, and for each of its `columns` the
 * x of its middle in the ink. Returns null where the ink is blank, or far longer than a line of characters.
 */
export function toStrip(ink) {
  if (isBlank(ink)) return null;
  const level = Math.max(1, Math.trunc(greatest(ink.values) * EDGE_AT));
  const { top, bottom } = extent(ink, level);
  const band = crop(ink, { left: 0, top, right: ink.width, bottom });
  const kept = withoutWideGaps(inkedColumns(band, level), Math.max(2, roundEven(WIDEST_GAP * (bottom - top))));
  const scale = INK / (bottom - top);
  const across = Math.max(1, roundEven(kept.length * scale));
  if (across + 2 * SIDE_MARGIN > LONGEST) return null;
  const fitted = resize(pick(band, kept), [across, INK]).values;
  const whole = across + 2 * SIDE_MARGIN;
  const width = Math.ceil(whole / STEP) * STEP;
  const values = new Uint8Array(HEIGHT * width);
  const above = (HEIGHT - INK) / 2;
  const factor = Math.fround(255 / Math.max(greatest(fitted), 1));
  for (let row = 0; row < INK; row++) {
    const to = (above + row) * width + SIDE_MARGIN;
    for (let x = 0; x < across; x++) values[to + x] = roundEven(Math.fround(fitted[row * across + x] * factor));
  }
  const places = Float64Array.from({ length: width }, (_, x) => (x - SIDE_MARGIN + 0.5) / scale);
  return { values, height: HEIGHT, width, columns: interpolate(places, kept) };
}

function inkedColumns({ values, width, height }, level) {
  const inked = new Uint8Array(width);
  for (let row = 0, i = 0; row < height; row++) for (let x = 0; x < width; x++, i++) if (values[i] > level) inked[x] = 1;
  return [...inked.keys()].filter((x) => inked[x]);
}

/** Return the columns from the first that has ink to the last, with at most `widest` empty ones in a row. */
function withoutWideGaps(columns, widest) {
  const kept = [columns[0]];
  const upTo = (start, stop) => {
    for (let x = start; x < stop; x++) kept.push(x);
  };
  for (let at = 0; at + 1 < columns.length; at++) {
    const [start, stop] = [columns[at], columns[at + 1]];
    if (stop - start <= widest) continue;
    upTo(kept.at(-1) + 1, start + 1 + (widest >> 1));
    upTo(stop - (widest - (widest >> 1)), stop + 1);
  }
  upTo(kept.at(-1) + 1, columns.at(-1) + 1);
  return kept;
}

function pick({ values, width, height }, columns) {
  const picked = new Uint8Array(columns.length * height);
  for (let row = 0, to = 0; row < height; row++) for (const x of columns) picked[to++] = values[row * width + x];
  return { values: picked, width: columns.length, height };
}

/** Map `places` in the kept columns, in rising order, to the x in the ink; beyond the ends, to the ends. */
function interpolate(places, kept) {
  const last = kept.length - 1;
  return places.map((place) => {
    const at = place - 0.5;
    if (at <= 0) return kept[0] + 0.5;
    if (at >= last) return kept[last] + 0.5;
    const before = Math.floor(at);
    return kept[before] + 0.5 + (kept[before + 1] - kept[before]) * (at - before);
  });
}
