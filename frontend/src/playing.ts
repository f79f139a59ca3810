import type { FirstBytes } from "./first_bytes";
import { HlsSource, type SourceEvents } from "./hls_source";
import { expectedBps } from "./line_speed";
import {
  openPlayback, type Playback, PlaybackRefused, playlistWith, readState, stateOf,
} from "./playback";
import type { AssetState, PlayerConfig, RenditionState } from "./player_config";
import { availableS, isWorthReopening, type Quality, sound, startWith } from "./renditions";
import { type Range, toOriginal, toShown } from "./timeline";

const POLL_MS = 10_000;
const SOON_MS = 3_000;
const RETRY_MS = 5_000;

/** What the player shows of what happens here. */
export interface PlayingEvents {
  onState(state: AssetState): void;
  /** A playback began: the first one, or another one after a lost right to the older. */
  onOpened(playback: Playback): void;
  /** Nothing arrives; it is asked for again and again. */
  onCut(): void;
  /** The right to play has ended: nothing is asked any more. */
  onRefused(): void;
  onBroken(): void;
  onLoaded(): void;
  /** The source is about to be opened again at the same second: hold the last frame. */
  onReopen(): void;
}

/** An address of a playback, and what of its bytes is already on the way. */
export interface Opening {
  playback: Playback;
  known: FirstBytes | null;
}

