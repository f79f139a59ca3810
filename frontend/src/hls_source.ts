import Hls, { type ErrorData, type HlsConfig, type LoadPolicy } from "#hls";
import { expectedBps, rememberBps } from "./line_speed";

/** What the player is told by its source. */
export interface SourceEvents {
  /** The address is no longer valid: ask for a new one and open it at the same second. */
  onRefused(): void;
  /** Nothing arrives; the source goes on trying when told to `retry`. */
  onCut(): void;
  /** The browser cannot play these bytes. */
  onBroken(): void;
  /** The renditions are known; nothing has been loaded of them. */
  onReady(): void;
  /** Bytes arrive. */
  onLoaded(): void;
}

const REFUSED = [401, 403, 404, 410];

/** Generous, for lines that stand still for a minute; a clear "no" is not asked again. */
function patient(maxLoadTimeMs: number): LoadPolicy {
  const retry = {
    maxNumRetry: 6,
    retryDelayMs: 1000,
    maxRetryDelayMs: 8000,
    shouldRetry: (_config: unknown, count: number, isTimeout: boolean, answer?: { code: number }) =>
      count < 6 && (isTimeout || !REFUSED.includes(answer?.code ?? 0)),
  };
  return {
    default: {
      maxTimeToFirstByteMs: 30_000,
      maxLoadTimeMs,
      timeoutRetry: retry,
      errorRetry: retry,
    },
  } as unknown as LoadPolicy;
}

function options(startS: number): Partial<HlsConfig> {
  const short = patient(45_000);
  return {
    // From 0 or the resume point, also while the playlist grows: never the "live edge".
    startPosition: startS,
    abrEwmaDefaultEstimate: expectedBps(),
    abrEwmaDefaultEstimateMax: 20_000_000,
    testBandwidth: false, // the estimate decides; a test segment would delay the first frame
    enableWorker: false, // fMP4 is passed through: nothing to do there
    maxBufferLength: 60,
    maxMaxBufferLength: 180,
    backBufferLength: 60,
    manifestLoadPolicy: short,
    playlistLoadPolicy: short,
    fragLoadPolicy: patient(240_000),
  };
}

/** Plays one playlist in a media element, by hls.js. */
export class HlsSource {
  private readonly hls: Hls;
  private repairs = 0;

  constructor(
    private readonly media: HTMLMediaElement,
    url: string,
    startS: number,
    durationS: () => number,
    private readonly events: SourceEvents,
  ) {
    this.hls = new Hls(options(startS));
    this.hls.on(Hls.Events.MEDIA_ATTACHED, (_name, data) => {
      // The full length from the first second; hls.js only ever raises it.
      const source = data.mediaSource;
      if (source?.readyState === "open" && durationS() > 0) source.duration = durationS();
    });
    this.hls.on(Hls.Events.MANIFEST_PARSED, () => events.onReady());
    this.hls.on(Hls.Events.FRAG_BUFFERED, () => {
      this.repairs = 0;
      rememberBps(this.hls.bandwidthEstimate);
      events.onLoaded();
    });
    this.hls.on(Hls.Events.ERROR, (_name, data) => this.onError(data));
    this.hls.loadSource(url);
    this.hls.attachMedia(media);
  }

  /** Says whether this browser has what hls.js needs. */
  static isSupported(): boolean {
    return Hls.isSupported();
  }

  /** The names of the renditions that may be chosen now. */
  get names(): string[] {
    return this.hls.levels.map((level) => /([^/]+)\.m3u8/.exec(level.uri)?.[1] ?? "");
  }

  /** The height of what is being shown; 0 when unknown. */
  get heightPx(): number {
    return this.hls.levels[this.hls.currentLevel]?.height ?? 0;
  }

  /** What the line carries, as measured. */
  get measuredBps(): number {
    return this.hls.bandwidthEstimate;
  }

  /** Holds one rendition by name; null lets the line decide. */
  hold(name: string | null): void {
    this.hls.nextLevel = name === null ? -1 : this.names.indexOf(name);
  }

  /** Begins to load again where playback stands. */
  retry(): void {
    if (this.hls.levels.length) this.hls.startLoad(this.media.currentTime);
    else if (this.hls.url) this.hls.loadSource(this.hls.url);
  }

  close(): void {
    this.hls.destroy();
  }

  private onError(data: ErrorData): void {
    if (REFUSED.includes(data.response?.code ?? 0)) this.events.onRefused();
    else if (!data.fatal) return;
    else if (data.type === Hls.ErrorTypes.MEDIA_ERROR && this.repairs < 3) {
      this.repairs += 1;
      this.hls.recoverMediaError();
    } else if (data.type === Hls.ErrorTypes.NETWORK_ERROR) this.events.onCut();
    else this.events.onBroken();
  }
}
