import { keepAwake } from "./awake";
import { button, make, readConfig } from "./dom";
import { fingerprintOf } from "./fingerprint";
import { type Chosen, lostRow, mayBeSmaller, SmallerRow } from "./smaller_row";
import { hasStorage, KeptRecording } from "./smaller_store";
import { UnfinishedList } from "./unfinished_list";
import type { UploadConfig } from "./upload_config";
import { type RowState, UploadRow } from "./upload_row";

const BUSY: readonly RowState[] = ["reading", "sending"];

/** The drop zone, the picker and the queue: one file is sent at a time. */
class Uploader {
  private readonly rows: UploadRow[] = [];
  private readonly offers = new Set<SmallerRow>();
  /** Recordings that wait to be chosen again, and their rows. */
  private readonly lost = new Map<KeptRecording, HTMLElement>();
  private leftFound = Promise.resolve();
  private readonly list = make("ul", "uploader__list");
  private readonly unfinished: UnfinishedList;
  private readonly picker = make("input", "uploader__picker", { type: "file", multiple: "" });

  constructor(
    private readonly root: HTMLElement,
    private readonly config: UploadConfig,
  ) {
    const { words } = config;
    this.unfinished = new UnfinishedList(config);
    this.picker.hidden = true;
    this.picker.setAttribute("aria-label", words.choose);
    this.picker.addEventListener("change", () => {
      this.add(this.picker.files);
      this.picker.value = ""; // the same file may be chosen again
    });
    const choose = button("uploader__choose", words.choose, () => this.picker.click());
    const zone = make("div", "uploader__zone", {}, make("p", "", {}, words.drop_here), choose);
    root.replaceChildren(zone, this.picker, this.list, this.unfinished.element);
    this.takeDrops(zone);
    window.addEventListener("beforeunload", (event) => {
      const isSafe = this.rows.every(({ state, kept }) => kept || !BUSY.includes(state));
      if (!isSafe) event.preventDefault();
    });
    void this.showUnfinished();
    if (hasStorage() && "locks" in navigator) this.leftFound = this.goOnWithLeft();
  }

  private get isBusy(): boolean {
    return this.rows.some(({ state }) => BUSY.includes(state));
  }

  private takeDrops(zone: HTMLElement): void {
    const mark = (isOver: boolean) => zone.classList.toggle("is-over", isOver);
    // The whole page takes the file: beside the zone a browser would open it and leave.
    window.addEventListener("dragover", (event) => {
      event.preventDefault();
      mark(true);
    });
    window.addEventListener("dragleave", () => mark(false));
    window.addEventListener("drop", (event) => {
      event.preventDefault();
      mark(false);
      this.add(event.dataTransfer?.files ?? null);
    });
  }

  private add(files: FileList | null): void {
    for (const file of files ?? []) {
      if (mayBeSmaller(file)) void this.consider(file);
      else this.enqueue({ file, kept: null, message: "" });
    }
    this.next();
  }

  /** A recording that is begun goes on where it was; another may be offered smaller. */
  private async consider(file: File): Promise<void> {
    const row = this.offer(file);
    await this.leftFound;
    const fingerprint = await fingerprintOf(file).catch(() => ""); // sending it says what is wrong
    const here = this.rowOf(fingerprint);
    if (!here) return row.offer(fingerprint, this.takeLost(fingerprint));
    this.offers.delete(row);
    row.element.remove();
    here.scrollIntoView({ block: "center" });
    this.next();
  }

  /** Returns the row in which a recording is being made smaller, or its small file is sent. */
  private rowOf(fingerprint: string): HTMLElement | undefined {
    const rows = [...this.offers, ...this.rows.filter(({ state }) => state !== "gone")];
    return rows.find(({ kept }) => fingerprint && kept?.note.fingerprint === fingerprint)?.element;
  }

  private takeLost(fingerprint: string): KeptRecording | null {
    for (const [kept, element] of this.lost) {
      if (kept.note.fingerprint !== fingerprint) continue;
      this.lost.delete(kept);
      element.remove();
      return kept;
    }
    return null;
  }

  private offer(file: File): SmallerRow {
    const row = new SmallerRow(file, this.config, (decided, chosen) => {
      this.offers.delete(decided);
      this.enqueue(chosen, decided.element);
      this.next();
    });
    this.offers.add(row);
    this.list.append(row.element);
    return row;
  }

  private enqueue({ file, kept, message }: Chosen, place?: HTMLElement): void {
    const row = new UploadRow(file, this.config, (changed) => this.onChange(changed));
    row.kept = kept;
    this.rows.push(row);
    if (place) place.replaceWith(row.element);
    else this.list.append(row.element);
    if (message) row.element.prepend(make("p", "upload__why", { role: "status" }, message));
  }

  /** What was being made smaller, or sent, when this page was closed goes on by itself. */
  private async goOnWithLeft(): Promise<void> {
    for (const kept of await KeptRecording.left(this.config.owner)) {
      const original = await kept.original();
      const file = await kept.toSend();
      if (kept.note.lessonUrl !== this.config.lessonUrl) kept.letGo();
      else if (file) this.enqueue({ file, kept, message: this.config.words.smaller_goes_on });
      else if (original) void this.offer(original).resume(kept);
      else this.showLost(kept);
    }
    this.next();
    await this.showUnfinished();
  }

  private showLost(kept: KeptRecording): void {
    const row = lostRow(kept, this.config, () => this.lost.delete(kept));
    this.lost.set(kept, row);
    this.list.append(row);
  }

  private next(): void {
    const row = this.isBusy ? undefined : this.rows.find(({ state }) => state === "queued");
    if (row) void row.begin();
    void keepAwake(this.isBusy || this.offers.size > 0);
  }

  private onChange(row: UploadRow): void {
    if (!this.rows.includes(row)) return; // still being made
    this.root.dataset.busy = String(this.isBusy);
    if (row.state === "done" || row.state === "gone") void this.leave(row);
    if (row.state === "sending" || row.state === "gone") void this.showUnfinished();
    this.next();
  }

  /** Removes what was kept of a recording, then goes on to its lesson if it was the only one. */
  private async leave(row: UploadRow): Promise<void> {
    await row.kept?.remove();
    const isOnlyOne = this.rows.length === 1 && this.offers.size === 0;
    // Without a connection the link stays, and this page too.
    if (row.state === "done" && row.originalId && isOnlyOne && navigator.onLine) {
      window.location.assign(this.config.lessonUrl.replace("{original}", row.originalId));
    }
  }

  private async showUnfinished(): Promise<void> {
    const isHere = (upload: { file_name: string; size_bytes: number }) =>
      this.rows.some(
        ({ file, state }) =>
          state !== "gone" && file.name === upload.file_name && file.size === upload.size_bytes,
      );
    await this.unfinished.show(isHere);
  }
}

for (const root of document.querySelectorAll<HTMLElement>("div.uploader[data-uploader]")) {
  new Uploader(root, readConfig<UploadConfig>(root, "uploader"));
}
