import { union, without } from "./ranges";
import { originalRanges, type Range, toOriginal } from "./timeline";
import { forgetUntold, keepUntold, tell, tellLeaving, tellLeft, type Untold } from "./untold";

const TELL_MS = 12_000;
const KEEP_MS = 4_000;
const SAME_S = 1;

/** Counts what one person watches of one recording, and tells the server every 12 s and at pauses. */
export class Watched {
  private pass = "";
  private all: Range[] = [];
  private told: Range[] = [];
  private toldPositionS = -1;
  private tellAtMs = 0;
  private keepAtMs = 0;
  private isTelling = false;

  /** `keptRanges` are those of the original that are shown, where not all is. */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly positionS: () => number,
    private readonly keptRanges: () => readonly Range[] | undefined,
  ) {
    window.addEventListener("online", () => void this.tell());
    window.addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.hidden && this.leave());
  }

  /** A playback began; nothing is told without a pass. */
  begin(pass: string | null): void {
    this.collect();
    const untold = this.untold();
    if (untold) {
      keepUntold(untold);
      void tellLeft();
    }
    this.told = this.all;
    this.pass = pass ?? "";
    this.tellAtMs = Date.now() + TELL_MS;
  }

  /** Takes over what the browser has played; a source that is opened again forgets it. */
  collect(): void {
    const { played } = this.video;
    for (let i = 0; i < played.length; i += 1) {
      const ranges = originalRanges(this.keptRanges(), played.start(i), played.end(i));
      this.all = union(this.all, ranges);
    }
  }

  /** Called often while it plays. */
  note(): void {
    if (!this.pass) return;
    this.collect();
    const now = Date.now();
    if (now >= this.tellAtMs) return void this.tell();
    if (now < this.keepAtMs) return;
    this.keepAtMs = now + KEEP_MS;
    const untold = this.untold();
    if (untold) keepUntold(untold);
  }

  /** Tells what is new; what does not arrive stays on the device, and is told with the next. */
  async tell(): Promise<void> {
    this.collect();
    this.tellAtMs = Date.now() + TELL_MS;
    const untold = this.untold();
    if (!untold || this.isTelling) return;
    keepUntold(untold);
    this.isTelling = true;
    const isSettled = await tell(untold);
    this.isTelling = false;
    if (!isSettled) return;
    this.told = union(this.told, untold.ranges);
    this.toldPositionS = untold.positionS;
    forgetUntold(untold);
  }

  /** The page may be gone in a moment. */
  private leave(): void {
    this.collect();
    const untold = this.untold();
    if (!untold) return;
    keepUntold(untold);
    tellLeaving(untold);
  }

  private untold(): Untold | null {
    if (!this.pass) return null;
    const ranges = without(this.all, this.told);
    const positionS = toOriginal(this.keptRanges(), this.positionS());
    const hasMoved = Math.abs(positionS - this.toldPositionS) >= SAME_S;
    if (!ranges.length && !hasMoved) return null;
    return { pass: this.pass, ranges, positionS, atMs: Date.now() };
  }
}
