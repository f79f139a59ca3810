/** The page that shows what is kept, and its files: there without a connection. */

import { SHELL_CACHE, WORKER_PATH } from "./kept_names";

/** Installs the worker and lays the page and its files beside it. Throws TypeError without a line. */
export async function keepShell(keptUrl: string): Promise<void> {
  await navigator.serviceWorker.register(WORKER_PATH, { scope: "/" });
  const cache = await caches.open(SHELL_CACHE);
  // As a guest sees it: the page is shown to whoever holds the phone.
  const answer = await fetch(`${keptUrl}?device`, { credentials: "omit" });
  const page = await answer.clone().text();
  await cache.put(keptUrl, answer);
  const styles: string[] = [];
  for (const address of filesOf(page)) {
    const file = await fetch(address);
    if (address.endsWith(".css")) styles.push(await file.clone().text());
    await cache.put(address, file);
  }
  // Letters that this page needed are those that the kept one needs.
  const loaded = performance.getEntriesByType("resource").map((each) => each.name);
  const fonts = loaded.filter((name) => /\.woff2$/.test(name) && isNamed(name, styles));
  for (const address of fonts) await cache.put(address, await fetch(address));
}

/** Takes everything away. */
export async function dropShell(): Promise<void> {
  await caches.delete(SHELL_CACHE);
  const registration = await navigator.serviceWorker.getRegistration("/");
  await registration?.unregister();
}

function filesOf(page: string): string[] {
  const parsed = new DOMParser().parseFromString(page, "text/html");
  const named = [
    ...[...parsed.querySelectorAll("link[rel=stylesheet], link[rel=modulepreload], link[rel=icon]")].map(
      (link) => link.getAttribute("href"),
    ),
    ...[...parsed.querySelectorAll("script[src]")].map((script) => script.getAttribute("src")),
  ];
  return [...new Set(named.filter((address) => address !== null))];
}

function isNamed(address: string, styles: string[]): boolean {
  const name = address.split("/").at(-1) ?? address;
  return styles.some((style) => style.includes(name));
}
