// Erasers: strokes and the path of an eraser → the strokes that are left. Pure functions.
//
// An eraser is a disc. It touches a stroke whose centre line is nearer than its radius plus half the stroke's width.

/** Erase every stroke that the eraser touches on its way from `from` to `to`, each [x, y]. */
export function eraseStrokes(strokes, from, to, radius) {
  const left = strokes.filter((stroke) => !meets(stroke, from, to, radius));
  return left.length === strokes.length ? strokes : left;
}

/** Erase the ink under the eraser's path; the parts that are left of a stroke become strokes. */
export function eraseArea(strokes, from, to, radius) {
  const far = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const steps = Math.ceil(far / (radius / 2));
  let left = strokes;
  for (let step = 0; step <= steps; step++) {
    const part = steps && step / steps;
    const place = [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
    left = left.some((stroke) => meets(stroke, place, place, radius))
      ? left.flatMap((stroke) => outside(stroke, place, radius + breadth(stroke)))
      : left;
  }
  return left;
}

function breadth({ width, points }) {
  return (width * Math.max(...points.map(([, , pressure]) => pressure))) / 2;
}

function meets(stroke, from, to, radius) {
  const near = radius + breadth(stroke);
  const { points } = stroke;
  if (points.length === 1) return distance(points[0], from, to) < near;
  return points.some((point, i) => i > 0 && segmentsDistance(points[i - 1], point, from, to) < near);
}

/** Return the parts of a stroke outside a circle. They end exactly on it, also between two points of the stroke. */
function outside(stroke, centre, radius) {
  const { points } = stroke;
  const away = ([x, y]) => (x - centre[0]) ** 2 + (y - centre[1]) ** 2 >= radius ** 2;
  if (points.length === 1) return away(points[0]) ? [stroke] : [];
  const parts = [];
  let part = away(points[0]) ? [points[0]] : null;
  let cut = !part;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]];
    const [enter, leave] = inside(a, b, centre, radius);
    if (leave > enter) {
      cut = true;
      if (part && enter > 0) part.push(between(a, b, enter));
      if (part) parts.push(part);
      part = leave < 1 ? [between(a, b, leave)] : null;
    }
    if (leave < 1 || leave <= enter) (part ??= []).push(b);
  }
  if (part) parts.push(part);
  if (!cut) return [stroke];
  return parts.filter(({ length }) => length > 1).map((each) => ({ ...stroke, points: each }));
}

/** Return where the segment from a to b enters and leaves a circle, as parts of its length from 0 to 1. */
function inside(a, b, centre, radius) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const [fx, fy] = [a[0] - centre[0], a[1] - centre[1]];
  const [square, along, far] = [dx * dx + dy * dy, fx * dx + fy * dy, fx * fx + fy * fy - radius * radius];
  if (!square) return far < 0 ? [0, 1] : [1, 0];
  const root = along * along - square * far;
  if (root <= 0) return [1, 0];
  return [Math.max(0, (-along - Math.sqrt(root)) / square), Math.min(1, (-along + Math.sqrt(root)) / square)];
}

function between(a, b, part) {
  return a.map((value, i) => value + (b[i] - value) * part);
}

function distance([x, y], from, to) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const part = ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy || 1);
  const near = Math.min(1, Math.max(0, part));
  return Math.hypot(x - from[0] - near * dx, y - from[1] - near * dy);
}

function segmentsDistance(a, b, c, d) {
  if (cross(a, b, c, d)) return 0;
  return Math.min(distance(a, c, d), distance(b, c, d), distance(c, a, b), distance(d, a, b));
}

function cross(a, b, c, d) {
  const side = (p, q, r) => Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}
