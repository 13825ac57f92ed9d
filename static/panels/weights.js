// What the server sends as bytes in base64, and the kernels of its networks.

import { get } from "../client.js";

/** Decode base64. */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Fetch the kernels of a network's convolution, of `version` of its weights: {shape, low, high, bytes, bias}. */
export async function fetchKernels(model, layer, version) {
  const path = `models/${encodeURIComponent(model)}/kernels/${encodeURIComponent(layer)}`;
  const { values, ...kernels } = await get(`${path}?version=${encodeURIComponent(version)}`);
  return { ...kernels, bytes: bytesOf(values) };
}
