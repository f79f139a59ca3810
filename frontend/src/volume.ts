import { make } from "./dom";
import { recall, remember } from "./memory";
import type { PlayerWords } from "./words";

/** A slider for devices with a pointer; phones have keys of their own. Kept for the next lesson. */
export function volumeSlider(video: HTMLVideoElement, words: PlayerWords): HTMLInputElement {
  const slider = make("input", "player__range player__volume", {
    type: "range", min: "0", max: "100", step: "5", "aria-label": words.volume,
  });
  const kept = Number(recall("volume") ?? "100");
  video.volume = kept >= 0 && kept <= 100 ? kept / 100 : 1;
  const show = () => {
    const percent = video.muted ? 0 : Math.round(video.volume * 100);
    slider.value = String(percent);
    slider.style.setProperty("--played", `${percent}%`);
    slider.style.setProperty("--loaded", `${percent}%`);
    slider.setAttribute("aria-valuetext", `${percent}%`);
  };
  slider.addEventListener("input", () => setVolume(video, Number(slider.value)));
  slider.addEventListener("keydown", (event) => event.stopPropagation()); // arrows are its own
  video.addEventListener("volumechange", show);
  show();
  return slider;
}

/** Sets the volume in percent; more than nothing ends muting. */
export function setVolume(video: HTMLVideoElement, percent: number): void {
  const bounded = Math.min(100, Math.max(0, percent));
  video.volume = bounded / 100;
  video.muted = bounded === 0;
  if (bounded > 0) remember("volume", String(Math.round(bounded)));
}
