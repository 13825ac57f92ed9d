// Below an image, in words: what was found on it, and what was left out.

import { $, html } from "./elements.js";
import { translate } from "./i18n.js";

const SPECKS = 0.02; // of the ink: less that was not read is not worth a word
const MARGIN = 0.25; // of a line's height

let shown = null;

/** Say what `answer` found on the image `file`; nothing where there is none of them. */
export async function describe(answer, file) {
  shown = answer;
  $("found").replaceChildren();
  const image = $("picture").querySelector("img");
  if (!file || !answer || !image.naturalWidth) return;
  const { ink, paper = [], lines = [], missed = [] } = answer;
  const parts = [];
  if (lines.length > 1) parts.push(html("span", {}, translate("found_lines", { count: lines.length })));
  if (ink?.picture) parts.push(html("span", { class: "ink" }, translate("found_ink")));
  if (ink?.picture && (await unread(ink, lines)) > SPECKS) parts.push(html("span", { class: "unread" }, translate("found_unread")));
  if (missed.length) parts.push(html("span", { class: "missed" }, translate("found_missed")));
  if (paper.includes("print")) parts.push(html("span", { class: "print" }, translate("found_print")));
  if (shown === answer) $("found").replaceChildren(...parts.flatMap((part) => [part, " "]));
}

/** Return the part of the ink that lies in none of the lines. */
async function unread({ picture, box: [left, top, width, height] }, lines) {
  const image = new Image();
  image.src = picture;
  await image.decode();
  const canvas = html("canvas", { width: image.width, height: image.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const [across, down] = [image.width / width, image.height / height];
  const sum = () => context.getImageData(0, 0, canvas.width, canvas.height).data.reduce((all, value, i) => (i % 4 ? all : all + value), 0);
  const all = sum();
  context.fillStyle = "black";
  for (const { box: [x, y, wide, high] } of lines) {
    const margin = MARGIN * high;
    context.fillRect((x - left - margin) * across, (y - top - margin) * down, (wide + 2 * margin) * across, (high + 2 * margin) * down);
  }
  return all ? sum() / all : 0;
}
