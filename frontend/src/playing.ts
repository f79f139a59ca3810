import { HlsSource, type SourceEvents } from "./hls_source";
import {
  type AssetState, openPlayback, type Playback, PlaybackRefused, type PlayerConfig, readState,
} from "./player_config";
import { availableS, isWorthReopening, pictures, type Quality, sound } from "./renditions";

const POLL_MS = 10_000;
const SOON_MS = 3_000;
const RETRY_MS = 5_000;

/** What the player shows of what happens here. */
export interface PlayingEvents {
  onState(state: AssetState): void;
  onCut(): void;
  onRefused(): void;
  onBroken(): void;
  onLoaded(): void;
  /** The source is about to be opened again at the same second: hold the last frame. */
  onReopen(): void;
}

/** Keeps one lesson's bytes coming: address, source, growing asset, lost lines, ended rights. */
export class Playing {
  state: AssetState | null = null;
  private playback: Playback | null = null;
  private source: HlsSource | null = null;
  private timer = 0;
  private renewals: number[] = [];

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly config: PlayerConfig,
    private quality: Quality,
    private startS: number,
    private readonly events: PlayingEvents,
  ) {
    window.addEventListener("online", () => this.goOn());
  }

  /** The lesson's whole length, also while it grows. */
  get durationS(): number {
    return this.state?.duration_s || this.config.durationS || 0;
  }

  get availableS(): number {
    return availableS(this.state, this.durationS);
  }

  /** The height of what is shown; 0 when unknown. */
  get heightPx(): number {
    return this.source?.heightPx ?? this.video.videoHeight;
  }

  /** The address of a file beside the playlist, such as a caption; null before the start. */
  addressOf(name: string): string | null {
    return this.playback && this.playback.base_url + name;
  }

  /** Asks for the address, waits until there is something to play, and opens it. */
  async start(): Promise<void> {
    try {
      this.playback = await openPlayback(this.config);
      this.state = await readState(this.playback);
    } catch (error) {
      this.onTrouble(error);
      return;
    }
    this.events.onState(this.state);
    if (this.availableS > 0) this.open(this.startS);
    this.poll();
  }

  /** Changes the quality, at the same second. */
  choose(quality: Quality): void {
    const wasSound = this.quality === "sound";
    this.quality = quality;
    const name = this.heldName();
    const isKnown = name === null || this.source?.names.includes(name);
    if (wasSound || quality === "sound" || !isKnown || !this.source) this.reopen();
    else this.source.hold(name);
  }

  /** Tries again at once, after a lost line. */
  goOn(): void {
    if (!this.playback) return;
    if (this.source) this.source.retry();
    else if (this.video.error) this.reopen();
  }

  /** Opens the source again where playback stands. */
  reopen(): void {
    this.events.onReopen();
    this.open(this.video.currentTime || this.startS);
  }

  private open(atS: number): void {
    const url = this.playlistUrl();
    if (!url) return;
    const startS = Math.max(0, Math.min(atS, this.availableS - 1));
    this.source?.close();
    if (HlsSource.isSupported()) {
      const { video } = this;
      this.source = new HlsSource(video, url, startS, () => this.durationS, this.sourceEvents());
    } else this.openNatively(url, startS);
    this.video.play().catch(() => undefined); // the browser may want a press first
  }

  private openNatively(url: string, startS: number): void {
    const goThere = () => void (this.video.currentTime = startS);
    this.video.addEventListener("loadedmetadata", goThere, { once: true });
    this.video.onerror = () => this.events.onCut();
    this.video.src = url;
  }

  private sourceEvents(): SourceEvents {
    return {
      onReady: () => {
        const name = this.heldName();
        if (name !== null) this.source?.hold(name);
      },
      onLoaded: () => this.events.onLoaded(),
      onBroken: () => this.events.onBroken(),
      onRefused: () => void this.renew(),
      onCut: () => {
        this.events.onCut();
        window.setTimeout(() => this.goOn(), RETRY_MS);
      },
    };
  }

  private playlistUrl(): string | null {
    if (!this.playback || !this.state) return null;
    const spoken = this.quality === "sound" ? sound(this.state) : undefined;
    return spoken ? `${this.playback.base_url}${spoken.name}.m3u8` : this.playback.playlist_url;
  }

  private heldName(): string | null {
    if (this.quality === "auto" || this.quality === "sound" || !this.state) return null;
    if (this.quality === "saver") return pictures(this.state).at(-1)?.name ?? null;
    return this.quality;
  }

  private poll(): void {
    window.clearTimeout(this.timer);
    const isAllKnown = this.state?.is_whole && this.source && !this.isBetterThere();
    if (isAllKnown && this.quality === "auto") return;
    const waitMs = this.availableS > 0 ? POLL_MS : SOON_MS;
    this.timer = window.setTimeout(() => void this.look(), waitMs);
  }

  private async look(): Promise<void> {
    if (!this.playback) return;
    try {
      this.state = await readState(this.playback);
      this.events.onState(this.state);
      const isBegun = this.source !== null || this.video.src !== "";
      if (!isBegun && this.availableS > 0) this.open(this.startS);
      else if (this.isBetterThere()) this.reopen();
    } catch (error) {
      if (error instanceof PlaybackRefused) return void this.renew();
    }
    this.poll();
  }

  private isBetterThere(): boolean {
    const { state, source } = this;
    if (!state || !source) return false;
    return isWorthReopening(state, source.names, source.measuredBps, this.quality);
  }

  /** Gets a new address, when the old one ended, and goes on at the same second. */
  private async renew(): Promise<void> {
    this.source?.close();
    this.source = null;
    const now = Date.now();
    this.renewals = [...this.renewals.filter((at) => now - at < 60_000), now];
    if (this.renewals.length > 3) return this.events.onRefused();
    this.startS = this.video.currentTime || this.startS;
    this.events.onReopen();
    await this.start();
  }

  private onTrouble(error: unknown): void {
    if (error instanceof PlaybackRefused) return this.events.onRefused();
    this.events.onCut();
    window.setTimeout(() => void this.start(), RETRY_MS);
  }
}
