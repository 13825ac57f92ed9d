// Moves the window: by button, or by itself at a chosen speed after Play.

import { html } from "../../elements.js";
import { translate } from "../../i18n.js";
import { button } from "./controls.js";

const SPEEDS = [1, 2, 4, 8, 16, 32, 64]; // steps a second
const BEGINNING = 3; // of SPEEDS

export class Player {
  element = html("div", { class: "player", role: "group", "aria-label": translate("kernel.steps") });
  #position;
  #onMove;
  #play = button(translate("kernel.play"), () => this.toggle(), { class: "play" });
  #speed = html("input", { type: "range", min: 0, max: SPEEDS.length - 1, step: 1, value: BEGINNING });
  #rate = html("span", { class: "rate" });
  #place = html("p", { class: "place" });
  #buttons;
  #timer = 0;

  /** Move `position` step by step, and call `onMove` after each. */
  constructor(position, onMove) {
    this.#position = position;
    this.#onMove = onMove;
    const act = (name) => () => {
      this.pause();
      position[name]();
      onMove();
    };
    this.#buttons = {
      reset: button(translate("kernel.reset"), act("reset")),
      back: button(translate("kernel.back"), act("back")),
      step: button(translate("kernel.step"), act("step")),
      toEnd: button(translate("kernel.to_end"), act("toEnd")),
    };
    const { reset, back, step, toEnd } = this.#buttons;
    this.#speed.addEventListener("input", () => this.#showSpeed());
    const speed = html("label", { class: "speed" }, html("span", {}, translate("kernel.speed")), this.#speed, this.#rate);
    this.element.append(reset, back, this.#play, step, toEnd, speed, this.#place);
    this.#showSpeed();
  }

  get isPlaying() {
    return this.#timer !== 0;
  }

  toggle() {
    if (this.isPlaying) return this.pause();
    if (this.#position.isDone) this.#position.reset();
    this.#wait();
    this.#onMove();
  }

  pause() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.show();
  }

  /** Show the position, and which buttons still do something. */
  show() {
    const { row, column, current, last } = this.#position;
    this.#play.textContent = translate(this.isPlaying ? "kernel.pause" : "kernel.play");
    const place = { step: current + 1, steps: last + 1, row: row + 1, column: column + 1 };
    this.#place.textContent = translate("kernel.place", place);
    for (const name of ["back", "reset"]) disable(this.#buttons[name], current === 0);
    for (const name of ["step", "toEnd"]) disable(this.#buttons[name], current === last);
  }

  #wait() {
    this.#timer = setTimeout(() => this.#next(), 1000 / SPEEDS[this.#speed.value]);
  }

  #next() {
    if (!this.element.checkVisibility()) return this.pause(); // the panel is closed
    this.#position.step();
    if (this.#position.isDone) this.pause();
    else this.#wait();
    this.#onMove();
  }

  #showSpeed() {
    this.#rate.textContent = translate("kernel.rate", { rate: SPEEDS[this.#speed.value] });
    this.#speed.setAttribute("aria-valuetext", this.#rate.textContent);
  }
}

/** Unlike `disabled`, this leaves the focus on the button. */
function disable(button, isUseless) {
  button.setAttribute("aria-disabled", isUseless);
}
