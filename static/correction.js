// "Wrong? It was a …": a click on the right label stores the drawing with it. Nothing else stores a drawing.

import { ask, Refusal } from "./client.js";
import { $ } from "./elements.js";
import { translate } from "./i18n.js";

/** The form for corrections; where the configuration turns corrections off, the page has none. */
export class CorrectionForm {
  #digit = null;

  constructor() {
    $("correct")?.addEventListener("click", ({ target }) => {
      if (target.dataset.label && this.#digit) this.#send(this.#digit, target.dataset.label, target.textContent);
    });
  }

  /** Offer to correct `digit`, or nothing where it is null. */
  offer(digit) {
    if (!$("correct")) return;
    const isSame = digit?.strokes === this.#digit?.strokes && digit?.file === this.#digit?.file;
    if (!isSame) $("corrected").textContent = "";
    this.#digit = digit;
    $("correct").hidden = !digit;
  }

  async #send(digit, label, name) {
    $("corrected").textContent = "";
    try {
      const isDrawing = digit.strokes && !digit.box;
      const what = isDrawing ? { strokes: digit.strokes.map(withoutTimes) } : { image: await dataUrl(digit) };
      const body = JSON.stringify({ ...what, label });
      await ask("corrections", { method: "POST", headers: { "Content-Type": "application/json" }, body });
      $("corrected").textContent = translate("stored", { label: name });
    } catch (error) {
      $("corrected").textContent = error instanceof Refusal ? error.message : translate("unreachable");
    }
  }
}

function withoutTimes({ width, points }) {
  return { width, points: points.map(([x, y, pressure]) => [x, y, pressure]) };
}

async function dataUrl(digit) {
  const blob = await digit.blob();
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(blob);
  });
}
