// The kernel's editor: weights to type, and kernels to begin with.

import { Refusal, Unreachable } from "../../client.js";
import { html } from "../../elements.js";
import { translate } from "../../i18n.js";
import { networkKernels, PRESETS } from "./presets.js";

const MOST = 999; // the largest weight that can be typed
const TYPED = "typed";

/** Emits "change" when its `weights`, `divisor` or `size` change. */
export class Editor extends EventTarget {
  element = html("div", { class: "editor" });
  size = 3;
  weights = [];
  divisor = 1;
  #select = html("select", { id: "kernel-preset" });
  #does = html("p", { class: "does quiet" });
  #grid = html("div", { class: "weights", role: "group", "aria-label": translate("kernel.weights") });
  #divisor = html("input", { type: "number", step: "any", id: "kernel-divisor", autocomplete: "off" });
  #network = null; // the result of networkKernels()
  #asking = false;

  constructor(preset) {
    super();
    const names = [...Object.keys(PRESETS), TYPED];
    this.#select.append(...names.map((name) => html("option", { value: name }, translate(`kernel.presets.${name}`))));
    this.#select.addEventListener("change", () => this.choose(this.#select.value));
    this.#select.addEventListener("pointerdown", () => this.#askNetwork());
    this.#select.addEventListener("focus", () => this.#askNetwork());
    listen(this.#divisor, (value) => {
      if (value === 0) return false;
      this.divisor = value;
      this.#typed();
      return true;
    }, () => this.divisor);
    this.element.append(
      html("label", { for: "kernel-preset" }, translate("kernel.kernel")),
      this.#select,
      this.#grid,
      html("p", { class: "divisor" }, html("label", { for: "kernel-divisor" }, translate("kernel.divisor")), this.#divisor),
      this.#does,
    );
    this.choose(preset);
    this.#askNetwork();
  }

  /** Choose one of PRESETS or "network-N"; "typed" leaves the weights as they are. */
  choose(name) {
    const own = /^network-(\d+)$/.exec(name);
    if (own) {
      this.size = this.#network.size;
      Object.assign(this, { weights: [...this.#network.kernels[own[1]]], divisor: 1 });
    } else if (name !== TYPED) {
      const { weights, divisor } = PRESETS[name][this.size];
      Object.assign(this, { weights: [...weights], divisor });
    }
    this.#select.value = name;
    this.#show();
    this.dispatchEvent(new Event("change"));
  }

  /** Change the size: a preset has weights for each; any other kernel gets a border of zeros, or loses its border. */
  resize(size) {
    if (size === this.size) return;
    const shift = (this.size - size) / 2;
    const at = (row, column) => {
      const inside = Math.min(row, column) >= 0 && Math.max(row, column) < this.size;
      return inside ? this.weights[row * this.size + column] : 0;
    };
    const fitted = Array.from({ length: size * size }, (_, i) => at(Math.floor(i / size) + shift, (i % size) + shift));
    Object.assign(this, { size, weights: fitted });
    this.choose(this.#select.value in PRESETS ? this.#select.value : TYPED);
  }

  #show() {
    if (this.#grid.children.length !== this.weights.length) {
      this.#grid.style.setProperty("--size", this.size);
      this.#grid.replaceChildren(...this.weights.map((_, i) => this.#input(i)));
    }
    [...this.#grid.children].forEach((input, i) => {
      input.value = this.weights[i];
      input.removeAttribute("aria-invalid");
    });
    this.#divisor.value = this.divisor;
    this.#divisor.removeAttribute("aria-invalid");
    this.#tint();
    const name = this.#select.value;
    this.#does.textContent = translate(`kernel.does.${name.startsWith("network") ? "network" : name}`);
  }

  #tint() {
    const most = Math.max(...this.weights.map(Math.abs)) || 1;
    [...this.#grid.children].forEach((input, i) => {
      input.className = this.weights[i] < 0 ? "less" : "more";
      input.style.setProperty("--part", Math.abs(this.weights[i]) / most);
    });
  }

  #input(i) {
    const place = { row: Math.floor(i / this.size) + 1, column: (i % this.size) + 1 };
    const input = html("input", { type: "number", step: "any", autocomplete: "off", "aria-label": translate("kernel.weight", place) });
    listen(input, (value) => {
      this.weights[i] = value;
      this.#typed();
      return true;
    }, () => this.weights[i]);
    return input;
  }

  #typed() {
    this.#select.value = TYPED;
    this.#does.textContent = translate("kernel.does.typed");
    this.#tint();
    this.dispatchEvent(new Event("change"));
  }

  /** Offer the network's own kernels; if the server does not answer, the next focus asks again. */
  async #askNetwork() {
    if (this.#network || this.#asking) return;
    this.#asking = true;
    try {
      this.#network = await networkKernels();
      if (!this.#network) return; // it has none to offer
      const group = html("optgroup", { label: translate("kernel.learned", { name: this.#network.name }) });
      const options = this.#network.kernels.map((_, i) =>
        html("option", { value: `network-${i}` }, translate("kernel.learned_kernel", { number: i + 1 })),
      );
      group.append(...options);
      this.#select.append(group);
    } catch (error) {
      this.#asking = false;
      if (!(error instanceof Unreachable || error instanceof Refusal)) throw error;
    }
  }
}

/** Take numbers as they are typed. An invalid one is marked; on leaving the field the last valid one comes back. */
function listen(input, take, current) {
  input.addEventListener("input", () => {
    const value = input.valueAsNumber;
    const good = Number.isFinite(value) && Math.abs(value) <= MOST && take(value);
    if (good) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", true);
  });
  input.addEventListener("change", () => {
    input.value = current();
    input.removeAttribute("aria-invalid");
  });
}
