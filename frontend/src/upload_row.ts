import { button, make } from "./dom";
import { fingerprintOf } from "./fingerprint";
import { Sending, type Stop } from "./sending";
import { lengthText, percentOf, sizeText } from "./sizes";
import { rememberUplink } from "./smaller_row";
import type { KeptRecording } from "./smaller_store";
import { deleteUpload, findUnfinished, type UploadConfig } from "./upload_config";
import { fill } from "./words";

/** Where one file is on its way. */
export type RowState = "queued" | "reading" | "sending" | "paused" | "stopped" | "done" | "gone";

/** One chosen file in the list: its bar, what is happening, and what can be done. */
export class UploadRow {
  readonly element: HTMLLIElement;
  state: RowState = "queued";
  originalId: string | null = null;
  /** What the browser keeps of a recording until it was sent. */
  kept: KeptRecording | null = null;
  private sending: Sending | null = null;
  private sentBytes = 0;
  private usedBytes = 0;
  private rateBps = 0;
  private sampledAt = 0;
  private readonly bar = make("progress", "upload__progress", { max: "100", value: "0" });
  private readonly figures = make("p", "upload__figures");
  private readonly status = make("p", "upload__status", { role: "status" });
  private readonly actions = make("div", "upload__actions");

  constructor(
    readonly file: File,
    private readonly config: UploadConfig,
    private readonly onChange: (row: UploadRow) => void,
  ) {
    const name = make("p", "upload__name", {}, file.name);
    this.bar.setAttribute("aria-label", file.name);
    this.element = make("li", "upload", {}, name, this.bar, this.figures, this.status, this.actions);
    const refusal = this.refusal();
    if (refusal) this.enter("stopped", refusal);
    else this.enter("queued", config.words.queued);
  }

  /** Finds out whether the file is known, then sends it from where it was. */
  async begin(): Promise<void> {
    const { words } = this.config;
    this.enter("reading", words.reading);
    try {
      const fingerprint = await fingerprintOf(this.file);
      const known = await findUnfinished(this.config, this.file.size, fingerprint);
      this.sending = this.makeSending(fingerprint, known?.url ?? (this.kept?.note.uploadUrl || null));
      this.sentBytes = known?.offset_bytes ?? 0;
      this.go(known ? fill(words.known_file, this.percent) : "");
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.enter("stopped", fill(words.file_changed, this.percent));
    }
  }

  private get percent(): { percent: number } {
    return { percent: percentOf(this.sentBytes, this.file.size) };
  }

  private refusal(): string {
    const { words, maxBytes } = this.config;
    if (this.file.size === 0) return words.empty;
    const limits = { size: sizeText(this.file.size), limit: sizeText(maxBytes) };
    return maxBytes && this.file.size > maxBytes ? fill(words.too_large, limits) : "";
  }

  private makeSending(fingerprint: string, knownUrl: string | null): Sending {
    const { words } = this.config;
    return new Sending(this.file, fingerprint, this.config, knownUrl, {
      onUrl: (url) => void this.kept?.setUploadUrl(url),
      onProgress: (sentBytes) => this.onProgress(sentBytes),
      onCut: () => this.say(fill(navigator.onLine ? words.server_away : words.offline, this.percent)),
      onFull: () => this.say(fill(words.waits_for_room, this.percent)),
      onStop: (why) => this.onStop(why),
      onDone: (originalId) => this.onDone(originalId),
    });
  }

  private go(message: string): void {
    this.enter("sending", message);
    this.sampledAt = performance.now();
    this.sending?.start();
  }

  private async pause(): Promise<void> {
    await this.sending?.pause();
    this.enter("paused", fill(this.config.words.paused, this.percent));
  }

  private async cancel(): Promise<void> {
    await this.sending?.pause();
    if (this.sending?.url) await deleteUpload(this.config, this.sending.url);
    this.enter("gone", this.config.words.cancelled);
  }

  private onProgress(sentBytes: number): void {
    const now = performance.now();
    const newBytes = sentBytes - this.sentBytes;
    const passedS = (now - this.sampledAt) / 1000;
    if (newBytes > 0 && passedS > 0) {
      this.usedBytes += newBytes;
      const weight = Math.min(1, passedS / 8); // the last 8 seconds or so
      this.rateBps += (newBytes / passedS - this.rateBps) * (this.rateBps ? weight : 1);
      if (this.status.dataset.isTrouble) this.say("");
    }
    rememberUplink(this.rateBps);
    this.sampledAt = now;
    this.sentBytes = sentBytes;
    this.showFigures();
  }

  private onStop(why: Stop): void {
    const { words } = this.config;
    const values = { ...this.percent, size: sizeText(this.file.size), limit: sizeText(this.config.maxBytes) };
    this.enter("stopped", fill(words[why], values));
  }

  private onDone(originalId: string | null): void {
    this.originalId = originalId;
    this.sentBytes = this.file.size;
    this.showFigures();
    this.enter("done", this.config.words.done);
  }

  private showFigures(): void {
    const { words } = this.config;
    const total = this.file.size;
    const leftS = this.rateBps ? (total - this.sentBytes) / this.rateBps : 0;
    const pieces = [
      fill(words.sending, this.percent),
      fill(words.sent_of, { sent: sizeText(this.sentBytes), total: sizeText(total) }),
      leftS > 1 ? fill(words.time_left, { time: lengthText(words, leftS) }) : "",
      fill(words.data_used, { size: sizeText(this.usedBytes) }),
    ];
    this.bar.value = this.percent.percent;
    this.figures.textContent = pieces.filter(Boolean).join(" · ");
  }

  private say(text: string): void {
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.dataset.isTrouble = text ? "1" : "";
  }

  private enter(state: RowState, message: string): void {
    this.state = state;
    this.element.dataset.state = state;
    this.say(message);
    this.actions.replaceChildren(...this.buttons());
    this.onChange(this);
  }

  private buttons(): HTMLElement[] {
    const { words, lessonUrl } = this.config;
    const cancel = () => button("upload__cancel", words.cancel, () => void this.cancel());
    const resume = () => button("upload__resume", words.resume, () => this.go(""));
    if (this.state === "sending") {
      return [button("upload__pause", words.pause, () => void this.pause()), cancel()];
    }
    if (this.state === "paused") return [resume(), cancel()];
    if (this.state === "stopped" && this.sending) return [resume(), cancel()];
    if (this.state !== "done" || !this.originalId) return [];
    const href = lessonUrl.replace("{original}", this.originalId);
    return [make("a", "upload__lesson", { href }, words.make_lesson)];
  }
}
