// Images whose greatest value is tiny: they hold bits, or floats that were saved as bytes; see image_files.py.

import { findComponents } from "./components.js";
import { InkProblem } from "./errors.js";
import { contrastToPaper, isFlat } from "./flat.js";
import { above, countBetween, everyNth, padded, sides } from "./masks.js";
import { greatest } from "./rounding.js";

const LOW = 16; // of 255: the greatest value of an image of few bits
const MIN_PHOTO = 48; // in pixels, of the longer side: smaller images are no photographs
const MAX_INK = 0.5; // of the pixels
const CLUSTERED = 0.2; // how much more ink there is around ink than elsewhere: 0 in noise
const CLEARLY_CLUSTERED = 0.3;
const LONGEST = 0.15; // of the image's shorter side: the longest part of the ink
const MAX_PARTS = 40;
const MAX_STROKE = 0.5; // of the longest part, the width of strokes
const MAX_BORDER = 0.05; // of the image's border is ink

/** Multiply an image of 0 and 1 by 255, if it shows a drawing. Throws InkProblem for other drawings that are as dark. */
export function spread(image, isLossless) {
  const [first] = image.bands;
  const most = greatest(first);
  if (!(most > 0 && most <= LOW) || !first.includes(0)) return image;
  const drawing = image.bands.length === 1 ? drawingIn(image, most) : null;
  if (!drawing) return image; // a photograph of the dark holds noise
  if (drawing === "clear" && most === 1 && isLossless) return { ...image, bands: [first.map((value) => 255 * value)] };
  throw new InkProblem(
    `The image's values go from 0 to ${most} only, and white is 255: multiply them by ${Math.floor(255 / most)} ` +
      "before it is saved.",
  );
}

/** Tell whether an image of 0 to `most` shows strokes on a flat background: "clear", "likely", or null for noise. */
function drawingIn({ bands: [grey], width, height }, most) {
  const factor = Math.floor(255 / most);
  const contrast = contrastToPaper({ values: grey.map((value) => value * factor), width, height });
  const mask = above(contrast, 127);
  const inked = countBetween(mask.values, 0);
  const share = inked / mask.values.length;
  if (!(share > 0 && share <= MAX_INK) || !isFlat(contrast)) return null;
  const clustering = (neighbours(mask) / inked / 8 - share) / (1 - share);
  const step = Math.max(1, Math.floor(Math.max(width, height) / 500));
  const parts = findComponents(everyNth(mask, step));
  const longest = Math.max(0, ...parts.boxes.map(([left, top, right, bottom]) => Math.max(right - left, bottom - top)));
  const isSmall = Math.max(width, height) < MIN_PHOTO;
  if (!isSmall && (clustering < CLUSTERED || step * longest < LONGEST * Math.min(width, height))) return null;
  const border = sides(mask);
  const onBorder = border.reduce((sum, side) => sum + countBetween(side, 0), 0);
  const length = border.reduce((sum, side) => sum + side.length, 0);
  const areStrokes = parts.boxes.length <= MAX_PARTS && parts.stroke <= MAX_STROKE * longest;
  return clustering >= CLEARLY_CLUSTERED && areStrokes && onBorder <= MAX_BORDER * length ? "clear" : "likely";
}

/** Count the neighbours that are ink of all pixels of ink. */
function neighbours(mask) {
  const { values, width, height } = padded(mask, 1);
  let sum = 0;
  for (let row = 1; row < height - 1; row++) {
    for (let x = 1; x < width - 1; x++) {
      const at = row * width + x;
      if (!values[at]) continue;
      for (const line of [at - width, at, at + width]) sum += values[line - 1] + values[line] + values[line + 1];
      sum--;
    }
  }
  return sum;
}
