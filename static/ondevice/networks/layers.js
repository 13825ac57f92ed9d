// The layers that the three networks are made of, on maps in the kernel's memory.
//
// Maps are (maps, images, rows, pitch) numbers, with the next convolution's padding around each image. Several images
// stand one below the other, so that a convolution runs over all of them at once.

/**
 * Maps in memory: the cells (height × width) of each begin at `top`, `left` of its padded (rows × pitch); `plane` is
 * the distance from one map to the next.
 */
export class Maps {
  /** Reserve maps with `across` and `down` empty cells on either side, and after the last row `extra` more. */
  constructor(kernel, { maps, images = 1, height, width, down = 0, across = 0 }) {
    const [rows, pitch] = [height + 2 * down, width + 2 * across];
    const plane = images * rows * pitch;
    Object.assign(this, { maps, images, height, width, rows, pitch, plane, top: down, left: across });
    this.place = kernel.reserve(maps * plane);
    if (down || across) kernel.floats.fill(0, this.place, this.place + maps * plane);
  }

  /** Return the place of a row's first cell. */
  row(map, image, row) {
    return this.place + map * this.plane + (image * this.rows + row + this.top) * this.pitch + this.left;
  }

  /** Copy the cells of an image out: Float32Array (maps, height, width). */
  copy(kernel, image = 0) {
    const { maps, height, width } = this;
    const copied = new Float32Array(maps * height * width);
    for (let map = 0, at = 0; map < maps; map++) {
      for (let row = 0; row < height; row++, at += width) {
        const from = this.row(map, image, row);
        copied.set(kernel.floats.subarray(from, from + width), at);
      }
    }
    return copied;
  }
}

/** A convolution, with its weights in the kernel's memory. */
export class Convolution {
  #offsets = new Map(); // by the layout of the input: where each term's input is, relative to the first

  /**
   * `shape` is (maps, input maps, kernel rows, kernel columns) and `values` the weights. `scale` and `shift`, for each
   * map, are applied afterwards, where the result is finished: that is the normalisation, or a bias alone.
   */
  constructor(kernel, { shape, values }, { scale = null, shift = null, stride = 1, fold = true } = {}) {
    const [maps, inputs, down, across] = shape;
    Object.assign(this, { kernel, maps, inputs, down, across, stride, shift: shift ?? new Float32Array(maps) });
    this.terms = inputs * down * across;
    this.scale = fold ? null : scale;
    this.padded = (maps + 3) & ~3;
    this.weights = kernel.reserve(this.padded * this.terms);
    for (let map = 0; map < this.padded; map++) {
      const factor = map < maps && fold && scale ? scale[map] : 1;
      for (let term = 0; term < this.terms; term++) {
        const weight = map < maps ? values[map * this.terms + term] * factor : 0;
        kernel.floats[this.weights + ((map >> 2) * this.terms + term) * 4 + (map & 3)] = weight;
      }
    }
  }

  /** Convolve `input`, which has its padding around it. Returns raw Maps, without scale and shift. */
  run(input) {
    const { kernel, stride } = this;
    const source = stride === 2 ? split(kernel, input) : input;
    const height = Math.floor((input.rows - this.down) / stride) + 1;
    const width = Math.floor((input.pitch - this.across) / stride) + 1;
    const { images, rows, pitch } = source;
    const last = (images - 1) * rows * pitch + (height - 1) * pitch + width; // the place after the last cell
    const places = (last + 7) & ~7;
    const output = kernel.reserve(this.padded * places);
    const offsets = this.#offsetsIn(source);
    kernel.convolve({
      input: source.place, offsets, terms: this.terms, weights: this.weights, output, maps: this.padded, places,
      plane: places,
    }); // prettier-ignore
    const raw = { maps: this.maps, images, height, width, rows, pitch, plane: places, top: 0, left: 0, place: output };
    return Object.setPrototypeOf(raw, Maps.prototype);
  }

