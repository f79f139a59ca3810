import { button, make } from "./dom";

/** The words of the buttons above a text. */
export interface MarkdownWords {
  bold: string;
  heading: string;
  list: string;
  numbers: string;
  link: string;
  preview: string;
  write: string;
  failed: string;
}

const LINE_MARK = /^(#{1,6} |- |\d+\. )/;

/** Puts buttons for those who do not know Markdown above a field, and shows what pupils will see. */
export class MarkdownField {
  private readonly shown = make("div", "prose markdown-preview", { hidden: "", "aria-live": "polite" });
  private readonly look: HTMLButtonElement;

  constructor(
    private readonly field: HTMLTextAreaElement,
    private readonly config: { previewUrl: string; csrf: string; words: MarkdownWords },
  ) {
    const { words } = config;
    const bar = make("div", "markdown-bar", { role: "toolbar", "aria-controls": field.id });
    const plain = "button button-quiet";
    this.look = button(plain, words.preview, () => void this.toggle());
    this.look.ariaPressed = "false";
    bar.append(
      button(plain, words.bold, () => this.wrap("**", "**")),
      button(plain, words.heading, () => this.begin(() => "## ")),
      button(plain, words.list, () => this.begin(() => "- ")),
      button(plain, words.numbers, () => this.begin((index) => `${index + 1}. `)),
      button(plain, words.link, () => this.wrap("[", "](https://)")),
      this.look,
    );
    field.before(bar);
    field.after(this.shown);
  }

  /** Puts marks around what is selected; pressed again, takes them away. */
  private wrap(before: string, after: string): void {
    const { selectionStart: start, selectionEnd: end, value } = this.field;
    const chosen = value.slice(start, end);
    const isMarked = chosen.startsWith(before) && chosen.endsWith(after) && chosen.length > 3;
    const text = isMarked ? chosen.slice(before.length, -after.length) : before + chosen + after;
    this.replace(start, end, text);
    const caret = chosen ? start + text.length : start + before.length;
    this.field.setSelectionRange(caret, caret);
  }

  /** Puts a mark at the beginning of each selected line; pressed again, takes it away. */
  private begin(mark: (index: number) => string): void {
    const { selectionStart, selectionEnd, value } = this.field;
    const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const next = value.indexOf("\n", selectionEnd);
    const end = next < 0 ? value.length : next;
    const lines = value.slice(start, end).split("\n");
    const isMarked = lines.every((line, index) => line.startsWith(mark(index)));
    const bare = lines.map((line) => line.replace(LINE_MARK, ""));
    this.replace(start, end, (isMarked ? bare : bare.map((line, index) => mark(index) + line)).join("\n"));
  }

  private replace(start: number, end: number, text: string): void {
    this.field.focus();
    this.field.setRangeText(text, start, end, "end");
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private async toggle(): Promise<void> {
    const isShown = !this.shown.hidden;
    this.shown.hidden = isShown;
    this.field.hidden = !isShown;
    this.look.ariaPressed = String(!isShown);
    this.look.textContent = isShown ? this.config.words.preview : this.config.words.write;
    if (isShown) this.field.focus();
    else await this.fill();
  }

  private async fill(): Promise<void> {
    const { previewUrl, csrf, words } = this.config;
    const body = new URLSearchParams({ markdown: this.field.value });
    try {
      const answer = await fetch(previewUrl, { method: "POST", headers: { "X-CSRFToken": csrf }, body });
      if (!answer.ok) throw new TypeError(`${answer.status}`);
      this.shown.innerHTML = await answer.text(); // cleaned by the server
    } catch {
      this.shown.textContent = words.failed;
    }
  }
}
