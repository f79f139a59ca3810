import Hls, { type ErrorData, type HlsConfig, type LoadPolicy } from "#hls";
import type { FirstBytes } from "./first_bytes";
import { knowingLoader } from "./known_loader";
import { expectedBps, rememberBps } from "./line_speed";

/** What the player is told by its source. */
export interface SourceEvents {
  /** The address is no longer valid: ask for a new one and open it at the same second. */
  onRefused(): void;
  /** Nothing arrives; the source goes on trying when told to `retry`. */
  onCut(): void;
  /** The browser cannot play these bytes. */
  onBroken(): void;
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

/** What this device has room for: phones with 2 GB kill tabs that keep minutes of pictures. */
function buffers(): Partial<HlsConfig> {
  const memoryGb = (navigator as Navigator & { deviceMemory?: number }).deviceMemory ?? 4;
  if (memoryGb <= 2) {
    return {
      maxBufferLength: 30, maxMaxBufferLength: 60, backBufferLength: 20, maxBufferSize: 12e6,
    };
  }
  // Four minutes at most: at either end the part that has begun comes on top.
  return { maxBufferLength: 60, maxMaxBufferLength: 170, backBufferLength: 60, maxBufferSize: 40e6 };
}

function options(wish: SourceWish): Partial<HlsConfig> {
  const short = patient(45_000);
  const loader = wish.known && knowingLoader(wish.known);
  return {
    // From 0 or the resume point, also while the playlist grows: never the "live edge".
    startPosition: wish.startS,
    abrEwmaDefaultEstimate: expectedBps(),
    abrEwmaDefaultEstimateMax: 20_000_000,
    testBandwidth: false, // the estimate decides; a test segment would delay the first frame
    enableWorker: false, // fMP4 is passed through: nothing to do there
    pLoader: loader as HlsConfig["pLoader"],
    fLoader: loader as HlsConfig["fLoader"],
    ...buffers(),
    manifestLoadPolicy: short,
    playlistLoadPolicy: short,
    fragLoadPolicy: patient(240_000),
  };
}

/** What is to be played, and from where. */
export interface SourceWish {
  url: string;
  startS: number;
  /** The rendition to begin with; undefined where there is no picture. */
  startName: string | undefined;
  /** Whether that one is held, whatever the line carries. */
  isHeld: boolean;
  known: FirstBytes | null;
  durationS(): number;
}

/** Plays one playlist in a media element, by hls.js. */
export class HlsSource {
  private readonly hls: Hls;
  private repairs = 0;
  private readonly onTheWay = new Set<string>();

  constructor(
    private readonly media: HTMLMediaElement,
    private readonly wish: SourceWish,
    private readonly events: SourceEvents,
  ) {
    this.hls = new Hls(options(wish));
    this.hls.on(Hls.Events.MEDIA_ATTACHED, (_name, data) => {
      // The full length from the first second; hls.js only ever raises it.
      const source = data.mediaSource;
      if (source?.readyState === "open" && wish.durationS() > 0) source.duration = wish.durationS();
    });
    this.hls.on(Hls.Events.MANIFEST_PARSED, () => this.chooseStart());
    this.hls.on(Hls.Events.FRAG_LOADING, (_name, { frag }) => void this.onTheWay.add(frag.type));
    this.hls.on(Hls.Events.FRAG_LOADED, (_name, { frag }) => void this.onTheWay.delete(frag.type));
    this.hls.on(Hls.Events.FRAG_BUFFERED, () => {
      this.repairs = 0;
      rememberBps(this.hls.bandwidthEstimate);
      events.onLoaded();
    });
    this.hls.on(Hls.Events.ERROR, (_name, data) => this.onError(data));
    this.hls.loadSource(wish.url);
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

  /** Says whether nothing is being fetched: while it waits all the same, it has lost its way. */
  get isIdle(): boolean {
    return this.onTheWay.size === 0;
  }

  /** Holds one rendition by name, soon or when what is loaded has been shown; null: automatic. */
  hold(name: string | null, isSoon: boolean): void {
    const number = name === null ? -1 : this.names.indexOf(name);
    if (isSoon) this.hls.nextLevel = number;
    else this.hls.loadLevel = number;
  }

  /** Begins to load again where playback stands. */
  retry(): void {
    if (this.hls.levels.length) this.hls.startLoad(this.media.currentTime);
    else if (this.hls.url) this.hls.loadSource(this.hls.url);
  }

  close(): void {
    this.hls.destroy();
  }

  private chooseStart(): void {
    const { startName, isHeld } = this.wish;
    const number = startName === undefined ? -1 : this.names.indexOf(startName);
    if (number < 0) return;
    if (isHeld) this.hls.loadLevel = number;
    else this.hls.startLevel = number;
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
