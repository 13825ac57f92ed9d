// Weights files: the tensors and the description that model/networks/description.py writes into each.

import { sha256 } from "./digest.js";

const FORMATS = [1, 2];
const KEY = "digitpad";
const EPSILON = 1e-5; // of torch's batch normalisation

/** A weights file that is missing, damaged or foreign. */
export class WeightsError extends Error {}

/** What a file holds: `tensors` by name as {shape, values: Float32Array}, its `description`, and its `version`. */
export class Weights {
  /** Read the `bytes` of a safetensors file: the header's length in 8 bytes, the header in JSON, the tensors. */
  static async read(bytes, name) {
    try {
      const length = Number(new DataView(bytes).getBigUint64(0, true));
      const { __metadata__: metadata, ...entries } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
      const description = JSON.parse(metadata[KEY]);
      if (!FORMATS.includes(description.format)) throw new Error(`its format is ${description.format}`);
      const tensors = new Map();
      for (const [key, { dtype, shape, data_offsets: [start, end] }] of Object.entries(entries)) {
        if (dtype !== "F32") continue; // counters, and the images of examples
        tensors.set(key, { shape, values: new Float32Array(bytes.slice(8 + length + start, 8 + length + end)) });
      }
      return new Weights(name, description, `sha256:${await sha256(bytes)}`, tensors);
    } catch (error) {
      throw new WeightsError(`${name} does not hold Digitpad weights (${error.message}).`);
    }
  }

  constructor(name, description, version, tensors) {
    Object.assign(this, { name, description, version, tensors });
  }

  get(name) {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new WeightsError(`${this.name} does not hold ${name}.`);
    return tensor;
  }

  /** Return what a batch normalisation multiplies each map with, and what it then adds: {scale, shift}. */
  normalisation(name) {
    const [weight, bias, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map(
      (part) => this.get(`${name}.${part}`).values,
    );
    const scale = weight.map((value, map) => value / Math.sqrt(variance[map] + EPSILON));
    return { scale, shift: bias.map((value, map) => value - mean[map] * scale[map]) };
  }
}
