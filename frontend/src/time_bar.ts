import { clockTime } from "./clock_time";
import { make } from "./dom";
import type { Chapter } from "./player_config";
import { Preview, type Sheet } from "./preview";
import { fill, type PlayerWords } from "./words";

/** What a time bar is told and asks. */
export interface TimeBarNeeds {
  words: PlayerWords;
  chapters: Chapter[];
  /** Where questions are asked. */
  questionsS(): number[];
  onSeek(positionS: number): void;
  /** The small frames; null when they are not there or would cost too much. */
  sheet(): Sheet | null;
}

/** Says a length of time as people do; read aloud, "12:05" would be a clock's time. */
function spoken(words: PlayerWords, seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const values = { minutes: Math.floor(whole / 60), seconds: whole % 60, count: whole };
  return fill(values.minutes ? words.minutes_seconds : words.seconds, values);
}

/** The bar of the lesson's whole length; what is not prepared yet is greyed at its end. */
export class TimeBar {
  readonly element: HTMLElement;
  /** Where the loudness of a lesson without pictures is drawn. */
  readonly track: HTMLElement;
  private readonly range: HTMLInputElement;
  private readonly text = make("span", "player__time");
  private readonly marks = make("div", "player__marks", { "aria-hidden": "true" });
  private readonly preview: Preview;
  private isHeld = false;
  private durationS = 0;

  constructor(private readonly needs: TimeBarNeeds) {
    this.range = make("input", "player__range", {
      type: "range", min: "0", max: "0", step: "any", value: "0", "aria-label": needs.words.seek,
    });
    this.preview = new Preview(needs.chapters, needs.sheet);
    this.track = make("div", "player__track", {}, this.range, this.marks, this.preview.element);
    this.element = make("div", "player__timeline", {}, this.track, this.text);
    this.listen();
  }

  /** Shows where playback is, what has been loaded, and how far the asset is prepared. */
  show(positionS: number, durationS: number, bufferedS: number, availableS: number): void {
    const share = (seconds: number) => `${durationS ? (seconds / durationS) * 100 : 0}%`;
    if (durationS !== this.durationS) this.setDuration(durationS);
    const shownS = this.isHeld ? Number(this.range.value) : positionS;
    if (!this.isHeld) this.range.value = String(positionS);
    this.range.style.setProperty("--played", share(shownS));
    this.range.style.setProperty("--loaded", share(Math.max(bufferedS, shownS)));
    this.range.style.setProperty("--available", share(availableS));
    this.say(shownS);
    if (this.range.matches(":focus-visible") && !this.preview.element.hidden) this.previewValue();
  }

  private listen(): void {
    const { range, preview } = this;
    range.addEventListener("input", () => {
      this.isHeld = true;
      this.say(Number(range.value));
      this.previewValue();
    });
    range.addEventListener("change", () => {
      this.isHeld = false;
      this.needs.onSeek(Number(range.value));
      if (!range.matches(":focus-visible")) preview.hide();
    });
    range.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" && this.durationS) this.previewAt(event.offsetX);
    });
    for (const name of ["pointerleave", "pointercancel", "blur"]) {
      range.addEventListener(name, () => preview.hide());
    }
    range.addEventListener("focus", () => {
      if (range.matches(":focus-visible") && this.durationS) this.previewValue();
    });
  }

  private setDuration(durationS: number): void {
    this.durationS = durationS;
    this.range.max = String(durationS);
    const mark = (name: string, atS: number) => {
      const made = make("span", name);
      made.style.left = `${(Math.min(atS, durationS) / durationS) * 100}%`;
      return made;
    };
    const inside = this.needs.chapters.filter((each) => each.startS > 0 && each.startS < durationS);
    this.marks.replaceChildren(
      ...inside.map((each) => mark("player__mark", each.startS)),
      ...this.needs.questionsS().map((atS) => mark("player__mark player__mark--question", atS)),
    );
  }

  private previewValue(): void {
    const positionS = Number(this.range.value);
    const widthPx = this.range.clientWidth;
    this.preview.show(positionS, (positionS / (this.durationS || 1)) * widthPx, widthPx);
  }

  private previewAt(xPx: number): void {
    const widthPx = this.range.clientWidth;
    const share = Math.min(Math.max(xPx / widthPx, 0), 1);
    this.preview.show(share * this.durationS, xPx, widthPx);
  }

  private say(positionS: number): void {
    const { words } = this.needs;
    this.text.textContent = `${clockTime(positionS)} / ${clockTime(this.durationS)}`;
    const values = { position: spoken(words, positionS), duration: spoken(words, this.durationS) };
    this.range.setAttribute("aria-valuetext", fill(words.position, values));
  }
}
