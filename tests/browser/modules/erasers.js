import { eraseArea, eraseStrokes } from "../pad/erasers.js";
import { makeStrokes, randomFrom } from "./made-strokes.js";

const RADIUS = 15;

/**
 * Erase an area of made strokes and look at points along every stroke. Returns those under the eraser's path that are
 * still there ("left") and those beside it that are gone ("lost").
 */
export function eraseMadeStrokes(seed) {
  const random = randomFrom(seed);
  const strokes = makeStrokes(random);
  for (const { points } of strokes) for (const point of points) point[2] = 1; // or else it narrows as it is cut
  const [from, to] = [[random() * 400, random() * 280], [random() * 400, random() * 280]];
  const left = eraseArea(strokes, from, to, RADIUS);
  const wrong = [];
  for (const stroke of strokes) {
    const reach = RADIUS + stroke.width / 2;
    for (const point of along(stroke)) {
      const isThere = left.some((part) => part.width === stroke.width && lies(point, part));
      const distance = distanceTo(point, from, to);
      const isOthers = () => strokes.some((other) => other !== stroke && lies(point, other));
      if (distance < reach * 0.9 && isThere && !isOthers()) wrong.push(["left", point]);
      if (distance > reach + 1 && !isThere) wrong.push(["lost", point]);
    }
  }
  return wrong;
}

/** Erase whole strokes across the middle one of three, and beside all. Returns where the rest lies, and if it is the same. */
export function eraseLines() {
  const line = (y) => ({ width: 10, points: [[50, y, 1, 0], [150, y, 1, 9]] });
  const strokes = [line(50), line(100), line(150)];
  const crossed = eraseStrokes(strokes, [100, 70], [100, 120], 3);
  const missed = eraseStrokes(strokes, [300, 0], [300, 280], 3);
  return [crossed.map(({ points }) => points[0][1]), missed === strokes];
}

function segments({ points }) {
  return points.map((point, i) => [point, points[Math.min(i + 1, points.length - 1)]]);
}

/** Return twenty points on each segment of a stroke. */
function along(stroke) {
  return segments(stroke).flatMap(([a, b]) =>
    Array.from({ length: 20 }, (_, k) => a.map((value, n) => value + ((b[n] - value) * k) / 20)),
  );
}

function lies(point, stroke) {
  return segments(stroke).some(([a, b]) => distanceTo(point, a, b) < 0.5);
}

function distanceTo([x, y], from, to) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const part = Math.min(1, Math.max(0, ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - from[0] - part * dx, y - from[1] - part * dy);
}
