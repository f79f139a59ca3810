import { clockTime } from "./clock_time";
import { make } from "./dom";
import type { Chapter, Storyboard } from "./player_config";

/** A storyboard that may be shown, and where it is. */
export interface Sheet {
  board: Storyboard;
  url: string;
  /** Which moment of the original is shown at a second. */
  originalOf(positionS: number): number;
}

/** Returns the chapter that this second belongs to. */
export function chapterAt(chapters: Chapter[], positionS: number): Chapter | undefined {
  return chapters.filter((each) => each.startS <= positionS + 0.01).at(-1);
}

/** The small picture, time and chapter above the time bar; its sheet loads at the first look. */
export class Preview {
  readonly element = make("div", "player__preview", { hidden: "", "aria-hidden": "true" });
  private readonly tile = make("div", "player__tile", { hidden: "" });
  private readonly text = make("span", "player__preview-text");

  constructor(
    private readonly chapters: Chapter[],
    private readonly sheet: () => Sheet | null,
  ) {
    this.element.append(this.tile, this.text);
  }

  /** Shows what is at this second, above `xPx` of a bar that is `widthPx` wide. */
  show(positionS: number, xPx: number, widthPx: number): void {
    const title = chapterAt(this.chapters, positionS)?.title;
    this.text.textContent = [clockTime(positionS), title].filter(Boolean).join(" · ");
    this.drawTile(positionS);
    this.element.hidden = false;
    const half = this.element.offsetWidth / 2;
    const leftPx = Math.min(Math.max(xPx, half), Math.max(half, widthPx - half));
    this.element.style.left = `${leftPx}px`;
  }

  hide(): void {
    this.element.hidden = true;
  }

  private drawTile(positionS: number): void {
    const sheet = this.sheet();
    this.tile.hidden = sheet === null;
    if (!sheet) return;
    const { board, url } = sheet;
    const originalS = sheet.originalOf(positionS);
    const number = Math.min(Math.floor(originalS / board.interval_s), board.tile_count - 1);
    const { style } = this.tile;
    style.width = `${board.tile_width_px}px`;
    style.height = `${board.tile_height_px}px`;
    style.backgroundImage = `url("${url}")`;
    const [column, row] = [number % board.columns, Math.floor(number / board.columns)];
    style.backgroundPosition =
      `${-column * board.tile_width_px}px ${-row * board.tile_height_px}px`;
  }
}
