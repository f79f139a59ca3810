import { wantsDataSaver } from "./line_speed";
import { recall, remember } from "./memory";
import type { AssetState, RenditionState } from "./player_config";

/** Chosen in the menu: "auto", "saver", "sound", or a rendition's name. */
export type Quality = string;

/** Returns what was chosen on this device before, or what the browser asks for. */
export function chosenQuality(): Quality {
  return recall("sound-only") === "1" ? "sound" : wantsDataSaver() ? "saver" : "auto";
}

/** Keeps a choice that holds for other lessons, too. */
export function rememberQuality(quality: Quality): void {
  remember("data-saver", quality === "saver" ? "1" : "0");
  remember("sound-only", quality === "sound" ? "1" : null);
}

/** Returns the renditions with pictures, tallest first. */
export function pictures(state: AssetState): RenditionState[] {
  const found = state.renditions.filter((each) => each.kind !== "audio" && each.kind !== "sound");
  return found.sort((a, b) => b.height_px - a.height_px);
}

/** Returns the sound's rendition, if there is one. */
export function sound(state: AssetState): RenditionState | undefined {
  return state.renditions.find((each) => each.kind === "audio" || each.kind === "sound");
}

/** Returns the best rendition that is whole and that the line carries; else the lowest of all. */
export function bestFor(state: AssetState, measuredBps: number): RenditionState | undefined {
  const all = pictures(state);
  const soundBps = sound(state)?.average_bps ?? 0; // comes over the same line
  const needs = (each: RenditionState) => (each.average_bps + soundBps) * 1.3;
  const fits = (each: RenditionState) => each.is_whole && needs(each) <= measuredBps;
  return all.find(fits) ?? all.at(-1);
}

/** Returns the rendition to begin with; undefined where there is no picture. */
export function startWith(
  state: AssetState,
  quality: Quality,
  bps: number,
): RenditionState | undefined {
  if (quality === "saver") return pictures(state).at(-1);
  const chosen = pictures(state).find((each) => each.name === quality);
  return chosen ?? bestFor(state, bps);
}

/**
 * Says whether the source should be opened again, because a rendition became whole that is better
 * for this line than all that the player knows. Players read the multivariant playlist only once.
 */
export function isWorthReopening(
  state: AssetState,
  knownNames: string[],
  measuredBps: number,
  quality: Quality,
): boolean {
  if (quality !== "auto" || knownNames.length === 0) return false;
  const best = bestFor(state, measuredBps);
  return best !== undefined && best.is_whole && !knownNames.includes(best.name);
}

/** Returns what a minute of a rendition with its sound weighs, in MB as people say it. */
export function megabytesPerMinute(state: AssetState, rendition: RenditionState): string {
  const soundBps = sound(state)?.average_bps ?? 0;
  const isSound = rendition === sound(state);
  const megabytes = ((rendition.average_bps + (isSound ? 0 : soundBps)) * 60) / 8e6;
  return megabytes < 2 ? Math.max(megabytes, 0.1).toFixed(1) : String(Math.round(megabytes));
}

/** Returns the second up to which there is something to see or hear. */
export function availableS(state: AssetState | null, durationS: number): number {
  if (!state || (state.is_whole && !state.missing_s)) return durationS;
  return Math.min(state.watchable_s, durationS);
}
