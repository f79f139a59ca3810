import { button, make } from "./dom";
import { expectedBps } from "./line_speed";
import { recall, remember } from "./memory";
import { lengthText, percentOf, sizeText } from "./sizes";
import { hasStorage, KeptRecording, type SmallerNote } from "./smaller_store";
import { findUnfinished, type UploadConfig } from "./upload_config";
import { fill } from "./words";

const WORTH_BYTES = 60e6;
const WORTH_BPS = 5e6;
/** Shorter than this, it is sent before anybody has read the offer. */
const LEAST_BYTES = 8e6;
/** The small one is offered when it has at most this share of the bytes. */
const WORTH_SHARE = 0.6;
const UPLINK = "uplink-bps";

/** Keeps how fast files were sent from here, for the next offer. */
export function rememberUplink(bytesPerSecond: number): void {
  if (bytesPerSecond > 0) remember(UPLINK, String(Math.round(bytesPerSecond * 8)));
}

function uplinkBps(): number {
  return Number(recall(UPLINK)) || expectedBps();
}

/** Says, without loading anything, whether it is worth looking at a file. */
export function mayBeSmaller(file: File): boolean {
  return (
    file.type.startsWith("video/") &&
    file.size > LEAST_BYTES &&
    "VideoEncoder" in window &&
    "locks" in navigator &&
    hasStorage()
  );
}

/** What becomes of a recording: the file to send, and what to remove when it was sent. */
export interface Chosen {
  file: File;
  kept: KeptRecording | null;
  /** Why it is not the one that was chosen; empty otherwise. */
  message: string;
}

/** A recording in the list before it is sent: the offer to make it smaller, and the making. */
export class SmallerRow {
  readonly element: HTMLLIElement;
  /** What is kept of it from the choice on. */
  kept: KeptRecording | null = null;
  private fingerprint = "";
  private isResumed = false;
  private readonly bar = make("progress", "upload__progress", { max: "100", value: "0", hidden: "" });
  private readonly status = make("p", "upload__status", { role: "status" });
  private readonly actions = make("div", "upload__actions");
  private readonly stopper = new AbortController();

  constructor(
    private readonly file: File,
    private readonly config: UploadConfig,
    private readonly onChosen: (row: SmallerRow, chosen: Chosen) => void,
  ) {
    const name = make("p", "upload__name", {}, file.name);
    this.bar.setAttribute("aria-label", file.name);
    this.element = make("li", "upload", { "data-state": "offer" }, name, this.bar, this.status);
    this.element.append(this.actions);
    this.status.textContent = config.words.examining;
  }

  /** Goes on with what was begun; else offers the choice if there is one; else sends the file. */
  async offer(fingerprint: string, left: KeptRecording | null): Promise<void> {
    this.fingerprint = fingerprint;
    if (left) return this.begin(left);
    try {
      if (await findUnfinished(this.config, this.file.size, fingerprint)) return this.sendFull();
      const { examine, trySpeed } = await import("./make_smaller");
      const found = await examine(this.file);
      const isWorth = found && (this.file.size > WORTH_BYTES || found.bps > WORTH_BPS);
      if (!isWorth || found.smallBytes > this.file.size * WORTH_SHARE) return this.sendFull();
      const makingS = (await trySpeed(this.file, found.durationS)) * found.durationS;
      this.ask(found.smallBytes, makingS);
    } catch {
      this.sendFull(); // whatever it is, the server may know it
    }
  }

  /** Goes on with what a closed tab has left. */
  async resume(kept: KeptRecording): Promise<void> {
    this.status.textContent = this.config.words.smaller_goes_on;
    this.isResumed = true;
    await this.make(kept, true);
  }

  private sendFull(message = ""): void {
    this.onChosen(this, { file: this.file, kept: null, message });
  }

  private ask(smallBytes: number, makingS: number): void {
    const { words } = this.config;
    const sendingS = (bytes: number) => (bytes * 8) / uplinkBps();
    const said = (text: string, bytes: number, seconds: number) =>
      fill(text, { size: sizeText(bytes), time: lengthText(words, seconds) });
    const smallS = makingS + sendingS(smallBytes);
    const fullS = sendingS(this.file.size);
    const yes = said(words.smaller_yes, smallBytes, smallS);
    const no = said(words.smaller_no, this.file.size, fullS);
    this.status.textContent = smallS < fullS ? words.smaller_offer : words.smaller_saves;
    this.actions.replaceChildren(
      button("upload__smaller", yes, () => void this.begin()),
      button("upload__full", no, () => this.sendFull()),
    );
  }

  private async begin(left: KeptRecording | null = null): Promise<void> {
    const { config, file } = this;
    this.actions.replaceChildren();
    try {
      await left?.beginAgain();
      const kept = left ?? (await KeptRecording.begin(this.note()));
      await this.make(kept, await kept.keepOriginal(file));
    } catch {
      this.sendFull(config.words.smaller_failed);
    }
  }

  private note(): SmallerNote {
    const { config, file, fingerprint } = this;
    return {
      step: "make",
      name: `${file.name.replace(/\.[^.]*$/, "")}.mp4`,
      originalName: file.name,
      originalType: file.type,
      fingerprint,
      owner: config.owner,
      lessonUrl: config.lessonUrl,
      uploadUrl: "",
    };
  }

  private async make(kept: KeptRecording, isSafe: boolean): Promise<void> {
    const { words } = this.config;
    this.kept = kept;
    this.element.dataset.state = "making";
    this.bar.hidden = false;
    const stop = button("upload__full", words.smaller_stop, () => this.stopper.abort());
    this.actions.replaceChildren(stop);
    const note = isSafe ? words.smaller_stays : words.smaller_leaves;
    try {
      const { makeSmaller } = await import("./make_smaller");
      const show = (share: number) => this.show(share, note);
      await makeSmaller(this.file, await kept.target(), show, this.stopper.signal);
      const small = await kept.small();
      if (!small || small.size >= this.file.size) throw new Error("not smaller");
      await kept.settle("send_small");
      this.onChosen(this, { file: small, kept, message: "" });
    } catch {
      await this.fallBack(kept);
    }
  }

  /** Sends the full file; where only the copy of it is left, that stays until it was sent. */
  private async fallBack(kept: KeptRecording): Promise<void> {
    const message = this.stopper.signal.aborted ? "" : this.config.words.smaller_failed;
    if (this.isResumed) {
      await kept.settle("send_full");
      this.onChosen(this, { file: this.file, kept, message });
    } else {
      await kept.remove();
      this.sendFull(message);
    }
  }

  private show(share: number, note: string): void {
    const percent = percentOf(share, 1);
    this.bar.value = percent;
    this.status.textContent = `${fill(this.config.words.making_smaller, { percent })} · ${note}`;
  }
}

/** A recording whose making was cut short, and of which no copy is here: it must be chosen again. */
export function lostRow(
  kept: KeptRecording,
  config: UploadConfig,
  onForgotten: () => void,
): HTMLLIElement {
  const { words } = config;
  const row = make("li", "upload", { "data-state": "unfinished" },
    make("p", "upload__name", {}, kept.note.originalName),
    make("p", "upload__status", {}, words.smaller_again));
  const forget = async () => {
    await kept.remove();
    row.remove();
    onForgotten();
  };
  row.append(button("upload__cancel", words.smaller_forget, () => void forget()));
  return row;
}
