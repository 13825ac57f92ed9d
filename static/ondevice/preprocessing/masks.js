// Helpers for masks and other arrays of pixels, {values (height · width), width, height}.

/** Count the values above `low` and below `high`. */
export function countBetween(values, low, high = Infinity) {
  let number = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > low && values[i] < high) number++;
  return number;
}

/** Mark with 1 what is above `level`. */
export function above({ values, width, height }, level) {
  const mask = new Uint8Array(values.length); // a loop: map() with a function takes ten times as long
  for (let i = 0; i < values.length; i++) mask[i] = values[i] > level ? 1 : 0;
  return { values: mask, width, height };
}

/** Turn upside down. */
export function flipped({ values, width, height }) {
  const result = new Uint8Array(values.length);
  for (let row = 0; row < height; row++) {
    result.set(values.subarray(row * width, (row + 1) * width), (height - 1 - row) * width);
  }
  return { values: result, width, height };
}

/** Swap rows and columns. */
export function transposed({ values, width, height }) {
  const result = new Uint8Array(values.length);
  for (let row = 0; row < height; row++) {
    for (let x = 0; x < width; x++) result[x * height + row] = values[row * width + x];
  }
  return { values: result, width: height, height: width };
}

/** Add an empty margin on all sides. */
export function padded({ values, width, height }, margin) {
  const across = width + 2 * margin;
  const wider = new Uint8Array(across * (height + 2 * margin));
  for (let row = 0; row < height; row++) {
    wider.set(values.subarray(row * width, (row + 1) * width), (row + margin) * across + margin);
  }
  return { values: wider, width: across, height: height + 2 * margin };
}

/** Add the eight neighbours of each pixel to a mask. */
export function dilated({ values, width, height }) {
  const result = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (!values[i]) continue;
    const [row, x] = [Math.floor(i / width), i % width];
    for (let down = Math.max(0, row - 1); down < Math.min(height, row + 2); down++) {
      for (let across = Math.max(0, x - 1); across < Math.min(width, x + 2); across++) result[down * width + across] = 1;
    }
  }
  return { values: result, width, height };
}

/** Take every `step`th row and column. */
export function everyNth({ values, width, height }, step) {
  if (step === 1) return { values, width, height };
  const [across, down] = [Math.ceil(width / step), Math.ceil(height / step)];
  const kept = new Uint8Array(across * down);
  for (let row = 0, to = 0; row < down; row++) {
    for (let x = 0; x < across; x++) kept[to++] = values[row * step * width + x * step];
  }
  return { values: kept, width: across, height: down };
}

/** Return the edges: top, bottom, left and right. */
export function sides({ values, width, height }) {
  const column = (x) => Uint8Array.from({ length: height }, (_, row) => values[row * width + x]);
  return [values.subarray(0, width), values.subarray((height - 1) * width), column(0), column(width - 1)];
}
