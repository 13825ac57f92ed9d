// A box with a label around each digit of a number, on the pad or on the image that was chosen.

import { $, svg } from "./elements.js";

/** Show the boxes of `digits`, in pixels of the image `file`, or in pad units where that is null. */
export function showBoxes(digits, file) {
  if (!file) return draw($("boxes"), digits, 1);
  const { naturalWidth, naturalHeight } = $("picture").querySelector("img");
  $("picture-boxes").setAttribute("viewBox", `0 0 ${naturalWidth || 1} ${naturalHeight || 1}`);
  draw($("picture-boxes"), digits, Math.max(naturalWidth, naturalHeight) / 500);
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
