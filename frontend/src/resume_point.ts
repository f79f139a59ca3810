import { recall, remember } from "./memory";
import { saveResumePoint } from "./playback";
import type { PlayerConfig } from "./player_config";
import { toOriginal, toShown } from "./timeline";

const EVERY_S = 15;
const NEAR_END_S = 10;

/** Returns the second that the page's address names (`?t=90`), or -1. */
export function secondInAddress(): number {
  const named = new URLSearchParams(location.search).get("t") ?? "";
  return /^\d{1,6}(\.\d+)?$/.test(named) ? Number(named) : -1;
}

/** Where a person goes on: kept on the server for who is signed in, else in this browser. */
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
    const known = config.resumeUrl ? config.resumeS : Number(recall(this.note) ?? config.resumeS);
    const kept = toShown(config.keptRanges, known);
    const isOver = config.durationS > 0 && kept > config.durationS - NEAR_END_S;
    return kept > 0 && !isOver ? kept : 0;
  }

  /** Called often; saves when 15 s were watched since the last time, or at once if `isLast`. */
  keep(positionS: number, isLast: boolean): void {
    const movedS = Math.abs(positionS - this.savedS);
    if (movedS < (isLast ? 1 : EVERY_S)) return;
    this.savedS = positionS;
    const originalS = toOriginal(this.config.keptRanges, positionS);
    if (this.config.resumeUrl) saveResumePoint(this.config, originalS);
    else remember(this.note, String(Math.round(originalS)));
  }

  private get note(): string {
    return `resume:${this.config.lessonId}`;
  }
}
