import { addCaptions } from "./captions";
import { captionsGroup, qualityGroup, speedGroup } from "./choices";
import { clockTime } from "./clock_time";
import { ControlBar } from "./control_bar";
import { button, make } from "./dom";
import { listenToKeys } from "./keyboard";
import { wantsDataSaver } from "./line_speed";
import { recall, remember } from "./memory";
import type { AssetState, PlayerConfig } from "./player_config";
import { Playing } from "./playing";
import type { Quality } from "./renditions";
import { ResumePoint } from "./resume_point";
import type { ChoiceGroup } from "./settings_menu";
import { fill } from "./words";

const IDLE_MS = 3000;
const SLOW_MS = 8000;
const READ_MS = 4000;

/** The player of one lesson, with pictures or sound alone. */
export class LessonPlayer {
  private readonly video = make("video", "player__video", { playsinline: "", preload: "none" });
  private readonly message = make("p", "player__message", { role: "status", hidden: "" });
  private readonly still = make("canvas", "player__still", { hidden: "" });
  private readonly bar: ControlBar;
  private readonly playing: Playing;
  private readonly resume: ResumePoint;
  private readonly tracks = new Map<string, TextTrack>();
  private quality: Quality;
  private captions = "";
  private idleTimer = 0;
  private slowTimer = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly config: PlayerConfig,
  ) {
    this.resume = new ResumePoint(config);
    this.quality = recall("sound-only") === "1" ? "sound" : wantsDataSaver() ? "saver" : "auto";
    this.playing = new Playing(this.video, config, this.quality, this.resume.startS, {
      onState: (state) => this.showState(state),
      onLoaded: () => this.showTime(),
      onCut: () => this.say(config.words.offline),
      onRefused: () => this.refuse(),
      onBroken: () => this.say(config.words.unplayable, () => this.playing.reopen()),
      onReopen: () => this.holdFrame(),
    });
    this.bar = new ControlBar(root, this.video, config.words, {
      togglePlay: () => this.togglePlay(),
      seekTo: (positionS) => this.seekTo(positionS),
      toggleCaptions: () => void this.showCaptions(this.captions === "" ? "0" : ""),
      groups: () => this.groups(),
    }, config.tracks.length > 0);
    this.video.setAttribute("aria-label", config.title);
    root.append(this.video, this.still, this.message, this.bar.element);
    root.classList.add("is-open");
    this.listen();
  }

  /** Begins to play, from 0 or where this person left. */
  async start(): Promise<void> {
    this.root.classList.add("is-waiting");
    this.say(this.config.words.loading);
    this.showQuality();
    this.bar.element.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
    await this.playing.start();
    const firstS = this.resume.startS;
    if (firstS > 0 && this.playing.availableS > 0) this.tell(this.config.words.resumed, firstS);
    const kept = this.config.tracks.findIndex(({ language }) => language === recall("captions"));
    if (kept >= 0) await this.showCaptions(String(kept));
  }

  private listen(): void {
    const { video, root } = this;
    const on = (name: string, act: () => void) => video.addEventListener(name, act);
    on("timeupdate", () => this.showTime());
    on("progress", () => this.showTime());
    on("durationchange", () => this.showTime());
    on("seeking", () => this.stayInside());
    on("waiting", () => this.onWaiting());
    on("playing", () => this.onPlaying());
    on("pause", () => this.onPause());
    on("ended", () => this.resume.keep(video.currentTime, true));
    window.addEventListener("pagehide", () => this.resume.keep(video.currentTime, true));
    window.addEventListener("offline", () => this.onWaiting());
    root.addEventListener("pointermove", () => this.wake());
    root.addEventListener("focusin", () => this.wake());
    video.addEventListener("click", () => this.onPress());
    listenToKeys(root, {
      togglePlay: () => this.togglePlay(),
      seekBy: (seconds) => this.seekTo(video.currentTime + seconds),
      seekToShare: (share) => this.seekTo(this.playing.durationS * share),
      toggleMute: () => this.bar.toggleMute(),
      toggleFullscreen: () => this.bar.toggleFullscreen(),
      toggleCaptions: () => void this.showCaptions(this.captions === "" ? "0" : ""),
    });
  }

  private togglePlay(): void {
    if (this.video.paused) this.video.play().catch(() => undefined);
    else this.video.pause();
  }

  private onPress(): void {
    if (this.bar.menu.isOpen) this.bar.menu.toggle(false);
    // On a touch screen the first tap only brings the buttons back.
    else if (this.root.classList.contains("is-idle")) this.wake();
    else this.togglePlay();
  }

  private seekTo(positionS: number): void {
    const { availableS, durationS } = this.playing;
    const isTooFar = availableS < durationS && positionS > availableS - 1;
    const goToS = Math.max(0, isTooFar ? availableS - 1 : positionS);
    this.video.currentTime = Math.min(goToS, durationS || goToS);
    if (isTooFar) this.tell(this.config.words.not_yet, goToS);
  }

  /** Seeks come also from the browser: media keys, picture in picture, the lock screen. */
  private stayInside(): void {
    const { availableS, durationS } = this.playing;
    if (availableS < durationS && this.video.currentTime > availableS) {
      this.seekTo(this.video.currentTime);
    }
  }

  private onWaiting(): void {
    const { words } = this.config;
    const { availableS, durationS } = this.playing;
    this.root.classList.toggle("is-waiting", this.video.readyState < 3);
    if (!navigator.onLine) return this.say(words.offline);
    const isAtEnd = availableS < durationS && this.video.currentTime > availableS - 3;
    if (isAtEnd) return this.say(words.waiting_for_more);
    window.clearTimeout(this.slowTimer);
    this.slowTimer = window.setTimeout(() => this.say(words.slow), SLOW_MS);
  }

  private onPlaying(): void {
    window.clearTimeout(this.slowTimer);
    this.root.classList.remove("is-waiting");
    this.root.classList.add("is-playing");
    this.still.hidden = true;
    // What was waited for is there; what tells where playback went on may be read to its end.
    const isToRead = this.message.dataset.stays === "1";
    window.setTimeout(() => this.say(""), isToRead ? READ_MS : 0);
    this.wake();
  }

  private onPause(): void {
    this.root.classList.remove("is-playing", "is-idle");
    this.resume.keep(this.video.currentTime, true);
  }

  private showTime(): void {
    const { video, playing } = this;
    const ranges = video.buffered;
    const bufferedS = ranges.length ? ranges.end(ranges.length - 1) : 0;
    const durationS = playing.durationS || video.duration || 0;
    this.bar.timeBar.show(video.currentTime, durationS, bufferedS, playing.availableS);
    if (!video.paused) this.resume.keep(video.currentTime, false);
  }

  private showState(state: AssetState): void {
    const { words } = this.config;
    const { availableS } = this.playing;
    this.root.dataset.available = String(Math.floor(availableS));
    if (availableS <= 0) this.say(fill(words.preparing, { percent: state.percent }));
    this.showTime();
  }

  private holdFrame(): void {
    const { video, still } = this;
    if (video.readyState < 2 || video.videoWidth === 0) return;
    still.width = video.videoWidth;
    still.height = video.videoHeight;
    still.getContext("2d")?.drawImage(video, 0, 0);
    still.hidden = false;
  }

  private groups(): ChoiceGroup[] {
    const { config, playing, video } = this;
    const groups = [speedGroup(config.words, video)];
    if (playing.state && config.kind !== "audio") {
      const choose = (quality: Quality) => this.choose(quality);
      const { state, heightPx } = playing;
      groups.unshift(qualityGroup(config.words, state, this.quality, heightPx, choose));
    }
    if (config.tracks.length) {
      const show = (value: string) => void this.showCaptions(value);
      groups.push(captionsGroup(config.words, config.tracks, this.captions, show));
    }
    return groups;
  }

  private choose(quality: Quality): void {
    this.quality = quality;
    remember("data-saver", quality === "saver" ? "1" : "0");
    remember("sound-only", quality === "sound" ? "1" : null);
    this.playing.choose(quality);
    this.showQuality();
  }

  private showQuality(): void {
    const isSound = this.quality === "sound" || this.config.kind === "audio";
    this.root.classList.toggle("is-sound-only", isSound);
    if (isSound) this.still.hidden = true;
  }

  private async showCaptions(value: string): Promise<void> {
    this.captions = value;
    for (const track of this.tracks.values()) track.mode = "disabled";
    const chosen = this.config.tracks[Number(value)];
    remember("captions", value === "" ? null : (chosen?.language ?? null));
    const url = chosen && value !== "" ? this.playing.addressOf(chosen.url_name) : null;
    if (!chosen || !url) return;
    try {
      const { label, language } = chosen;
      const had = this.tracks.get(value);
      const track = had ?? (await addCaptions(this.video, url, label, language));
      this.tracks.set(value, track);
      track.mode = "showing";
    } catch {
      this.captions = ""; // the line is gone: the person may choose them again
    }
  }

  private refuse(): void {
    this.say(this.config.words.not_allowed);
    const { lessonUrl, words } = this.config;
    const link = make("a", "player__link", { href: lessonUrl, target: "_top" }, words.open_lesson);
    this.message.append(" ", link);
  }

  private say(text: string, onRetry?: () => void): void {
    this.message.replaceChildren(text);
    this.message.dataset.stays = "";
    this.message.hidden = text === "";
    if (onRetry) this.message.append(" ", button("player__retry", this.config.words.retry, onRetry));
  }

  /** Says where playback goes on, for long enough to read it. */
  private tell(text: string, positionS: number): void {
    this.say(fill(text, { time: clockTime(positionS) }));
    this.message.dataset.stays = "1";
  }

  private wake(): void {
    window.clearTimeout(this.idleTimer);
    this.root.classList.remove("is-idle");
    this.idleTimer = window.setTimeout(() => {
      const mayHide = !this.video.paused && !this.bar.menu.isOpen;
      this.root.classList.toggle("is-idle", mayHide);
    }, IDLE_MS);
  }
}
