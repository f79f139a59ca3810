import { DetailedError, type HttpResponse, Upload } from "tus-js-client";
import type { UploadConfig } from "./upload_config";

/** One PATCH carries at most this much, so that proxies with a limit let it through. */
const CHUNK_BYTES = 64 * 1024 * 1024;
/** A day of patience: 1, 2, 4, 8, then every 10 seconds. */
const RETRY_DELAYS_MS = [1000, 2000, 4000, 8000, ...Array<number>(8640).fill(10_000)];

/** Why sending stopped, where it does not go on by itself. */
export type Stop = "file_changed" | "no_room" | "signed_out" | "too_large" | "no_share" | "refused";

/** What becomes known while a file is sent. */
export interface SendingEvents {
  onUrl(url: string): void;
  onProgress(sentBytes: number): void;
  onCut(): void;
  onFull(): void;
  onStop(why: Stop): void;
  onDone(originalId: string | null): void;
}

/** The server's disk is full: what was sent is kept, and it goes on when there is room. */
const NO_ROOM = 507;

const STOP_OF: Record<number, Stop> = {
  401: "signed_out",
  403: "signed_out",
  413: "too_large",
  [NO_ROOM]: "no_room",
};

/** Tells what a refusal means; of too large files some are so only for this person's share of the disk. */
function stopOf(error: Error): Stop {
  const body = error instanceof DetailedError ? (error.originalResponse?.getBody() ?? "") : "";
  return body.includes("quota_full") ? "no_share" : (STOP_OF[statusOf(error)] ?? "refused");
}

function statusOf(error: Error): number {
  return error instanceof DetailedError ? (error.originalResponse?.getStatus() ?? 0) : 0;
}

/** Sends one file by tus and goes on by itself after cuts and restarts of the server. */
export class Sending {
  private readonly upload: Upload;
  private originalId: string | null = null;
  private isWanted = false;

  constructor(
    private readonly file: File,
    fingerprint: string,
    config: UploadConfig,
    knownUrl: string | null,
    private readonly events: SendingEvents,
  ) {
    this.upload = new Upload(file, {
      endpoint: config.createUrl,
      uploadUrl: knownUrl,
      headers: { "X-CSRFToken": config.csrf },
      metadata: { filename: file.name, filetype: file.type, fingerprint, ...config.metadata },
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      // What is unfinished is listed by the server, for every device.
      storeFingerprintForResuming: false,
      fingerprint: () => Promise.resolve(fingerprint),
      onUploadUrlAvailable: () => events.onUrl(this.upload.url ?? ""),
      onProgress: (sentBytes) => events.onProgress(sentBytes),
      onAfterResponse: (_request, response) => this.read(response),
      onShouldRetry: (error) => this.isWorthRetrying(error),
      onError: (error) => void this.onError(error),
      onSuccess: () => events.onDone(this.originalId),
    });
    window.addEventListener("online", () => this.goOn());
  }

  /** Where the server keeps what arrived; null before it was created. */
  get url(): string | null {
    return this.upload.url;
  }

  start(): void {
    this.isWanted = true;
    this.upload.start();
  }

  /** Stops sending; what arrived stays. */
  async pause(): Promise<void> {
    this.isWanted = false;
    await this.upload.abort();
  }

  /** Does not wait for the next try: the line is back. */
  goOn(): void {
    if (!this.isWanted) return;
    void this.upload.abort().then(() => this.isWanted && this.upload.start());
  }

  private read(response: HttpResponse): void {
    this.originalId = response.getHeader("Upload-Original") ?? this.originalId;
  }

  private isWorthRetrying(error: DetailedError): boolean {
    const status = statusOf(error);
    if (status === 0) void this.checkFile();
    const isRefusal = status >= 400 && status < 500 && ![408, 409, 423, 429, 460].includes(status);
    if (isRefusal) return false;
    if (status === NO_ROOM) this.events.onFull();
    else this.events.onCut();
    return true;
  }

  /** Browsers report a file that changed like a lost line: whether it can be read tells. */
  private async checkFile(): Promise<boolean> {
    try {
      await this.file.slice(0, 1).arrayBuffer();
      await this.file.slice(-1).arrayBuffer();
      return true;
    } catch {
      await this.pause();
      this.events.onStop("file_changed");
      return false;
    }
  }

  private async onError(error: Error): Promise<void> {
    const status = statusOf(error);
    if (status === 0 && !(await this.checkFile())) return;
    this.isWanted = false;
    this.events.onStop(stopOf(error));
  }
}
