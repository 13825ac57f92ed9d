// The sheet that the pad lies on: it grows with the drawing, and moves along as one writes.

import { $ } from "../elements.js";
import { HEIGHT } from "./ink.js";

const REST = 1000; // in milliseconds: longer than between two strokes of a digit

export class Sheet {
  #pad;
  #drawing;
  #width = 0; // in pad units
  #rest = 0;

  constructor(pad, drawing) {
    this.#pad = pad;
    this.#drawing = drawing;
    pad.addEventListener("ink", () => {
      if (pad.isBusy) clearTimeout(this.#rest);
      $("hint").hidden = pad.strokes.length > 0;
      this.#fit();
    });
    drawing.addEventListener("change", () => {
      clearTimeout(this.#rest);
      this.#rest = setTimeout(() => this.#follow(), REST);
    });
    this.#fit();
  }

  #fit() {
    if (this.#width === this.#pad.width) return;
    this.#width = this.#pad.width;
    $("paper").style.setProperty("--wide", this.#width / HEIGHT);
    $("marks").setAttribute("viewBox", `0 0 ${this.#width} ${HEIGHT}`);
  }

  /** Once the hand rests near the right edge of what can be seen, scroll to the room beside it. */
  #follow() {
    const right = Math.max(0, ...(this.#drawing.strokes.at(-1)?.points.map(([x]) => x) ?? []));
    const x = (right / HEIGHT) * $("pad").clientHeight;
    const sheet = $("sheet");
    if (x <= sheet.scrollLeft + 0.8 * sheet.clientWidth) return;
    sheet.scrollTo({ left: x - 0.5 * sheet.clientWidth, behavior: "smooth" });
  }
}
