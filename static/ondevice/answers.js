// The whole reader in the browser: what the server's HTTP interface answers, without a server.
//
// Weights are fetched when they are first needed: those for single digits at once, those for lines with the first drawing,
// and those that find ink with the first photograph.

import { InkFinder } from "./inference/ink.js";
import { inspect } from "./inference/inspection.js";
import { LineReader } from "./inference/line.js";
import { numberDocument, readNumber } from "./inference/numbers.js";
import { Recognizer } from "./inference/recognizer.js";
import { Digitpad } from "./networks/digitpad.js";
import { InkNetwork } from "./networks/ink.js";
import { Kernel } from "./networks/kernel.js";
import { LineNetwork } from "./networks/line.js";
import { Weights, WeightsError } from "./networks/weights.js";
import { InkProblem } from "./preprocessing/errors.js";
import { flatInk } from "./preprocessing/flat.js";
import { decode } from "./preprocessing/image-files.js";
import { Scan } from "./preprocessing/normalize.js";
import { pngUrl } from "./preprocessing/png.js";

export { InkProblem, WeightsError };

const KINDS = {
  digitpad: [Digitpad, Recognizer],
  line: [LineNetwork, LineReader],
  ink: [InkNetwork, InkFinder],
};

/** Answers what the server's HTTP interface would, from the weights in a folder. */
export class OnDevice {
  #folder;
  #plain;
  #readers = new Map(); // promises, by the name of the weights

  /**
   * `folder` is the address of digitpad.safetensors, line.safetensors and ink.safetensors. With `plain`, nothing runs in
   * WebAssembly.
   */
  constructor(folder, { plain = false } = {}) {
    this.#folder = new URL(`${String(folder).replace(/\/$/, "")}/`, globalThis.location?.href);
    this.#plain = plain;
  }

  /**
   * Answer as POST /`address` does, about a Blob: "read", "predict" or "inspect", with parameters such as input=true.
   *
   * Throws InkProblem with the server's sentence where the image cannot be read, WeightsError where weights are missing.
   */
  async answer(address, body) {
    const { pathname, searchParams } = new URL(address, "https://on.device/");
    const answerTo = ANSWERS[pathname.slice(1)];
    if (!answerTo) throw new Error(`nothing answers ${address} on the device`);
    const isSet = (name) => ["true", "1"].includes((searchParams.get(name) ?? "").toLowerCase());
    const recognizer = await this.reader("digitpad");
    const scan = await this.scan(body);
    const finder = scan.paper && (await this.reader("ink"));
    const readers = { recognizer, line: () => this.reader("line"), paper: finder?.calibration ?? null };
    const started = performance.now();
    const answer = await answerTo(scan, readers, isSet("input"), searchParams);
    const elapsed = Math.round((performance.now() - started + scan.milliseconds) * 100) / 100;
    const model = { name: recognizer.name, version: recognizer.version };
    return { ...answer, model, ...inkFound(scan, finder, isSet("input")), elapsed_ms: elapsed };
  }

  /** Decode an image, a Blob, and separate its ink from paper: a Scan, with its place in pixels of the file's image. */
  async scan(blob) {
    let started = performance.now();
    const { image, sent } = await decode(blob);
    const scale = sent / Math.max(image.width, image.height); // decoding may have reduced the image
    const ink = flatInk(image);
    let scan = ink && new Scan(ink, { scale });
    if (!scan) {
      const before = performance.now();
      const finder = await this.reader("ink");
      started += performance.now() - before; // fetching weights is not reading
      scan = finder.find(image).magnified(scale);
    }
    scan.milliseconds = performance.now() - started;
    return scan;
  }

  /** Return a promise of the reader with the weights called `name`. They are fetched once. */
  reader(name) {
    if (!this.#readers.has(name)) {
      const reader = this.#load(name);
      reader.catch(() => this.#readers.delete(name)); // the next call tries again
      this.#readers.set(name, reader);
    }
    return this.#readers.get(name);
  }

  async #load(name) {
    const response = await fetch(new URL(`${name}.safetensors`, this.#folder)).catch(() => null);
    if (!response?.ok) throw new WeightsError(`${name}.safetensors cannot be fetched.`);
    const weights = await Weights.read(await response.arrayBuffer(), name);
    const [Network, Reader] = KINDS[name];
    return new Reader(new Network(new Kernel(this.#plain), weights), weights);
  }
}

const ANSWERS = {
  async read(scan, readers, withInput) {
    return numberDocument(await readNumber(scan, readers), scan.paper && scan, withInput);
  },
  predict(scan, { recognizer, paper }, withInput) {
    const [reading] = recognizer.read([scan.place()], paper);
    const { label } = reading;
    return { digit: label !== null && /^\d$/.test(label) ? Number(label) : null, ...reading.document(withInput) };
  },
  inspect(scan, readers) {
    return inspect(scan, readers);
  },
};

/** Say which ink network found the ink on paper; `withInput`, also what and where, and print. */
function inkFound(scan, finder, withInput) {
  if (!finder) return {};
  const { version } = finder;
  if (!withInput) return { ink: { version } };
  return { ink: { version, ...pictured(scan), ...(scan.printed ? { print: pictured(scan.printed) } : {}) } };
}

const pictured = ({ box, ink }) => ({ box, picture: pngUrl(ink) });
