import { button, make, readConfig } from "./dom";
import { fingerprintOf } from "./fingerprint";
import { Sending, type Stop } from "./sending";
import { shrunkPhoto } from "./shrink";
import { percentOf, sizeText } from "./sizes";
import type { UploadConfig } from "./upload_config";
import { fill } from "./words";

/** What the form says in `data-sender`. */
interface SenderConfig extends UploadConfig {
  /** "lesson/item": where it is handed in. */
  handIn: string;
  mostFiles: number;
  words: UploadConfig["words"] & Record<string, string>;
}

/** The form in which a pupil hands work in: photos shrink and are sent, the text is kept. */
class HandInForm {
  private readonly config: SenderConfig;
  private readonly text: HTMLTextAreaElement | null;
  private readonly list: HTMLElement | null;
  private readonly status: HTMLElement | null;
  private sendingCount = 0;
  private isWaiting = false;

  constructor(private readonly form: HTMLFormElement) {
    this.config = readConfig<SenderConfig>(form, "sender");
    this.config.metadata = { hand_in: this.config.handIn };
    this.text = form.querySelector("textarea");
    this.list = form.querySelector(".hand-in-files");
    this.status = form.querySelector("[data-status]");
    this.keepText();
    const choose = form.querySelector<HTMLElement>(".hand-in-choose");
    const input = form.querySelector<HTMLInputElement>("input[type=file]");
    if (choose) choose.hidden = false;
    input?.addEventListener("change", () => {
      const files = [...(input.files ?? [])];
      input.value = "";
      for (const file of files) void this.add(file);
    });
    form.addEventListener("submit", (event) => this.onSubmit(event));
  }

  /** Keeps what is typed on this device, under who is signed in, until the server has it. */
  private keepText(): void {
    const { text } = this;
    if (!text) return;
    const key = `hand-in ${this.config.owner} ${this.config.handIn}`;
    const keep = () => {
      try {
        localStorage.setItem(key, text.value);
      } catch {
        // no room on the device: the text still stands in the page
      }
    };
    const handedIn = text.defaultValue;
    const kept = localStorage.getItem(key);
    const isUnsent = text.dataset.unsent !== undefined; // the server has given it back
    if (text.value !== handedIn || isUnsent) keep(); // on a slow line somebody types before this runs
    else if (kept === null || kept.trim() === handedIn.trim()) localStorage.removeItem(key);
    else {
      text.value = kept;
      this.say(this.config.words.kept ?? "");
    }
    text.addEventListener("input", keep);
  }

  private async add(chosen: File): Promise<void> {
    const { words, maxBytes, mostFiles } = this.config;
    if (!this.list) return;
    if (this.list.childElementCount >= mostFiles) {
      this.say(fill(words.too_many ?? "", { count: mostFiles }));
      return;
    }
    const note = make("span", "hint", { role: "status" }, words.shrinking ?? "");
    const row = make("li", "list-item", {}, make("span", "", {}, chosen.name), note);
    this.list.append(row);
    const file = await shrunkPhoto(chosen);
    if (file.size === 0 || file.size > maxBytes) {
      const sizes = { size: sizeText(file.size), limit: sizeText(maxBytes) };
      this.stop(row, note, fill((file.size ? words.too_large : words.empty) ?? "", sizes));
      return;
    }
    await this.send(file, row, note);
  }

  private async send(file: File, row: HTMLElement, note: HTMLElement): Promise<void> {
    const { words } = this.config;
    this.sendingCount += 1;
    let sent = 0;
    const tell = (pattern: string | undefined) =>
      (note.textContent = fill(pattern ?? "", { percent: percentOf(sent, file.size) }));
    const sending = new Sending(file, await fingerprintOf(file), this.config, null, {
      onUrl: () => undefined,
      onProgress: (bytes) => {
        sent = bytes;
        tell(words.sending);
      },
      onCut: () => tell(words.offline),
      onFull: () => tell(words.waits_for_room),
      onStop: (why: Stop) => {
        this.stop(row, note, words[why] ?? "");
        this.onEnd();
      },
      onDone: (id) => {
        tell(words.done);
        row.append(make("input", "", { type: "hidden", name: "original", value: id ?? "" }));
        row.append(this.remover(row, file.name));
        this.onEnd();
      },
    });
    sending.start();
  }

  private stop(row: HTMLElement, note: HTMLElement, message: string): void {
    note.textContent = message;
    row.append(this.remover(row, row.firstElementChild?.textContent ?? ""));
  }

  private remover(row: HTMLElement, name: string): HTMLButtonElement {
    return button("button button-quiet", fill(this.config.words.remove ?? "", { name }), () => row.remove());
  }

  /** Waits for files on their way, and hands in when they are there. */
  private onSubmit(event: Event): void {
    if (!this.sendingCount) return;
    event.preventDefault();
    this.isWaiting = true;
    this.say(this.config.words.wait ?? "");
  }

  private onEnd(): void {
    this.sendingCount -= 1;
    if (this.isWaiting && !this.sendingCount) this.form.requestSubmit();
  }

  private say(text: string): void {
    if (this.status) this.status.textContent = text;
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sender]")) new HandInForm(form);
