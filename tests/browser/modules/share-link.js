import { checked } from "../pad/drawing.js";
import { decode, encode } from "../pad/share-link.js";
import { makeStrokes, randomFrom } from "./made-strokes.js";

/** Encode made strokes and decode them again. Returns both, and the text. */
export function roundTrip(seed) {
  const strokes = makeStrokes(randomFrom(seed));
  const text = encode(strokes);
  return [strokes, decode(text), text];
}

/** Decode broken texts. Returns how many are refused and how many are read, as strokes that are none the less right. */
export function decodeBroken(seed) {
  const random = randomFrom(seed);
  const whole = encode(makeStrokes(random));
  const broken = ["", "A", "AQ", "____", "AQ////", whole.slice(0, -3), `Ag${whole.slice(2)}`, "é", "%%%"];
  for (let i = 0; i < 300; i++) {
    const place = Math.floor(random() * whole.length);
    broken.push(whole.slice(0, place) + "AZaz09-_"[i % 8] + whole.slice(place + 1));
  }
  const outcomes = { refused: 0, read: 0 };
  for (const text of broken) {
    let strokes;
    try {
      strokes = decode(text);
    } catch {
      outcomes.refused++;
      continue;
    }
    outcomes.read++;
    checked(strokes); // throws where decoding let something through
  }
  return outcomes;
}
