// The architecture as a row of blocks: one for each layer whose output has another shape than its input.

import { html, svg } from "../../elements.js";
import { translate } from "../../i18n.js";
import { rough, short, whole } from "../numbers.js";

const TALLEST = 96; // pixels: a map as large as the network's input
const BOX = [132, 136]; // pixels: every block's drawing
const ASLANT = [0.34, 0.34]; // depth is drawn aslant: to the right and up, as parts of the height
const KINDS = { Conv2d: "convolution", Linear: "linear", Flatten: "flatten", BatchNorm2d: "norm", Dropout2d: "dropout" };
const OTHERS = { MaxPool2d: "max_pool", AvgPool2d: "average_pool", AdaptiveAvgPool2d: "average_pool", Dropout: "dropout" };

/** Draw the layers of a card, in the order in which an image passes them. */
export function architecture({ architecture: { layers, parameters, multiplications }, input }) {
  const [height, width] = input.size;
  const start = { name: "", kind: "Input", shape: [input.channels, height, width], parameters: 0, multiplications: 0, also: [] };
  const blocks = joined([start, ...layers.map((layer) => ({ ...layer, also: [] }))]);
  const largest = Math.max(...blocks.flatMap(({ shape }) => (shape.length === 3 ? shape.slice(1) : [])));
  return html(
    "div",
    {},
    html("p", { class: "how" }, translate("card.architecture_how")),
    html("ol", { class: "blocks" }, ...blocks.map((block) => item(block, largest, { parameters, multiplications }))),
  );
}

/** Join layers that keep the shape (a norm, an activation) with the one before them. */
function joined(layers) {
  const blocks = [];
  for (const layer of layers) {
    const last = blocks.at(-1);
    const stays = last && !layer.multiplications && String(layer.shape) === String(last.shape);
    if (!stays) blocks.push(layer);
    else {
      last.also.push(named(layer.kind));
      last.parameters += layer.parameters;
    }
  }
  return blocks;
}

function named(kind) {
  const known = KINDS[kind] ?? OTHERS[kind] ?? (kind === "Input" ? "input" : null);
  return known ? translate(`card.kind_${known}`) : kind;
}

function item(block, largest, all) {
  const { name, kind, shape, also, parameters, multiplications } = block;
  const costs = [];
  if (parameters) costs.push(cost("parameters", parameters, all.parameters));
  if (multiplications) costs.push(cost("multiplications", multiplications, all.multiplications));
  return html(
    "li",
    { class: KINDS[kind] ?? OTHERS[kind] ?? "other" },
    drawing(shape, largest),
    html(
      "div",
      { class: "told quiet" },
      html("b", {}, named(kind)),
      html("span", { class: "shape" }, shape.map(whole).join(" × ")),
      ...(also.length ? [html("span", { class: "also" }, `+ ${[...new Set(also)].join(", ")}`)] : []),
      ...costs,
      ...(name ? [html("code", {}, name)] : []),
    ),
  );
}

/** Write a layer's parameters or multiplications, and their part of all, with a bar. */
function cost(what, count, all) {
  const bar = html("i");
  bar.style.setProperty("--part", count / all);
  const text = translate(`card.cost_${what}`, { count: what === "parameters" ? whole(count) : short(count) });
  const part = html("span", { class: "part" }, html("span", { class: "bar", "aria-hidden": "true" }, bar), rough(count / all));
  return html("span", { class: `cost ${what}` }, text, part);
}

/** Draw maps (C, H, W) as a box: H high, W deep, and thicker the larger C is; or outputs (N) as a strip. */
function drawing(shape, largest) {
  const picture = svg("svg", { viewBox: `0 0 ${BOX.join(" ")}`, width: BOX[0], height: BOX[1], "aria-hidden": "true" });
  const [count, rows = null, columns = null] = shape;
  const size = (length) => Math.max(3, (length / largest) * TALLEST);
  const up = rows === null ? Math.min(TALLEST, 8 + 8 * Math.log2(count)) : size(rows);
  const thick = rows === null ? 10 : Math.min(64, 4 + 4 * Math.sqrt(count));
  const [right, back] = columns === null ? [0, 0] : ASLANT.map((part) => part * size(columns));
  const [x, y] = [(BOX[0] - thick - right) / 2, (BOX[1] + up + back) / 2];
  const face = (name, ...points) =>
    svg("path", { class: name, d: `M${points.map((point) => point.map((at) => at.toFixed(1))).join("L")}Z` });
  picture.append(face("front", [x, y], [x + thick, y], [x + thick, y - up], [x, y - up]));
  if (columns !== null) {
    picture.append(
      face("top", [x, y - up], [x + thick, y - up], [x + thick + right, y - up - back], [x + right, y - up - back]),
      face("side", [x + thick, y], [x + thick + right, y - back], [x + thick + right, y - up - back], [x + thick, y - up]),
    );
  }
  return picture;
}
