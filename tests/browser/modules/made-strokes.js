// Seeded strokes: every run of the tests fuzzes with the same ones.

/** Return a generator of numbers from 0 to 1 (mulberry32). */
export function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function makeStroke(random) {
  const points = [];
  let [x, y, time] = [random() * 400, random() * 280, Math.floor(random() * 1000)];
  for (let count = 1 + Math.floor(random() * 30); count > 0; count--) {
    points.push([x, y, random() < 0.8 ? 1 : 0.4 + random(), (time += Math.floor(random() * 30))]);
    x += (random() - 0.5) * 60;
    y += (random() - 0.5) * 60;
  }
  return { width: 4 + 2 * Math.floor(random() * 18), points };
}

export function makeStrokes(random) {
  return Array.from({ length: 1 + Math.floor(random() * 6) }, () => makeStroke(random));
}
