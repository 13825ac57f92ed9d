// Names of layers and cells, in the page's language.

import { translate } from "../../i18n.js";

export const caption = (key, values) => translate(`inside.${key}`, values);

/** Name what a layer does: "Convolution 5×5", or "pooling 2×2 → normalisation → ReLU". */
export function title(layer) {
  const names = layer.parts
    .filter(({ kind }) => !["crop", "flatten", "scale", "shift"].includes(kind))
    .map(({ kind, operation }) => {
      const known = kind === "activation" && !layer.isSigned ? "rectify" : kind;
      return caption(`kinds.${known}`, { size: operation?.kernel });
    });
  if (!names.length) return caption(`kinds.${layer.kind}`);
  // A tanh before the pooling and one after it are named once.
  return [...new Set(names)].join(caption("then"));
}

/** Return a sentence on what the layer is good for. */
export function purpose(layer) {
  const kinds = new Set(layer.parts.map(({ kind }) => kind));
  const said = [];
  if (layer.kind === "convolution") said.push(layer.sources[0]?.kind === "input" ? "first" : "convolution");
  else if (layer.kind === "linear") said.push(layer.isLast ? "logits" : "linear");
  else if (["input", "add", "other"].includes(layer.kind)) said.push(layer.kind);
  if (kinds.has("pool")) said.push("pool");
  if (kinds.has("activation")) said.push(layer.isSigned ? "bend" : "rectify");
  else if (kinds.has("normalise")) said.push("normalise");
  const size = layer.operation?.kernel;
  return said.map((key) => caption(`does.${key}`, { size })).join(caption("and_then"));
}

/** "16 maps of 20×20", "50 numbers". */
export function shape({ maps, height, width, isStrip }) {
  if (isStrip) return caption("numbers", { count: maps });
  return caption(maps === 1 ? "one_map" : "maps", { maps, height, width });
}

/** "map 3 of 16, row 4, column 7", counted from 1. */
export function place(layer, { map, row, column }, labels) {
  if (layer.isLast) return caption("for_label", { label: labels[map] });
  if (layer.isStrip) return caption("number_of", { number: map + 1, count: layer.maps });
  return caption("place", { map: map + 1, maps: layer.maps, row: row + 1, column: column + 1 });
}
