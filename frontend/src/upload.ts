import { keepAwake } from "./awake";
import { button, make, readConfig } from "./dom";
import { UnfinishedList } from "./unfinished_list";
import type { UploadConfig } from "./upload_config";
import { UploadRow } from "./upload_row";

/** The drop zone, the picker and the queue: one file is sent at a time. */
class Uploader {
  private readonly rows: UploadRow[] = [];
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
      if (this.isBusy) event.preventDefault();
    });
    void this.showUnfinished();
  }

  private get isBusy(): boolean {
    return this.rows.some(({ state }) => state === "reading" || state === "sending");
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
      const row = new UploadRow(file, this.config, (changed) => this.onChange(changed));
      this.rows.push(row);
      this.list.append(row.element);
    }
    this.next();
  }

  private next(): void {
    const row = this.isBusy ? undefined : this.rows.find(({ state }) => state === "queued");
    if (row) void row.begin();
    void keepAwake(this.isBusy);
  }

  private onChange(row: UploadRow): void {
    if (!this.rows.includes(row)) return; // still being made
    this.root.dataset.busy = String(this.isBusy);
    const isOnlyOne = this.rows.length === 1;
    // Without a connection the link stays, and this page too.
    if (row.state === "done" && row.originalId && isOnlyOne && navigator.onLine) {
      window.location.assign(this.config.lessonUrl.replace("{original}", row.originalId));
      return;
    }
    if (row.state === "sending" || row.state === "gone") void this.showUnfinished();
    this.next();
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
