// Reading numbers: ink → lines of text, and each digit with its probabilities and its box; see model/inference/numbers.py.

import { isBlank, place } from "../preprocessing/normalize.js";
import { cutOut } from "../segmentation/characters.js";
import { findLines } from "../segmentation/lines.js";

const DIGITS = "0123456789"; // the first of the line network's classes
const SIGN = 0.35; // of a line's height: a part of a digit that is smaller may be a point or a sign
const ONE = 0.9; // of its height: what is wider is more than a digit
const MAX_LINES = 12;
const MAX_CHARACTERS = 20; // of a line
const MAX_MISSED = 20; // places that are told
const MAX_OTHERS = 0.4; // of a line's characters: with more that are none, it is no number

/**
 * Read the number in `scan`, line by line: {text, confidence, lines, verdict}.
 *
 * A line is {text, confidence, digits, verdict, box}, and a digit {label, box, reading}. `readers` are the recogniser of
 * single digits, what returns the line reader, and the calibration of ink that was found on paper.
 */
export async function readNumber(scan, readers) {
  if (isBlank(scan.ink)) return { text: null, confidence: 0, lines: [], verdict: "blank" };
  const inks = findLines(scan.ink);
  if (!inks?.length || inks.length > MAX_LINES) return { text: null, confidence: 0, lines: [], verdict: "not-a-number" };
  const lineReader = await readers.line();
  const lines = inks.map((ink) => new LineOfInk(ink, scan, { ...readers, line: lineReader }).read());
  const confidence = lines.reduce((product, line) => product * line.confidence, 1);
  const texts = lines.map(({ text }) => text).filter((text) => text !== null);
  if (!texts.length) return { text: null, confidence, lines, verdict: "not-a-number" };
  const isSure = lines.every(({ verdict }) => verdict === "sure");
  return { text: texts.join("\n"), confidence, lines, verdict: isSure ? "sure" : "unsure" };
}

/** Return a number as POST /read describes it. */
export function numberDocument({ text, confidence, lines, verdict }, found, withInput) {
  const described = lines.map(({ missed: _, ...line }) => ({
    ...line,
    digits: line.digits.map(({ label, box, reading }) => ({ ...reading.document(withInput), label, box })),
  }));
  const digits = described.flatMap((line) => line.digits);
  const missed = lines.flatMap((line) => line.missed ?? []).slice(0, MAX_MISSED);
  const paper = { ...(found ? { paper: found.paper } : {}), ...(missed.length ? { missed } : {}) };
  return { text, confidence, digits, lines: described, verdict, ...paper };
}

class LineOfInk {
  constructor({ ink, left, top, parts }, scan, { recognizer, line, paper }) {
    Object.assign(this, { ink, left, top, parts, scan, recognizer, reader: line, paper });
    this.found = scan.paper && scan;
    this.box = scan.sent([left, top, ink.width, ink.height]);
  }

  read() {
    const { box, reader, ink } = this;
    const line = reader.read(ink);
    const alone = this.#alone(line);
    if (alone) return alone;
    if (!line || !line.characters.length || line.characters.length > MAX_CHARACTERS) {
      return { text: null, confidence: 0, digits: [], verdict: "not-a-number", box };
    }
    const others = [...line.text].filter((character) => character === reader.other).length;
    // On paper, a point that was not found would leave another number, and both networks sure of it.
    const missed = this.scan.misses.filter((spot) => this.#has(spot)).map((spot) => this.scan.sent(spot));
    const isSure = line.confidence >= reader.description.calibration.sure_from && !others && !missed.length;
    const inks = cutOut(ink, line.characters.map(({ columns }) => columns));
    const { digits, isCertain } = this.#digits(line.characters, inks, isSure);
    const { text, confidence } = line;
    if (others > MAX_OTHERS * text.length || !digits.length) {
      return { text: null, confidence, digits, verdict: "not-a-number", box };
    }
    return { text, confidence, digits, verdict: isSure && isCertain ? "sure" : "unsure", box, missed };
  }

  /** Tell whether a spot of the ink begins between the ends of the line, in its rows or a little below them. */
  #has([left, top]) {
    const { width, height } = this.ink;
    const [x, y] = [left - this.left, top - this.top];
    return x >= 0 && x < width && y >= 0 && y < height + Math.floor(height / 4);
  }

  /**
   * Read a line of one digit as /predict does; null where it is more, or less, than a digit. The digit's own network
   * decides where the line has one character, and where it is sure of what is in one piece and no wider than a digit.
   */
  #alone(line) {
    const { ink, box } = this;
    const isSingle = line?.characters.length === 1 && DIGITS.includes(line.text);
    if (!isSingle && (ink.width > ONE * ink.height || this.parts > 1)) return null;
    let [reading] = this.#readings([ink]);
    if (!isSingle && reading.verdict !== "sure") return null;
    if (reading.verdict === "sure" && this.#mayHideSign(cutOut(ink, [[0, ink.width]])[0])) {
      reading = reading.with({ verdict: "unsure", alternatives: reading.ranked.slice(0, 2) });
    }
    const [label] = reading.ranked;
    const { verdict, confidence } = reading;
    const digits = [{ label, box, reading }];
    if (verdict !== "sure" && verdict !== "unsure") return { text: null, confidence, digits, verdict: "not-a-number", box };
    return { text: label, confidence, digits, verdict, box };
  }

  /**
   * Read each digit of a line alone, too. Returns the digits, and whether nothing speaks against them: both readers must
   * agree on what touches no other character, and no digit may have a small part, which could be a point or a sign that
   * was not read. `isSure` tells whether the line is, as a whole.
   */
  #digits(characters, inks, isSure) {
    const wanted = [...characters.keys()].filter((at) => DIGITS.includes(characters[at].label));
    if (!wanted.length) return { digits: [], isCertain: false };
    const readings = this.#readings(wanted.map((at) => inks[at].ink));
    const digits = wanted.map((at, i) => {
      const [left, top, width, height] = inks[at].box;
      const box = this.scan.sent([this.left + left, this.top + top, width, height]);
      const { label } = characters[at];
      const isSureAlone = readings[i].verdict === "sure" && readings[i].label === label;
      return { label, box, reading: inLine(readings[i], characters[at], inks[at].isCut ? isSure : isSureAlone) };
    });
    const agreed = wanted.every((at, i) => inks[at].isCut || readings[i].label === characters[at].label);
    return { digits, isCertain: agreed && !wanted.some((at) => this.#mayHideSign(inks[at])) };
  }

  #readings(inks) {
    return this.recognizer.read(inks.map((ink) => ({ ...place(ink), found: this.found })), this.paper);
  }

  #mayHideSign({ smallest }) {
    return smallest !== null && smallest < SIGN * this.ink.height;
  }
}

/** Replace the probabilities of a digit by those that it has in its line, and its verdict. */
function inLine(reading, { label, probabilities: all }, isSure) {
  const chances = all.slice(0, DIGITS.length);
  const whole = Math.max(chances.reduce((sum, chance) => sum + chance, 0), 1e-300);
  const probabilities = new Map(chances.map((chance, digit) => [DIGITS[digit], chance / whole]));
  const read = reading.with({ label, probabilities, confidence: probabilities.get(label) });
  if (isSure) return read.with({ verdict: "sure", alternatives: [] });
  const other = reading.label === null || reading.label === label ? read.ranked[1] : reading.label;
  return read.with({ verdict: "unsure", alternatives: [label, other] });
}
