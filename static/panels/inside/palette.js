// Values → the page's colours, in light and dark.
//
// Signed values are orange below 0 and blue above; others go from paper at 0 to blue. Colour-blind people can tell
// orange from blue.

/** The 256 colours of each layer and kernel that is shown, as 32-bit words for a canvas. */
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

  /** Return the colours of the 256 bytes of a layer or of kernels. */
  of(values) {
    this.#theme ??= readTheme();
    if (!this.#made.has(values)) this.#made.set(values, palette(values, this.#theme));
    return this.#made.get(values);
  }
}

/** Make the colours for values from `low` to `high`; the input has those of paper and ink. */
function palette({ low, high, kind }, { paper, ink, accent, unsure }) {
  const channels = new Uint8Array(256 * 4).fill(255); // red, green, blue and alpha
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  for (let byte = 0; byte < 256; byte++) {
    const value = low + (byte * (high - low)) / 255;
    const [part, colour] = kind === "input" ? [byte / 255, ink] : [Math.abs(value) / most, value < 0 ? unsure : accent];
    channels.set(paper.map((channel, i) => Math.round(channel + part * (colour[i] - channel))), 4 * byte);
  }
  return new Uint32Array(channels.buffer); // in the machine's own order
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
