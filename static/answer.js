// The answer: what was read, how sure it is, and what the network saw, of one digit or of each digit of a number.

import { aDigit, either, ordinal, percent, say } from "./i18n.js";

const ANNOUNCE_AFTER = 600; // in milliseconds: a screen reader is told the answer once the drawing rests
const SVG = "http://www.w3.org/2000/svg";

const $ = (id) => document.getElementById(id);
let announcement = 0;
let selected = 0; // the digit whose probabilities are shown
let shown = null;

/** Emits "digit" with the digit whose probabilities are shown, or with null. */
export const answer = new EventTarget();

/** Show an answer of POST /read. `milliseconds` is how long it took from ink to answer. */
export function show(found, milliseconds) {
  shown = found;
  const { text, verdict, digits, model } = found;
  const words = inWords(found);
  $("reading").value = text ?? "–";
  $("reading").className = `reading ${verdict}`;
  $("reading").style.setProperty("--length", (text ?? "–").length);
  $("words").textContent = text === null ? words : `${words}: ${percent(found.confidence)}`;
  $("time").textContent = say("time", { all: Math.round(milliseconds), server: Math.ceil(found.elapsed_ms) });
  $("model").textContent = say("model", { name: model.name, version: model.version.slice(7, 15) });
  selected = Math.min(selected, Math.max(0, digits.length - 1));
  if (digits.length < 2) selected = 0;
  showDigits(digits);
  showDigit(digits[selected]);
  announce(text === null ? words : `${words}. ${percent(found.confidence)}`);
}

/** Show that there is no answer; `why` is one of the texts to say. */
export function showNothing(why) {
  shown = null;
  $("reading").value = "–";
  $("reading").className = "reading";
  $("reading").style.setProperty("--length", 1);
  $("words").textContent = say(why);
  $("time").textContent = $("model").textContent = "";
  showDigits([]);
  showDigit(undefined);
  announce("");
}

/** Tell in words what was read and how sure it is. */
export function inWords({ text, verdict, digits }) {
  if (verdict === "blank") return say("blank");
  if (text === null) return say(digits.length > 1 ? "no_number" : "no_digit");
  const what = /^\d$/.test(text) ? aDigit(text, true) : text;
  if (verdict === "sure") return say("sure", { what });
  const doubtful = digits.findIndex((digit) => digit.alternatives);
  const options = doubtful >= 0 && either(digits[doubtful].alternatives);
  if (text.length === 1) return options ? say("unsure", { options }) : say("perhaps", { what: aDigit(text) });
  if (options) return say("doubtful_digit", { text, nth: ordinal(doubtful + 1), options });
  return say(digits.some(({ verdict }) => verdict !== "sure") ? "perhaps" : "doubtful_cuts", { what, text });
}

function showDigits(digits) {
  const row = $("digits");
  row.hidden = digits.length < 2;
  if (row.hidden) return row.replaceChildren();
  while (row.children.length > digits.length) row.lastChild.remove();
  digits.forEach(({ label, confidence, verdict }, i) => {
    const button = row.children[i] ?? row.appendChild(document.createElement("button"));
    button.type = "button";
    button.textContent = label;
    button.className = verdict;
    button.setAttribute("aria-pressed", i === selected);
    button.setAttribute("aria-label", say("box", { label, percent: percent(confidence) }));
    button.onclick = () => {
      selected = i;
      showDigits(shown.digits);
      showDigit(shown.digits[i]);
    };
  });
}

function showDigit(digit) {
  for (const row of $("bars").children) {
    const probability = digit?.probabilities[row.dataset.label] ?? 0;
    row.style.setProperty("--part", probability);
    row.classList.toggle("best", row.dataset.label === digit?.label && digit.verdict !== "not-a-digit");
    row.querySelector(".percent").textContent = digit ? percent(probability) : "–";
  }
  $("seen").hidden = !digit?.input;
  if (digit?.input) $("seen").src = digit.input;
  answer.dispatchEvent(new CustomEvent("digit", { detail: digit ?? null }));
}

/** Draw a box with a label around each digit of a number into an SVG group. */
export function showBoxes(group, digits, unit = 1) {
  const boxes = digits.length < 2 ? [] : digits;
  group.replaceChildren(
    ...boxes.map(({ label, box: [x, y, width, height], verdict }) => {
      const found = document.createElementNS(SVG, "g");
      const frame = found.appendChild(document.createElementNS(SVG, "rect"));
      const [pad, round] = [5 * unit, 6 * unit];
      const place = { x: x - pad, y: y - pad, width: width + 2 * pad, height: height + 2 * pad, rx: round };
      for (const [name, value] of Object.entries(place)) frame.setAttribute(name, value);
      const name = found.appendChild(document.createElementNS(SVG, "text"));
      name.textContent = label;
      name.setAttribute("x", x);
      name.setAttribute("y", y - pad > 24 * unit ? y - pad - 5 * unit : y + height + pad + 20 * unit);
      name.setAttribute("font-size", 20 * unit);
      found.setAttribute("class", verdict);
      return found;
    }),
  );
}

function announce(text) {
  clearTimeout(announcement);
  announcement = setTimeout(() => ($("announcement").textContent = text), ANNOUNCE_AFTER);
}
