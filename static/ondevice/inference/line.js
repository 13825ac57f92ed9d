// The line reader: the ink of one line → its characters, with their probabilities and places, without cutting it.

import { toStrip } from "../preprocessing/strip.js";
import { logSoftmax } from "./calibration.js";
import { align, likeliest } from "./ctc.js";

/** Reads lines of digits and signs. */
export class LineReader {
  #network;

  constructor(network, weights) {
    this.#network = network;
    this.description = weights.description;
    this.other = weights.description.classes.at(-1); // what is no character of a number
  }

  /**
   * Read the ink of one line: {characters, text, confidence}, or null where it is blank, or much too long.
   *
   * A character is its label, the `columns` of the ink from one to another where it is, and `probabilities` of the
   * classes.
   */
  read(ink) {
    const strip = toStrip(ink);
    if (!strip) return null;
    const { classes, calibration } = this.description;
    const logs = this.#network.logits(strip).map((logits) => logSoftmax(logits, calibration.temperature));
    const { text, confidence } = likeliest(logs);
    const spans = align(logs, text);
    // Characters meet in the middle between the frames that show them; a frame is two columns of the strip.
    const ends = [0, ...spans.slice(1).map(([start], i) => spans[i][1] + start), 2 * logs.length];
    const at = (end) => strip.columns[Math.min(end, strip.columns.length - 1)];
    const characters = text.map((label, i) => ({
      label: classes[label],
      columns: [at(ends[i]), at(ends[i + 1])],
      probabilities: shares(logs.slice(...spans[i]), classes.length),
    }));
    return { characters, text: characters.map(({ label }) => label).join(""), confidence };
  }
}

/** Return the probabilities of the classes over several frames, without the blank's. */
function shares(logs, count) {
  const sums = Array.from({ length: count }, (_, at) => logs.reduce((sum, frame) => sum + Math.exp(frame[at]), 0));
  const whole = sums.reduce((sum, each) => sum + each, 0);
  return sums.map((sum) => sum / Math.max(whole, 1e-12));
}
