import { button, make } from "./dom";
import { percentOf, sizeText } from "./sizes";
import { deleteUpload, listUnfinished, type UnfinishedUpload, type UploadConfig } from "./upload_config";
import { fill } from "./words";

/** What this person began, also on other devices: choosing the same file again goes on. */
export class UnfinishedList {
  readonly element = make("section", "uploader__unfinished", { hidden: "" });

  constructor(private readonly config: UploadConfig) {}

  /** Reads the list again; files that are being sent in this page are left out by name and size. */
  async show(isHere: (upload: UnfinishedUpload) => boolean): Promise<void> {
    const found = (await listUnfinished(this.config)).filter((upload) => !isHere(upload));
    const heading = make("h2", "", {}, this.config.words.unfinished);
    const rows = found.map((upload) => this.row(upload));
    this.element.replaceChildren(heading, make("ul", "uploader__list", {}, ...rows));
    this.element.hidden = found.length === 0;
  }

  private row(upload: UnfinishedUpload): HTMLLIElement {
    const { words } = this.config;
    const percent = percentOf(upload.offset_bytes, upload.size_bytes);
    const values = { name: upload.file_name, size: sizeText(upload.size_bytes) };
    const row = make("li", "upload", { "data-state": "unfinished" },
      make("p", "upload__name", {}, fill(words.unfinished_name, values)),
      make("progress", "upload__progress", {
        max: "100", value: String(percent), "aria-label": upload.file_name,
      }),
      make("p", "upload__status", {}, fill(words.choose_again, { percent })));
    row.append(button("upload__cancel", words.cancel, () => void this.remove(upload, row)));
    return row;
  }

  private async remove(upload: UnfinishedUpload, row: HTMLLIElement): Promise<void> {
    await deleteUpload(this.config, upload.url);
    row.replaceChildren(make("p", "upload__status", { role: "status" }, this.config.words.cancelled));
  }
}
