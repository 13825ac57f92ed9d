import { toCanvas, toSvg, widthFor } from "../pad/ink.js";
import { timetable, until } from "../pad/replay.js";
import { makeStrokes, randomFrom } from "./made-strokes.js";

/** Return when each point of the strokes is shown, and how many points of each are shown at these times. */
export function replayed(strokes, times) {
  const shownAt = timetable(strokes);
  return [shownAt, times.map((time) => until(strokes, shownAt, time).map(({ points }) => points.length))];
}

/** Return how wide the pad is for ink that goes as far to the right as each of these places. */
export function widths(places) {
  return places.map((x) => widthFor([{ width: 9, points: [[x, 9, 1, 0]] }]));
}

/** Draw made strokes as a PNG and as an SVG file. Returns how many pixels are dark, and how many differ. */
export async function compareWithSvg(seed) {
  const strokes = makeStrokes(randomFrom(seed));
  const png = toCanvas(strokes);
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([toSvg(strokes)], { type: "image/svg+xml" }));
  await image.decode();
  const svg = Object.assign(document.createElement("canvas"), { width: png.width, height: png.height });
  const context = svg.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, svg.width, svg.height);
  context.drawImage(image, 0, 0, svg.width, svg.height);
  const [a, b] = [png, svg].map((canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data);
  let [dark, different] = [0, 0];
  for (let i = 0; i < a.length; i += 4) {
    dark += a[i] < 128;
    different += Math.abs(a[i] - b[i]) > 128;
  }
  return [dark, different];
}
