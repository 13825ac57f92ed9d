// The server's interface, for the page.

/** The server answered, and said what was wrong. */
export class Refusal extends Error {}

/** The server did not answer. */
export class Unreachable extends Error {}

/** POST one image, a Blob, to /predict and return its answer. Throws Refusal or Unreachable. */
export async function predict(image) {
  let response;
  try {
    const headers = { "Content-Type": image.type || "application/octet-stream" };
    response = await fetch("predict?input=true", { method: "POST", headers, body: image });
  } catch {
    throw new Unreachable();
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  if (response.status >= 500 && response.status !== 503) throw new Unreachable();
  throw new Refusal(answer?.detail ?? `The server answered ${response.status}.`);
}

/**
 * Run one job at a time. What is asked for meanwhile waits, and only the newest of it is run: answers come in the
 * order of the questions, and a slow server is never asked about a drawing that is no longer there.
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
        await next(() => this.#waiting === null);
      }
    } finally {
      this.#running = false;
    }
  }
}
