// Keeps what the page is made of, so that it starts without a network.

const KEEP_AFTER = 5000; // in milliseconds: the weights are large, and fetched once there is nothing else to do

/** Start the service worker, where the browser has one: on pages over HTTPS, or from this machine. */
export async function startWithoutNetwork() {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  try {
    await workers.register(new URL("../service-worker.js", import.meta.url));
  } catch {
    return; // no room, or not allowed: the page then needs a network
  }
  const { active } = await workers.ready;
  if (!navigator.connection?.saveData) setTimeout(() => active.postMessage("keep weights"), KEEP_AFTER);
}
