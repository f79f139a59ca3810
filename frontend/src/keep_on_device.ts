import { keepAwake } from "./awake";
import { button, make } from "./dom";
import { emptyFolder, type KeptTrack, noteKept, removeKept, writeFile } from "./kept_store";
import { KEPT_PATH } from "./kept_names";
import { keepShell } from "./kept_shell";
import { percentOf, sizeText } from "./sizes";
import type { Range } from "./timeline";
import { fill, type KeptWords } from "./words";

/** What the page says in `data-keep`. */
export interface KeepConfig {
  lessonId: string;
  title: string;
  maker: string;
  owner: string;
  /** Says who watches it, without a connection too; null for guests. */
  progressPass: string | null;
  keptRanges: Range[];
  captions: KeptTrack[];
  words: KeptWords;
}

/** One file of a lesson that may be kept. */
export interface KeepChoice {
  url: string;
  name: string;
  label: string;
  sizeBytes: number;
}

const RETRY_MS = 3000;

/** The server said no: not to be saved any more, or not by this person. */
class Refused extends Error {}

/** Keeps one file of a lesson, and says how far it is. */
export class Keeping {
  private readonly stopper = new AbortController();
  private readonly bar = make("progress", "", { max: "100", value: "0" });
  private readonly says = make("p", "");

  constructor(
    private readonly config: KeepConfig,
    private readonly choice: KeepChoice,
    private readonly place: HTMLElement,
  ) {
    this.bar.setAttribute("aria-label", choice.label);
  }

  /** Returns whether all of it is kept; what could not be is told, and removed. */
  async run(): Promise<boolean> {
    const { config, choice, place } = this;
    const stop = button("button button-quiet", config.words.cancel, () => this.stopper.abort());
    place.replaceChildren(this.bar, this.says, stop);
    void keepAwake(true);
    try {
      await this.keep();
      const link = make("a", "", { href: KEPT_PATH }, config.words.open);
      place.replaceChildren(make("p", "notice", {}, `${config.words.kept} · `, link));
      return true;
    } catch (error) {
      await removeKept(config.lessonId);
      place.replaceChildren(make("p", "notice", {}, await this.trouble(error, choice.sizeBytes)));
      return false;
    } finally {
      void keepAwake(false);
    }
  }

  private async keep(): Promise<void> {
    const { config, choice } = this;
    const free = await freeBytes();
    if (free < choice.sizeBytes) throw new DOMException("", "QuotaExceededError");
    await navigator.storage.persist?.();
    await keepShell(KEPT_PATH);
    const home = await emptyFolder(config.lessonId);
    const { baseUrl, sizeBytes } = await this.fetchTo(home);
    for (const track of config.captions) {
      const answer = await fetch(new URL(track.name, baseUrl), { signal: this.stopper.signal });
      if (answer.ok) await writeFile(home, track.name, await answer.arrayBuffer());
    }
    await noteKept(home, {
      lessonId: config.lessonId,
      title: config.title,
      maker: config.maker,
      owner: config.owner,
      progressPass: config.progressPass,
      keptRanges: config.keptRanges,
      label: choice.label,
      name: choice.name,
      sizeBytes,
      tracks: config.captions,
    });
  }

  /** Writes the file; goes on where the line was cut, while the page is open. */
  private async fetchTo(
    home: FileSystemDirectoryHandle,
  ): Promise<{ baseUrl: string; sizeBytes: number }> {
    const file = await home.getFileHandle(this.choice.name, { create: true });
    const out = await file.createWritable();
    let [url, doneBytes, totalBytes, etag] = [this.choice.url, 0, this.choice.sizeBytes, ""];
    try {
      while (doneBytes === 0 || doneBytes < totalBytes) {
        const answer = await this.ask(url, doneBytes, etag);
        if (!answer?.body) continue;
        if (answer.status === 200 && doneBytes) {
          doneBytes = 0; // another version: from the start
          await out.truncate(0);
        }
        [url, etag] = [answer.url, answer.headers.get("ETag") ?? ""];
        totalBytes = doneBytes + Number(answer.headers.get("Content-Length"));
        doneBytes = await this.pour(answer.body, out, doneBytes, totalBytes);
      }
      await out.close();
    } catch (error) {
      await out.abort().catch(() => undefined);
      throw error;
    }
    return { baseUrl: url, sizeBytes: totalBytes };
  }

  private async ask(url: string, fromBytes: number, etag: string): Promise<Response | null> {
    const range: HeadersInit = fromBytes
      ? { Range: `bytes=${fromBytes}-`, "If-Range": etag }
      : {};
    try {
      const answer = await fetch(url, { headers: range, signal: this.stopper.signal });
      if (answer.ok) return answer;
      if (answer.status < 500) throw new Refused(`${answer.status}`);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a lost line is a TypeError
    }
    this.say(this.config.words.waiting, fromBytes, this.choice.sizeBytes);
    await new Promise((go) => window.setTimeout(go, RETRY_MS));
    this.stopper.signal.throwIfAborted();
    return null;
  }

  /** Returns how much is there when the body ends, or is cut. */
  private async pour(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
    out: FileSystemWritableFileStream,
    fromBytes: number,
    totalBytes: number,
  ): Promise<number> {
    const reader = body.getReader();
    let at = fromBytes;
    for (;;) {
      const piece = await reader.read().catch((error: unknown) => {
        if (this.stopper.signal.aborted) throw error;
        return { done: true as const, value: undefined };
      });
      if (!piece.value) return at;
      await out.write({ type: "write", position: at, data: piece.value });
      at += piece.value.length;
      this.say(this.config.words.keeping, at, totalBytes);
    }
  }

  private say(text: string, doneBytes: number, totalBytes: number): void {
    const percent = percentOf(doneBytes, totalBytes);
    const shown = { percent, done: sizeText(doneBytes), total: sizeText(totalBytes) };
    this.bar.value = percent;
    this.says.textContent = fill(text, shown);
  }

  private async trouble(error: unknown, sizeBytes: number): Promise<string> {
    const { words } = this.config;
    if (error instanceof Refused) return words.refused;
    const name = error instanceof DOMException ? error.name : "";
    if (name === "AbortError") return words.stopped;
    if (name !== "QuotaExceededError") return words.failed;
    return fill(words.no_space, { size: sizeText(sizeBytes), free: sizeText(await freeBytes()) });
  }
}

async function freeBytes(): Promise<number> {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  return Math.max(0, quota - usage);
}
