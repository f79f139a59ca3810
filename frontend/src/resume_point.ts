import { recall, remember } from "./memory";
import { type PlayerConfig, saveResumePoint } from "./player_config";

const EVERY_S = 15;
const NEAR_END_S = 10;

/** Where a person goes on: kept on the server for who is signed in, else in this browser. */
export class ResumePoint {
  private savedS: number;

  constructor(private readonly config: PlayerConfig) {
    this.savedS = this.startS;
  }

  /** The second to begin at; 0 for a lesson that was watched to its end. */
  get startS(): number {
    const { config } = this;
    const kept = config.resumeUrl ? config.resumeS : Number(recall(this.note) ?? config.resumeS);
    const isOver = config.durationS > 0 && kept > config.durationS - NEAR_END_S;
    return kept > 0 && !isOver ? kept : 0;
  }

  /** Called often; saves when 15 s were watched since the last time, or at once if `isLast`. */
  keep(positionS: number, isLast: boolean): void {
    const movedS = Math.abs(positionS - this.savedS);
    if (movedS < (isLast ? 1 : EVERY_S)) return;
    this.savedS = positionS;
    if (this.config.resumeUrl) saveResumePoint(this.config, positionS);
    else remember(this.note, String(Math.round(positionS)));
  }

  private get note(): string {
    return `resume:${this.config.lessonId}`;
  }
}
