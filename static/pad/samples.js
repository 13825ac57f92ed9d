// Sample digits, drawn for this project: a text for each stroke, its points x,y in a 100 × 100 box.

const SAMPLES = {
  0: ["55,7 64,12 71,23 76,37 77,53 75,68 69,81 61,90 52,94 42,92 33,84 27,72 23,57 24,42 27,27 34,15 42,8 52,6 57,8"],
  1: ["36,24 41,19 46,15 51,10 53,8 53,8 52,32 52,56 51,80 51,92"],
  2: ["24,26 28,17 34,11 42,7 52,6 61,9 68,14 73,22 74,31 72,40 68,45 58,55 48,65 39,75 29,85 24,90 24,90 40,90 56,89 72,89 80,89"],
  3: ["27,18 34,11 43,7 53,8 62,12 68,19 70,27 68,36 62,44 54,48 48,48 58,50 66,56 72,63 73,71 71,79 65,86 56,90 46,92 36,90 27,86 24,83"],
  4: ["56,8 46,22 37,37 27,51 22,58 22,58 39,58 56,58 73,58 82,58", "63,30 62,48 62,67 61,85 61,94"],
  5: ["34,10 33,20 31,31 30,41 29,47 38,42 49,41 60,44 68,51 72,60 72,71 68,80 60,87 50,91 39,90 29,86 25,82", "34,10 45,10 57,9 68,9 74,9"],
  6: ["66,9 43,29 30,57 28,70 28,70 30,80 37,87 47,91 57,90 66,84 71,76 72,66 67,57 59,51 48,49 38,52 31,59 28,69 28,74"],
  7: ["22,13 38,13 53,12 69,12 77,12 77,12 73,20 68,28 64,37 60,45 58,51 54,63 50,74 46,86 44,92"],
  8: ["60,12 53,9 45,10 38,13 33,18 30,26 30,33 34,40 39,46 46,49 50,49 50,49 62,52 70,59 74,69 72,79 64,87 53,91 41,90 32,83 26,74 27,64 34,55 44,50 50,49 50,49 58,47 64,43 69,36 70,28 68,20 63,14 60,12"],
  9: ["70,24 64,16 56,11 46,10 36,14 30,22 27,31 29,41 35,49 44,54 54,53 63,49 69,41 71,34 67,66 57,93"],
};

export const LABELS = Object.keys(SAMPLES);

/** Return a sample's strokes as [x, y] points in a 100 × 100 box. */
export function sample(label) {
  return SAMPLES[label].map((stroke) => stroke.split(" ").map((point) => point.split(",").map(Number)));
}

/** Return a sample's strokes in pad units, to the right of `strokes`, timed as if drawn at an even speed. */
export function placed(label, strokes, width) {
  const side = 190; // in pad units
  const right = Math.max(...strokes.flatMap(({ points }) => points.map(([x]) => x)), -Infinity);
  const points = sample(label);
  const left = Math.min(...points.flat().map(([x]) => x));
  const start = strokes.length ? right + 30 - (left / 100) * side : 110;
  let time = (strokes.at(-1)?.points.at(-1)[3] ?? 0) + (strokes.length ? 300 : 0);
  return points.map((stroke) => {
    time += 150;
    return { width, points: stroke.map(([x, y]) => [start + (x / 100) * side, 45 + (y / 100) * side, 1, (time += 20)]) };
  });
}
