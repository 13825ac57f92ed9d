// The server's interface, for the page.

/** The server answered, and said what was wrong. */
export class Refusal extends Error {}

/** The server did not answer. */
export class Unreachable extends Error {}

const PATIENCE = 10_000; // in milliseconds

/** POST an image, a Blob, to `address` and return the answer. Throws Refusal or Unreachable; `signal` gives up. */
export function post(address, image, signal) {
  // The server looks at the bytes, and explains what it cannot read.
  return ask(address, { method: "POST", headers: { "Content-Type": "image/*" }, body: image }, signal);
}

export function get(address, signal) {
  return ask(address, {}, signal);
}

/** Send a request and return the answer's JSON. Throws Refusal or Unreachable. */
export async function ask(address, request, signal) {
  const patience = AbortSignal.timeout(PATIENCE);
  let response;
  try {
    response = await fetch(address, { ...request, signal: signal ? AbortSignal.any([signal, patience]) : patience });
  } catch {
    throw new Unreachable();
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  if (response.status >= 500 && response.status !== 503) throw new Unreachable();
  throw new Refusal(answer?.detail ?? `${response.status}`);
}

/**
 * Run one job at a time. What is asked for meanwhile waits, and only the newest of it is run: answers come in the
 * order of the questions, and a slow server is asked no more than it can answer.
 */
export class LatestOnly {
  #running = false;
  #waiting = null;

  async run(job) {
    this.#waiting = job;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#waiting) {
        const next = this.#waiting;
        this.#waiting = null;
        await next();
      }
    } finally {
      this.#running = false;
    }
  }
}
