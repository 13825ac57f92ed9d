// A box with a label around each digit of a number, on the pad or on the image that was chosen, and the ink found there.

import { $, svg } from "./elements.js";

/** Show the boxes of `digits`, in pixels of the image `file`, or in pad units where that is null; and `ink`, if any. */
export function showBoxes(digits, file, ink) {
  if (!file) return draw($("boxes"), digits, 1);
  const { naturalWidth, naturalHeight } = $("picture").querySelector("img");
  if (!naturalWidth) return; // the browser cannot show it: few show a TIFF
  $("picture-boxes").setAttribute("viewBox", `0 0 ${naturalWidth} ${naturalHeight}`);
  draw($("picture-boxes"), digits, Math.max(naturalWidth, naturalHeight) / 500);
  if (ink) $("picture-boxes").prepend(...coloured(ink));
}

/** Colour what was taken for ink: `picture`, white on black, at `box` of the image. */
function coloured({ picture, box: [x, y, width, height] }) {
  const place = { x, y, width, height };
  const mask = svg("mask", { id: "ink-mask" }, svg("image", { ...place, href: picture, preserveAspectRatio: "none" }));
  return [mask, svg("rect", { ...place, class: "ink", mask: "url(#ink-mask)" })];
}

/** Draw into an SVG group; lines and letters are `unit` times their usual size. */
function draw(group, digits, unit) {
  const several = digits.length < 2 ? [] : digits;
  group.replaceChildren(
    ...several.map(({ label, box: [x, y, width, height], verdict }) => {
      const margin = 5 * unit;
      const frame = svg("rect", {
        x: x - margin,
        y: y - margin,
        width: width + 2 * margin,
        height: height + 2 * margin,
        rx: 6 * unit,
      });
      const isRoomAbove = y - margin > 24 * unit;
      const baseline = isRoomAbove ? y - margin - 5 * unit : y + height + margin + 20 * unit;
      const text = svg("text", { x, y: baseline, "font-size": 20 * unit }, label);
      return svg("g", { class: verdict }, frame, text);
    }),
  );
}
