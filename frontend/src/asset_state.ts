import type { AssetState } from "./player_config";
import { fill, type SiteWords } from "./words";

const POLL_MS = 4000;

/** How far a file is, as the page names it: the class `state-…` of its badge. */
type StateName = "waiting" | "preparing" | "partly" | "cut_off" | "failed" | "ready";

function nameOf(asset: AssetState): StateName {
  if (asset.state === "failed") return "failed";
  if (asset.is_whole) return asset.missing_s > 0 ? "cut_off" : "ready";
  // Sharper pictures may still be coming: nobody has to wait for them.
  if (asset.watchable_s > 0) return asset.watchable_s >= asset.duration_s - 1 ? "ready" : "partly";
  return asset.queue_place !== null && !asset.percent ? "waiting" : "preparing";
}

function lengthText(words: SiteWords, seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = Math.floor(seconds % 60);
  if (minutes && rest) return fill(words.minutes_seconds ?? "", { minutes, seconds: rest });
  return minutes ? fill(words.minutes ?? "", { count: minutes }) : fill(words.seconds ?? "", { count: rest });
}

function textOf(words: SiteWords, asset: AssetState): string {
  const texts: Record<StateName, string | undefined> = {
    waiting: words.state_waiting,
    preparing: words[`preparing_${asset.kind}`],
    partly: words.state_partly,
    cut_off: words.state_cut_off,
    failed: words.state_failed,
    ready: words[`ready_${asset.kind === "unknown" ? "video" : asset.kind}`],
  };
  return fill(texts[nameOf(asset)] ?? "", {
    place: asset.queue_place ?? 1,
    percent: asset.percent,
    time: lengthText(words, asset.watchable_s),
  });
}

function leftText(words: SiteWords, asset: AssetState): string {
  const isWatchable = asset.watchable_s >= asset.duration_s - 1;
  const seconds = (isWatchable ? asset.ready_in_s : asset.watchable_in_s) ?? null;
  if (seconds === null || asset.is_whole) return "";
  const time = fill(words.minutes ?? "", { count: Math.max(1, Math.ceil(seconds / 60)) });
  return fill((isWatchable ? words.left_sharper : words.left_watchable) ?? "", { time });
}

function show(badge: HTMLElement, words: SiteWords, asset: AssetState): void {
  for (const old of [...badge.classList].filter((each) => each.startsWith("state-"))) {
    badge.classList.remove(old);
  }
  badge.classList.add(`state-${nameOf(asset)}`);
  const text = badge.querySelector("[data-state-text]");
  if (text) text.textContent = textOf(words, asset);
  const bar = badge.parentElement?.querySelector<HTMLProgressElement>("[data-state-progress]");
  if (bar) bar.value = asset.percent;
  const left = badge.parentElement?.querySelector("[data-state-left]");
  if (left) left.textContent = leftText(words, asset);
  const isOver = !["waiting", "preparing", "partly"].includes(nameOf(asset));
  if (bar) bar.hidden = isOver;
  const moving = badge.parentElement?.querySelector<HTMLElement>("[data-state-moving]");
  if (moving) moving.hidden = isOver;
  showWhatWaits(["partly", "cut_off", "ready"].includes(nameOf(asset)));
}

/** What is said until there is something to show goes, what can be done then appears. */
function showWhatWaits(isWatchable: boolean): void {
  for (const hint of document.querySelectorAll<HTMLElement>("[data-until-watchable]")) {
    hint.hidden = isWatchable;
  }
  for (const act of document.querySelectorAll<HTMLElement>("[data-from-watchable]")) {
    act.hidden = !isWatchable;
  }
}

/** Takes over what the page says now: why, and what to do, are the server's words. */
async function sayWhy(badge: HTMLElement): Promise<void> {
  const panel = badge.closest(".state-panel");
  if (!panel) return;
  const at = [...document.querySelectorAll(".state-panel")].indexOf(panel);
  const answer = await fetch(location.href, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelectorAll(".state-panel")[at];
  if (now) panel.replaceChildren(...now.childNodes);
}

async function look(badge: HTMLElement, words: SiteWords): Promise<boolean> {
  if (document.hidden) return true;
  try {
    const answer = await fetch(badge.dataset.assetState ?? "", { cache: "no-store" });
    if (answer.status >= 400 && answer.status < 500) return false; // signed out, or deleted
    if (!answer.ok) return true;
    const asset = (await answer.json()) as AssetState;
    show(badge, words, asset);
    if (asset.state === "failed") await sayWhy(badge);
    return !asset.is_whole && asset.state !== "failed";
  } catch {
    return true; // no connection: asked again
  }
}

/** Keeps badges with `data-asset-state` (an address) fresh until the file is ready or failed. */
export function watchAssetStates(words: SiteWords): void {
  for (const badge of document.querySelectorAll<HTMLElement>("[data-asset-state]")) {
    const again = async () => {
      if (await look(badge, words)) window.setTimeout(() => void again(), POLL_MS);
    };
    window.setTimeout(() => void again(), POLL_MS);
  }
}
