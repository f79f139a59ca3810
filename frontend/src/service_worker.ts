/**
 * Shows kept lessons where there is no connection. It touches nothing while there is one: every
 * answer comes from the network, and only where that fails the kept page, or a file of it, is given.
 *
 * To retire it: take service_worker.js out of the build. The server then answers with a worker that
 * takes itself off, and pages are as if there had been none.
 */
import { KEPT_PATH, SHELL_CACHE } from "./kept_names";

/** As much of a worker as is used here. */
interface Worker {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(
    type: "install" | "activate" | "fetch",
    handle: (event: WorkerEvent) => void,
  ): void;
}
interface WorkerEvent extends Event {
  request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

const worker = self as unknown as Worker;

async function dropOlder(): Promise<void> {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith("khlang-kept-") && name !== SHELL_CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function fromNetworkOr(request: Request, kept: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await caches.match(kept, { ignoreVary: true });
    if (found) return found;
    throw error;
  }
}

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(dropOlder()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const isFile = new URL(request.url).pathname.startsWith("/static/");
  if (request.method !== "GET" || !(request.mode === "navigate" || isFile)) return;
  event.respondWith(fromNetworkOr(request, isFile ? request.url : KEPT_PATH));
});
