import { make } from "./dom";
import { icon, type IconName } from "./icons";
import { type ChoiceGroup, SettingsMenu } from "./settings_menu";
import { TimeBar } from "./time_bar";
import type { PlayerWords } from "./words";

/** What the bar asks of the player. */
export interface PlayerActions {
  togglePlay(): void;
  seekTo(positionS: number): void;
  toggleCaptions(): void;
  groups(): ChoiceGroup[];
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
  readonly menu: SettingsMenu;
  private readonly play: HTMLButtonElement;
  private readonly mute: HTMLButtonElement;
  private readonly full: HTMLButtonElement;

  constructor(
    private readonly root: HTMLElement,
    private readonly video: HTMLVideoElement,
    private readonly words: PlayerWords,
    actions: PlayerActions,
    hasCaptions: boolean,
  ) {
    const by = (step: number) => () => actions.seekTo(video.currentTime + step);
    this.timeBar = new TimeBar(words, (positionS) => actions.seekTo(positionS));
    this.play = iconButton("play", words.play, () => actions.togglePlay());
    this.mute = iconButton("sound", words.mute, () => this.toggleMute());
    this.full = iconButton("fullscreen", words.fullscreen, () => this.toggleFullscreen());
    const opener = iconButton("settings", words.settings);
    this.menu = new SettingsMenu(opener, words.settings, () => actions.groups());
    const buttons = make("div", "player__buttons", {}, this.play,
      iconButton("back", words.back, by(-10)), iconButton("forward", words.forward, by(10)),
      this.mute, make("span", "player__gap"));
    if (hasCaptions) {
      buttons.append(iconButton("captions", words.captions, () => actions.toggleCaptions()));
    }
    buttons.append(opener);
    if (document.pictureInPictureEnabled) {
      const label = words.picture_in_picture;
      buttons.append(iconButton("window", label, () => void this.togglePictureInPicture()));
    }
    buttons.append(this.full);
    this.element = make("div", "player__bar", {}, this.menu.element, this.timeBar.element, buttons);
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
