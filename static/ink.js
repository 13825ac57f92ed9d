// Strokes → pixels. Pure functions: nothing here knows of pointers, pages or HTTP.
//
// A stroke is {width, points: [[x, y, pressure], …]}. Its coordinates and its width are in pad units: the pad is
// SIDE units wide and high, whatever its size on the screen. Pressure scales the width; 1 is a mouse or a finger.

export const SIDE = 280;

/** Draw `strokes` in `colour`. The context must be scaled to pad units. */
export function drawStrokes(context, strokes, colour) {
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = colour;
  context.fillStyle = colour;
  for (const stroke of strokes) drawStroke(context, stroke);
}

function drawStroke(context, { width, points }) {
  if (points.length === 1) {
    const [x, y, pressure] = points[0];
    context.beginPath();
    context.arc(x, y, (width * pressure) / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  // Between the middles of neighbouring segments runs a curve that bends at the point between them: smooth without
  // overshooting. One path for an even line, one for each piece where pressure varies.
  const even = points.every(([, , pressure]) => pressure === points[0][2]);
  let [x, y] = points[0];
  if (even) beginPiece(context, width * points[0][2], x, y);
  for (let i = 1; i < points.length; i++) {
    const [bendX, bendY] = points[i - 1];
    const [nextX, nextY, pressure] = points[i];
    const last = i === points.length - 1;
    const endX = last ? nextX : (bendX + nextX) / 2;
    const endY = last ? nextY : (bendY + nextY) / 2;
    if (!even) beginPiece(context, width * pressure, x, y);
    context.quadraticCurveTo(bendX, bendY, endX, endY);
    if (!even) context.stroke();
    [x, y] = [endX, endY];
  }
  if (even) context.stroke();
}

function beginPiece(context, width, x, y) {
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x, y);
}

/** Draw `strokes` black on white, SIDE × SIDE pixels, and return a promise of the PNG. */
export function toPng(strokes) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d", { alpha: false });
  context.fillStyle = "white";
  context.fillRect(0, 0, SIDE, SIDE);
  drawStrokes(context, strokes, "black");
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
