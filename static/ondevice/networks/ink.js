// The ink network; see model/networks/ink.py.

import { Convolution, enlarge, Maps } from "./layers.js";

const LEVELS = 5;
const PADDED = { down: 1, across: 1 };

/** Maps pictures of paper to the logits of ink and of print. */
export class InkNetwork {
  constructor(kernel, weights) {
    this.kernel = kernel;
    this.description = weights.description;
    const convolution = (name, stride = 1) =>
      new Convolution(kernel, weights.get(`${name}.0.weight`), { ...weights.normalisation(`${name}.1`), stride });
    this.stem = convolution("stem", 2);
    const counts = Array.from({ length: LEVELS }, (_, i) => weights.get(`encoder.${i}.0.0.weight`).shape);
    this.encoder = counts.map(([after, before], i) => [
      convolution(`encoder.${i}.0`, before === after ? 1 : 2),
      convolution(`encoder.${i}.1`),
    ]);
    this.decoder = Array.from({ length: LEVELS - 1 }, (_, i) => [
      convolution(`decoder.${i}.0`),
      convolution(`decoder.${i}.1`),
    ]);
    this.head = new Convolution(kernel, weights.get("head.weight"), { shift: weights.get("head.bias").values });
    kernel.keep();
  }

  /**
   * Return the logits of a picture, {bands: three Uint8Arrays (height · width), height, width}, whose sides are
   * multiples of 32: Float32Arrays (height · width), of ink and of print.
   */
  logits({ bands, height, width }) {
    const { kernel } = this;
    kernel.release();
    let maps = this.stem.finish(this.stem.run(this.#input(bands, height, width)), PADDED);
    const skipped = [];
    for (const [first, second] of this.encoder) {
      maps = first.finish(first.run(maps), PADDED);
      maps = second.finish(second.run(maps), PADDED);
      skipped.push(maps);
    }
    this.decoder.forEach(([first, second], i) => {
      const beside = skipped[LEVELS - 2 - i];
      const size = { height: beside.height, width: beside.width };
      const both = new Maps(kernel, { maps: maps.maps + beside.maps, ...size, ...PADDED });
      enlarge(kernel, maps, both, 0);
      enlarge(kernel, beside, both, maps.maps, 1);
      maps = first.finish(first.run(both), PADDED);
      maps = second.finish(second.run(maps), PADDED);
    });
    const quarters = this.head.finish(this.head.run(maps), { rectify: false });
    return [0, 1].map((output) => this.#whole(quarters, output));
  }

  #input(bands, height, width) {
    const { kernel, description: { mean, std } } = this; // prettier-ignore
    const maps = new Maps(kernel, { maps: bands.length, height, width, down: 2, across: 2 });
    // Of each of the 256 values only once.
    const scaled = Float32Array.from({ length: 256 }, (_, value) => Math.fround(Math.fround(value / 255) - mean) / std);
    bands.forEach((band, map) => {
      for (let row = 0; row < height; row++) {
        const to = maps.row(map, 0, row);
        for (let x = 0; x < width; x++) kernel.floats[to + x] = scaled[band[row * width + x]];
      }
    });
    return maps;
  }

  /** Put an output's four maps, of half the size, together: those of the upper left pixels, the upper right … */
  #whole(quarters, output) {
    const { height, width } = quarters;
    const whole = new Float32Array(4 * height * width);
    for (let quarter = 0; quarter < 4; quarter++) {
      for (let row = 0; row < height; row++) {
        const from = quarters.row(4 * output + quarter, 0, row);
        let to = (2 * row + (quarter >> 1)) * 2 * width + (quarter & 1);
        for (let x = 0; x < width; x++, to += 2) whole[to] = this.kernel.floats[from + x];
      }
    }
    return whole;
  }
}
