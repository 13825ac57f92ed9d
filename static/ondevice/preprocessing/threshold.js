// The threshold between ink and paper: Otsu, "A Threshold Selection Method from Gray-Level Histograms" (1979).

import { BLANK_BELOW } from "./normalize.js";

/** Find the threshold that separates ink from paper best. */
export function otsu({ values }) {
  const counts = new Float64Array(256);
  for (let i = 0; i < values.length; i++) counts[values[i]]++;
  let whole = 0;
  for (let level = 0; level < 256; level++) whole += counts[level] * level;
  let [below, mass, best, most] = [0, 0, 0, 0];
  for (let level = 0; level < 256; level++) {
    below += counts[level];
    mass += counts[level] * level;
    const above = values.length - below;
    if (!below || !above) continue;
    const between = below * above * (mass / below - (whole - mass) / above) ** 2;
    if (between > most) [best, most] = [level, between];
  }
  return Math.max(best, BLANK_BELOW >> 1);
}
