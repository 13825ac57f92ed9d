// What an empty page shows a newcomer, once: a digit that draws itself and is read. It is no drawing: nothing is stored,
// nothing can be undone, and the first touch or key ends it.

import { $ } from "./elements.js";
import { timetable, until } from "./pad/replay.js";
import { placed } from "./pad/samples.js";
import { store, stored } from "./storage.js";

const SEEN = "digitpad.demonstration";
const LABEL = "4";
const REST = 1500; // in milliseconds: whoever comes to draw has begun by then
const SHOWN_FOR = 4000; // in milliseconds, once it is drawn
const SLOWNESS = 3; // of the samples' speed
const ENDED_BY = ["pointerdown", "keydown", "wheel", "paste", "dragenter", "hashchange", "pagehide"];

/** Shows the example on `pad` after a while, unless it was seen before or motion is unwelcome. */
export class Demonstration {
  isDrawing = false; // while it is, there is nothing to read yet
  isShown = false;
  #pad;
  #timer = 0;
  #frame = 0;
  #end = () => this.end();
  #ending; // what else ends it: pairs of a target and an event

  constructor(pad, ending) {
    this.#pad = pad;
    this.#ending = ending;
    if (stored(SEEN) !== null || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const type of ENDED_BY) addEventListener(type, this.#end, true);
    for (const [target, type] of ending) target.addEventListener(type, this.#end);
    this.#timer = setTimeout(() => this.#begin(), REST);
  }

  /** End it at once; the sheet is empty again. */
  end() {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    for (const type of ENDED_BY) removeEventListener(type, this.#end, true);
    for (const [target, type] of this.#ending) target.removeEventListener(type, this.#end);
    if (!this.isShown) return;
    this.isDrawing = this.isShown = false;
    $("pad").classList.remove("example");
    $("example").hidden = true;
    this.#pad.show(null);
  }

  #begin() {
    if (document.hidden) return this.end();
    store(SEEN, "yes");
    this.isDrawing = this.isShown = true;
    $("pad").classList.add("example");
    $("example").hidden = false;
    const strokes = placed(LABEL, [], this.#pad.penWidth);
    const times = timetable(strokes).map((each) => each.map((time) => SLOWNESS * time));
    const whole = Math.max(...times.flat());
    const start = performance.now();
    const step = (now) => {
      const time = now - start;
      if (time >= whole) this.isDrawing = false; // so that it is read
      this.#pad.show(this.isDrawing ? until(strokes, times, Math.max(0, time)) : strokes);
      if (this.isDrawing) this.#frame = requestAnimationFrame(step);
      else this.#timer = setTimeout(this.#end, SHOWN_FOR);
    };
    this.#frame = requestAnimationFrame(step);
  }
}
