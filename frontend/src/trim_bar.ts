import { make } from "./dom";
import { openPlayback, stateOf } from "./playback";
import type { PlayerConfig, Storyboard } from "./player_config";
import type { Range } from "./timeline";

const TILES = 12;
const STEP_S = 0.1;

/** The lesson's whole length, with a handle at each end and small pictures behind. */
export class TrimBar {
  readonly element = make("div", "trim__bar");
  private readonly strip = make("div", "trim__strip", { "aria-hidden": "true" });
  private readonly out = make("div", "", { "aria-hidden": "true" });
  private readonly now = make("div", "trim__now", { "aria-hidden": "true" });
  private readonly first: HTMLInputElement;
  private readonly last: HTMLInputElement;

  constructor(
    private readonly durationS: number,
    labels: { first: string; last: string },
    onMove: (startS: number, endS: number, atS: number) => void,
  ) {
    this.first = this.handle(labels.first);
    this.last = this.handle(labels.last);
    this.element.append(this.strip, this.out, this.now, this.first, this.last);
    for (const handle of [this.first, this.last]) {
      handle.addEventListener("input", () => {
        const [startS, endS] = [Number(this.first.value), Number(this.last.value)];
        if (handle === this.first) onMove(Math.min(startS, endS - STEP_S), endS, startS);
        else onMove(startS, Math.max(endS, startS + STEP_S), endS);
      });
    }
  }

  /** Shows where the lesson begins and ends, and what is left out. */
  show(startS: number, endS: number, cutOut: readonly Range[], textOf: (s: number) => string): void {
    this.first.value = String(startS);
    this.last.value = String(endS);
    this.first.setAttribute("aria-valuetext", textOf(startS));
    this.last.setAttribute("aria-valuetext", textOf(endS));
    // A time beyond the end would make the page as much wider.
    const within = (seconds: number) => Math.min(Math.max(seconds, 0), this.durationS);
    const out = [[0, startS], ...cutOut, [endS, this.durationS]] as Range[];
    const shown = out.map(([from, to]): Range => [within(from), within(to)]);
    this.out.replaceChildren(...shown.filter(([from, to]) => to > from).map(([from, to]) => {
      const piece = make("div", "trim__out");
      piece.style.left = this.share(from);
      piece.style.width = this.share(to - from);
      return piece;
    }));
  }

  /** Shows where playback is. */
  showNow(positionS: number): void {
    this.now.style.left = this.share(positionS);
  }

  /** Draws the small pictures; without them the bar works as well. */
  async drawStrip(config: PlayerConfig): Promise<void> {
    const playback = await openPlayback(config);
    const board = stateOf(playback).storyboard;
    if (!board) return;
    const url = `url("${playback.base_url}${board.name}")`;
    const tiles = Array.from({ length: TILES }, (_none, at) => this.tile(board, url, at));
    this.strip.replaceChildren(...tiles);
  }

  private tile(board: Storyboard, url: string, at: number): HTMLElement {
    const atS = ((at + 0.5) / TILES) * this.durationS;
    const number = Math.min(Math.floor(atS / board.interval_s), board.tile_count - 1);
    const [column, row] = [number % board.columns, Math.floor(number / board.columns)];
    const tile = make("div", "trim__tile");
    tile.style.backgroundImage = url;
    tile.style.backgroundPosition =
      `${-column * board.tile_width_px}px ${-row * board.tile_height_px}px`;
    return tile;
  }

  private handle(label: string): HTMLInputElement {
    return make("input", "trim__handle", {
      type: "range", min: "0", max: String(this.durationS), step: String(STEP_S),
      "aria-label": label,
    });
  }

  private share(seconds: number): string {
    return `${(seconds / this.durationS) * 100}%`;
  }
}
