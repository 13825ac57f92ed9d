// The kernel of all networks: a convolution as a product of matrices whose one factor is never copied together.
//
// Maps lie in memory row by row with their padding around them, so the input of a term (map, kernel row, kernel column)
// is one and the same array, only shifted: output[m][p] = Σ_k weights[m][k] · input[offset_k + p], for all places p one
// after the other. At the ends of rows, p also runs over a few places that belong to no cell; nobody reads those.
//
// In WebAssembly the kernel holds 4 maps × 8 places in vector registers, with four numbers in each. Where WebAssembly is
// not allowed, or has no vectors, the same loop runs in JavaScript, some ten times slower.

import { assemble } from "./assembler.js";

const MAPS = 4; // at a time
const PLACES = 8;
const PAGE = 65_536; // in bytes, of WebAssembly's memory
const FIRST_PAGES = 64;

/**
 * Memory for weights and maps, and `convolve` on it. Places in memory are counted in numbers of 4 bytes. `floats` and
 * `integers` are views of the same memory: take them anew after `reserve`, which may move it.
 */
export class Kernel {
  #memory;
  #run;
  #top = 16;
  #bottom = 0;

  /** Start the fastest kernel that is allowed here; `plain` takes the one in JavaScript. */
  constructor(plain = false) {
    this.#run = (!plain && this.#startVectors()) || this.#startPlain();
    this.#look();
  }

  /** Whether it runs in WebAssembly. */
  get isFast() {
    return this.#memory instanceof WebAssembly.Memory;
  }

