// The line network; see model/networks/line.py.

import { add, Convolution, Maps } from "./layers.js";

const LEVELS = 3;
const CONTEXT = 2; // convolutions over frames

/** Maps strips to the logits of their frames. */
export class LineNetwork {
  constructor(kernel, weights) {
    this.kernel = kernel;
    this.description = weights.description;
    const convolution = (name, norm) =>
      new Convolution(kernel, weights.get(`${name}.weight`), weights.normalisation(norm));
    this.stem = convolution("stem.0", "stem.1");
    this.levels = Array.from({ length: LEVELS }, (_, i) => [
      convolution(`levels.${i}.0`, `levels.${i}.1`),
      convolution(`levels.${i}.3`, `levels.${i}.4`),
    ]);
    this.toFrames = convolution("to_frames.0", "to_frames.1");
    this.context = Array.from({ length: CONTEXT }, (_, i) => convolution(`context.${i}.0`, `context.${i}.1`));
    this.head = new Convolution(kernel, weights.get("head.weight"), { shift: weights.get("head.bias").values });
    kernel.keep();
  }

  /** Return the logits of a strip, {values: Uint8Array (height · width), height, width}: an array for each frame. */
  logits({ values, height, width }) {
    const { kernel, description: { mean, std } } = this; // prettier-ignore
    kernel.release();
    const strip = new Maps(kernel, { maps: 1, height, width, down: 1, across: 1 });
    for (let row = 0; row < height; row++) {
      const to = strip.row(0, 0, row);
      for (let x = 0; x < width; x++) {
        kernel.floats[to + x] = Math.fround(Math.fround(values[row * width + x] / 255) - mean) / std;
      }
    }
    const padded = { down: 1, across: 1 };
    let maps = this.stem.finish(this.stem.run(strip), { pool: [2, 2], ...padded });
    this.levels.forEach(([first, second], level) => {
      maps = first.finish(first.run(maps), padded);
      const down = level < LEVELS - 1 ? 1 : 0; // the next convolution is as high as its maps
      maps = second.finish(second.run(maps), { pool: [2, 1], down, across: 1 });
    });
    const around = { across: 2 };
    maps = this.toFrames.finish(this.toFrames.run(maps), around);
    for (const layer of this.context) {
      const added = layer.finish(layer.run(maps));
      add(kernel, maps, added);
    }
    const logits = this.head.finish(this.head.run(maps), { rectify: false }).copy(kernel);
    const frames = width / 2;
    const [pitch, outputs] = [maps.pitch, this.head.maps];
    return Array.from({ length: frames }, (_, frame) =>
      Array.from({ length: outputs }, (_, output) => logits[output * pitch + maps.left + frame]),
    );
  }
}
