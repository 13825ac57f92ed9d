// A convolution and two kinds of pooling, pixel by pixel. Pure functions: numbers in, numbers out.
//
// An image is {values, width, height}, its values row by row. A window is {size, stride, padding}, all in pixels. A
// kernel is {weights, divisor}: size · size weights, row by row, and what the sum of products is divided by.
// `python -m model convolve` computes the same, and the tests compare the two.

export const SIZES = { convolution: [3, 5], max: [2, 3, 5], average: [2, 3, 5] };

/** Return the possible paddings. In pooling: half a window at most, or a window could hold padding alone. */
export function paddings(operation, size) {
  return [0, 1, 2].filter((padding) => operation === "convolution" || padding <= size / 2);
}

/** Return the output's side for an input of `side` pixels. Throws RangeError where the window does not fit. */
export function outputSide(side, { size, stride, padding }) {
  if (side + 2 * padding < size) throw new RangeError(`a window of ${size} does not fit into ${side + 2 * padding} pixels`);
  return Math.floor((side + 2 * padding - size) / stride) + 1;
}

/** Return the size · size pixels under the window of one output pixel, row by row, with null for padding. */
export function patchAt({ values, width, height }, { size, stride, padding }, row, column) {
  const patch = [];
  for (let y = row * stride - padding; y < row * stride - padding + size; y++) {
    for (let x = column * stride - padding; x < column * stride - padding + size; x++) {
      patch.push(x >= 0 && y >= 0 && x < width && y < height ? values[y * width + x] : null);
    }
  }
  return patch;
}

/**
 * Compute one output pixel from a patch. Returns {terms, total, divisor, value, chosen}: the terms, their sum, what it
 * is divided by, the result; and in max pooling the index of the largest pixel. Padding counts as zeros, but max pooling
 * never chooses it, as in torch.nn.
 */
export function computePixel(operation, patch, { weights, divisor } = {}) {
  if (operation === "max") {
    const chosen = patch.reduce((best, value, i) => (value !== null && !(patch[best] >= value) ? i : best), -1);
    return { terms: patch.filter((value) => value !== null), total: patch[chosen], divisor: 1, value: patch[chosen], chosen };
  }
  const terms = patch.map((value, i) => (value ?? 0) * (operation === "convolution" ? weights[i] : 1));
  const total = terms.reduce((sum, term) => sum + term, 0);
  const by = operation === "convolution" ? divisor : patch.length;
  return { terms, total, divisor: by, value: total / by, chosen: null };
}

/** Compute all output pixels, as an image. */
export function slide(operation, image, window, kernel) {
  const [width, height] = [outputSide(image.width, window), outputSide(image.height, window)];
  const values = new Float64Array(width * height);
  for (let i = 0; i < values.length; i++) {
    values[i] = computePixel(operation, patchAt(image, window, Math.floor(i / width), i % width), kernel).value;
  }
  return { values, width, height };
}

/** Write a number with two decimals and a real minus sign; a rounded zero has no sign. */
export function twoDigits(value) {
  const text = Math.abs(value).toFixed(2);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** Write a weight with two decimals at most. */
export function weightText(weight) {
  return String(Math.round(weight * 100) / 100).replace("-", "−");
}

/** Write terms as one sum: "0.12 + 0.40 − 1.00". */
export function sumText(terms) {
  return terms
    .map((term, i) => {
      const text = twoDigits(term);
      if (i === 0) return text;
      return text.startsWith("−") ? ` − ${text.slice(1)}` : ` + ${text}`;
    })
    .join("");
}
