// Every layer at work on one image, as POST /inspect?layers=steps tells it of the default network.

import { base64, pngUrl } from "../preprocessing/png.js";
import { SIDE } from "../preprocessing/normalize.js";
import { isDoubtful } from "./test-time-augmentation.js";

const MARGIN = 2; // in pixels, which the network cuts off
const NO_DIGIT = "not-a-digit"; // the name of the output beyond the classes
// The size and the padding of each convolution's kernel, and whether pooling follows it: model/networks/digitpad.py.
const CONVOLUTIONS = [
  { kernel: 5, padding: 0, pools: true },
  { kernel: 3, padding: 0, pools: false },
  { kernel: 3, padding: 0, pools: true },
  { kernel: 3, padding: 1, pools: false },
  { kernel: 3, padding: 1, pools: false },
];

/** Read the ink of `scan` as `Recognizer.read` does. Returns the document of POST /inspect, but for `model`. */
export function inspect(scan, { recognizer, paper }) {
  const placed = scan.place();
  const { classes, mean, std, rejects } = recognizer.description;
  const pixels = Float32Array.from(placed.image, (value) => (Math.fround(value / 255) - mean) / std);
  const steps = new Steps(pixels);
  const [reading] = recognizer.read([placed], paper, (...seen) => steps.add(...seen));
  const { label } = reading;
  const logits = Float32Array.from(reading.logits);
  steps.end(logits);
  const names = [...classes, ...(rejects ? [NO_DIGIT] : [])];
  return {
    digit: label !== null && /^\d$/.test(label) ? Number(label) : null,
    ...reading.document(false),
    input: pngUrl({ values: placed.image, width: SIDE, height: SIDE }),
    frame: placed.frame && scan.sent([...placed.frame, placed.frame[2]]).slice(0, 3).map(rounded),
    logits: Object.fromEntries(names.map((name, i) => [name, rounded(logits[i])])),
    temperature: recognizer.temperature(placed.found, paper),
    second_look: isDoubtful(logits),
    layers: steps.layers,
  };
}

/** Collects the layers, with the pixels that a cell of each can see: explained in model/inference/engines/receptive_fields.py. */
class Steps {
  layers = [];
  #field = { start: 0, stride: 1, size: 1, low: 0, high: SIDE };
  #pools = 0;

  constructor(pixels) {
    this.#add({ step: 0, name: "input", kind: "input", from: [], parts: [part("input", "input")] }, [1, SIDE, SIDE], pixels);
  }

  add(number, raw, finished, kernel) {
    const { kernel: size, padding, pools } = CONVOLUTIONS[number];
    const step = number + 1;
    const name = `features.${number}.0`;
    const convolution = { kernel: size, padding, stride: 1 };
    const parts = [part(name, "convolution", convolution)];
    if (number === 0) {
      parts.unshift(part("crop 1", "crop"));
      this.#field = { ...this.#field, start: MARGIN, low: MARGIN, high: SIDE - MARGIN };
    }
    this.#slide(convolution);
    const from = [this.layers.at(-1).name];
    this.#add({ step, name, kind: "convolution", from, parts, operation: convolution }, shapeOf(raw), raw.copy(kernel));
    const then = [part(`features.${number}.2`, "normalise"), part(`activation ${step}`, "activation")];
    const layer = { step, name: `activation ${step}`, kind: "activation", from: [name], parts: then };
    if (pools) {
      const pooling = { kernel: 2, padding: 0, stride: 2 };
      then.unshift(part(`pool ${++this.#pools}`, "pool", pooling));
      Object.assign(layer, { kind: "pool", operation: pooling });
      this.#slide(pooling);
    }
    this.#add(layer, shapeOf(finished), finished.copy(kernel));
  }

  end(logits) {
    const parts = [part("flatten 1", "flatten"), part("classifier.1", "linear")];
    const layer = { step: CONVOLUTIONS.length + 1, name: "classifier.1", kind: "linear", from: [this.layers.at(-1).name], parts };
    this.#field = null; // it sees everything
    this.#add(layer, [logits.length], logits);
  }

  #slide({ kernel, padding, stride }) {
    const field = this.#field;
    this.#field = {
      ...field,
      start: field.start - padding * field.stride,
      size: field.size + (kernel - 1) * field.stride,
      stride: field.stride * stride,
    };
  }

  #add(layer, shape, values) {
    this.layers.push({ ...layer, ...(this.#field ? { field: this.#field } : {}), ...quantised(shape, values) });
  }
}

function part(name, kind, operation) {
  return { name, kind, ...(operation ? { operation } : {}) };
}

function shapeOf({ maps, height, width }) {
  return [maps, height, width];
}

/** Write values with one byte for each, between the least and the greatest: model/explain/quantise.py. */
function quantised(shape, values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range = Math.fround(high - low || 1);
  const bytes = Uint8Array.from(values, (value) => Math.round(((value - low) / range) * 255));
  return { shape, low: rounded(low), high: rounded(high), values: base64(bytes) };
}

/** Round to six significant digits, as the server does. */
function rounded(value) {
  return Number(value.toPrecision(6));
}
