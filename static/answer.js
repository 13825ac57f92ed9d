// The answer: what was read, how sure it is, and what the network saw, of one digit or of each digit of a number.

import { server } from "./client.js";
import { Digit } from "./digit.js";
import { $, html } from "./elements.js";
import { aDigit, either, ordinal, percent, translate } from "./i18n.js";

const ANNOUNCE_AFTER = 600; // in milliseconds: a screen reader announces the answer once the drawing rests
const NONE = { text: null, digits: [] };

/** Shows answers. Emits "digit" with the Digit whose probabilities are shown, or with null. */
export class AnswerView extends EventTarget {
  #answer = NONE;
  #source = null; // the {strokes, file} that it is an answer about
  #selected = 0; // index of the digit whose probabilities are shown
  #announcement = 0;

  /**
   * Show an answer of POST /read about `source`. `milliseconds` is how long it took from ink to answer.
   * A silent one is not announced.
   */
  show(answer, milliseconds, source, { isSilent = false } = {}) {
    const { text, verdict, digits, model, confidence, elapsed_ms: elapsed } = answer;
    const words = inWords(answer);
    this.#headline(text, verdict);
    $("words").textContent = text === null ? words : `${words}: ${percent(confidence)}`;
    const times = { all: Math.round(milliseconds), server: Math.ceil(elapsed) };
    $("time").textContent = translate(server.isAway ? "time_here" : "time", times);
    $("model").textContent = translate("model", { name: model.name, version: model.version.slice(7, 15) });
    const last = Math.max(0, digits.length - 1);
    this.#become(answer, source, Math.min(this.#selected, last));
    if (!isSilent) this.#announce(text === null ? words : `${words}. ${percent(confidence)}`);
  }

  /** Show that there is no answer; `why` names one of the page's texts. */
  showNothing(why) {
    this.#headline(null, "");
    $("words").textContent = translate(why);
    $("time").textContent = $("model").textContent = "";
    this.#become(NONE, null, this.#selected);
    this.#announce("");
  }

  #headline(text, verdict) {
    $("reading").value = text ?? "–";
    $("reading").className = `reading ${verdict}`.trim();
    const lines = (text ?? "–").split("\n");
    $("reading").style.setProperty("--length", Math.max(...lines.map((line) => line.length)));
    $("reading").style.setProperty("--lines", lines.length);
  }

  #become(answer, source, selected) {
    this.#answer = answer;
    this.#source = source;
    this.#select(selected);
  }

  #select(index) {
    this.#selected = index;
    this.#showButtons();
    const { digits } = this.#answer;
    const reading = digits[index];
    showProbabilities(reading);
    const box = digits.length > 1 ? reading?.box : null;
    const detail = reading ? new Digit({ ...this.#source, reading, box }) : null;
    this.dispatchEvent(new CustomEvent("digit", { detail }));
  }

  /** Show a button for each digit of a number. */
  #showButtons() {
    const { digits } = this.#answer;
    const row = $("digits");
    row.hidden = digits.length < 2;
    if (row.hidden) return row.replaceChildren();
    const buttons = this.#buttonsIn(row);
    digits.forEach(({ label, confidence, verdict }, i) => {
      const button = buttons[i];
      button.textContent = label;
      button.className = verdict;
      button.setAttribute("aria-pressed", i === this.#selected);
      button.setAttribute("aria-label", translate("box", { label, percent: percent(confidence) }));
    });
  }

  /** Return a button for each digit, in a row for each line. Where there are as many as before, they stay: one has focus. */
  #buttonsIn(row) {
    const { digits, lines = [] } = this.#answer;
    const counts = lines.length > 1 ? lines.map((line) => line.digits.length) : [digits.length];
    const rows = [...row.children];
    if (rows.map(({ children }) => children.length).join() !== counts.join()) {
      let index = 0;
      row.replaceChildren(
        ...counts.map((count) => html("div", { class: "digits-line" }, ...Array.from({ length: count }, () => this.#button(index++)))),
      );
    }
    return row.querySelectorAll("button");
  }

  #button(index) {
    const button = html("button", { type: "button" });
    button.addEventListener("click", () => this.#select(index));
    return button;
  }

  #announce(text) {
    clearTimeout(this.#announcement);
    this.#announcement = setTimeout(() => ($("announcement").textContent = text), ANNOUNCE_AFTER);
  }
}

/** Put into words what was read and how sure it is. */
export function inWords({ text, verdict, digits }) {
  if (verdict === "blank") return translate("blank");
  if (text === null) return translate(digits.length > 1 ? "no_number" : "no_digit");
  const what = /^\d$/.test(text) ? aDigit(text, true) : text.replaceAll("\n", " · ");
  if (verdict === "sure") return translate("sure", { what });
  const doubtful = digits.findIndex((digit) => digit.alternatives);
  const options = doubtful >= 0 && either(digits[doubtful].alternatives);
  if (text.length === 1) return options ? translate("unsure", { options }) : translate("perhaps", { what: aDigit(text) });
  if (options) return translate("doubtful_digit", { text: what, nth: ordinal(doubtful + 1), options });
  return translate(digits.some(({ verdict }) => verdict !== "sure") ? "perhaps" : "doubtful_line", { what });
}

/** Show the probabilities of a digit's reading and the image that the network saw; of none where it is undefined. */
function showProbabilities(reading) {
  for (const row of $("bars").children) {
    const probability = reading?.probabilities[row.dataset.label] ?? 0;
    row.style.setProperty("--part", probability);
    row.classList.toggle("best", row.dataset.label === reading?.label && reading.verdict !== "not-a-digit");
    row.querySelector(".percent").textContent = reading ? percent(probability) : "–";
  }
  $("seen").hidden = !reading?.input;
  if (reading?.input) $("seen").src = reading.input;
}
