// The network for single digits; model/networks/digitpad.py says why it is built so.

import { Convolution, Maps } from "./layers.js";

export const SIDE = 28; // in pixels, of an image
const MARGIN = 2; // in pixels, cut off
const STEPS = [
  { pool: [2, 2] },
  {},
  { pool: [2, 2], padded: true },
  { padded: true },
  {},
]; // of each convolution: what follows, and whether the next one has padding

/** Maps images to logits. */
export class Digitpad {
  constructor(kernel, weights) {
    this.kernel = kernel;
    this.description = weights.description;
    // Pooling comes before the normalisation here, so that its scale is not folded into the weights.
    this.convolutions = STEPS.map(
      (_, step) =>
        new Convolution(kernel, weights.get(`features.${step}.0.weight`), {
          ...weights.normalisation(`features.${step}.2`),
          fold: false,
        }),
    );
    const { shape: [outputs, inputs], values } = weights.get("classifier.1.weight"); // prettier-ignore
    const shape = [outputs, inputs / 9, 3, 3]; // a linear layer over maps of 3×3
    this.classifier = new Convolution(kernel, { shape, values }, { shift: weights.get("classifier.1.bias").values });
    kernel.keep();
  }

  /**
   * Return the logits of `images`, Float32Arrays (28 · 28) from 0 to 1: a Float32Array (outputs) of each.
   *
   * `watch` is called with each convolution's number, its raw maps, what became of them, and the kernel that holds both.
   */
  logits(images, watch = () => {}) {
    const { kernel } = this;
    kernel.release();
    let maps = this.#input(images);
    this.convolutions.forEach((convolution, step) => {
      const { pool, padded } = STEPS[step];
      const raw = convolution.run(maps);
      const finished = convolution.finish(raw, { pool, down: padded ? 1 : 0, across: padded ? 1 : 0 });
      watch(step, raw, finished, kernel);
      maps = finished;
    });
    const logits = this.classifier.finish(this.classifier.run(maps), { rectify: false });
    return images.map((_, image) => logits.copy(kernel, image));
  }

  #input(images) {
    const { kernel, description: { mean, std } } = this; // prettier-ignore
    const side = SIDE - 2 * MARGIN;
    const maps = new Maps(kernel, { maps: 1, images: images.length, height: side, width: side });
    images.forEach((image, number) => {
      for (let row = 0; row < side; row++) {
        const to = maps.row(0, number, row);
        const from = (row + MARGIN) * SIDE + MARGIN;
        for (let x = 0; x < side; x++) kernel.floats[to + x] = Math.fround(image[from + x] - mean) / std;
      }
    });
    return maps;
  }
}
