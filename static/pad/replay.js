// The replay: shows strokes again as they were drawn.

const LONGEST_PAUSE = 350; // in milliseconds, between two strokes

/** Return when each point of each stroke is shown, in milliseconds from the start. Long pauses are shortened. */
export function timetable(strokes) {
  let now = 0;
  let before = null;
  return strokes.map(({ points }) => {
    const [first, last] = [points[0][3], points.at(-1)[3]];
    const timed = last > first;
    if (before !== null) now += Math.min(LONGEST_PAUSE, Math.max(60, first - before));
    before = last;
    const start = now;
    // A stroke without times is shown at a point each millisecond.
    const times = points.map((point, i) => start + (timed ? Math.max(0, point[3] - first) : i));
    now = Math.max(start, ...times);
    return times;
  });
}

/** Return the part of `strokes` that is shown after `time` milliseconds; `times` are those of `timetable`. */
export function until(strokes, times, time) {
  return strokes
    .map((stroke, i) => ({ ...stroke, points: stroke.points.filter((_, j) => times[i][j] <= time) }))
    .filter(({ points }) => points.length);
}

/** Replay `strokes` on `pad`. Calls `done` at the end. Returns a function that ends the replay at once. */
export function replay(pad, strokes, done) {
  const times = timetable(strokes);
  const end = Math.max(...times.flat());
  const start = performance.now();
  let frame = requestAnimationFrame(function step(now) {
    if (now - start >= end) return stop();
    pad.show(until(strokes, times, Math.max(0, now - start)));
    frame = requestAnimationFrame(step);
  });
  function stop() {
    cancelAnimationFrame(frame);
    pad.show(null);
    done();
  }
  return stop;
}
