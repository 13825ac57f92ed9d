// What was found, drawn over the pad or the image that was chosen: a box with a label around each digit, a frame around
// each of several lines, and on paper the ink, in another colour where it was not read, what is printed, and a ring
// where a point may have been missed.

import { $, svg } from "./elements.js";

const NOTHING = { digits: [], lines: [] };

/** Show what `answer` found, in pixels of the image `file`, or in pad units where that is null. */
export function showBoxes(answer, file) {
  const { digits, lines = [], ink, missed = [] } = answer ?? NOTHING;
  const isOne = digits.length === 1 && !(ink && digits[0].box[2]); // and nothing else: its box says nothing
  const boxed = isOne ? [] : digits;
  const framed = lines.length > 1 ? lines : [];
  if (!file) return draw($("boxes"), boxed, framed, 1);
  const { naturalWidth, naturalHeight } = $("picture").querySelector("img");
  if (!naturalWidth) return; // the browser cannot show it: few show a TIFF
  $("picture-boxes").setAttribute("viewBox", `0 0 ${naturalWidth} ${naturalHeight}`);
  const unit = Math.max(naturalWidth, naturalHeight) / 500;
  draw($("picture-boxes"), boxed, framed, unit);
  $("picture-boxes").append(...missed.map((box) => svg("circle", { ...ringed(box, unit), class: "missed" })));
  if (ink) $("picture-boxes").prepend(...coloured(ink, lines, unit));
}

/** Colour what was taken for print, and for ink; outside the lines, as not read. */
function coloured(ink, lines, unit) {
  const clip = svg("clipPath", { id: "ink-read" }, ...lines.map(({ box }) => svg("rect", around(box, 4 * unit))));
  const print = ink.print ? [maskOf(ink.print, "print"), painted(ink.print, "print", "print")] : [];
  const read = svg("g", { "clip-path": "url(#ink-read)" }, painted(ink, "ink", "ink"));
  return [...print, maskOf(ink, "ink"), clip, painted(ink, "ink", "unread"), read];
}

/** Make a mask of `picture`, white on black, at `box` of the image. */
function maskOf({ picture, box }, name) {
  return svg("mask", { id: `${name}-mask` }, svg("image", { ...around(box, 0), href: picture, preserveAspectRatio: "none" }));
}

function painted({ box }, name, className) {
  return svg("rect", { ...around(box, 0), mask: `url(#${name}-mask)`, class: className });
}

/** Draw into an SVG group; lines and letters are `unit` times their usual size. */
function draw(group, digits, lines, unit) {
  group.replaceChildren(
    ...digits.map(({ label, box, verdict }) => {
      const [x, y, , height] = box;
      const margin = 5 * unit;
      const isRoomAbove = y - margin > 24 * unit;
      const baseline = isRoomAbove ? y - margin - 5 * unit : y + height + margin + 20 * unit;
      const text = svg("text", { x, y: baseline, "font-size": 20 * unit }, label);
      return svg("g", { class: verdict }, svg("rect", { ...around(box, margin), rx: 6 * unit }), text);
    }),
    ...lines.map(({ box, verdict }) => svg("rect", { ...around(box, 9 * unit), rx: 9 * unit, class: `line ${verdict}` })),
  );
}

/** A ring around a box, which may be as small as a point. */
function ringed([x, y, width, height], unit) {
  return { cx: x + width / 2, cy: y + height / 2, r: Math.hypot(width, height) / 2 + 5 * unit };
}

function around([x, y, width, height], margin) {
  return { x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin };
}
