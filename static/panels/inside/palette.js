// Values → colours of the page's own, in light and dark.
//
// Where values lie on both sides of 0, orange is below it and blue above; where they do not, paper is 0 and blue is much.
// Orange and blue are told apart by those, too, who see no red.

const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
let tokens = null;

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (tokens = null));

/** Make the colours of a layer's 256 bytes, as a canvas wants them. `isInk` is for the image itself: paper and ink. */
export function palette({ low, high }, isInk = false) {
  const { paper, ink, accent, unsure } = theme();
  const colours = new Uint32Array(256);
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  for (let byte = 0; byte < 256; byte++) {
    const value = low + (byte * (high - low)) / 255;
    const [part, colour] = isInk ? [byte / 255, ink] : [Math.abs(value) / most, value < 0 ? unsure : accent];
    const mixed = paper.map((channel, i) => Math.round(channel + part * (colour[i] - channel)));
    colours[byte] = packed(mixed);
  }
  return colours;
}

function theme() {
  if (tokens) return tokens;
  const style = getComputedStyle(document.documentElement);
  tokens = {};
  for (const name of ["paper", "ink", "accent", "unsure"]) {
    probe.fillStyle = style.getPropertyValue(`--${name}`);
    probe.fillRect(0, 0, 1, 1);
    tokens[name] = [...probe.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  }
  return tokens;
}

const bytes = new Uint8Array(4);

/** Pack red, green and blue as the machine keeps four bytes in a word. */
function packed(channels) {
  bytes.set([...channels, 255]);
  return new Uint32Array(bytes.buffer)[0];
}
