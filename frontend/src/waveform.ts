import type { AssetState } from "./player_config";
import { toOriginal } from "./timeline";
import "./waveform.css";

const SVG = "http://www.w3.org/2000/svg";
const LOUDEST = 255;

/** How loud a recording is: a byte for every `interval_s`, as base64. */
export interface Waveform {
  interval_s: number;
  peaks: string;
}

/** What of a recording is shown: how long it is, and which ranges where that is not all. */
export type Shown = Pick<AssetState, "duration_s" | "kept_ranges">;

/** Draws the loudness behind the time bar; decoration, so readers pass over it. */
export function drawWaveform(bar: HTMLElement, waveform: Waveform, shown: Shown): void {
  const whole = Uint8Array.from(atob(waveform.peaks), (letter) => letter.charCodeAt(0));
  const width = shown.duration_s / waveform.interval_s || whole.length;
  const peaks = shown.kept_ranges?.length ? shownPeaks(whole, waveform, shown, width) : whole;
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("class", "player__waveform");
  picture.setAttribute("viewBox", `0 ${-LOUDEST} ${width} ${2 * LOUDEST}`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", outline(peaks));
  picture.append(path);
  bar.querySelector(".player__waveform")?.remove();
  bar.prepend(picture);
}

function shownPeaks(
  whole: Uint8Array, { interval_s }: Waveform, { kept_ranges }: Shown, width: number,
): Uint8Array {
  return Uint8Array.from({ length: Math.ceil(width) }, (_none, at) => {
    return whole[Math.floor(toOriginal(kept_ranges, at * interval_s) / interval_s)] ?? 0;
  });
}

/** Fetches and draws once; a lesson plays as well without it. */
export async function showWaveform(bar: HTMLElement, url: string, shown: Shown): Promise<void> {
  if (bar.dataset.waveform) return;
  bar.dataset.waveform = "asked";
  try {
    const answer = await fetch(url, { credentials: "omit" });
    if (answer.ok) drawWaveform(bar, (await answer.json()) as Waveform, shown);
  } catch {
    bar.dataset.waveform = ""; // the line is gone: it is asked for again with the next state
  }
}

/** Goes along the tops and back along the mirrored bottoms; silence is a thin line. */
function outline(peaks: Uint8Array): string {
  const tops = Array.from(peaks, (peak, at) => `${at} ${-Math.max(peak, 4)}H${at + 1}`);
  const bottoms = Array.from(peaks, (peak, at) => `${at + 1} ${Math.max(peak, 4)}H${at}`);
  return `M${tops.join("L")}L${bottoms.reverse().join("L")}Z`;
}
