import type { Notice } from "./notice";
import type { Playing } from "./playing";
import type { PlayerWords } from "./words";

const SLOW_MS = 8000;
const NEAR_END_S = 3;

/** Tells why nothing moves, and never turns a wheel over a line that is gone. */
export class Waiting {
  private slowTimer = 0;
  private isCut = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly video: HTMLVideoElement,
    private readonly playing: Playing,
    private readonly notice: Notice,
    private readonly words: PlayerWords,
  ) {
    window.addEventListener("offline", () => this.onCut());
  }

  /** What was loaded has been played. */
  onWaiting(): void {
    const { availableS, durationS } = this.playing;
    const isAtEnd = availableS < durationS && this.video.currentTime > availableS - NEAR_END_S;
    if (this.isCut || !navigator.onLine) return this.sayOffline();
    this.turn(this.video.readyState < 3);
    if (isAtEnd) return this.notice.say(this.words.waiting_for_more);
    window.clearTimeout(this.slowTimer);
    this.slowTimer = window.setTimeout(() => this.onSlow(), SLOW_MS);
  }

  private onSlow(): void {
    if (this.video.paused) return;
    this.notice.say(this.words.slow);
    this.playing.wakeUp();
    this.slowTimer = window.setTimeout(() => this.onSlow(), SLOW_MS);
  }

  /** Nothing arrives any more. What was loaded goes on playing; only then it is told. */
  onCut(): void {
    this.isCut = true;
    if (this.video.readyState < 3) this.sayOffline();
  }

  /** Bytes arrive. */
  onLoaded(): void {
    if (!this.isCut) return;
    this.isCut = false;
    this.notice.over();
    if (this.video.readyState < 3 && !this.video.paused) this.onWaiting();
  }

  onPlaying(): void {
    window.clearTimeout(this.slowTimer);
    this.turn(false);
    this.notice.over();
  }

  private sayOffline(): void {
    window.clearTimeout(this.slowTimer);
    this.turn(false);
    this.notice.ask(this.words.offline, this.words.retry, () => this.playing.goOn());
  }

  private turn(isTurning: boolean): void {
    this.root.classList.toggle("is-waiting", isTurning);
  }
}
