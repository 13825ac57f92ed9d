// The recogniser of single digits: a network with normaliser, second look, calibration and rejection.

import { SIDE } from "../preprocessing/normalize.js";
import { pngUrl } from "../preprocessing/png.js";
import { logSoftmax, logSumExp } from "./calibration.js";
import { lookAgain, meanOf } from "./test-time-augmentation.js";

/**
 * The answer to one image. `label` is null if it is no digit; the probabilities, a Map by label, are there all the same.
 * `alternatives` are the two likeliest labels of an unsure reading; `seen` is the 28×28 image, and `logits` are those of
 * the first look; `found` is the scan of the ink where it was found on paper.
 */
export class Reading {
  constructor(fields) {
    Object.assign(this, { alternatives: [], found: null }, fields);
  }

  with(fields) {
    return new Reading({ ...this, ...fields });
  }

  /** The labels, the likeliest first. */
  get ranked() {
    return [...this.probabilities.keys()].sort((a, b) => this.probabilities.get(b) - this.probabilities.get(a));
  }

  /** Return its fields as POST /predict and /read name them; with `withInput`, what the network saw as well. */
  document(withInput) {
    const { label, confidence, verdict, alternatives, found, seen } = this;
    return {
      label,
      confidence,
      probabilities: Object.fromEntries(this.probabilities),
      verdict,
      ...(alternatives.length ? { alternatives } : {}),
      ...(found ? { paper: found.paper } : {}),
      ...(withInput ? { input: pngUrl({ values: seen, width: SIDE, height: SIDE }) } : {}),
    };
  }
}

/** Reads one digit from normalised ink. */
export class Recognizer {
  #network;

  constructor(network, weights) {
    this.#network = network;
    this.description = weights.description;
    this.name = weights.name;
    this.version = weights.version;
  }

  /**
   * Read normalised images, each {image, frame, found} as `place` returns them. `paper` is the ink network's calibration,
   * for those whose ink was found on paper. `watch` looks at the layers; see networks/digitpad.js.
   */
  read(placed, paper = null, watch = undefined) {
    const images = placed.map(({ image }) => Float32Array.from(image, (value) => value / 255));
    const first = this.#network.logits(images, watch);
    return placed.map((each, i) => this.#reading(each, images[i], Array.from(first[i]), paper));
  }

  /** Return what logits are divided by. Where ink was found on paper, it grows with how unclear that ink is. */
  temperature(found, paper) {
    const own = this.description.calibration.temperature;
    return found && paper ? own * paper.temperature * Math.exp((paper.ambiguity ?? 0) * found.ambiguity) : own;
  }

  #reading({ image, frame, found }, pixels, first, paper) {
    const { classes, rejects, calibration } = this.description;
    const looks = lookAgain(pixels, first, (images) => this.#network.logits(images));
    const logs = logSoftmax(meanOf(looks).slice(0, classes.length), this.temperature(found, paper));
    const probabilities = new Map(classes.map((label, i) => [label, Math.exp(logs[i])]));
    const fields = { probabilities, seen: image, found, logits: first };
    const [label, other] = new Reading(fields).ranked;
    const confidence = probabilities.get(label);
    if (frame === null) return new Reading({ ...fields, label: null, confidence, verdict: "blank" });
    const strangenessOf = (logits) =>
      (calibration.other_weight ?? 0) * (logits[classes.length] ?? 0) - logSumExp(logits.slice(0, classes.length));
    const strangeness = looks.reduce((sum, logits) => sum + strangenessOf(logits), 0) / looks.length;
    if (rejects && strangeness >= calibration.refused_from) {
      return new Reading({ ...fields, label: null, confidence, verdict: "not-a-digit" });
    }
    if (confidence >= (found && paper ? paper : calibration).sure_from) {
      return new Reading({ ...fields, label, confidence, verdict: "sure" });
    }
    return new Reading({ ...fields, label, confidence, verdict: "unsure", alternatives: [label, other] });
  }
}

