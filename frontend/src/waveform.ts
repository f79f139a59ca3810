import "./waveform.css";

const SVG = "http://www.w3.org/2000/svg";
const LOUDEST = 255;

/** How loud a recording is: a byte for every `interval_s`, as base64. */
export interface Waveform {
  interval_s: number;
  peaks: string;
}

/** Draws the loudness behind a time bar of `durationS`; decoration, so readers pass over it. */
export function drawWaveform(bar: HTMLElement, waveform: Waveform, durationS: number): void {
  const peaks = Uint8Array.from(atob(waveform.peaks), (letter) => letter.charCodeAt(0));
  const width = durationS / waveform.interval_s || peaks.length;
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

/** Fetches and draws once; a lesson plays as well without it. */
export async function showWaveform(bar: HTMLElement, url: string, durationS: number): Promise<void> {
  if (bar.dataset.waveform) return;
  bar.dataset.waveform = "asked";
  try {
    const answer = await fetch(url, { credentials: "omit" });
    if (answer.ok) drawWaveform(bar, (await answer.json()) as Waveform, durationS);
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
