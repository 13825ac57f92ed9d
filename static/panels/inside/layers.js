// The layers in an answer of POST /inspect, decoded; docs/inside.md describes what the server sends.

import { bytesOf, fetchKernels } from "../weights.js";

/** A layer: `maps` of `height` × `width` cells. The numbers of a linear layer are maps of one cell. */
class Layer {
  /** Decode the server's description of a layer; `earlier` are the layers before it, by name. */
  constructor(described, earlier, isLast) {
    const { step, name, kind, parts, operation = null, field = null, shape, low, high, values } = described;
    Object.assign(this, { step, name, kind, parts, operation, field, low, high, isLast });
    [this.maps, this.height, this.width] = [shape[0], shape[1] ?? 1, shape[2] ?? 1];
    this.sources = described.from.map((source) => earlier.get(source));
    this.bytes = bytesOf(values);
    this.isStrip = this.height * this.width === 1;
  }

  get isSigned() {
    return this.low < 0;
  }

  /** Return a cell's byte, or null outside the map. */
  byte(map, row, column) {
    if (row < 0 || column < 0 || row >= this.height || column >= this.width) return null;
    return this.bytes[(map * this.height + row) * this.width + column];
  }

  /** Return a cell's value. Outside the map lies padding, which is 0. */
  value(map, row, column) {
    const byte = this.byte(map, row, column);
    return byte === null ? 0 : this.low + (byte * (this.high - this.low)) / 255;
  }

  /** The cell whose value is furthest from 0. */
  get strongest() {
    const zero = (-this.low * 255) / (this.high - this.low || 1);
    let best = 0;
    for (let i = 1; i < this.bytes.length; i++) {
      if (Math.abs(this.bytes[i] - zero) > Math.abs(this.bytes[best] - zero)) best = i;
    }
    const [column, rest] = [best % this.width, Math.floor(best / this.width)];
    return { map: Math.floor(rest / this.height), row: rest % this.height, column };
  }

  /**
   * Return the cells of the layer before that a cell is computed from, as a square {top, left, size} in each map, or
   * null where these are all. It follows from the receptive fields, which know of cropped margins; padding does not.
   */
  under({ row, column }) {
    const [source] = this.sources;
    if (!source?.field || !this.field) return null;
    const { kernel: size, stride } = this.operation ?? { kernel: 1, stride: 1 };
    if (!this.operation && source.width !== this.width) return null;
    const start = Math.round((this.field.start - source.field.start) / source.field.stride);
    return { top: start + row * stride, left: start + column * stride, size };
  }

  /** Return a cell's receptive field in pixels of the 28×28: {top, left, bottom, right}. */
  seen({ row, column }) {
    const { field } = this;
    if (!field) return this.sources[0]?.whole ?? { top: 0, left: 0, bottom: 28, right: 28 };
    const from = (place) => Math.max(field.low, field.start + place * field.stride);
    const to = (place) => Math.min(field.high, field.start + place * field.stride + field.size);
    return { top: from(row), left: from(column), bottom: to(row), right: to(column) };
  }

  /** The pixels that this layer sees. */
  get whole() {
    if (!this.field) return this.sources[0]?.whole;
    const { low, high } = this.field;
    return { top: low, left: low, bottom: high, right: high };
  }
}

/** Decode an answer's layers, in the order of the network. */
export function layersOf(answer) {
  const layers = new Map();
  answer.layers.forEach((described, i) => {
    layers.set(described.name, new Layer(described, layers, i === answer.layers.length - 1));
  });
  return [...layers.values()];
}

const fetched = new Map(); // promises of kernels, by the version of the weights and the layer's name

/** Fetch the kernels of a convolution, once: {inputs, size, low, high, bytes, bias}. */
export function kernelsOf(model, layer) {
  const key = `${model.version}/${layer.name}`;
  if (!fetched.has(key)) {
    const kernels = fetchKernels(model.name, layer.name, model.version).then(({ shape, ...rest }) => {
      const [, inputs, size] = shape;
      return { ...rest, inputs, size };
    });
    kernels.catch(() => fetched.delete(key)); // to be asked for again
    fetched.set(key, kernels);
  }
  return fetched.get(key);
}

/**
 * Compute a convolution's cell: the sum of patch × kernel for each input map, the largest first, and their total.
 */
export function sumTerms(layer, cell, kernels) {
  const [source] = layer.sources;
  const { top, left, size } = layer.under(cell);
  const unit = (kernels.high - kernels.low) / 255;
  const terms = [];
  let sum = 0;
  for (let map = 0; map < kernels.inputs; map++) {
    const first = (cell.map * kernels.inputs + map) * size * size;
    let value = 0;
    for (let i = 0; i < size * size; i++) {
      const weight = kernels.low + kernels.bytes[first + i] * unit;
      value += weight * source.value(map, top + Math.floor(i / size), left + (i % size));
    }
    terms.push({ map, value, kernel: kernels.bytes.subarray(first, first + size * size) });
    sum += value;
  }
  terms.sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return { terms, sum, bias: kernels.bias?.[cell.map] ?? null };
}
