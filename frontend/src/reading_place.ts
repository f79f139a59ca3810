import { recall, remember } from "./memory";
import { union, without } from "./ranges";
import type { Range } from "./timeline";
import { forgetUntold, keepUntold, tell } from "./untold";

const SAVE_MS = 3000;

/** `data-document` of a document's pages. */
export interface DocumentConfig {
  lessonId: string;
  /** Says who reads, in reports of which pages; null for guests. */
  progressPass: string | null;
  pageCount: number;
  words: { go_on: string; page: string };
}

/** The page somebody reads: kept on the server for who is signed in, else in this browser. */
export class ReadingPlace {
  private kept = 0;
  private untold: Range[] = []; // page n is [n - 1, n]
  private timer = 0;

  constructor(private readonly config: DocumentConfig) {}

  /** Shows guests the way to where they left off; the server does so for who is signed in. */
  offerToGoOn(root: HTMLElement): void {
    const notice = root.querySelector<HTMLElement>("[data-go-on]");
    const link = notice?.querySelector("a");
    const number = Number(recall(this.note) ?? 0);
    const isAsked = new URLSearchParams(location.search).has("page") || location.hash !== "";
    if (!notice || !link || this.config.progressPass || isAsked || number < 2) return;
    const address = new URL(location.href);
    address.searchParams.set("page", String(number));
    address.hash = `page-${number}`;
    link.href = address.href;
    link.textContent = this.config.words.go_on.replace("{page}", String(number));
    notice.hidden = false;
  }

  /** Called whenever another page is read; saves when it is read for a while, or at once. */
  keep(number: number, isLast: boolean): void {
    window.clearTimeout(this.timer);
    if (!number || number === this.kept) return;
    if (isLast) this.save(number);
    else this.timer = window.setTimeout(() => this.save(number), SAVE_MS);
  }

  private save(number: number): void {
    this.kept = number;
    const pass = this.config.progressPass;
    if (pass) void this.tell(pass, number);
    else remember(this.note, String(number));
  }

  private async tell(pass: string, number: number): Promise<void> {
    this.untold = union(this.untold, [[number - 1, number]]);
    const read = { pass, ranges: this.untold, positionS: number, atMs: Date.now() };
    keepUntold(read);
    if (!(await tell(read))) return;
    this.untold = without(this.untold, read.ranges);
    forgetUntold(read);
  }

  private get note(): string {
    return `page:${this.config.lessonId}`;
  }
}
