// Transparent images, composited on paper of a colour that their ink contrasts with.

const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];

/** Composite `bands` [red, green, blue] on paper; `alpha` is 255 where they are opaque. */
export function flatten(bands, alpha) {
  let [least, most] = [255, 0];
  for (let i = 0; i < alpha.length; i++) {
    if (alpha[i] < least) least = alpha[i];
    if (alpha[i] > most) most = alpha[i];
  }
  if (least === 255) return bands;
  const paper = paperUnder(bands.map((band) => statistics(band, alpha, most >> 1)), alpha.length);
  return bands.map((band, which) => {
    const result = new Uint8Array(band.length);
    for (let i = 0; i < band.length; i++) {
      const sum = paper[which] * (255 - alpha[i]) + band[i] * alpha[i] + 128;
      result[i] = ((sum >> 8) + sum) >> 8; // divided by 255, and rounded
    }
    return result;
  });
}

function paperUnder(drawn, pixels) {
  // Mostly opaque and of several colours: a page with holes, which get the page's own colour.
  const isPage = 2 * drawn[0].count > pixels && Math.max(...drawn.map(({ deviation }) => deviation)) > 16;
  if (isPage) return drawn.map(({ median }) => median);
  // Strokes without paper: white paper for dark ink, black paper for light ink.
  return drawn.reduce((sum, { mean }) => sum + mean, 0) < 3 * 128 ? WHITE : BLACK;
}

/** Return count, mean, median and standard deviation of a band where alpha is above `level`. */
function statistics(band, alpha, level) {
  const counts = new Float64Array(256);
  for (let i = 0; i < band.length; i++) if (alpha[i] > level) counts[band[i]]++;
  let [count, sum, squares] = [0, 0, 0];
  counts.forEach((number, value) => {
    count += number;
    sum += number * value;
    squares += number * value * value;
  });
  if (!count) return { count, mean: 0, median: 255, deviation: 0 };
  let median = 0;
  for (let below = counts[0]; below <= Math.floor(count / 2); below += counts[++median]);
  return { count, mean: sum / count, median, deviation: Math.sqrt((squares - sum ** 2 / count) / count) };
}
