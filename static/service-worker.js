// Lets the page start without a network. VERSION, FILES and WEIGHTS stand above this line: whoever sends this file
// writes them.
//
// As long as the network answers, every file comes from there, so that none can be older than the others. Only where it
// does not, the files that were fetched together, with this version, stand in. Answers are never kept.

const CACHE = `digitpad ${VERSION}`;
const ROOT = new URL("./", self.location);
const KEPT = new Set([...FILES, ...WEIGHTS].map((file) => new URL(file, ROOT).href));

self.addEventListener("install", (event) => {
  // Questions are none of our business: they need not wait until this script has started.
  event.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" });
  event.waitUntil(install());
});

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map(fresh));
  self.skipWaiting();
}

self.addEventListener("activate", (event) => event.waitUntil(activate()));

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith("digitpad ") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

// The weights are large: the page asks for them once it has nothing else to do.
self.addEventListener("message", (event) => {
  if (event.data === "keep weights") event.waitUntil(keepWeights());
});

async function keepWeights() {
  const cache = await caches.open(CACHE);
  for (const file of WEIGHTS) {
    if (!(await cache.match(file))) await cache.add(fresh(file)).catch(() => {});
  }
}

/** Return a request that no cache of the browser answers with an older file. */
function fresh(file) {
  return new Request(file, { cache: "no-cache" });
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const address = new URL(request.url);
  address.search = address.hash = "";
  if (KEPT.has(address.href)) event.respondWith(fetchOrKept(request, address.href));
});

async function fetchOrKept(request, address) {
  const response = await fetch(request).catch(() => null);
  if (response && response.status < 500) return response;
  const kept = await caches.match(address, { cacheName: CACHE });
  return kept ?? response ?? Response.error();
}