/** Keeps one lesson's bytes coming: address, source, growing asset, lost lines, ended rights. */
export class Playing {
  state: AssetState | null = null;
  private playback: Playback | null = null;
  private source: HlsSource | null = null;
  private pollTimer = 0;
  private retryTimer = 0;
  private onRetry: (() => void) | null = null;
  private renewals: number[] = [];
  private isRenewing = false;
  private isOver = false;
  private isUnseen = false;
  private wantsPlay = true; // `paused` says nothing while a source is being opened

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly config: PlayerConfig,
    private quality: Quality,
    private startS: number,
    private readonly events: PlayingEvents,
  ) {
    window.addEventListener("online", () => this.goOn());
    video.addEventListener("play", () => void (this.wantsPlay = true));
    video.addEventListener("pause", () => void (this.wantsPlay = false));
  }

  /** The lesson's whole length, also while it grows. */
  get durationS(): number {
    return this.state?.duration_s || this.config.durationS || 0;
  }

  get availableS(): number {
    return availableS(this.state, this.durationS);
  }

  /** Where playback stands, also while a source is being opened there. */
  get positionS(): number {
    return this.video.readyState > 0 ? this.video.currentTime : this.startS;
  }

  /** Goes there; while a source is being opened, that begins there. */
  seekTo(positionS: number): void {
    this.startS = positionS;
    this.video.currentTime = positionS;
  }

  /** The height of what is shown; 0 when unknown. */
  get heightPx(): number {
    return this.source?.heightPx ?? this.video.videoHeight;
  }

  /** The address of a file beside the playlist, such as a caption; null before the start. */
  addressOf(name: string): string | null {
    return this.playback && this.playback.base_url + name;
  }

  /** Waits for the address, then until there is something to play, and opens it. */
  async start(opening: Promise<Opening>): Promise<void> {
    let known: FirstBytes | null = null;
    try {
      ({ playback: this.playback, known } = await opening);
    } catch (error) {
      if (error instanceof PlaybackRefused) return this.end();
      return this.cut(() => void this.start(this.again()));
    }
    this.events.onOpened(this.playback);
    this.state = stateOf(this.playback);
    this.takeRanges(this.state.kept_ranges ?? []);
    this.events.onState(this.state);
    if (this.availableS > 0) this.open(this.startS, known);
    this.poll();
  }

  /** The lesson may have been trimmed since the page, or the last address, came. */
  private takeRanges(ranges: Range[]): void {
    this.startS = toShown(ranges, toOriginal(this.config.keptRanges, this.startS));
    this.config.keptRanges = ranges;
  }

  /** Changes the quality, at the same second. */
  choose(quality: Quality): void {
    const wasSound = this.quality === "sound";
    this.quality = quality;
    const name = this.heldName();
    const isKnown = name === null ? !this.isBetterThere() : this.source?.names.includes(name);
    if (wasSound || quality === "sound" || !isKnown || !this.source) this.reopen();
    else this.source.hold(name, quality !== "saver");
  }

  /** While nobody sees the pictures, only the sound is fetched. */
  hidePictures(isUnseen: boolean): void {
    if (this.isUnseen === isUnseen || !this.source || !this.state || !sound(this.state)) return;
    this.isUnseen = isUnseen;
    if (this.quality !== "sound") this.reopen();
  }

  /** Tries again at once, after a lost line. */
  goOn(): void {
    window.clearTimeout(this.retryTimer);
    const retry = this.onRetry ?? (() => this.source?.retry());
    this.onRetry = null;
    if (!this.isOver) retry();
  }

  /** Playback has stood for long: opens the source again if that fetches nothing by itself. */
  wakeUp(): void {
    const { currentTime } = this.video;
    if (navigator.onLine && this.source?.isIdle && currentTime < this.availableS - 1) this.reopen();
  }

  /** Opens the source again where playback stands. */
  reopen(): void {
    if (this.isOver) return;
    this.events.onReopen();
    this.open(this.positionS, null);
  }

  private async again(): Promise<Opening> {
    return { playback: await openPlayback(this.config), known: null };
  }

  private open(atS: number, known: FirstBytes | null): void {
    if (!this.playback || !this.state) return;
    const startS = Math.max(0, Math.min(atS, this.availableS - 1));
    this.startS = startS;
    this.source?.close();
    const measuredBps = this.source?.measuredBps ?? expectedBps();
    const first = startWith(this.state, this.quality, measuredBps);
    const url = this.playlistUrl(this.playback, this.state, first);
    if (HlsSource.isSupported()) {
      const wish = { url, startS, known, ...this.startWish(first) };
      this.source = new HlsSource(this.video, wish, this.sourceEvents());
    } else this.openNatively(url, startS);
    if (this.wantsPlay) this.video.play().catch(() => undefined); // the browser may want a press first
  }

  private startWish(first: RenditionState | undefined) {
    return {
      startName: first?.name,
      isHeld: this.heldName() !== null,
      durationS: () => this.durationS,
    };
  }

  private openNatively(url: string, startS: number): void {
    const goThere = () => void (this.video.currentTime = startS);
    this.video.addEventListener("loadedmetadata", goThere, { once: true });
    // What went wrong is not told: a new address is asked for, or the line is gone, too.
    this.video.onerror = () => this.cut(() => void this.start(this.again()));
    this.video.src = url;
  }

  private sourceEvents(): SourceEvents {
    return {
      onLoaded: () => this.events.onLoaded(),
      onBroken: () => this.events.onBroken(),
      onRefused: () => void this.renew(),
      onCut: () => this.cut(() => this.source?.retry()),
    };
  }

  private get isSoundAlone(): boolean {
    return this.quality === "sound" || this.isUnseen;
  }

  private playlistUrl(
    playback: Playback,
    state: AssetState,
    first: RenditionState | undefined,
  ): string {
    const spoken = this.isSoundAlone ? sound(state) : undefined;
    return spoken ? `${playback.base_url}${spoken.name}.m3u8` : playlistWith(playback, first);
  }

  private heldName(): string | null {
    if (this.quality === "auto" || this.isSoundAlone || !this.state) return null;
    return startWith(this.state, this.quality, 0)?.name ?? null;
  }

  private poll(): void {
    window.clearTimeout(this.pollTimer);
    const isAllKnown = this.state?.is_whole && this.source && !this.isBetterThere();
    if (this.isOver || isAllKnown) return;
    const waitMs = this.availableS > 0 ? POLL_MS : SOON_MS;
    this.pollTimer = window.setTimeout(() => void this.look(), waitMs);
  }

  private async look(): Promise<void> {
    if (!this.playback || this.isOver) return;
    try {
      this.state = await readState(this.playback);
      this.events.onState(this.state);
      const isBegun = this.source !== null || this.video.src !== "";
      if (!isBegun && this.availableS > 0) this.open(this.startS, null);
      else if (this.isBetterThere()) this.reopen();
    } catch (error) {
      if (error instanceof PlaybackRefused) return void this.renew();
    }
    this.poll();
  }

  private isBetterThere(): boolean {
    const { state, source } = this;
    if (!state || !source || this.isSoundAlone) return false;
    return isWorthReopening(state, source.names, source.measuredBps, this.quality);
  }

  /** Gets a new address, when the old one ended, and goes on at the same second. */
  private async renew(): Promise<void> {
    if (this.isRenewing || this.isOver) return; // sound and picture are refused together
    this.isRenewing = true;
    this.startS = this.positionS; // closing forgets it
    this.events.onReopen();
    this.source?.close();
    this.source = null;
    const now = Date.now();
    this.renewals = [...this.renewals.filter((at) => now - at < 60_000), now];
    if (this.renewals.length > 3) this.end();
    else await this.start(this.again());
    this.isRenewing = false;
  }

  private end(): void {
    this.isOver = true;
    window.clearTimeout(this.pollTimer);
    this.source?.close();
    this.source = null;
    this.events.onRefused();
  }

  private cut(onRetry: () => void): void {
    this.events.onCut();
    window.clearTimeout(this.retryTimer);
    this.onRetry = onRetry;
    this.retryTimer = window.setTimeout(() => this.goOn(), RETRY_MS);
  }
}
