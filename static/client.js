// Requests to the server.

/** The server refused the request; the message says why. */
export class Refusal extends Error {}

/** The server did not answer. */
export class Unreachable extends Error {}

const PATIENCE = 10_000; // in milliseconds

/** POST an image, a Blob, to `address` and return the answer. Throws Refusal or Unreachable; `signal` aborts. */
export function post(address, image, signal) {
  // Any image type: the server looks at the bytes, and explains what it cannot read.
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
 * Runs one job at a time. Of the jobs that come meanwhile, only the newest is run. Answers so come in the order of the
 * questions, and a slow server gets no more questions than it can answer.
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
