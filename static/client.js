// Requests to the server; where it cannot be reached, the answers that this device gives itself.

/** The server refused the request, or the reader on this device did; the message says why. */
export class Refusal extends Error {}

/** The server did not answer, and this device cannot. */
export class Unreachable extends Error {}

const PATIENCE = 10_000; // in milliseconds
const AGAIN = 3000; // in milliseconds, between two questions whether the server is back
const READ_HERE = /^(?!.*[?&](model|why|towards)=)(read|predict|inspect)\b/; // by the default network, without explanations

const page = document.body.dataset;

/** Whether the server answers. Emits "change". A page on a static host has none, and never had. */
class Server extends EventTarget {
  exists = page.server !== "none";
  isAway = !this.exists;

  /** Note that it did not answer, and ask from time to time whether it is back. */
  lost() {
    if (this.isAway) return;
    this.#become(true);
    this.#wait();
  }

  #wait() {
    setTimeout(async () => {
      const answer = await fetch("healthz", { cache: "no-store" }).catch(() => null);
      if (answer?.ok) this.#become(false);
      else this.#wait();
    }, AGAIN);
  }

  #become(isAway) {
    this.isAway = isAway;
    this.dispatchEvent(new Event("change"));
  }
}

export const server = new Server();

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
  if (!READ_HERE.test(address)) return askServer(server.exists ? address : written(address), request, signal);
  if (!server.isAway) {
    try {
      return await askServer(address, request, signal);
    } catch (error) {
      if (!(error instanceof Unreachable) || signal?.aborted) throw error;
      server.lost();
    }
  }
  return readHere(address, request.body);
}

async function askServer(address, request, signal) {
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

/** Return where a static host has the answer to a GET: web/site.py wrote it there. */
function written(address) {
  const name = address.replace(/\?version=.*/, "").replaceAll(/[?&=+]/g, "-");
  return new URL(`../data/${name}.json`, import.meta.url);
}

let reader = null; // a promise of the module that reads, and of what it reads with

/** Read an image on this device: its modules and weights are loaded when they are first needed. */
async function readHere(address, image) {
  reader ??= import("./ondevice/answers.js").then((module) => ({
    ...module,
    device: new module.OnDevice(new URL(page.weights, location.href)),
  }));
  let found;
  try {
    found = await reader;
  } catch {
    reader = null; // the next question tries again
    throw new Unreachable();
  }
  try {
    return await found.device.answer(address, image);
  } catch (error) {
    if (error instanceof found.InkProblem) throw new Refusal(error.message);
    if (error instanceof found.WeightsError) throw new Unreachable();
    throw error;
  }
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
