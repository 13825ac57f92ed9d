// Stepping: by button, and by itself at a speed that one chooses. It starts only when it is told to.

import { say } from "../../i18n.js";
import { button } from "./controls.js";
import { html } from "../elements.js";

const SPEEDS = [1, 2, 4, 8, 16, 32, 64]; // steps a second
const BEGINNING = 3; // of SPEEDS

export class Player {
  element = html("div", { class: "player", role: "group", "aria-label": say("kernel.steps") });
  #walk;
  #onMove;
  #play = button(say("kernel.play"), () => this.toggle(), { class: "play" });
  #speed = html("input", { type: "range", min: 0, max: SPEEDS.length - 1, step: 1, value: BEGINNING });
  #rate = html("span", { class: "rate" });
  #place = html("p", { class: "place" });
  #buttons;
  #timer = 0;

  /** Step over `walk`, and tell `onMove` of it. */
  constructor(walk, onMove) {
    this.#walk = walk;
    this.#onMove = onMove;
    const act = (name) => () => {
      this.pause();
      walk[name]();
      onMove();
    };
    this.#buttons = {
      reset: button(say("kernel.reset"), act("reset")),
      back: button(say("kernel.back"), act("back")),
      step: button(say("kernel.step"), act("step")),
      toEnd: button(say("kernel.to_end"), act("toEnd")),
    };
    const { reset, back, step, toEnd } = this.#buttons;
    this.#speed.addEventListener("input", () => this.#showSpeed());
    const speed = html("label", { class: "speed" }, html("span", {}, say("kernel.speed")), this.#speed, this.#rate);
    this.element.append(reset, back, this.#play, step, toEnd, speed, this.#place);
    this.#showSpeed();
  }

  get isPlaying() {
    return this.#timer !== 0;
  }

  toggle() {
    if (this.isPlaying) return this.pause();
    if (this.#walk.isDone) this.#walk.reset();
    this.#wait();
    this.#onMove();
  }

  pause() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.show();
  }

  /** Say where the walk is, and which steps are left. */
  show() {
    const { row, column, current, last } = this.#walk;
    this.#play.textContent = say(this.isPlaying ? "kernel.pause" : "kernel.play");
    const place = { step: current + 1, steps: last + 1, row: row + 1, column: column + 1 };
    this.#place.textContent = say("kernel.place", place);
    for (const name of ["back", "reset"]) disable(this.#buttons[name], current === 0);
    for (const name of ["step", "toEnd"]) disable(this.#buttons[name], current === last);
  }

  #wait() {
    this.#timer = setTimeout(() => this.#next(), 1000 / SPEEDS[this.#speed.value]);
  }

  #next() {
    if (!this.element.checkVisibility()) return this.pause(); // nobody looks on
    this.#walk.step();
    if (this.#walk.isDone) this.pause();
    else this.#wait();
    this.#onMove();
  }

  #showSpeed() {
    this.#rate.textContent = say("kernel.rate", { rate: SPEEDS[this.#speed.value] });
    this.#speed.setAttribute("aria-valuetext", this.#rate.textContent);
  }
}

/** A button that is of no use is still there for whoever has the focus on it. */
function disable(button, isUseless) {
  button.setAttribute("aria-disabled", isUseless);
}
