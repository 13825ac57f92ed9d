// Asks the server what is drawn or chosen: one question at a time, and of those that wait only the newest.

import { LatestOnly, post, Refusal, Unreachable } from "./client.js";
import { toPng } from "./pad/ink.js";

const RETRY_AFTER = 2000; // in milliseconds, when the server could not be reached

/**
 * Reads the image of `picture`, or else the strokes of `pad`. Emits "answer" with {answer, milliseconds, source}, where
 * `source` is the {strokes, file} that was read; "empty" where there is nothing to read; and "failure" with the error.
 * A server that cannot be reached is asked again.
 */
export class Reader extends EventTarget {
  #pad;
  #picture;
  #questions = new LatestOnly();
  #wanted = new AbortController(); // aborted once nobody wants the answers to earlier questions any more
  #asked = null; // the strokes or the file of the last question
  #retry = 0;

  constructor(pad, picture) {
    super();
    this.#pad = pad;
    this.#picture = picture;
  }

  /** Ask about what is there now, unless that was the last question. */
  read() {
    clearTimeout(this.#retry);
    const about = this.#picture.file ?? this.#pad.strokes;
    if (about === this.#asked) return;
    this.#asked = about;
    if (!this.#picture.file && !about.length) {
      this.forget();
      this.#emit("empty");
      return;
    }
    const { signal } = this.#wanted;
    this.#questions.run(() => this.#ask(signal));
  }

  /** Drop the answers to all earlier questions: the pad was cleared, or there is another image. */
  forget() {
    this.#wanted.abort();
    this.#wanted = new AbortController();
  }

  async #ask(signal) {
    if (signal.aborted) return;
    try {
      const started = performance.now();
      const { file } = this.#picture;
      const source = { strokes: file ? null : this.#pad.strokes, file };
      const image = file ?? (await toPng(source.strokes));
      const answer = await post("read?input=true", image, signal);
      if (signal.aborted) return;
      if (!answer.digits.length && answer.verdict === "not-a-number") await predictWhole(answer, image, signal);
      this.#emit("answer", { answer, milliseconds: performance.now() - started, source });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Unreachable || error instanceof Refusal)) throw error;
      this.#emit("failure", error);
      if (error instanceof Refusal) return;
      this.#asked = null;
      this.#retry = setTimeout(() => this.read(), RETRY_AFTER);
    }
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Where nothing could be cut into digits, show the network's probabilities of the whole image. */
async function predictWhole(answer, image, signal) {
  const whole = await post("predict?input=true", image, signal);
  answer.digits = [{ ...whole, verdict: "not-a-digit", box: [0, 0, 0, 0] }];
}
