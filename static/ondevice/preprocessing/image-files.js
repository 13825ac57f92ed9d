// Image files → upright pixels, decoded by the browser; model/preprocessing/image_files.py is the server's counterpart.

import { InkProblem } from "./errors.js";
import { spread } from "./few-bits.js";
import { headerOf } from "./file-header.js";
import { reduce } from "./resize.js";
import { flatten } from "./transparency.js";

const NAMES = "PNG, JPEG, WebP, GIF, BMP or TIFF";
const MAX_PIXELS = 16_000_000;
const MAX_JPEG_PIXELS = 64_000_000; // a baseline JPEG is reduced at once
const MIN_SIDE = 8; // in pixels, of the longer side
const WORKING_SIDE = 1024; // in pixels: larger images are reduced first
const DRAFT_SIDE = 640; // in pixels, of the shorter side: a JPEG is reduced no further at once
const LOSSLESS = ["PNG", "GIF", "BMP"];
const AT_ONCE = 2_000_000; // pixels that are copied at a time: phones allow no canvas for a whole photograph
// As they are in the file, upright. The server ignores colour profiles, too.
const AS_IT_IS = { colorSpaceConversion: "none", imageOrientation: "from-image", premultiplyAlpha: "none" };

/**
 * Decode an image file, a Blob. Returns `image`, {bands, width, height} with one band if it is grey, or three; and in
 * `sent` the pixels that its longer side had in the file, before any reduction. Throws InkProblem.
 */
export async function decode(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  if (!bytes.length) throw new InkProblem(`The image is empty: send the bytes of a ${NAMES} file.`);
  const header = headerOf(bytes);
  if (!header) throw new InkProblem(`This is not an image in a format that is read: send a ${NAMES} file.`);
  const step = checkSize(header);
  const bitmap = await open(blob, header.format);
  try {
    const [image, alpha] = plain(readPixels(bitmap, step));
    const bands = grey(flatten(image.bands, alpha));
    const isLossless = LOSSLESS.includes(header.format);
    return { image: spread({ ...image, bands }, isLossless), sent: Math.max(bitmap.width, bitmap.height) };
  } finally {
    bitmap.close();
  }
}

/** Check the header's size. Returns the factor by which a JPEG is reduced at once. Throws InkProblem. */
function checkSize({ format, width, height, isProgressive }) {
  if (width * height > MAX_JPEG_PIXELS) throw tooLarge(MAX_JPEG_PIXELS);
  if (format === "TIFF" || !width || !height) return 1;
  if (Math.max(width, height) < MIN_SIDE) {
    throw new InkProblem(
      `The image has ${width}×${height} pixels, too few to hold a digit: send one with at least ${MIN_SIDE} pixels on ` +
        "its longer side.",
    );
  }
  const scale = Math.floor(Math.min(width, height) / DRAFT_SIDE);
  const step = format === "JPEG" && !isProgressive ? [8, 4, 2, 1].find((each) => scale >= each || each === 1) : 1;
  if (Math.ceil(width / step) * Math.ceil(height / step) > MAX_PIXELS) throw tooLarge(MAX_PIXELS);
  return step;
}

function tooLarge(limit) {
  return new InkProblem(`The image has more than ${limit / 1e6} million pixels: send a smaller one.`);
}

async function open(blob, format) {
  try {
    return await createImageBitmap(blob, AS_IT_IS);
  } catch (error) {
    const why = format === "TIFF" ? "browsers read no TIFF" : error.message;
    throw new InkProblem(
      `The image cannot be decoded (${why}): check that the file is whole, or save it again as PNG.`,
    );
  }
}

/** Read a bitmap's pixels, in strips, each reduced by `step`: [red, green, blue, alpha] of an image. */
function readPixels(bitmap, step) {
  const { width, height } = bitmap;
  const [across, down] = [Math.ceil(width / step), Math.ceil(height / step)];
  const rows = Math.min(height, Math.max(step, Math.floor(AT_ONCE / width / step) * step));
  const context = canvasOf(width, rows).getContext("2d", { willReadFrequently: true });
  const bands = Array.from({ length: 4 }, () => new Uint8Array(across * down));
  for (let top = 0; top < height; top += rows) {
    const tall = Math.min(rows, height - top);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top);
    const { data } = context.getImageData(0, 0, width, tall);
    const to = (top / step) * across;
    const strips = step === 1 ? bands.map((band) => band.subarray(to)) : bands.map(() => new Uint8Array(width * tall));
    separate(data, strips);
    if (step === 1) continue;
    strips.forEach((values, which) => {
      bands[which].set(reduce({ values, width, height: tall }, [step, step]).values, to);
    });
  }
  return { bands, width: across, height: down };
}

function separate(data, [red, green, blue, alpha]) {
  for (let i = 0, from = 0; from < data.length; i++, from += 4) {
    red[i] = data[from];
    green[i] = data[from + 1];
    blue[i] = data[from + 2];
    alpha[i] = data[from + 3];
  }
}

function canvasOf(width, height) {
  if (globalThis.OffscreenCanvas) return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

/** Reduce a large image. Returns it with red, green and blue, and its alpha. */
function plain({ bands, width, height }) {
  const factor = Math.floor(Math.max(width, height) / WORKING_SIDE);
  if (factor <= 1) return [{ bands: bands.slice(0, 3), width, height }, bands[3]];
  const alpha = bands[3];
  const isOpaque = alpha.every((value) => value === 255);
  const reduced = bands.map((band, which) => {
    const values = isOpaque || which === 3 ? band : band.map((value, i) => Math.round((value * alpha[i]) / 255));
    return reduce({ values, width, height }, [factor, factor]); // colours that are not seen do not count
  });
  const less = reduced[3].values;
  const colours = reduced.slice(0, 3).map(({ values }) => {
    return isOpaque ? values : values.map((value, i) => (less[i] ? Math.floor((255 * value) / less[i]) : value));
  });
  return [{ ...reduced[0], bands: colours }, less];
}

/** Keep one of three bands that are equal. */
function grey([red, green, blue]) {
  for (let i = 0; i < red.length; i++) if (red[i] !== green[i] || red[i] !== blue[i]) return [red, green, blue];
  return [red];
}
