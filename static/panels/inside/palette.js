// Values → colours of the page's own, in light and dark.
//
// Where values lie on both sides of 0, orange is below it and blue above; where they do not, paper is 0 and blue is much.
// Orange and blue are told apart by those, too, who see no red.

/** The colours of the layers and kernels that are shown: 256 for each, as a canvas wants them, made once. */
export class Palettes {
  #made = new Map();
  #theme = null;

  constructor() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#theme = null;
      this.clear();
    });
  }

  clear() {
    this.#made.clear();
  }

  /** Return the colours of the bytes of a layer, or of kernels. */
  of(values) {
    this.#theme ??= readTheme();
    if (!this.#made.has(values)) this.#made.set(values, palette(values, this.#theme));
    return this.#made.get(values);
  }
}

/** The image itself, a layer of kind "input", is of paper and ink. */
function palette({ low, high, kind }, { paper, ink, accent, unsure }) {
  const colours = new Uint32Array(256);
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  for (let byte = 0; byte < 256; byte++) {
    const value = low + (byte * (high - low)) / 255;
    const [part, colour] = kind === "input" ? [byte / 255, ink] : [Math.abs(value) / most, value < 0 ? unsure : accent];
    const [red, green, blue] = paper.map((channel, i) => Math.round(channel + part * (colour[i] - channel)));
    colours[byte] = packed([red, green, blue, 255]);
  }
  return colours;
}

/** Read the page's colours as red, green and blue. */
function readTheme() {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => {
    context.fillStyle = style.getPropertyValue(name);
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  return { paper: colour("--paper"), ink: colour("--ink"), accent: colour("--accent"), unsure: colour("--unsure") };
}

/** Pack four bytes into a word in the machine's own order. */
function packed(bytes) {
  return new Uint32Array(Uint8Array.from(bytes).buffer)[0];
}
