// Strokes → pictures. Pure functions that know nothing of pointers, the page or HTTP.
//
// The pad is HEIGHT units high, whatever its size on the screen, and as wide as its drawing needs. drawing.js describes
// strokes.

export const HEIGHT = 280;
const NARROWEST = 420; // room for a large digit, and to begin another
const WIDEST = 2400; // a dozen digits, written large
const STEP = 160; // the pad widens in steps
const ROOM = 100; // at least, right of the ink

/** Return the pad's width for `strokes`, with room for the next digit. */
export function widthFor(strokes) {
  let right = 0;
  for (const { points } of strokes) for (const [x] of points) right = Math.max(right, x);
  const steps = Math.max(0, Math.ceil((right + ROOM - NARROWEST) / STEP));
  return Math.min(WIDEST, NARROWEST + steps * STEP);
}

/** Draw `strokes` in `colour`. The context must be scaled to pad units. */
export function drawStrokes(context, strokes, colour) {
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = colour;
  context.fillStyle = colour;
  for (const stroke of strokes) {
    if (stroke.points.length === 1) {
      const [x, y, pressure] = stroke.points[0];
      context.beginPath();
      context.arc(x, y, (stroke.width * pressure) / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    for (const { width, start, curves } of lines(stroke)) {
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(...start);
      for (const curve of curves) context.quadraticCurveTo(...curve);
      context.stroke();
    }
  }
}

/**
 * Smooth a stroke: a quadratic curve leads from the middle of each segment to the middle of the next, and the point
 * between them is its control point. Returns one line where the pressure is even, or else a line for each curve.
 */
function lines({ width, points }) {
  const even = points.every(([, , pressure]) => pressure === points[0][2]);
  const drawn = [];
  let start = points[0].slice(0, 2);
  for (let i = 1; i < points.length; i++) {
    const [bendX, bendY] = points[i - 1];
    const [nextX, nextY, pressure] = points[i];
    const end = i === points.length - 1 ? [nextX, nextY] : [(bendX + nextX) / 2, (bendY + nextY) / 2];
    if (even && i > 1) drawn[0].curves.push([bendX, bendY, ...end]);
    else drawn.push({ width: width * pressure, start, curves: [[bendX, bendY, ...end]] });
    start = end;
  }
  return drawn;
}

/** Draw `strokes` black on white on a new canvas, `scale` pixels per unit. */
export function toCanvas(strokes, scale = 1) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(widthFor(strokes) * scale);
  canvas.height = Math.round(HEIGHT * scale);
  const context = canvas.getContext("2d", { alpha: false });
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  drawStrokes(context, strokes, "black");
  return canvas;
}

/** Draw `strokes` black on white, `scale` pixels per unit. Returns a promise of the PNG. */
export function toPng(strokes, scale = 1) {
  return new Promise((resolve) => toCanvas(strokes, scale).toBlob(resolve, "image/png"));
}

/** Write `strokes` as an SVG file, black on transparent. */
export function toSvg(strokes) {
  const short = (numbers) => numbers.map((number) => Math.round(number * 100) / 100).join(" ");
  const shapes = strokes.flatMap((stroke) => {
    if (stroke.points.length === 1) {
      const [x, y, pressure] = stroke.points[0];
      return `<path d="M${short([x, y])}h0" stroke-width="${short([stroke.width * pressure])}"/>`;
    }
    return lines(stroke).map(({ width, start, curves }) => {
      const path = `M${short(start)}${curves.map((curve) => `Q${short(curve)}`).join("")}`;
      return `<path d="${path}" stroke-width="${short([width])}"/>`;
    });
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${widthFor(strokes)} ${HEIGHT}" fill="none" stroke="#000"
 stroke-linecap="round" stroke-linejoin="round">\n${shapes.join("\n")}\n</svg>\n`;
}