  /** Reserve room for `count` numbers, and return its place. Its content is whatever was there. */
  reserve(count) {
    const place = this.#top;
    this.#top += (count + 15) & ~15; // whole cache lines
    const needed = (this.#top + 4096) * 4; // the kernel reads a little beyond the last place
    if (needed > this.#memory.buffer.byteLength) {
      this.#memory.grow(Math.ceil((needed - this.#memory.buffer.byteLength) / PAGE) + FIRST_PAGES);
      this.#look();
    }
    return place;
  }

  /** Keep what was reserved so far, such as weights. */
  keep() {
    this.#bottom = this.#top;
  }

  /** Free all that was reserved since `keep`. */
  release() {
    this.#top = this.#bottom;
  }

  /**
   * Compute output[m][p] for all m below `maps`, a multiple of 4, and p below `places`, a multiple of 8.
   *
   * `offsets` (terms) are in bytes, `weights` (maps / 4, terms, 4); `plane` is the distance of two maps in the output.
   */
  convolve({ input, offsets, terms, weights, output, maps, places, plane }) {
    this.#run(4 * input, 4 * offsets, 4 * (offsets + terms), 4 * weights, 4 * output, maps, 4 * places, 4 * plane);
  }

  #look() {
    this.floats = new Float32Array(this.#memory.buffer);
    this.integers = new Int32Array(this.#memory.buffer);
  }

  #startVectors() {
    try {
      this.#memory = new WebAssembly.Memory({ initial: FIRST_PAGES });
      const module = new WebAssembly.Module(assemble(PROGRAM)); // a kilobyte: compiled at once
      return new WebAssembly.Instance(module, { host: { memory: this.#memory } }).exports.run;
    } catch {
      return null; // the page's policy forbids it, or the processor has no vectors
    }
  }

  #startPlain() {
    this.#memory = new PlainMemory(FIRST_PAGES * PAGE);
    return (...places) => plainly(this.floats, this.integers, ...places);
  }
}

/** What WebAssembly.Memory does, in an array. */
class PlainMemory {
  constructor(bytes) {
    this.buffer = new ArrayBuffer(bytes);
  }

  grow(pages) {
    const larger = new ArrayBuffer(this.buffer.byteLength + pages * PAGE);
    new Uint8Array(larger).set(new Uint8Array(this.buffer));
    this.buffer = larger;
  }
}

/** The kernel in JavaScript; arguments as PROGRAM has them, in bytes. It holds 4 maps × 2 places in variables. */
function plainly(floats, integers, input, offset, end, weights, output, maps, places, plane) {
  const terms = (end - offset) / 4;
  const offsets = integers.slice(offset / 4, end / 4).map((bytes) => bytes / 4);
  const distance = plane / 4;
  for (let map = 0; map < maps; map += MAPS) {
    const first = weights / 4 + map * terms;
    for (let place = 0; place < places / 4; place += 2) {
      const from = input / 4 + place;
      let a0 = 0, a1 = 0, b0 = 0, b1 = 0, c0 = 0, c1 = 0, d0 = 0, d1 = 0; // prettier-ignore
      for (let term = 0, weight = first; term < terms; term++, weight += MAPS) {
        const at = from + offsets[term];
        const left = floats[at];
        const right = floats[at + 1];
        a0 += floats[weight] * left;
        a1 += floats[weight] * right;
        b0 += floats[weight + 1] * left;
        b1 += floats[weight + 1] * right;
        c0 += floats[weight + 2] * left;
        c1 += floats[weight + 2] * right;
        d0 += floats[weight + 3] * left;
        d1 += floats[weight + 3] * right;
      }
      const to = output / 4 + map * distance + place;
      [floats[to], floats[to + 1]] = [a0, a1];
      [floats[to + distance], floats[to + distance + 1]] = [b0, b1];
      [floats[to + 2 * distance], floats[to + 2 * distance + 1]] = [c0, c1];
      [floats[to + 3 * distance], floats[to + 3 * distance + 1]] = [d0, d1];
    }
  }
}

const each = (count, lines) => Array.from({ length: count }, (_, i) => lines(i)).flat();

/** For 8 places, for 4 maps, for all terms: multiply and add. The weights of 4 maps lie side by side. */
const PROGRAM = {
  parameters: ["input", "offsets", "end", "weights", "output", "maps", "places", "plane"],
  locals: {
    i32: ["place", "map", "weight", "offset", "from", "to"],
    v128: ["low", "high", "factor", ...each(2 * MAPS, (i) => `sum${i}`)],
  },
  code: [
    "loop", // over places
    ...["local.get weights", "local.set weight", "local.get output", "local.get place", "i32.add", "local.set to"],
    ...["i32.const 0", "local.set map"],
    "loop", // over maps
    ...["local.get offsets", "local.set offset"],
    ...each(2 * MAPS, (i) => ["f32.const 0", "f32x4.splat", `local.set sum${i}`]),
    "loop", // over terms
    ...["local.get input", "local.get place", "i32.add", "local.get offset", "i32.load", "i32.add", "local.tee from"],
    ...["v128.load 0", "local.set low", "local.get from", "v128.load 16", "local.set high"],
    ...each(MAPS, (i) => [
      ...["local.get weight", `v128.load32_splat ${4 * i}`, "local.set factor"],
      ...["local.get factor", "local.get low", "f32x4.mul", `local.get sum${2 * i}`, "f32x4.add", `local.set sum${2 * i}`],
      ...["local.get factor", "local.get high", "f32x4.mul", `local.get sum${2 * i + 1}`, "f32x4.add"],
      `local.set sum${2 * i + 1}`,
    ]),
    ...["local.get weight", `i32.const ${4 * MAPS}`, "i32.add", "local.set weight"],
    ...["local.get offset", "i32.const 4", "i32.add", "local.tee offset", "local.get end", "i32.lt_u", "br_if 0"],
    "end",
    ...each(MAPS, (i) => [
      ...["local.get to", `local.get sum${2 * i}`, "v128.store 0", "local.get to", `local.get sum${2 * i + 1}`],
      ...["v128.store 16", "local.get to", "local.get plane", "i32.add", "local.set to"],
    ]),
    ...["local.get map", `i32.const ${MAPS}`, "i32.add", "local.tee map", "local.get maps", "i32.lt_u", "br_if 0"],
    "end",
    ...["local.get place", `i32.const ${4 * PLACES}`, "i32.add", "local.tee place", "local.get places", "i32.lt_u"],
    "br_if 0",
    "end",
  ],
};