  #offsetsIn(source) {
    const { kernel, stride, inputs, down, across } = this;
    const { plane, pitch } = source;
    const place = kernel.reserve(this.terms); // anew each time: what was reserved for the last run is free again
    const known = this.#offsets.get(`${plane} ${pitch}`);
    if (known) {
      kernel.integers.set(known, place);
      return place;
    }
    const offsets = new Int32Array(this.terms);
    let term = 0;
    for (let map = 0; map < inputs; map++) {
      for (let row = 0; row < down; row++) {
        for (let column = 0; column < across; column++) {
          const phase = stride === 2 ? 2 * (row & 1) + (column & 1) : 0;
          const [y, x] = stride === 2 ? [row >> 1, column >> 1] : [row, column];
          offsets[term++] = 4 * ((map * stride * stride + phase) * plane + y * pitch + x);
        }
      }
    }
    if (this.#offsets.size > 8) this.#offsets.clear(); // strips have many widths
    this.#offsets.set(`${plane} ${pitch}`, offsets);
    kernel.integers.set(offsets, place);
    return place;
  }

  /**
   * Finish raw maps: the greatest of each window of `pool` rows and columns, scaled, shifted and, with `rectify`, not
   * below 0. The result has the padding `down` and `across`.
   */
  finish(raw, { pool: [tall, wide] = [1, 1], rectify = true, down = 0, across = 0 } = {}) {
    const { kernel, maps, scale, shift } = this;
    const [height, width] = [Math.floor(raw.height / tall), Math.floor(raw.width / wide)];
    const result = new Maps(kernel, { maps, images: raw.images, height, width, down, across });
    const least = rectify ? 0 : -Infinity;
    for (let map = 0; map < maps; map++) {
      for (let image = 0; image < raw.images; image++) {
        for (let row = 0; row < height; row++) {
          const [from, to] = [raw.row(map, image, row * tall), result.row(map, image, row)];
          finishRow(kernel.floats, from, to, width, wide, tall === 1 ? 0 : raw.pitch, scale ? scale[map] : 1, shift[map], least);
        }
      }
    }
    return result;
  }
}

/** Finish a row; `below` is how far away the second row of the window is, or 0. */
function finishRow(floats, from, to, width, wide, below, scale, shift, least) {
  for (let x = 0; x < width; x++, from += wide) {
    let most = floats[from];
    if (below && floats[from + below] > most) most = floats[from + below];
    if (wide === 2) {
      if (floats[from + 1] > most) most = floats[from + 1];
      if (floats[from + below + 1] > most) most = floats[from + below + 1];
    }
    const value = most * scale + shift;
    floats[to + x] = value > least ? value : least;
  }
}

/** Split padded maps into four each, of even and odd rows and columns: a stride of 2 becomes one of 1. */
function split(kernel, source) {
  const { maps, images } = source;
  const [height, width] = [(source.rows + 1) >> 1, (source.pitch + 1) >> 1];
  const result = new Maps(kernel, { maps: 4 * maps, images, height, width });
  const { floats } = kernel;
  for (let map = 0; map < maps; map++) {
    for (let row = 0; row < source.images * source.rows; row++) {
      const from = source.place + map * source.plane + row * source.pitch;
      const to = result.row(4 * map + 2 * (row & 1), 0, row >> 1);
      for (let x = 0; x < source.pitch; x++) floats[to + (x & 1) * result.plane + (x >> 1)] = floats[from + x];
    }
  }
  return result;
}

/** Copy maps into those from `first` of `into`, each cell `factor` times across and down. */
export function enlarge(kernel, source, into, first, factor = 2) {
  const { floats } = kernel;
  for (let map = 0; map < source.maps; map++) {
    for (let row = 0; row < into.height; row++) {
      const from = source.row(map, 0, Math.floor(row / factor));
      const to = into.row(first + map, 0, row);
      for (let x = 0; x < into.width; x++) floats[to + x] = floats[from + Math.floor(x / factor)];
    }
  }
}

/** Add the cells of `source` to those of `target`, which may have other padding. */
export function add(kernel, target, source) {
  const { floats } = kernel;
  for (let map = 0; map < target.maps; map++) {
    for (let row = 0; row < target.height; row++) {
      const [to, from] = [target.row(map, 0, row), source.row(map, 0, row)];
      for (let x = 0; x < target.width; x++) floats[to + x] += floats[from + x];
    }
  }
}
