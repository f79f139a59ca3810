import { recall, remember } from "./memory";
import type { PlayerConfig } from "./player_config";
import { toOriginal, toShown } from "./timeline";

const EVERY_S = 15;
const NEAR_END_S = 10;

/** Returns the second that the page's address names (`?t=90`), or -1. */
export function secondInAddress(): number {
  const named = new URLSearchParams(location.search).get("t") ?? "";
  return /^\d{1,6}(\.\d+)?$/.test(named) ? Number(named) : -1;
}

/** Where a person goes on: the server knows it of who is signed in, this browser of guests. */
export class ResumePoint {
  private savedS: number;

  constructor(private readonly config: PlayerConfig) {
    this.savedS = this.startS;
  }

  /**
   * The second to begin at: the address's, else where it was left; 0 after its end. Both are kept
   * in the original's time.
   */
  get startS(): number {
    const { config } = this;
    const named = secondInAddress();
    if (named >= 0) return toShown(config.keptRanges, named);
    const known = config.isKnown ? config.resumeS : Number(recall(this.note) ?? config.resumeS);
    const kept = toShown(config.keptRanges, known);
    const isOver = config.durationS > 0 && kept > config.durationS - NEAR_END_S;
    return kept > 0 && !isOver ? kept : 0;
  }

  /** Called often; keeps a guest's place every 15 s, or at once if `isLast`. */
  keep(positionS: number, isLast: boolean): void {
    if (this.config.isKnown) return;
    const movedS = Math.abs(positionS - this.savedS);
    if (movedS < (isLast ? 1 : EVERY_S)) return;
    this.savedS = positionS;
    const originalS = toOriginal(this.config.keptRanges, positionS);
    remember(this.note, String(Math.round(originalS)));
  }

  private get note(): string {
    return `resume:${this.config.lessonId}`;
  }
}
