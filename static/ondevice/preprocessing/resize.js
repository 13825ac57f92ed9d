// Shrinking and enlarging as Pillow does it on 8-bit images, to the last bit: what a network saw in training was made so.

const PRECISION = 22; // bits behind the point of a coefficient: 32 - 8 - 2

/**
 * Resize `values` (height · width) bilinearly to `size` [width, height], averaging all pixels where it shrinks.
 *
 * `box` [left, top, right, bottom] is the part that is resized, not always in whole pixels; the default is everything.
 */
export function resize({ values, width, height }, [newWidth, newHeight], box = [0, 0, width, height]) {
  const isWider = newWidth !== width || box[0] !== 0 || box[2] !== newWidth;
  const isTaller = newHeight !== height || box[1] !== 0 || box[3] !== newHeight;
  const across = isWider && coefficients(width, box[0], box[2], newWidth);
  const down = isTaller && coefficients(height, box[1], box[3], newHeight);
  let result = values;
  // Pillow 13 begins with the side that shrinks by more pixels, and each pass rounds.
  if (across && down && height > newHeight && height - newHeight > 2 * (width - newWidth)) {
    result = horizontally(vertically(result, width, down), width, newHeight, across);
  } else {
    if (across) result = horizontally(result, width, height, across);
    if (down) result = vertically(result, newWidth, down);
  }
  return { values: result, width: newWidth, height: newHeight };
}

/** Return for each new pixel its `firsts` old one, and the `shares` of that and of those after it: `count` for each. */
function coefficients(oldSide, from, to, side) {
  [from, to] = [Math.fround(from), Math.fround(to)]; // parts of pixels are in single precision
  const scale = Math.fround(to - from) / side;
  const support = Math.max(scale, 1); // in old pixels: half of the triangle's base
  const count = 2 * Math.ceil(support) + 1;
  const [firsts, lengths, shares] = [new Int32Array(side), new Int32Array(side), new Int32Array(side * count)];
  const weights = new Float64Array(count);
  for (let pixel = 0; pixel < side; pixel++) {
    const centre = from + (pixel + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const length = Math.min(oldSide, Math.trunc(centre + support + 0.5)) - first;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const distance = Math.abs((i + first - centre + 0.5) * (1 / support));
      weights[i] = distance < 1 ? 1 - distance : 0;
      sum += weights[i];
    }
    for (let i = 0; i < length; i++) {
      const share = sum === 0 ? weights[i] : weights[i] / sum;
      shares[pixel * count + i] = Math.trunc(0.5 + share * (1 << PRECISION));
    }
    firsts[pixel] = first;
    lengths[pixel] = length;
  }
  return { side, count, firsts, lengths, shares };
}

function horizontally(values, width, height, { side, count, firsts, lengths, shares }) {
  const result = new Uint8ClampedArray(side * height);
  for (let row = 0, to = 0; row < height; row++) {
    for (let pixel = 0; pixel < side; pixel++, to++) {
      let sum = 1 << (PRECISION - 1);
      const from = row * width + firsts[pixel];
      const share = pixel * count;
      for (let i = 0; i < lengths[pixel]; i++) sum += values[from + i] * shares[share + i];
      result[to] = sum >> PRECISION;
    }
  }
  return result;
}

function vertically(values, width, { side, count, firsts, lengths, shares }) {
  const result = new Uint8ClampedArray(width * side);
  const sums = new Int32Array(width);
  for (let pixel = 0; pixel < side; pixel++) {
    sums.fill(1 << (PRECISION - 1));
    for (let i = 0; i < lengths[pixel]; i++) {
      const share = shares[pixel * count + i];
      const from = (firsts[pixel] + i) * width;
      for (let x = 0; x < width; x++) sums[x] += values[from + x] * share;
    }
    for (let x = 0; x < width; x++) result[pixel * width + x] = sums[x] >> PRECISION;
  }
  return result;
}

/**
 * Reduce `values` (height · width) by whole factors: the mean of each block, also of the smaller ones at the right and
 * the bottom. `box` is the part that is reduced, in whole pixels; the default is everything.
 */
export function reduce({ values, width, height }, [across, down], box = [0, 0, width, height]) {
  const [left, top, right, bottom] = box;
  const [newWidth, newHeight] = [Math.ceil((right - left) / across), Math.ceil((bottom - top) / down)];
  const result = new Uint8ClampedArray(newWidth * newHeight);
  const sums = new Uint32Array(newWidth);
  for (let row = 0; row < newHeight; row++) {
    const [first, last] = [top + row * down, Math.min(bottom, top + (row + 1) * down)];
    sums.fill(0);
    for (let y = first; y < last; y++) {
      const from = y * width;
      for (let column = 0, x = left; column < newWidth; column++) {
        const stop = Math.min(right, x + across);
        let sum = 0;
        for (; x < stop; x++) sum += values[from + x];
        sums[column] += sum;
      }
    }
    for (let column = 0; column < newWidth; column++) {
      const pixels = (Math.min(right, left + (column + 1) * across) - left - column * across) * (last - first);
      result[row * newWidth + column] = mean(sums[column], pixels);
    }
  }
  return { values: result, width: newWidth, height: newHeight };
}

/** Divide as Pillow does: by a factor with 24 bits behind the point, computed in single precision. */
function mean(sum, pixels) {
  const factor = Math.trunc(Math.fround(2 ** 32 / Math.fround(256 * pixels)));
  return Math.floor(((sum + (pixels >> 1)) * factor) / 2 ** 24);
}

/** Resize a part of an image as Pillow's `reducing_gap=2` does: reduced by whole factors first, where it shrinks much. */
export function resizeInTwoSteps(image, size, box) {
  const [left, top, right, bottom] = box;
  const factors = [(right - left) / size[0], (bottom - top) / size[1]].map((scale) => Math.trunc(scale / 2) || 1);
  if (Math.max(...factors) === 1) return resize(image, size, box);
  const [across, down] = [(0.5 * (right - left)) / size[0], (0.5 * (bottom - top)) / size[1]];
  const around = [
    Math.max(0, Math.trunc(left - across)),
    Math.max(0, Math.trunc(top - down)),
    Math.min(image.width, Math.ceil(right + across)),
    Math.min(image.height, Math.ceil(bottom + down)),
  ];
  const reduced = reduce(image, factors, around);
  const inside = box.map((side, i) => (side - around[i % 2]) / factors[i % 2]);
  return resize(reduced, size, inside);
}
