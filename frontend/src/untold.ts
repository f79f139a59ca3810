import { recall, recallAll, remember } from "./memory";
import type { Range } from "./timeline";

/**
 * What was watched and is not yet acknowledged. It stays in the browser's storage until the server
 * has it on its disk: over cut lines, closed tabs and days. Telling it twice does no harm.
 */
export interface Untold {
  /** Says to the server who watches what since when. */
  pass: string;
  /** In the original's time; of a document, page n is [n - 1, n]. */
  ranges: Range[];
  positionS: number;
  /** When that was, by this device's clock: only what has passed since is told. */
  atMs: number;
}

const ADDRESS = "/progress";
const PREFIX = "watched:";
const UNKNOWN_AGE_S = 1e9; // the clock was set back: no age that anybody would believe
const MOST_RANGES = 200;

function noteOf(untold: Untold): string {
  return PREFIX + (untold.pass.split(".")[1] ?? "");
}

function bodyOf({ pass, ranges, positionS, atMs }: Untold): string {
  const ageS = (Date.now() - atMs) / 1000;
  return JSON.stringify({
    pass,
    ranges: ranges.slice(0, MOST_RANGES).map((range) => range.map(rounded)),
    position_s: rounded(positionS),
    age_s: ageS >= 0 ? rounded(ageS) : UNKNOWN_AGE_S,
  });
}

function rounded(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}

/** Keeps it on the device, in place of what was kept of the same playback. */
export function keepUntold(untold: Untold): void {
  remember(noteOf(untold), JSON.stringify(untold));
}

/** Forgets what was kept of the same playback, unless more came in between. */
export function forgetUntold(told: Untold): void {
  if (recall(noteOf(told)) === JSON.stringify(told)) remember(noteOf(told), null);
}

/** Tells the server. Returns whether it is settled: written, or refused for good. */
export async function tell(untold: Untold): Promise<boolean> {
  try {
    const answer = await fetch(ADDRESS, {
      method: "POST",
      body: bodyOf(untold),
      keepalive: true,
      credentials: "omit",
    });
    return answer.ok || (answer.status < 500 && ![408, 429].includes(answer.status));
  } catch {
    return false; // no connection: it stays on the device
  }
}

/** Tells the server while the page is left; whether it arrived is found out by the next page. */
export function tellLeaving(untold: Untold): void {
  navigator.sendBeacon?.(ADDRESS, bodyOf(untold));
}

/** Tells what earlier pages left here. */
export async function tellLeft(): Promise<void> {
  for (const text of recallAll(PREFIX)) {
    const untold = JSON.parse(text) as Untold;
    if (await tell(untold)) forgetUntold(untold);
  }
}
