import { make } from "./dom";
import { icon, type IconName } from "./icons";
import { Panel } from "./panel";
import { TimeBar, type TimeBarNeeds } from "./time_bar";
import { volumeSlider } from "./volume";
import type { PlayerWords } from "./words";

/** What the bar asks of the player. */
export interface BarNeeds extends TimeBarNeeds {
  togglePlay(): void;
  /** Absent where the lesson has no captions. */
  toggleCaptions: (() => void) | undefined;
  settings(): Node[];
  chapterList(): Node[];
  keys(): Node[];
}

function iconButton(name: IconName, label: string, onPress?: () => void): HTMLButtonElement {
  const made = make("button", `player__button player__button--${name}`, { type: "button" });
  relabel(made, name, label);
  if (onPress) made.addEventListener("click", onPress);
  return made;
}

function relabel(target: HTMLButtonElement, name: IconName, label: string): void {
  if (target.getAttribute("aria-label") === label) return;
  target.setAttribute("aria-label", label);
  target.title = label;
  target.replaceChildren(icon(name));
}

/** The player's buttons and time bar, over one video element. */
export class ControlBar {
  readonly element: HTMLElement;
  readonly timeBar: TimeBar;
  readonly keys: Panel;
  private readonly panels: Panel[];
  private readonly play: HTMLButtonElement;
  private readonly mute: HTMLButtonElement;
  private readonly full: HTMLButtonElement;

  constructor(
    private readonly root: HTMLElement,
    private readonly video: HTMLVideoElement,
    private readonly words: PlayerWords,
    needs: BarNeeds,
  ) {
    this.timeBar = new TimeBar(needs);
    this.play = iconButton("play", words.play, () => needs.togglePlay());
    this.mute = iconButton("sound", words.mute, () => this.toggleMute());
    this.full = iconButton("fullscreen", words.fullscreen, () => this.toggleFullscreen());
    this.keys = new Panel("keys", words.keys, () => needs.keys());
    this.panels = [this.keys];
    const buttons = make("div", "player__buttons", {}, ...this.left(needs),
      make("span", "player__gap"), ...this.right(needs));
    const boxes = this.panels.map((each) => each.element);
    this.element = make("div", "player__bar", {}, ...boxes, this.timeBar.element, buttons);
    for (const name of ["play", "pause", "volumechange"]) {
      video.addEventListener(name, () => this.showState());
    }
    document.addEventListener("fullscreenchange", () => this.showState());
  }

  toggleMute(): void {
    this.video.muted = !this.video.muted;
  }

  toggleFullscreen(): void {
    const phone = this.video as HTMLVideoElement & { webkitEnterFullscreen?: () => void };
    if (document.fullscreenElement) void document.exitFullscreen();
    // iPhones show only the video itself in full screen.
    else if (!document.fullscreenEnabled) phone.webkitEnterFullscreen?.();
    else this.root.requestFullscreen().catch(() => undefined);
  }

  private left(needs: BarNeeds): HTMLElement[] {
    const { words, video } = this;
    const by = (step: number) => () => needs.onSeek(video.currentTime + step);
    return [
      this.play,
      iconButton("back", words.back, by(-10)),
      iconButton("forward", words.forward, by(10)),
      this.mute,
      volumeSlider(video, words),
    ];
  }

  private right(needs: BarNeeds): HTMLElement[] {
    const { words } = this;
    const made: HTMLElement[] = [];
    const { toggleCaptions } = needs;
    if (toggleCaptions) made.push(iconButton("captions", words.captions, toggleCaptions));
    if (needs.chapters.length) {
      made.push(this.opener("chapters", words.chapters, () => needs.chapterList()));
    }
    made.push(this.opener("settings", words.settings, () => needs.settings()));
    if (document.pictureInPictureEnabled) {
      const label = words.picture_in_picture;
      made.push(iconButton("window", label, () => void this.togglePictureInPicture()));
    }
    return [...made, this.full];
  }

  private opener(name: IconName, label: string, content: () => Node[]): HTMLButtonElement {
    const made = iconButton(name, label);
    this.panels.push(new Panel(name, label, content, made));
    return made;
  }

  private async togglePictureInPicture(): Promise<void> {
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await this.video.requestPictureInPicture();
    } catch {
      // The frame or the browser does not allow it; playback goes on where it is.
    }
  }

  private showState(): void {
    const { words, video } = this;
    const isPaused = video.paused;
    relabel(this.play, isPaused ? "play" : "pause", isPaused ? words.play : words.pause);
    relabel(this.mute, video.muted ? "muted" : "sound", video.muted ? words.unmute : words.mute);
    const isFull = document.fullscreenElement !== null;
    relabel(this.full, "fullscreen", isFull ? words.leave_fullscreen : words.fullscreen);
  }
}
