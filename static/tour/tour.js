// The tour: six steps from pixels to probabilities. Each opens the panel that shows it on the visitor's own digit, marks
// the place there, and says what it is. It is no modal dialog: whatever it points at can be used meanwhile.

import { $, addStyle, hasModifier, html } from "../elements.js";
import { translate } from "../i18n.js";

const STEPS = [
  { name: "pixels", panel: "kernel", place: ".input" },
  { name: "convolution", panel: "kernel", place: ".arithmetic", prepare: convolve },
  { name: "pooling", panel: "inside", place: ".path li:nth-child(2)" },
  { name: "linear", panel: "inside", place: ".path li:last-child" },
  { name: "loss", panel: "card", place: "section.training" },
  { name: "training", panel: "kernel", place: ".pictures", prepare: chooseLearned },
];
const SAMPLE = 3; // drawn where there is nothing
const SETTLING = 2000; // in milliseconds: what has arrived late by then may move the place that is pointed at
const TAKEN_BY = ["wheel", "touchmove", "keydown", "pointerdown"]; // whoever scrolls is not scrolled back

let current = null;

/** Begin the tour; where the page `isEmpty`, it draws a sample first. The focus returns to `opener` at its end. */
export async function startTour(opener, isEmpty) {
  if (current) return current.focus();
  current = new Tour(opener, () => (current = null));
  await addStyle(new URL("tour.css", import.meta.url));
  if (isEmpty) $("samples").children[SAMPLE].click();
  current?.begin(isEmpty);
}

class Tour {
  #step = 0;
  #opener;
  #ended;
  #marked = null; // the element that is pointed at
  #isPrepared = false;
  #settled = 0; // when the visitor alone scrolls
  #take = () => (this.#settled = 0);
  #resizing = new ResizeObserver(() => performance.now() < this.#settled && this.#scroll("instant"));
  #observer = new MutationObserver(() => this.#point());
  #progress = html("p", { class: "progress" });
  #title = html("h2", { id: "tour-title" });
  #text = html("p", { id: "tour-text" });
  #back = button("back", () => this.#go(this.#step - 1));
  #next = button("next", () => this.#go(this.#step + 1), "primary");
  #element;
  #key = (event) => this.#press(event);

  constructor(opener, ended) {
    this.#opener = opener;
    this.#ended = ended;
    const said = html("div", { "aria-live": "polite", "aria-atomic": "true" }, this.#progress, this.#title, this.#text);
    const buttons = html("div", { class: "buttons" }, button("leave", () => this.end(), "leave"), this.#back, this.#next);
    const named = { role: "dialog", "aria-labelledby": "tour-title", "aria-describedby": "tour-text" };
    this.#element = html("section", { id: "tour", class: "tour boxed", ...named }, said, buttons);
  }

  /** Show the first step. */
  begin(withSample) {
    $("panel").before(this.#element); // so that the Tab key leads from here into the panel
    addEventListener("keydown", this.#key, true);
    this.#observer.observe($("panel"), { childList: true, subtree: true, attributeFilter: ["hidden"] });
    this.#resizing.observe($("main"));
    for (const type of TAKEN_BY) addEventListener(type, this.#take, { capture: true, passive: true });
    this.#go(0, withSample);
    this.focus();
  }

  focus() {
    this.#next.focus({ preventScroll: true });
  }

  end() {
    removeEventListener("keydown", this.#key, true);
    for (const type of TAKEN_BY) removeEventListener(type, this.#take, { capture: true });
    this.#observer.disconnect();
    this.#resizing.disconnect();
    this.#mark(null);
    this.#element.remove();
    this.#ended();
    this.#opener.focus();
  }

  #go(step, withSample = false) {
    if (step < 0) return;
    if (step === STEPS.length) return this.end();
    const { name, panel } = STEPS[step];
    this.#step = step;
    this.#isPrepared = false;
    this.#progress.textContent = translate("tour.progress", { step: step + 1, steps: STEPS.length });
    this.#title.textContent = translate(`tour.${name}.title`);
    this.#text.textContent = `${withSample ? translate("tour.sample") : ""}${translate(`tour.${name}.text`)}`;
    this.#next.textContent = translate(step === STEPS.length - 1 ? "tour.finish" : "tour.next");
    if (step === 0 && document.activeElement === this.#back) this.focus();
    this.#back.disabled = step === 0;
    this.#mark(null);
    if ($(`tab-${panel}`).getAttribute("aria-selected") !== "true") $(`tab-${panel}`).click();
    this.#point();
  }

  /** Mark the step's place once the panel shows it, and again when the panel has replaced it. */
  #point() {
    const { panel, place, prepare = () => true } = STEPS[this.#step];
    const root = $("panel").querySelector(`.${panel}`);
    if (!root) return;
    this.#isPrepared ||= prepare(root);
    const element = root.querySelector(place);
    if (!element?.getClientRects().length || element === this.#marked) return;
    const isFirst = !this.#marked;
    this.#mark(element);
    if (!isFirst) return;
    this.#settled = performance.now() + SETTLING;
    this.#scroll(isCalm() ? "instant" : "smooth");
  }

  #scroll(behavior) {
    this.#marked?.scrollIntoView({ block: "start", behavior });
  }

  #mark(element) {
    this.#marked?.classList.remove("toured");
    this.#marked = element;
    element?.classList.add("toured");
  }

  #press(event) {
    const isHere = this.#element.contains(event.target);
    const step = isHere && !hasModifier(event) ? { ArrowRight: 1, ArrowLeft: -1 }[event.key] : 0;
    if (event.key !== "Escape" && !step) return;
    if ($("keys").open) return; // Escape closes the list of keys first
    event.preventDefault();
    event.stopPropagation();
    if (step) this.#go(Math.min(this.#step + step, STEPS.length - 1));
    else this.end();
  }
}

function button(name, act, kind = "") {
  const element = html("button", { type: "button", class: kind || null }, translate(`tour.${name}`));
  element.addEventListener("click", act);
  return element;
}

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Let the panel "By hand" convolve. Returns whether it does. */
function convolve(root) {
  const choice = root.querySelector("input[value=convolution]");
  if (choice && !choice.checked) choice.click();
  return Boolean(choice);
}

/** Let it use a kernel that the network has learned. Returns whether it does. */
function chooseLearned(root) {
  const option = root.querySelector("#kernel-preset [value^=network-]");
  if (!option) return false; // the server has not sent them yet
  convolve(root);
  const select = root.querySelector("#kernel-preset");
  if (!select.value.startsWith("network-")) {
    select.value = option.value;
    select.dispatchEvent(new Event("change"));
  }
  return true;
}
