// Named kernels in two sizes, and those of the network's first convolution.

import { get } from "../../client.js";
import { fetchKernels } from "../weights.js";

/** Name → size → {weights, divisor}. The 3×3 kernels are those of `python -m model convolve`. */
export const PRESETS = {
  identity: { 3: kernel("0 0 0 0 1 0 0 0 0"), 5: kernel("0 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0") },
  blur: { 3: kernel("1 2 1 2 4 2 1 2 1", 16), 5: kernel("1 4 6 4 1 4 16 24 16 4 6 24 36 24 6 4 16 24 16 4 1 4 6 4 1", 256) },
  sharpen: { 3: kernel("0 -1 0 -1 5 -1 0 -1 0"), 5: kernel("0 0 -1 0 0 0 -1 -2 -1 0 -1 -2 17 -2 -1 0 -1 -2 -1 0 0 0 -1 0 0") },
  edge: { 3: kernel("-1 -1 -1 -1 8 -1 -1 -1 -1"), 5: kernel("0 0 -1 0 0 0 -1 -2 -1 0 -1 -2 16 -2 -1 0 -1 -2 -1 0 0 0 -1 0 0") },
  "sobel-x": { 3: kernel("-1 0 1 -2 0 2 -1 0 1"), 5: kernel("-1 -2 0 2 1 -4 -8 0 8 4 -6 -12 0 12 6 -4 -8 0 8 4 -1 -2 0 2 1") },
  "sobel-y": { 3: kernel("-1 -2 -1 0 0 0 1 2 1"), 5: kernel("-1 -4 -6 -4 -1 -2 -8 -12 -8 -2 0 0 0 0 0 2 8 12 8 2 1 4 6 4 1") },
  emboss: { 3: kernel("-2 -1 0 -1 1 1 0 1 2"), 5: kernel("-4 -3 -2 -1 0 -3 -2 -1 0 1 -2 -1 1 1 2 -1 0 1 2 3 0 1 2 3 4") },
};

function kernel(text, divisor = 1) {
  return { weights: text.split(" ").map(Number), divisor };
}

/**
 * Fetch the kernels of the default network's first convolution. Returns {name, size, kernels}, or null where it has
 * none that fits on the page. Throws Refusal or Unreachable.
 */
export async function networkKernels() {
  const { default: name, models } = await get("models");
  const { architecture } = await get(`models/${encodeURIComponent(name)}`);
  const first = architecture.layers.find(({ kind }) => kind === "Conv2d");
  if (!first) return null;
  const { version } = models.find((model) => model.name === name);
  const { shape, low, high, bytes } = await fetchKernels(name, first.name, version);
  const [count, channels, size] = shape;
  if (channels !== 1 || ![3, 5].includes(size) || shape[3] !== size) return null;
  // A weight is sent as a byte, so three decimals are enough; the page multiplies by what it shows.
  const weights = Array.from(bytes, (byte) => Math.round((low + (byte * (high - low)) / 255) * 1000) / 1000);
  const area = size * size;
  return { name, size, kernels: Array.from({ length: count }, (_, i) => weights.slice(i * area, (i + 1) * area)) };
}
