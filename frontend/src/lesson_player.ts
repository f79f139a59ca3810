import { CaptionsView } from "./captions_view";
import { chapterList } from "./chapter_list";
import { qualityGroup, speedBeside, speedGroup } from "./choices";
import { clockTime } from "./clock_time";
import { ControlBar } from "./control_bar";
import { button, make } from "./dom";
import { keyList, listenToKeys } from "./keyboard";
import { describeSession } from "./media_session";
import { Notice } from "./notice";
import { Panel } from "./panel";
import type { AssetState, PlayerConfig, QuestionsConfig } from "./player_config";
import { type Opening, Playing } from "./playing";
import type { Sheet } from "./preview";
import { chosenQuality, type Quality, rememberQuality } from "./renditions";
import { ResumePoint } from "./resume_point";
import { groupElement } from "./settings_menu";
import { StillFrame } from "./still_frame";
import { toOriginal, toShown } from "./timeline";
import { setVolume } from "./volume";
import { Waiting } from "./waiting";
import { Watched } from "./watched";
import { fill } from "./words";
import { showWaveform } from "./waveform";

const IDLE_MS = 3000;

/** The player of one lesson, with pictures or sound alone. */
export class LessonPlayer {
  private readonly video = make("video", "player__video", { playsinline: "", preload: "none" });
  private readonly notice = new Notice();
  private readonly still = new StillFrame(this.video);
  private readonly captions: CaptionsView;
  private readonly bar: ControlBar;
  private readonly playing: Playing;
  private readonly waiting: Waiting;
  private readonly resume: ResumePoint;
  private readonly watched: Watched;
  private quality: Quality = chosenQuality();
  private idleTimer = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly config: PlayerConfig,
  ) {
    const { video, notice } = this;
    this.resume = new ResumePoint(config);
    this.playing = new Playing(video, config, this.quality, this.resume.startS, {
      onState: (state) => this.showState(state),
      onOpened: (playback) => this.watched.begin(playback.progress_pass),
      onLoaded: () => this.onLoaded(),
      onCut: () => this.waiting.onCut(),
      onRefused: () => this.refuse(),
      onBroken: () => notice.ask(config.words.unplayable, config.words.retry, () => this.retry()),
      onReopen: () => this.onReopen(),
    });
    const { playing } = this;
    this.watched = new Watched(video, () => playing.positionS, () => config.keptRanges);
    this.waiting = new Waiting(root, video, this.playing, notice, config.words);
    this.captions = new CaptionsView(video, config, (name) => this.playing.addressOf(name));
    this.bar = this.makeBar();
    video.setAttribute("aria-label", config.title);
    const { element: captions } = this.captions;
    root.append(video, this.still.element, captions, notice.element, this.bar.element);
    root.classList.add("is-open");
    this.listen();
    this.listenToKeys();
    if (config.questions) void this.listenForQuestions(config.questions);
    describeSession(video, config, {
      seekTo: (positionS) => this.seekTo(positionS),
      durationS: () => this.playing.durationS,
    });
  }

  /** Begins to play, from 0, where this person left, or where the page's address says. */
  async start(opening: Promise<Opening>): Promise<void> {
    const { words } = this.config;
    this.root.classList.add("is-waiting");
    this.notice.say(words.loading);
    this.showQuality();
    this.bar.element.querySelector<HTMLElement>(".player__button")?.focus({ preventScroll: true });
    await this.playing.start(opening);
    const time = clockTime(this.resume.startS);
    const isLater = this.resume.startS > 0 && this.playing.availableS > 0;
    if (isLater) this.notice.tell(fill(words.resumed, { time }));
    await this.captions.restore();
  }

  private makeBar(): ControlBar {
    const { config, video } = this;
    const { words, chapters } = config;
    return new ControlBar(this.root, video, words, {
      words, chapters,
      questionsS: () => (config.questions?.asked ?? []).map(
        ({ atS }) => toShown(config.keptRanges, atS)),
      togglePlay: () => this.togglePlay(),
      onSeek: (positionS) => this.seekTo(positionS),
      toggleCaptions: config.tracks.length ? () => this.captions.toggle() : undefined,
      sheet: () => this.sheet(),
      settings: () => this.settings(),
      keys: () => keyList(words),
      chapterList: () => chapterList(words.chapters, chapters, video.currentTime, (positionS) => {
        Panel.closeAny();
        this.seekTo(positionS);
      }),
    });
  }

  private listen(): void {
    const { video, root } = this;
    const on = (name: string, act: () => void) => video.addEventListener(name, act);
    for (const name of ["timeupdate", "progress", "durationchange"]) on(name, () => this.showTime());
    on("seeking", () => this.stayInside());
    on("waiting", () => this.waiting.onWaiting());
    on("playing", () => this.onPlaying());
    on("pause", () => this.onPause());
    on("ended", () => this.keepPlace());
    window.addEventListener("pagehide", () => this.resume.keep(this.playing.positionS, true));
    document.addEventListener("visibilitychange", () => this.onVisibility());
    root.addEventListener("pointermove", () => this.wake());
    root.addEventListener("focusin", () => this.wake());
    root.addEventListener("keydown", () => this.wake());
    video.addEventListener("click", () => this.onPress());
  }

  /** Another script, for the few recordings that ask something. */
  private async listenForQuestions(questions: QuestionsConfig): Promise<void> {
    const { VideoQuestions } = await import("./video_questions");
    const shownS = (atS: number) => toShown(this.config.keptRanges, atS);
    const durationS = () => this.playing.durationS;
    new VideoQuestions(this.video, questions, shownS, durationS).listen();
  }

  private listenToKeys(): void {
    const { video, bar } = this;
    listenToKeys(this.root, {
      togglePlay: () => this.togglePlay(),
      seekBy: (seconds) => this.seekTo(this.playing.positionS + seconds),
      seekToShare: (share) => this.seekTo(this.playing.durationS * share),
      toggleMute: () => bar.toggleMute(),
      changeVolume: (percent) => setVolume(video, video.volume * 100 + percent),
      changeSpeed: (step) => void (video.playbackRate = speedBeside(video.playbackRate, step)),
      toggleFullscreen: () => bar.toggleFullscreen(),
      toggleCaptions: () => this.captions.toggle(),
      showKeys: () => bar.keys.toggle(!bar.keys.isOpen),
    });
  }

  private togglePlay(): void {
    if (this.video.paused) this.video.play().catch(() => undefined);
    else this.video.pause();
  }

  private onPress(): void {
    if (Panel.closeAny()) return;
    // On a touch screen the first tap only brings the buttons back.
    if (this.root.classList.contains("is-idle")) this.wake();
    else this.togglePlay();
  }

  private seekTo(positionS: number): void {
    const { availableS, durationS } = this.playing;
    const isTooFar = availableS < durationS && positionS > availableS - 1;
    const goToS = Math.max(0, isTooFar ? availableS - 1 : positionS);
    this.playing.seekTo(Math.min(goToS, durationS || goToS));
    if (!isTooFar) return;
    this.notice.tell(fill(this.config.words.not_yet, { time: clockTime(goToS) }));
  }

  /** Seeks come also from the browser: media keys, picture in picture, the lock screen. */
  private stayInside(): void {
    const { availableS, durationS } = this.playing;
    if (availableS < durationS && this.video.currentTime > availableS) {
      this.seekTo(this.video.currentTime);
    }
  }

  private onLoaded(): void {
    this.showTime();
    this.waiting.onLoaded();
  }

  private onPlaying(): void {
    this.root.classList.add("is-playing");
    this.still.release();
    this.waiting.onPlaying();
    this.wake();
  }

  private onPause(): void {
    this.root.classList.remove("is-playing", "is-idle");
    this.keepPlace();
  }

  private keepPlace(): void {
    this.resume.keep(this.playing.positionS, true);
    void this.watched.tell();
  }

  private onReopen(): void {
    this.watched.collect();
    this.still.hold();
  }

  /** A locked phone goes on with the sound; what nobody sees is not fetched. */
  private onVisibility(): void {
    const isPhone = matchMedia("(pointer: coarse)").matches;
    const isSeenApart = document.pictureInPictureElement === this.video;
    if (!document.hidden) this.playing.hidePictures(false);
    else if (isPhone && !isSeenApart && !this.video.paused) this.playing.hidePictures(true);
  }

  private showTime(): void {
    const { video, playing } = this;
    const ranges = video.buffered;
    const bufferedS = ranges.length ? ranges.end(ranges.length - 1) : 0;
    const durationS = playing.durationS || video.duration || 0;
    this.bar.timeBar.show(playing.positionS, durationS, bufferedS, playing.availableS);
    if (video.paused) return;
    this.resume.keep(playing.positionS, false);
    this.watched.note();
  }

  private showState(state: AssetState): void {
    const { availableS } = this.playing;
    this.root.dataset.available = String(Math.floor(availableS));
    this.root.classList.toggle("is-preparing", availableS <= 0);
    const { percent } = state;
    if (availableS <= 0) this.notice.say(fill(this.config.words.preparing, { percent }));
    this.showTime();
    const sound = state.waveform && this.playing.addressOf(state.waveform.name);
    if (sound) void showWaveform(this.bar.timeBar.track, sound, state);
  }

  /** The small frames for the time bar; not for who saves data or only listens. */
  private sheet(): Sheet | null {
    const board = this.playing.state?.storyboard;
    const url = board && this.playing.addressOf(board.name);
    const isDear = this.quality === "saver" || this.quality === "sound";
    const originalOf = (positionS: number) => toOriginal(this.config.keptRanges, positionS);
    return board && url && !isDear ? { board, url, originalOf } : null;
  }

  private settings(): Node[] {
    const { config, playing, video } = this;
    const groups = [speedGroup(config.words, video), ...this.captions.groups(config.words)];
    if (playing.state && config.kind !== "audio") {
      const choose = (quality: Quality) => this.choose(quality);
      const { state, heightPx } = playing;
      groups.unshift(qualityGroup(config.words, state, this.quality, heightPx, choose));
    }
    const keys = button("player__row player__row--keys", config.words.keys, () => {
      this.bar.keys.toggle(true);
    });
    return [...groups.map(groupElement), keys];
  }

  private choose(quality: Quality): void {
    this.quality = quality;
    rememberQuality(quality);
    this.playing.choose(quality);
    this.showQuality();
  }

  private showQuality(): void {
    const isSound = this.quality === "sound" || this.config.kind === "audio";
    this.root.classList.toggle("is-sound-only", isSound);
    if (isSound) this.still.release();
  }

  private retry(): void {
    this.notice.say("");
    this.playing.reopen();
  }

  /** The right ended. In a frame, opening it again brings a new ticket if there is still a right. */
  private refuse(): void {
    const { lessonUrl, words, ticket } = this.config;
    this.waiting.onPlaying();
    const link = make("a", "player__link", { href: lessonUrl, target: "_top" }, words.open_lesson);
    this.notice.say(words.not_allowed, link);
    if (!ticket) return;
    const again = new URL(location.href);
    const originalS = toOriginal(this.config.keptRanges, this.playing.positionS);
    again.searchParams.set("t", String(Math.floor(originalS)));
    const reload = () => location.replace(again.href);
    this.notice.say(words.not_allowed, link, button("player__retry", words.retry, reload));
  }

  private wake(): void {
    window.clearTimeout(this.idleTimer);
    this.root.classList.remove("is-idle");
    this.idleTimer = window.setTimeout(() => {
      const hasOpenPanel = this.bar.element.querySelector(".player__panel:not([hidden])");
      this.root.classList.toggle("is-idle", !this.video.paused && !hasOpenPanel);
    }, IDLE_MS);
  }
}
