import { clockTime } from "./clock_time";
import { make } from "./dom";
import { fill, type PlayerWords } from "./words";

/** The bar of the lesson's whole length; what is not prepared yet is greyed at its end. */
export class TimeBar {
  readonly element: HTMLElement;
  private readonly range: HTMLInputElement;
  private readonly text = make("span", "player__time");
  private isHeld = false;

  constructor(
    private readonly words: PlayerWords,
    onSeek: (positionS: number) => void,
  ) {
    this.range = make("input", "player__range", {
      type: "range", min: "0", max: "0", step: "any", value: "0", "aria-label": words.seek,
    });
    this.element = make("div", "player__timeline", {}, this.range, this.text);
    this.range.addEventListener("input", () => {
      this.isHeld = true;
      this.say(Number(this.range.value), Number(this.range.max));
    });
    this.range.addEventListener("change", () => {
      this.isHeld = false;
      onSeek(Number(this.range.value));
    });
  }

  /** Shows where playback is, what has been loaded, and how far the asset is prepared. */
  show(positionS: number, durationS: number, bufferedS: number, availableS: number): void {
    const share = (seconds: number) => `${durationS ? (seconds / durationS) * 100 : 0}%`;
    this.range.max = String(durationS);
    const shownS = this.isHeld ? Number(this.range.value) : positionS;
    if (!this.isHeld) this.range.value = String(positionS);
    this.range.style.setProperty("--played", share(shownS));
    this.range.style.setProperty("--loaded", share(Math.max(bufferedS, shownS)));
    this.range.style.setProperty("--available", share(availableS));
    this.say(shownS, durationS);
  }

  private say(positionS: number, durationS: number): void {
    const values = { position: clockTime(positionS), duration: clockTime(durationS) };
    this.text.textContent = `${values.position} / ${values.duration}`;
    this.range.setAttribute("aria-valuetext", fill(this.words.position, values));
  }
}
